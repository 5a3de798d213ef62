"""What telling negated, hypothetical, historical and other people's mentions adds to the time of linking.

::

    KGSLM_DATA=folder/with/corpora python tests/benchmarks/assertion.py

Texts of HPO GSC+ are linked by the names of HPO with and without assertions, in turn in one process.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("KGSLM_DATA", "data")))
    parser.add_argument("--megabytes", type=float, default=2)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    from kgslm.linking.assertion_rules import FLAGS
    from kgslm.linking.dictionary import DictionaryLinker
    from kgslm.linking.settings import LinkSettings
    from tests.benchmarks.linking import read_jsonl
    from tests.benchmarks.medical import hpo_pack

    with tempfile.TemporaryDirectory() as folder:
        flagging = DictionaryLinker.from_pack(hpo_pack(options.data, Path(folder)))
        plain = DictionaryLinker(flagging.lexicon, LinkSettings(assertions=False))
        texts = [record["text"] for record in read_jsonl(options.data / "medical/hpo_gsc/dev.jsonl")]
        many = texts * max(1, round(options.megabytes * 1e6 / sum(map(len, texts))))
        links = [link for linked in flagging.link_many(texts) for link in linked.links]
        flags = Counter(flag for link in links for flag in FLAGS if getattr(link, flag))
        print(f"{len(links)} links in {len(texts)} texts: {dict(flags)}")
        ratios = [seconds(flagging, many) / seconds(plain, many) for _ in range(options.rounds)]
    megabytes = sum(map(len, many)) / 1e6
    print(f"with / without, {megabytes:.1f} MB, {options.rounds} rounds in turn:", end=" ")
    print(f"median {median(ratios):.3f}, lowest {min(ratios):.3f}, highest {max(ratios):.3f}")


def seconds(linker: Any, texts: list[str]) -> float:
    start = time.process_time()
    for _ in linker.link_many(texts):
        pass
    return time.process_time() - start


if __name__ == "__main__":
    main()
