"""Parts and few-shot samples of a data set, the same for the same seed whatever the order of the file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from hashlib import blake2b

from kgslm.data.classification import Dataset
from kgslm.errors import DataError
from kgslm.records import Example


def split_off(data: Dataset, fraction: float, *, seed: int = 0) -> tuple[Dataset, Dataset]:
    """(rest, part): ``part`` holds about ``fraction`` of each label's examples, at least one where there are two.

    Identical texts stay on one side, so that nothing leaks. fraction: in (0, 1).
    """
    if not 0 < fraction < 1:
        raise DataError(f"a fraction between 0 and 1 was expected, not {fraction}")
    groups: dict[tuple[str, ...], dict[str, list[Example]]] = defaultdict(lambda: defaultdict(list))
    home: dict[str, tuple[str, ...]] = {}
    for example in data:
        key = home.setdefault(example.text, example.labels)
        groups[key][example.text].append(example)
    part: set[str] = set()
    for texts in groups.values():
        ranked = sorted(texts, key=lambda text: _rank(seed, "split", text))
        wanted = round(fraction * len(ranked)) or (len(ranked) > 1)
        part.update(ranked[: int(wanted)])
    rest = [example for example in data if example.text not in part]
    return data.keep(rest), data.keep([example for example in data if example.text in part])


def draw_shots(data: Dataset, shots: int | None, *, seed: int) -> Dataset:
    """``shots`` examples of each label, fewer where there are not as many; None means all.

    Smaller draws of a seed are contained in larger ones, as a learning curve needs. In multi-label data an example
    counts for each of its labels.
    """
    if shots is None:
        return data
    taken: dict[str, Example] = {}
    by_label: dict[str, list[Example]] = defaultdict(list)
    for example in sorted(data, key=lambda example: _rank(seed, "shots", example.id)):
        for label in example.labels:
            by_label[label].append(example)
    for label in sorted(by_label):
        have = sum(label in example.labels for example in taken.values()) if data.multi_label else 0
        for example in by_label[label]:
            if have >= shots:
                break
            if example.id not in taken:
                taken[example.id] = example
                have += 1
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
            kept.append(Example(example.id, example.text, labels, example.text_pair, example.entities))
    return data.keep(kept)


def in_order(examples: Sequence[Example], *, seed: int, epoch: int) -> list[int]:
    """The order of one epoch: a permutation of positions that depends on the ids alone."""
    return sorted(range(len(examples)), key=lambda i: _rank(seed, f"epoch {epoch}", examples[i].id))


def _rank(seed: int, purpose: str, key: str) -> bytes:
    return blake2b(f"{seed}\0{purpose}\0{key}".encode("utf-8", "surrogatepass"), digest_size=16).digest()
