"""How well and how fast the dictionary linker links.

    python tests/benchmarks/linking.py --data DIR [--megabytes 20] [--json FILE]

DIR (default: the environment variable KGSLM_DATA) holds medical/hpo, hpo_gsc, hpo_jax, medic, ncbi_disease, mesh and
bc5cdr. Speeds are megabytes of text per CPU second; in the first run over a text no surface has been seen before.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.benchmarks.reporting import Row, tell

ABNORMALITY = "HP:0000118"
NOT_THE_CASE = (
    "introduction, background, discussion, conclusion, conclusions, abbreviations, acknowledgements, acknowledgments, "
    "competing interests, author contributions, references"
)
"""Sections of a case report that say little of the patient."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("KGSLM_DATA", "data")))
    parser.add_argument("--megabytes", type=float, default=20)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        tell(rows_of(options.data, Path(folder), options.megabytes), options.json)


def rows_of(data: Path, folder: Path, megabytes: float) -> Iterator[Row]:
    from kgslm.linking.dictionary import DictionaryLinker
    from kgslm.linking.settings import LinkSettings
    from tests.benchmarks import medical

    hpo = medical.hpo_pack(data, folder)
    yield lexicon("HPO", hpo)
    below = {ABNORMALITY, *hpo.descendants(ABNORMALITY)}
    phenotypes = DictionaryLinker.from_names(row for row in hpo.names() if row[0] in below)
    gsc = read_jsonl(data / "medical/hpo_gsc/dev.jsonl")
    yield {"what": "HPO GSC+ dev, under HP:0000118", **gold(hpo, gsc, folder, phenotypes)}
    yield {"what": "HPO GSC+ dev, all of HPO", **gold(hpo, gsc, folder)}
    jax = read_jsonl(data / "medical/hpo_jax/dev.jsonl.gz")
    yield {"what": "HPO JAX dev, documents", **document_scores(jax, phenotypes)}
    cases = DictionaryLinker(phenotypes.lexicon, LinkSettings(skip_sections=NOT_THE_CASE))
    yield {"what": "HPO JAX dev, documents, the case's own sections", **document_scores(jax, cases)}
    yield speed("HPO on GSC+", DictionaryLinker.from_pack(hpo), [record["text"] for record in gsc], megabytes)

    medic = medical.medic_pack(data, folder)
    yield lexicon("MEDIC", medic)
    ncbi = medical.read_pubtator(data / "medical/ncbi_disease/dev.pubtator.txt")
    yield {"what": "NCBI Disease dev, MEDIC", **accuracy(medic, ncbi, folder), **gold(medic, ncbi, folder)}
    diseases = medical.read_pubtator(data / "medical/bc5cdr/dev.pubtator.txt.gz", {"Disease"})
    yield {"what": "BC5CDR disease dev, MEDIC", **accuracy(medic, diseases, folder), **gold(medic, diseases, folder)}

    mesh = medical.mesh_pack(data, folder)
    yield lexicon("MeSH", mesh)
    chemicals = medical.read_pubtator(data / "medical/bc5cdr/dev.pubtator.txt.gz", {"Chemical"})
    yield {"what": "BC5CDR chemical dev, MeSH", **accuracy(mesh, chemicals, folder)}
    texts = [record["text"] for record in chemicals]
    yield speed("MeSH on BC5CDR", DictionaryLinker.from_pack(mesh), texts, megabytes)


def lexicon(name: str, pack: Any) -> Row:
    """The first opening builds the lexicon, the second finds it."""
    from kgslm.linking.dictionary import DictionaryLinker

    seconds = []
    for _ in range(2):
        start = time.process_time()
        linker = DictionaryLinker.from_pack(pack)
        seconds.append(round(time.process_time() - start, 2))
    return {"what": f"{name} lexicon", "names": len(linker.lexicon), "build_s": seconds[0], "open_s": seconds[1]}


def gold(pack: Any, records: list[Row], folder: Path, linker: Any = "dictionary") -> Row:
    scores = linked(pack, records, folder, linker, given=False).gold
    parts = {"mention": scores.mention, "document": scores.document}
    return {
        f"{name}_{key}": round(getattr(score, key), 3)
        for name, score in parts.items()
        for key in ("precision", "recall", "f1")
    }


def accuracy(pack: Any, records: list[Row], folder: Path) -> Row:
    scores = linked(pack, records, folder, "dictionary", given=True).gold
    return {"acc@1": round(scores.accuracy, 3), "mentions": scores.entities}


def linked(pack: Any, records: list[Row], folder: Path, linker: Any, *, given: bool) -> Any:
    from kgslm.data.jsonl import write_jsonl
    from kgslm.recipes.link import link_file

    write_jsonl(folder / "documents.jsonl", records)
    return link_file(pack, folder / "documents.jsonl", folder / "out.jsonl", linker=linker, given=given, gold=True)


def document_scores(records: list[Row], linker: Any) -> Row:
    hits = predicted = wanted = 0
    for record, links in zip(records, linker.link_many(record["text"] for record in records), strict=True):
        right, found = {label["id"] for label in record["labels"]}, set(links.concepts)
        hits, predicted, wanted = hits + len(right & found), predicted + len(found), wanted + len(right)
    f1 = 2 * hits / (predicted + wanted)
    return {"precision": round(hits / predicted, 3), "recall": round(hits / wanted, 3), "f1": round(f1, 3)}


def speed(name: str, linker: Any, texts: list[str], megabytes: float) -> Row:
    size = sum(map(len, texts)) / 1e6
    many = texts * max(1, round(megabytes / size))
    row: Row = {"what": f"speed, {name}"}
    for key, chosen in (("first", texts), ("MB/s", many)):
        start = time.process_time()
        links = sum(len(it.links) for it in linker.link_many(chosen))
        row[key] = round(sum(map(len, chosen)) / 1e6 / (time.process_time() - start), 2)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return {**row, "text_mb": round(size * len(many) / len(texts), 1), "links": links, "peak_mb": peak}


def read_jsonl(path: Path) -> list[Row]:
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


if __name__ == "__main__":
    main()
