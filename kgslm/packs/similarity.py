"""How much a concept says (information content), and how near two concepts, or two sets of them, are."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from kgslm.errors import PackError, unknown
from kgslm.packs.reach import Floats, Reach
from kgslm.packs.store import vector

if TYPE_CHECKING:
    from kgslm.packs.pack import KnowledgePack


def intrinsic_content(pack: KnowledgePack, method: str = "seco") -> Floats:
    """The information content of each row of the pack from the hierarchy alone: shape (rows,).

    ``seco``, after Seco et al. 2004: 1 - log(descendants + 1) / log(live concepts), in [0, 1]. ``sanchez``, after
    Sanchez et al. 2011: -ln((leaves / subsumers + 1) / (all leaves + 1)), at least 0; leaves are those below the
    concept, subsumers the concept and its ancestors. Each descendant counts once, however many ways lead to it.
    Raises PackError where the method is another.

    >>> content = intrinsic_content(pack)
    >>> [round(float(content[pack.row(id)]), 3) for id in ("T:1", "T:4", "T:5")]
    [0.281, 0.744, 1.0]
    """
    live = 1.0 - vector(pack.tables.table("concepts"), "obsolete")
    _, parents = pack.is_a_edges()
    leaves = live.copy()
    leaves[parents] = 0
    (below, ends), ancestors = _sums(pack, live, leaves)
    if method == "seco":
        seco: Floats = 1.0 - np.log(np.maximum(below, 1.0)) / math.log(max(live.sum(), 2.0))
        return seco
    if method == "sanchez":
        sanchez: Floats = np.log((leaves.sum() + 1) / ((ends - leaves) / (ancestors + 1) + 1))
        return sanchez
    raise PackError(unknown("information content", method, ("seco", "sanchez")))


def corpus_content(pack: KnowledgePack, counts: Mapping[str, float], *, smoothing: float = 0.0) -> Floats:
    """The information content of each row of the pack from how often concepts were seen: shape (rows,).

    After Resnik 1995: -ln(p), where p is the share of all sightings that were of the concept or of one below it, each
    counted once. counts: concept id to its own sightings, those of narrower concepts left out. smoothing: added to
    the count of every live concept; with 0, what was never seen has infinite content. Raises PackError where the pack
    does not know a concept, or the counts are negative or all 0.

    >>> content = corpus_content(pack, {"T:3": 3, "T:5": 1})
    >>> [round(float(content[pack.row(id)]), 3) for id in ("T:1", "T:2", "T:3", "T:5", "T:7")]
    [0.0, 0.288, 0.288, 1.386, inf]
    """
    own = smoothing * (1.0 - vector(pack.tables.table("concepts"), "obsolete"))
    for id_, count in counts.items():
        if not 0 <= count < math.inf:
            raise PackError(f"{id_}: the count {count} is not a number of sightings")
        own[pack.row(id_)] += count
    if not own.sum() > 0:
        raise PackError("no concept was seen: give counts above 0")
    (seen,), _ = _sums(pack, own)
    with np.errstate(divide="ignore"):
        content: Floats = np.maximum(np.log(own.sum() / seen), 0.0)  # rounding may bring a root below 0
        return content


class Similarity:
    """Compares concepts of a pack by their place in the is_a hierarchy.

    content: information content of each row, at least 0 and never less than that of a broader concept, such as
    ``corpus_content`` gives; by default ``intrinsic_content``. What was walked is remembered for later calls.

    Methods, higher is nearer: ``resnik`` (1995) is the content of the most informative common ancestor, unbounded
    unless the content is. The others lie in [0, 1] and give 1 for a concept and itself: ``lin`` (1998) is twice that
    over the content of both; ``jiang-conrath`` (1997) 1 / (1 + the content that they do not share); ``path``
    1 / (1 + the steps between them by way of a common ancestor); ``wu-palmer`` (1994) 2 d / (2 d + steps), where d is
    the depth of the deepest common ancestor, 1 at a root. Without a common ancestor all of them are 0, but for
    jiang-conrath, which takes it that nothing is shared.

    >>> similar = Similarity(pack)
    >>> similar.common_ancestor("T:3", "T:5")
    'T:1'
    >>> {method: round(similar("T:3", "T:5", method), 3) for method in METHODS}
    {'lin': 0.281, 'resnik': 0.281, 'jiang-conrath': 0.41, 'path': 0.2, 'wu-palmer': 0.333}
    >>> similar("T:3", "T:21")
    0.0
    """

    def __init__(self, pack: KnowledgePack, content: Floats | None = None) -> None:
        self._pack = pack
        # Python reads single values from a list several times faster than from an array.
        self._content: list[float] = (intrinsic_content(pack) if content is None else content).tolist()
        if len(self._content) != len(pack.ids):
            raise PackError(
                f"{len(self._content)} information contents for {len(pack.ids)} concepts; give one for each"
            )
        self._above = lru_cache(maxsize=1 << 16)(self._walk_up)

    def content(self, id_: str) -> float:
        """The information content of a concept. Raises PackError where the pack does not know the id."""
        return self._content[self._pack.row(id_)]

    def common_ancestor(self, first: str, second: str) -> str | None:
        """The id of the most informative common ancestor; a concept counts as an ancestor of itself.

        None where there is none; of several the nearest, of these the first by id. Raises PackError as ``content``.
        """
        row = self._shared(self._pack.row(first), self._pack.row(second))
        return None if row is None else self._pack.ids[row]

    def __call__(self, first: str, second: str, method: str = "lin") -> float:
        """How near two concepts are, by one of ``METHODS``. Raises PackError where the id or the method is unknown."""
        return self._measure(method)(self, self._pack.row(first), self._pack.row(second))

    def best_match_average(self, first: Iterable[str], second: Iterable[str], method: str = "lin") -> float:
        """How near two sets of concepts are, such as those of two patients; 0 where one is empty.

        After Pesquita et al. 2008: the mean over either set of each concept's nearest in the other, and of these two
        the mean. Symmetric. Raises PackError as a comparison of two concepts.

        >>> round(Similarity(pack).best_match_average(["T:3", "T:31"], ["T:2", "T:32"]), 3)
        0.671
        """
        measure = self._measure(method)
        rows, columns = (sorted({self._pack.row(id_) for id_ in ids}) for ids in (first, second))
        if not rows or not columns:
            return 0.0
        scores = np.array([[measure(self, row, column) for column in columns] for row in rows])
        return float(scores.max(axis=1).mean() + scores.max(axis=0).mean()) / 2

    @staticmethod
    def _measure(method: str) -> Measure:
        if method not in METHODS:
            raise PackError(unknown("similarity", method, METHODS))
        return METHODS[method]

    def _walk_up(self, row: int) -> dict[int, int]:
        """The row and all rows above it, each with the fewest steps to it, nearest first."""
        steps = {row: 0}
        for reached, depth in (queue := list(steps.items())):
            for parent in self._pack.parent_rows(reached):
                if parent not in steps:
                    steps[parent] = depth + 1
                    queue.append((parent, depth + 1))
        return steps

    def _common(self, first: int, second: int) -> list[tuple[int, int]]:
        """The common ancestors, each with the steps between the two concepts by way of it."""
        few, many = sorted((self._above(first), self._above(second)), key=len)
        return [(row, steps + many[row]) for row, steps in few.items() if row in many]

    def _shared(self, first: int, second: int) -> int | None:
        common = self._common(first, second)
        content = self._content
        return min(common, key=lambda entry: (-content[entry[0]], entry[1], entry[0]))[0] if common else None

    def _contents(self, first: int, second: int) -> tuple[float, float]:
        """What both concepts share, and the sum of what each says."""
        shared = self._shared(first, second)
        content = self._content
        return 0.0 if shared is None else content[shared], content[first] + content[second]

    def _resnik(self, first: int, second: int) -> float:
        return self._contents(first, second)[0]

    def _lin(self, first: int, second: int) -> float:
        if first == second:
            return 1.0
        shared, both = self._contents(first, second)
        return min(2 * shared / both, 1.0) if 0 < both < math.inf else 0.0

    def _jiang_conrath(self, first: int, second: int) -> float:
        if first == second:
            return 1.0
        shared, both = self._contents(first, second)
        return 1 / (1 + max(both - 2 * shared, 0.0)) if both < math.inf else 0.0

    def _path(self, first: int, second: int) -> float:
        common = self._common(first, second)
        return 1 / (1 + min(steps for _, steps in common)) if common else 0.0

    def _wu_palmer(self, first: int, second: int) -> float:
        common = self._common(first, second)
        if not common:
            return 0.0
        depth, steps = max((self._depth(row), -steps) for row, steps in common)
        return 2 * depth / (2 * depth - steps)

    def _depth(self, row: int) -> int:
        """How many concepts lie on the shortest way from a root to this one, both included."""
        return 1 + min(steps for above, steps in self._above(row).items() if not self._pack.parent_rows(above))


Measure = Callable[[Similarity, int, int], float]

METHODS: Mapping[str, Measure] = {
    "lin": Similarity._lin,
    "resnik": Similarity._resnik,
    "jiang-conrath": Similarity._jiang_conrath,
    "path": Similarity._path,
    "wu-palmer": Similarity._wu_palmer,
}


def _sums(pack: KnowledgePack, *values: Floats) -> tuple[Floats, Floats]:
    """Each of ``values`` summed over every row and all rows below it; and the number of rows above each."""
    sums, above = Reach(*pack.is_a_edges(), len(pack.ids)).sums(np.stack(values, axis=1))
    return sums.T, above
