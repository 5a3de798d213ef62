"""What a pack buys where entities or relations are learnt from few texts.

    python tests/benchmarks/tagging.py --data DIR [--sets ncbi,bc5cdr,german_ler,ddi] [--shots 50] [--seeds 3]
        [--test 400] [--cells none,evidence,shuffled] [--epochs auto] [--folder FOLDER] [--json FILE]

DIR (default: the environment variable KGSLM_DATA) holds medical/ncbi_disease, medic, bc5cdr, mesh, ddi2013 and
legal/german_ler. Texts are sentences, with and without entities; those to learn from come from the visible training
part, those to test on from the visible development part (where there is one part, a third of its documents). The
official test parts are not looked at. FOLDER keeps the texts, the pack and the configuration.

Figures are micro-F1 of exact spans or relations, the mean over the seeds; the intervals are those of ``kgslm compare``
(bootstrap over texts and seeds) for the difference in macro-F1, which is the same figure where there is one label.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from statistics import fmean
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

Record = dict[str, Any]
Parts = tuple[list[Record], list[Record]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("KGSLM_DATA", "data")))
    parser.add_argument("--sets", default="ncbi")
    parser.add_argument("--shots", type=int, default=50)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--test", type=int, default=400)
    parser.add_argument("--cells", default="none,evidence,shuffled")
    parser.add_argument("--epochs", default="auto")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for name in options.sets.split(","):
            rows += measure(name, options, options.folder or Path(folder))
    if options.json:
        options.json.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")


def measure(name: str, options: argparse.Namespace, folder: Path) -> list[Record]:
    from kgslm.data.jsonl import write_jsonl
    from kgslm.recipes.compare import compare

    task, make_pack, parts = SETS[name]
    folder = folder / name
    folder.mkdir(parents=True)
    for part, records in zip(("train", "test"), parts(options.data), strict=True):
        write_jsonl(folder / f"{part}.jsonl", records)
    config = {
        "task": task,
        "data": {"train": "train.jsonl", "test": "test.jsonl"},
        "pack": str(make_pack(options.data, folder).path),
        "inject": {"evidence": True},
        "train": {"epochs": options.epochs if options.epochs == "auto" else int(options.epochs)},
        "compare": {
            "shots": [options.shots],
            "seeds": list(range(options.seeds)),
            "cells": options.cells.split(","),
            "test_limit": options.test,
        },
    }
    (folder / "task.yaml").write_text(json.dumps(config), encoding="utf-8")
    start = time.process_time()
    summary = compare(folder / "task.yaml")
    print(f"{name}: {options.shots} texts, {options.seeds} seeds, {time.process_time() - start:.0f} CPU s")
    rows = []
    for row in summary["summary"]:
        micro = [run["micro_f1"] for run in summary["cells"] if run["cell"] == row["cell"]]
        rows.append({"set": name, "shots": options.shots, "micro_f1": fmean(micro), "runs": micro, **row})
        versus = "  ".join(f"{key} {_interval(row[key])}" for key in ("vs_none", "vs_shuffled") if row[key])
        trust = row["details"].get("trust", 0.0)
        print(f"  {row['cell']:10} micro-F1 {100 * fmean(micro):5.1f}  trust {trust:.2f}  {versus}", flush=True)
    return rows


def _interval(value: dict[str, float]) -> str:
    return f"{100 * value['mean']:+.1f} ({100 * value['low']:+.1f} to {100 * value['high']:+.1f})"


def ncbi(data: Path) -> Parts:
    folder = data / "medical/ncbi_disease"
    files = (folder / "train.pubtator.txt.gz", folder / "dev.pubtator.txt")
    train, dev = (list(sentences(documents(file), {None: "Disease"})) for file in files)
    return train, dev


def bc5cdr(data: Path) -> Parts:
    files = (data / f"medical/bc5cdr/{part}.pubtator.txt.gz" for part in ("train", "dev"))
    train, dev = (list(sentences(documents(file), {})) for file in files)
    return train, dev


def german_ler(data: Path) -> Parts:
    return thirds(documents(data / "legal/german_ler/dev.conll.gz"))


def ddi(data: Path) -> Parts:
    """Pairs as relations from the first to the second drug; entities in pieces are given by their first piece."""
    records = []
    with gzip.open(data / "medical/ddi2013/train.jsonl.gz", "rt", encoding="utf-8") as file:
        for line in file:
            sentence = json.loads(line)
            entities = [
                {"start": own["spans"][0][0], "end": own["spans"][0][1], "label": "drug", "id": own["id"]}
                for own in sentence["entities"]
            ]
            related = [
                {"head": pair["e1"], "tail": pair["e2"], "label": pair["ddi"]}
                for pair in sentence["pairs"]
                if pair["ddi"]
            ]
            if sentence["pairs"]:
                records.append(
                    {"id": sentence["id"], "text": sentence["text"], "entities": entities, "relations": related}
                )
    return thirds(records, document=lambda record: record["id"].rpartition(".")[0])


def documents(path: Path) -> list[Record]:
    """Documents with ``entities``; one that stands twice in its file is taken once."""
    from kgslm.data.marked import MARKED_FORMATS

    name = next(suffix[1:] for suffix in path.suffixes if suffix[1:] in MARKED_FORMATS.names())
    return list({record["id"]: record for _, record in MARKED_FORMATS.load(name)(path)}.values())


def sentences(records: Iterable[Record], labels: dict[str | None, str]) -> Iterator[Record]:
    """All sentences. labels: by a document's label, or None for any label, what it is called here."""
    from kgslm.retrieval.sentences import sentence_spans

    for record in records:
        for first, last in sentence_spans(record["text"]):
            entities = [
                {
                    "start": own["start"] - first,
                    "end": own["end"] - first,
                    "label": labels.get(own["label"]) or labels.get(None) or own["label"],
                }
                for own in record["entities"]
                if first <= own["start"] and own["end"] <= last
            ]
            yield {"id": f"{record['id']}-{first}", "text": record["text"][first:last], "entities": entities}


