"""How well and how fast the context linker links given mentions, with and without labelled ones.

    python tests/benchmarks/context_linking.py --data DIR [--sets ncbi,...] [--minutes 6] [--packs FOLDER] [--json FILE]

DIR (default: the environment variable KGSLM_DATA) holds medical/medic, mesh, ncbi_disease, bc5cdr, financial/sp500,
legal/courts_db and reporters_db. Each pack is trained on its names alone and measured, then with the labelled mentions
of the train part, and measured again on the same mentions: the dev part, or one of two halves where there is none.
Accuracy counts every mention with a concept in gold; ``reachable`` is the share whose concept is in the vocabulary.
FOLDER keeps packs and adapters for the next run.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.benchmarks import medical, named_things
from tests.benchmarks.reporting import Row, tell

Parts = tuple[list[Row], list[Row]]
SETS = ("ncbi", "bc5cdr-disease", "bc5cdr-chemical", "sp500", "courts", "reporters")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("KGSLM_DATA", "data")))
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--minutes", type=float, default=6, help="Training of each adapter; 0: none.")
    parser.add_argument("--packs", type=Path)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        packs = options.packs or Path(folder)
        rows = (measured(name, options.data, packs, options.minutes) for name in options.sets.split(","))
        tell(chain.from_iterable(rows), options.json)


def measured(name: str, data: Path, folder: Path, minutes: float) -> Iterator[Row]:
    from kgslm.data.jsonl import write_jsonl

    folder.mkdir(parents=True, exist_ok=True)
    pack = _pack(name, data, folder)
    train, dev = _parts(name, data)
    write_jsonl(folder / f"{name}-train.jsonl", train)
    for mentions in (None, folder / f"{name}-train.jsonl"):
        report = _trained(pack, mentions, minutes)
        row = {"set": name, "learnt": "names" if mentions is None else "names and mentions", **accuracy(pack, dev)}
        yield {**row, "train_s": report.seconds, "adapter_steps": (report.adapter or {}).get("steps", 0)}


def accuracy(pack: Any, records: list[Row]) -> Row:
    """Acc@1, the share of right NILs, and mentions per CPU second with surfaces that were not seen before."""
    from kgslm.evaluation.link_errors import gold_entities
    from kgslm.linking.context import ContextLinker

    linker = ContextLinker.from_pack(pack)
    linker.link_mentions("warm up", [(0, 4)])
    right = linked = reachable = nil = right_nil = 0
    every = [gold_entities(record, f"{record['id']}") for record in records]
    spans = [[(start, end) for start, end, _ in gold] for gold in every]
    texts = [record["text"] for record in records]
    begun = time.process_time()
    found = list(linker.link_mentions_many(zip(texts, spans, strict=True)))
    seconds = time.process_time() - begun
    for gold, links in zip(every, found, strict=True):
        for (_, _, written), link in zip(gold, links, strict=True):
            ids = {pack.ids[pack.row(id_)] if id_ in pack else id_ for id_ in written}
            if ids:
                linked, right = linked + 1, right + (link.concept in ids)
                reachable += any(id_ in pack for id_ in ids)
            else:
                nil, right_nil = nil + 1, right_nil + (link.concept is None)
    row: Row = {"acc@1": round(right / linked, 3), "reachable": round(reachable / linked, 3), "mentions": linked + nil}
    if nil:
        both = (right + right_nil) / (linked + nil)
        row |= {"nil": nil, "nil_right": round(right_nil / nil, 3), "acc_with_nil": round(both, 3)}
    return {**row, "mentions/s": round((linked + nil) / seconds)}


def _trained(pack: Any, mentions: Path | None, minutes: float) -> Any:
    from kgslm.embedding.alignment import AlignmentOptions
    from kgslm.recipes.pack_train import train_pack

    options = AlignmentOptions(minutes=minutes) if minutes else None
    return train_pack(pack, mentions=mentions, options=options)


def _pack(name: str, data: Path, folder: Path) -> Any:
    from kgslm.packs import KnowledgePack

    makers: dict[str, tuple[str, Callable[[Path, Path], Any]]] = {
        "ncbi": ("medic", medical.medic_pack),
        "bc5cdr-disease": ("medic", medical.medic_pack),
        "bc5cdr-chemical": ("mesh", medical.mesh_pack),
        "sp500": ("companies", named_things.companies_pack),
        "courts": ("courts", named_things.courts_pack),
        "reporters": ("reporters", named_things.reporters_pack),
    }
    place, maker = makers[name]
    return KnowledgePack.open(folder / place) if (folder / place).exists() else maker(data, folder)


def _parts(name: str, data: Path) -> Parts:
    """(labelled documents to learn from, documents to measure on)."""
    if name == "ncbi":
        folder = data / "medical/ncbi_disease"
        return (
            medical.read_pubtator(folder / "train.pubtator.txt.gz"),
            medical.read_pubtator(folder / "dev.pubtator.txt"),
        )
    if name.startswith("bc5cdr"):
        types = {name.removeprefix("bc5cdr-").capitalize()}
        files = (data / f"medical/bc5cdr/{part}.pubtator.txt.gz" for part in ("train", "dev"))
        train, dev = (medical.read_pubtator(file, types) for file in files)
        return train, dev
    if name == "sp500":
        records = named_things.company_mentions(data)
    else:
        records = named_things.bare_mentions(data / f"legal/{name}_db/linking_train.jsonl")
    halves = [[record for record in records if named_things.fold(record, 2) == fold] for fold in range(2)]
    return halves[0], halves[1]


if __name__ == "__main__":
    main()
