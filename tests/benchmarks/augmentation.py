"""How many disease mentions survive augmentation, and how fast it is.

    python tests/benchmarks/augmentation.py --data DIR [--sentences 300] [--json FILE]

DIR (default: the environment variable KGSLM_DATA) holds medical/medic and medical/ncbi_disease. Sentences with gold
disease mentions are augmented once by every method, first as plain texts (only what the linker finds is protected),
then with their gold entities. A gold mention survives where it stands verbatim in the output or, for synonyms, where
the linker finds its concept as often as before.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

Row = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("KGSLM_DATA", "data")))
    parser.add_argument("--sentences", type=int, default=300)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    from kgslm.augmentation import AUGMENTERS
    from tests.benchmarks import medical

    records = medical.sentences(medical.read_pubtator(options.data / "medical/ncbi_disease/train.pubtator.txt.gz"))
    random.Random(0).shuffle(records)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        pack = medical.medic_pack(options.data, Path(folder))
        for entities in (False, True):
            for method in AUGMENTERS.names():
                rows.append(measure(pack, records[: options.sentences], method, entities))
                print("  ".join(f"{key} {value}" for key, value in rows[-1].items()), flush=True)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")


def measure(pack: Any, records: list[Row], method: str, entities: bool) -> Row:
    from kgslm.augmentation import augment
    from kgslm.data.spans import read_entities
    from kgslm.linking.dictionary import DictionaryLinker
    from kgslm.records import Example

    linker = DictionaryLinker.from_pack(pack)
    examples = [
        Example(record["id"], record["text"], entities=read_entities(record, record["id"]) if entities else ())
        for record in records
    ]
    augment(examples[:2], pack=pack, methods=[method], linker=linker)  # what is loaded once is not counted
    start = time.process_time()
    report = augment(examples, pack=pack, methods=[method], linker=linker)
    seconds = time.process_time() - start
    by_id = {record["id"]: record for record in records}
    survived, linked = [], []
    for new in report.augmented:
        record = by_id[new.origin]
        links = {(link.start, link.end): link for link in linker.link(record["text"]).links}
        found = linker.link(new.example.text).concepts
        for entity in record["entities"]:
            link = links.get((entity["start"], entity["end"]))
            alive = record["text"][entity["start"] : entity["end"]].lower() in new.example.text.lower()
            if method == "synonym" and link is not None:
                alive = link.concept in found
            survived.append(alive)
            if link is not None:
                linked.append(alive)
    return {
        "method": method,
        "protected": "links and entities" if entities else "links",
        "survival": round(sum(survived) / max(1, len(survived)), 3),
        "survival_linked": round(sum(linked) / max(1, len(linked)), 3),
        "sentences": len(records),
        "kept": report.kept,
        "dropped": dict(report.dropped),
        "sentences_per_cpu_s": round(len(records) / seconds, 1),
    }


if __name__ == "__main__":
    main()