def thirds(records: list[Record], document: Callable[[Record], str] = lambda record: record["id"]) -> Parts:
    """Two thirds of the documents to learn from, in the order of the file, and one to test on."""
    names = list(dict.fromkeys(map(document, records)))
    kept = set(names[: 2 * len(names) // 3])
    return (
        [record for record in records if document(record) in kept],
        [record for record in records if document(record) not in kept],
    )


def medic(data: Path, folder: Path) -> Any:
    from tests.benchmarks.medical import medic_pack

    return medic_pack(data, folder)


def mesh(data: Path, folder: Path) -> Any:
    from tests.benchmarks.medical import mesh_pack

    return mesh_pack(data, folder)


def gazetteers(data: Path, folder: Path) -> Any:
    """The lists of German laws, ordinances, regulations and countries; each list is a category."""
    from kgslm.packs import KnowledgePack, Origin, PackBuilder, SourceConcept

    builder = PackBuilder("gazetteers")
    for path in sorted((data / "legal/german_ler/gazetteers").glob("*.list*")):
        raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        key = path.name.partition(".")[0]
        names = dict.fromkeys(name.strip() for name in raw.decode("utf-8").splitlines() if name.strip())
        concepts = [SourceConcept(f"{key}:{n}", name, categories=(key,)) for n, name in enumerate(names, 1)]
        builder.add(Origin(key), concepts)
    builder.write(folder / "gazetteers")
    return KnowledgePack.open(folder / "gazetteers")


SETS: dict[str, tuple[str, Callable[[Path, Path], Any], Callable[[Path], Parts]]] = {
    "ncbi": ("tagging", medic, ncbi),
    "bc5cdr": ("tagging", mesh, bc5cdr),
    "german_ler": ("tagging", gazetteers, german_ler),
    "ddi": ("relations", mesh, ddi),
}

if __name__ == "__main__":
    main()
