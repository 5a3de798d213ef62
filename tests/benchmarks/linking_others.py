"""The dictionary linker beside others that can be installed, on the same texts with the same ontology, in one process.

    pip install FastHPOCR ahocorasick_rs
    python tests/benchmarks/linking_others.py --data DIR [--json FILE]

DIR (default: the environment variable KGSLM_DATA) holds medical/hpo, hpo_gsc and hpo_jax; all systems look for the
names below HP:0000118. FastHPOCR builds its index with one quadratic function replaced by the same in linear time, and
once more with the longest of overlapping mentions alone, as it can also be asked to. "exact" is the longest match of
names in small letters at word boundaries. Speeds are megabytes per CPU second over the texts repeated to 5 MB; the runs
take turns.
"""

from __future__ import annotations

import argparse
import gzip
import os
import shutil
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.benchmarks.reporting import Row, tell

Mentions = list[tuple[int, int, str]]
System = Callable[[list[str]], list[Mentions]]
MEGABYTES, TURNS = 5, 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("KGSLM_DATA", "data")))
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        tell(rows_of(options.data, Path(folder)), options.json)


def rows_of(data: Path, folder: Path) -> Iterator[Row]:
    from tests.benchmarks.linking import ABNORMALITY, NOT_THE_CASE, read_jsonl
    from tests.benchmarks.medical import hpo_pack

    pack = hpo_pack(data, folder)
    below = {ABNORMALITY, *pack.descendants(ABNORMALITY)}
    names = [row for row in pack.names() if row[0] in below]
    systems: dict[str, System] = {
        "kgslm": kgslm(names),
        "kgslm, the case's own sections": kgslm(names, skip_sections=NOT_THE_CASE),
        "exact": exact(names),
    }
    try:
        systems |= fasthpocr(data / "medical/hpo/hp.obo.gz", folder)
    except ImportError:
        print("FastHPOCR is not installed", file=sys.stderr)

    def current(id_: str) -> str:
        return pack.ids[pack.row(id_)] if id_ in pack else id_

    gsc = read_jsonl(data / "medical/hpo_gsc/dev.jsonl")
    jax = read_jsonl(data / "medical/hpo_jax/dev.jsonl.gz")
    for name, system in systems.items():
        found = [
            [mention for mention in own if current(mention[2]) in below] for own in system([it["text"] for it in gsc])
        ]
        gold = [[(it["start"], it["end"], current(it["id"])) for it in record["entities"]] for record in gsc]
        documents = [
            {current(it[2]) for it in own if current(it[2]) in below} for own in system([it["text"] for it in jax])
        ]
        labels = [{current(it["id"]) for it in record["labels"]} for record in jax]
        yield {
            "system": name,
            "GSC+ mentions": f1([{(a, b, current(id_)) for a, b, id_ in own} for own in found], map(set, gold)),
            "GSC+ documents": f1(
                [{current(it[2]) for it in own} for own in found], [{it[2] for it in own} for own in gold]
            ),
            "JAX documents": f1(documents, labels),
        }
    texts = [it["text"] for it in gsc]
    speeds = defaultdict(list)
    for _ in range(TURNS):
        for name, system in systems.items():
            speeds[name].append(speed(system, texts))
    yield from ({"system": name, "MB/s": own} for name, own in speeds.items())


def f1(found: Iterable[set[Any]], gold: Iterable[set[Any]]) -> float:
    hits = total = 0
    for ours, theirs in zip(found, gold, strict=True):
        hits, total = hits + len(ours & theirs), total + len(ours) + len(theirs)
    return round(2 * hits / total, 3)


def speed(system: System, texts: list[str]) -> float:
    many = texts * max(1, round(MEGABYTES * 1e6 / sum(map(len, texts))))
    start = time.process_time()
    system(many)
    return round(sum(map(len, many)) / 1e6 / (time.process_time() - start), 2)


def kgslm(names: list[tuple[str, str, str]], **settings: Any) -> System:
    from kgslm.linking.dictionary import DictionaryLinker
    from kgslm.linking.settings import LinkSettings

    linker = DictionaryLinker.from_names(names, LinkSettings(**settings))
    return lambda texts: [
        [(link.start, link.end, link.concept or "") for link in linked.links] for linked in linker.link_many(texts)
    ]


def exact(names: list[tuple[str, str, str]]) -> System:
    import ahocorasick_rs

    # Small letters of other alphabets may be more of them; such texts would have other offsets.
    owners = {name.lower(): id_ for id_, name, _ in reversed(names) if len(name) > 1}
    patterns = list(owners)
    automaton = ahocorasick_rs.AhoCorasick(patterns, matchkind=ahocorasick_rs.MatchKind.LeftmostLongest)

    def link(text: str) -> Mentions:
        low = text.lower() if len(text.lower()) == len(text) else text
        return [
            (start, end, owners[patterns[which]])
            for which, start, end in automaton.find_matches_as_indexes(low)
            if not low[max(0, start - 1) : start].isalnum() and not low[end : end + 1].isalnum()
        ]

    return lambda texts: [link(text) for text in texts]


def fasthpocr(ontology: Path, folder: Path) -> dict[str, System]:
    from FastHPOCR.cr.CRIndexKB import CRIndexKB  # type: ignore[import-not-found, unused-ignore]
    from FastHPOCR.HPOAnnotator import HPOAnnotator  # type: ignore[import-not-found, unused-ignore]
    from FastHPOCR.IndexHPO import IndexHPO  # type: ignore[import-not-found, unused-ignore]

    CRIndexKB.prepareClustersToSerialise = _linear
    with gzip.open(ontology) as packed, (folder / "hp.obo").open("wb") as plain:
        shutil.copyfileobj(packed, plain)
    IndexHPO(str(folder / "hp.obo"), str(folder)).index()
    annotator = HPOAnnotator(str(folder / "hp.index"))

    def link(texts: list[str]) -> list[Mentions]:
        return [[(it.startOffset, it.endOffset, it.hpoUri) for it in annotator.annotate(text)] for text in texts]

    return {"FastHPOCR": link, "FastHPOCR, longest": lambda texts: [_longest(own) for own in link(texts)]}


def _linear(index: Any, base_clusters: dict[str, str]) -> None:
    """What ``prepareClustersToSerialise`` does, without looking through all words for each cluster."""
    members = defaultdict(list)
    for token, cluster in base_clusters.items():
        members[cluster].append(token)
    for token, cluster in index.invertedClusters.items():
        index.clusters[cluster] = [*members[cluster], *([] if token in base_clusters else [token])]


def _longest(mentions: Mentions) -> Mentions:
    kept: Mentions = []
    for start, end, id_ in sorted(mentions, key=lambda it: (it[0] - it[1], it[0])):
        if all(end <= other[0] or start >= other[1] or (start, end) == other[:2] for other in kept):
            kept.append((start, end, id_))
    return kept


if __name__ == "__main__":
    main()
