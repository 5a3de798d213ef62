"""Parts and few-shot samples of a data set, the same for the same seed whatever the order of the file."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from hashlib import blake2b

from kgslm.data.classification import Dataset
from kgslm.errors import DataError
from kgslm.records import Example


def split_off(data: Dataset, fraction: float, *, seed: int = 0) -> tuple[Dataset, Dataset]:
    """(rest, part): ``part`` holds about ``fraction`` of each label's texts, and where there are two or more, at least
    one on either side. In multi-label data a text counts for the rarest of its labels.

    Identical texts stay on one side, so that nothing leaks. fraction: in (0, 1).
    """
    if not 0 < fraction < 1:
        raise DataError(f"a fraction between 0 and 1 was expected, not {fraction}")
    counts = data.counts()
    labels: dict[str, set[str]] = defaultdict(set)
    for example in data:
        labels[example.text].update(example.labels)
    groups: dict[str, list[str]] = defaultdict(list)
    for text, own in labels.items():
        groups[min(own, key=lambda label: (counts[label], label), default="")].append(text)
    part: set[str] = set()
    for texts in groups.values():
        ranked = sorted(texts, key=lambda text: _rank(seed, "split", text))
        part.update(ranked[: min(max(1, round(fraction * len(ranked))), len(ranked) - 1)])
    rest = [example for example in data if example.text not in part]
    return data.keep(rest), data.keep([example for example in data if example.text in part])


def draw_shots(data: Dataset, shots: int | None, *, seed: int) -> Dataset:
    """``shots`` examples of each label, fewer where there are not as many; None means all.

    Smaller draws of a seed are contained in larger ones, as a learning curve needs. In multi-label data an example
    counts for each of its labels.
    """
    if shots is None:
        return data
    waiting: dict[str, list[Example]] = defaultdict(list)
    for example in sorted(data, key=lambda example: _rank(seed, "shots", example.id), reverse=True):
        for label in example.labels:
            waiting[label].append(example)
    taken: set[str] = set()
    have: Counter[str] = Counter()
    # One more of each label at a time: the draw of n shots is a step on the way to the draw of n + 1.
    for wanted in range(1, min(shots, max(map(len, waiting.values()), default=0)) + 1):
        for label, queue in sorted(waiting.items()):
            while have[label] < wanted and queue:
                example = queue.pop()
                if example.id not in taken:
                    taken.add(example.id)
                    have.update(example.labels)
    return data.keep([example for example in data if example.id in taken])


def sample(data: Dataset, limit: int | None, *, seed: int = 0) -> Dataset:
    """A fixed random sample of at most ``limit`` examples, in the order of the file; None means all."""
    if limit is None or limit >= len(data):
        return data
    ranked = sorted(data, key=lambda example: _rank(seed, "sample", example.id))
    chosen = {example.id for example in ranked[:limit]}
    return data.keep([example for example in data if example.id in chosen])


def drop_rare_labels(data: Dataset, minimum: int) -> Dataset:
    """Leave out every label with fewer than ``minimum`` examples, and the examples that have no other label."""
    counts = data.counts()
    rare = {label for label, count in counts.items() if count < minimum}
    if not rare:
        return data
    kept = []
    for example in data:
        labels = tuple(label for label in example.labels if label not in rare)
        if labels or not example.labels:
            kept.append(replace(example, labels=labels))
    return data.keep(kept)


def without_texts_of(data: Dataset, other: Dataset) -> Dataset:
    """The examples whose text is not in ``other``, so that nothing is tested that was learnt."""
    known = {(example.text, example.text_pair) for example in other}
    kept = [example for example in data if (example.text, example.text_pair) not in known]
    return data if len(kept) == len(data) else data.keep(kept)


def in_order(examples: Sequence[Example], *, seed: int, epoch: int) -> list[int]:
    """The order of one epoch: a permutation of positions that depends on the ids alone."""
    return sorted(range(len(examples)), key=lambda i: _rank(seed, f"epoch {epoch}", examples[i].id))


def _rank(seed: int, purpose: str, key: str) -> bytes:
    return blake2b(f"{seed}\0{purpose}\0{key}".encode("utf-8", "surrogatepass"), digest_size=16).digest()
