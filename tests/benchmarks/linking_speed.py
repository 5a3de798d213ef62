"""How fast the dictionary linker is beside spaCy's PhraseMatcher, and with millions of names.

    python tests/benchmarks/linking_speed.py --data DIR [--megabytes 20] [--names 4000000] [--json FILE]

DIR (default: the environment variable KGSLM_DATA) holds medical/hpo and medical/hpo_gsc, whose texts are repeated to
the given size. Speeds are per CPU second on one core, imports and the loading of names aside; in the first of three
runs no surface has been seen before. Both linkers run in one process, in turns. The large lexicon has made-up names,
half of whose words are words of the texts.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.benchmarks.reporting import Row, tell

_SYLLABLES = [
    "ka",
    "lo",
    "mi",
    "ter",
    "phen",
    "ol",
    "in",
    "ide",
    "ato",
    "cyl",
    "pro",
    "xan",
    "thi",
    "eno",
    "bra",
    "gly",
]
_SLOWER = 10
"""How much less of the text the PhraseMatcher gets."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("KGSLM_DATA", "data")))
    parser.add_argument("--megabytes", type=float, default=20)
    parser.add_argument("--names", type=int, default=4_000_000)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        tell(rows_of(options.data, Path(folder), options.megabytes, options.names), options.json)


def rows_of(data: Path, folder: Path, megabytes: float, names: int) -> Iterator[Row]:
    from kgslm.linking.dictionary import DictionaryLinker
    from tests.benchmarks.linking import read_jsonl
    from tests.benchmarks.medical import hpo_pack

    texts = [record["text"] for record in read_jsonl(data / "medical/hpo_gsc/dev.jsonl")]
    pack = hpo_pack(data, folder)
    opened = []
    for _ in range(2):
        start = time.process_time()
        linker = DictionaryLinker.from_pack(pack)
        opened.append(round(time.process_time() - start, 2))
    yield {"what": "HPO lexicon", "names": len(linker.lexicon), "build_s": opened[0], "open_s": opened[1]}
    many = repeated(texts, megabytes)

    def link(chosen: list[str], linker: DictionaryLinker = linker) -> int:
        return sum(len(it.links) for it in linker.link_many(chosen))

    phrases = phrase_matcher([name for _, name, _ in pack.names()])
    ours, theirs = [], []
    for _ in range(3):
        ours.append(speed(many, link))
        theirs.append(speed(repeated(texts, megabytes / _SLOWER), phrases))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    for name, runs in (("kgslm", ours), ("PhraseMatcher, names lower-cased", theirs)):
        yield {"what": name, "MB/s": [run["MB/s"] for run in runs], "documents/s": [run["documents/s"] for run in runs]}
    ratios = [mine["documents/s"] / other["documents/s"] for mine, other in zip(ours, theirs, strict=True)]
    yield {"what": "kgslm / PhraseMatcher", "ratio": [round(ratio, 1) for ratio in ratios], "peak_mb_both": peak}
    del linker, link, phrases
    if names:
        yield large(texts, folder, names, megabytes)


def large(texts: list[str], folder: Path, count: int, megabytes: float) -> Row:
    from kgslm.linking.dictionary import DictionaryLinker
    from kgslm.linking.lexicon import build_lexicon, open_lexicon, save_lexicon

    start = time.process_time()
    save_lexicon(build_lexicon(made_up_names(texts, count)), folder / "large", "made up")
    build = time.process_time() - start
    start = time.process_time()
    linker = DictionaryLinker(open_lexicon(folder / "large", "made up"))
    opened = time.process_time() - start
    many = repeated(texts, megabytes / 2)
    runs = [speed(many, lambda chosen: sum(len(it.links) for it in linker.link_many(chosen))) for _ in range(3)]
    links = round(runs[0]["found"] / sum(map(len, many)) * 1000)
    speeds = {"MB/s": [run["MB/s"] for run in runs], "links_a_kB": links}
    return {"what": f"{count:,} names", "build_s": round(build), "open_s": round(opened, 2), **speeds}


def made_up_names(texts: list[str], count: int) -> Iterator[tuple[str, str, str]]:
    """Four names a concept, of two to six words."""
    generator = np.random.default_rng(0)
    words = sorted({word for text in texts for word in re.findall(r"[a-z]{4,}", text)})
    rare = ["".join(generator.choice(_SYLLABLES, 4)) for _ in range(100_000)]
    for number in range(count):
        picks = generator.integers(0, 1 << 30, 12).tolist()
        chosen = [words[it % len(words)] if it & 1024 else rare[it % len(rare)] for it in picks[: 2 + picks[-1] % 5]]
        yield f"X:{number // 4}", " ".join(chosen), "exact" if number % 4 else "preferred"


def phrase_matcher(names: list[str]) -> Callable[[list[str]], int]:
    import spacy
    from spacy.matcher import PhraseMatcher

    nlp = spacy.blank("en")
    matcher = PhraseMatcher(nlp.vocab, attr="LOWER")
    matcher.add("name", list(nlp.tokenizer.pipe(names)))
    return lambda texts: sum(len(matcher(document)) for document in nlp.pipe(texts))


def repeated(texts: list[str], megabytes: float) -> list[str]:
    return texts * max(1, round(megabytes * 1e6 / sum(map(len, texts))))


def speed(texts: list[str], link: Callable[[list[str]], int]) -> Row:
    start = time.process_time()
    found = link(texts)
    seconds = time.process_time() - start
    size = sum(map(len, texts)) / 1e6
    return {"MB/s": round(size / seconds, 2), "documents/s": round(len(texts) / seconds), "found": found}


if __name__ == "__main__":
    main()
