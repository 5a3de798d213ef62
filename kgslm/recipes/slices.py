"""Which test texts the knowledge is about: by their links, how rare their concepts are, and whether they were seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from kgslm.evaluation import Slicing
from kgslm.injection.injector import whole_text
from kgslm.linking import Linker
from kgslm.packs import KnowledgePack
from kgslm.packs.similarity import intrinsic_content
from kgslm.recipes.grid import Material, Run
from kgslm.records import LinkedText

_LINKS = ("0", "1-2", "3-5", "6+")
_RARE = ("0 texts", "1-2 texts", "3-10 texts", "more than 10")
_SEEN = ("none of them", "some of them", "all of them")


def slicings_of(material: Material, runs: Sequence[Run]) -> list[Slicing]:
    """The ways to part the test texts; none without a pack. Links are those of the pack, whatever the cell made of
    them."""
    if material.pack is None or material.linker is None:
        return []
    test = list(material.linker.link_many([whole_text(example) for example in material.test_data]))
    train = _by_id(material, material.linker)
    learnt = sorted({(run.shots, run.seed) for run in runs}, key=str)
    seen: dict[tuple[int | str, int], NDArray[np.int64]] = {}
    for shots, seed in learnt:
        drawn = material.drawn(Run("none", shots, seed))
        concepts = {concept for example in drawn for concept in train[example.id].concepts}
        seen[shots, seed] = np.array([_share(linked, concepts) for linked in test])
    fixed = [_by_links(test), _by_frequency(test, train.values()), _by_content(test, material.pack)]
    return [
        *(Slicing(name, about, groups, dict.fromkeys(learnt, of)) for name, about, groups, of in fixed),
        Slicing(
            "concepts seen",
            "how many of a text's concepts occur in the training examples of the run",
            _SEEN,
            seen,
        ),
    ]


_Fixed = tuple[str, str, tuple[str, ...], NDArray[np.int64]]


def _by_id(material: Material, linker: Linker) -> dict[str, LinkedText]:
    examples = list(material.train_data)
    linked = linker.link_many([whole_text(example) for example in examples])
    return {example.id: links for example, links in zip(examples, linked, strict=True)}


def _by_links(test: Sequence[LinkedText]) -> _Fixed:
    counts = [len(linked.concepts) for linked in test]
    return "links", "how many mentions of a text are linked", _LINKS, np.digitize(counts, [1, 3, 6])


def _by_frequency(test: Sequence[LinkedText], train: Iterable[LinkedText]) -> _Fixed:
    frequency: Counter[str] = Counter()
    for linked in train:
        frequency.update(set(linked.concepts))
    medians = _medians(test, lambda concept: float(frequency[concept]))
    groups = np.where(np.isnan(medians), -1, np.digitize(medians, [0.5, 2.5, 10.5]))
    return (
        "rarity in training",
        "in how many texts of the whole training file the median concept of a text occurs",
        _RARE,
        groups,
    )


def _by_content(test: Sequence[LinkedText], pack: KnowledgePack) -> _Fixed:
    content = intrinsic_content(pack)
    medians = _medians(test, lambda concept: float(content[pack.row(concept)]))
    known = medians[~np.isnan(medians)]
    low, high = np.quantile(known, [1 / 3, 2 / 3]) if len(known) else (0.0, 1.0)
    names = (f"broad (up to {low:.2f})", f"middle (up to {high:.2f})", "specific (above)")
    groups = np.where(np.isnan(medians), -1, np.digitize(medians, [low, high], right=True))
    return (
        "information content",
        "how specific the median concept of a text is, by its place in the hierarchy; thirds of the test texts",
        names,
        groups,
    )


def _medians(test: Sequence[LinkedText], value: Callable[[str], float]) -> NDArray[np.float64]:
    """Of each text's distinct concepts; NaN for a text without any."""
    found = [[value(concept) for concept in set(linked.concepts)] for linked in test]
    return np.array([np.median(values) if values else np.nan for values in found])


def _share(linked: LinkedText, seen: set[str]) -> int:
    """The position in ``_SEEN``; -1 without concepts."""
    own = set(linked.concepts)
    if not own:
        return -1
    return 2 if own <= seen else 1 if own & seen else 0
