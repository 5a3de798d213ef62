"""Concepts by their names: by a part, by a form that ignores how it is written, by what is nearly it.

Every function scans the mapped column of names with Arrow and builds no index; a million names cost about a tenth of
a second. Of a text with more than a thousand letters the first thousand count.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from kgslm.packs.ids import normal, squeezed, word_set
from kgslm.packs.items import NAME_KINDS
from kgslm.packs.store import vector

if TYPE_CHECKING:
    from kgslm.packs.pack import KnowledgePack

Ints = np.ndarray[Any, Any]
Floats = np.ndarray[Any, Any]

_CHUNK = 1 << 17
_LONGEST = 1000
"""Arrow cannot compile regular expressions of any length."""
_UNSEEN = r"[\s\p{Z}\p{Pd}_'\x{2212}\x{2018}\x{2019}\x{02bc}`]*"
"""What ``squeezed`` leaves out, for Arrow's regular expressions."""
_APOSTROPHE = r"['\x{2018}\x{2019}\x{02bc}`]?"
"""What ``word_set`` leaves out of words."""


class NameHit(NamedTuple):
    """A concept with the name that matched. name: the preferred one; matched, kind: what was found."""

    id: str
    name: str
    matched: str
    kind: str


class FuzzyHit(NamedTuple):
    """A ``NameHit`` with its score, in (0, 1], 1 where the names differ in case at most."""

    id: str
    name: str
    matched: str
    kind: str
    score: float


def search_names(pack: KnowledgePack, text: str, top: int = 20) -> list[NameHit]:
    """Live concepts with a name that holds every word of ``text``, in any order and case; at most ``top``.

    Best first: the whole name, then its start, then whole words, then any part; preferred and short names first.

    >>> [(hit.id, hit.matched) for hit in search_names(pack, "heart")]
    [('T:4', 'heart disease'), ('T:5', 'heart attack')]
    """
    import pyarrow.compute as pc

    words = normal(_encodable(text[:_LONGEST])).split()
    if not words:
        return []
    names = _Names(pack)
    rows = names.holding(map(re.escape, words))
    texts = names.column.take(rows)
    phrase = r"\s+".join(map(re.escape, words))
    closeness = np.full(len(rows), 3)
    for rank, pattern in ((2, rf"(^|\s){phrase}(\s|$)"), (1, rf"^\s*{phrase}"), (0, rf"^\s*{phrase}\s*$")):
        closeness[_places(pc.match_substring_regex(texts, pattern, ignore_case=True))] = rank
    return [names.hit(row) for row in names.best(rows, closeness, top)]


def find_alike(pack: KnowledgePack, name: str) -> tuple[str, ...]:
    """Ids of the live concepts with this name, however it is written.

    First those that ``KnowledgePack.find`` gives; then those whose name differs only in spaces, hyphens, apostrophes
    or Unicode form; then those with the same words in another order or number.

    >>> find_alike(pack, "Heart-Attack"), find_alike(pack, "infarctions, myocardial")
    (('T:5',), ('T:5',))
    """
    names, name = _Names(pack), _encodable(name)
    tight, words = squeezed(name[:_LONGEST]), word_set(name[:_LONGEST])
    if not tight:
        return ()
    rows = names.written(tight)
    found = [(0, row) for row in rows if squeezed(pack.tables.texts[row]) == tight]
    found += [(1, row) for row in names.worded(words) if word_set(pack.tables.texts[row]) == words]
    ordered = sorted((tier, pack.tables.kinds[row], row) for tier, row in found)
    alike = (pack.ids[pack.tables.named[row]] for *_, row in ordered if names.is_live(row))
    return tuple(dict.fromkeys([*pack.find(name), *alike]))


def fuzzy_names(pack: KnowledgePack, text: str, top: int = 10, cutoff: float = 0.8) -> list[FuzzyHit]:
    """Live concepts with a name that is nearly ``text``, as a misspelling is; at most ``top``, nearest first.

    The score is twice the letters that both have in the same order over the letters of both (the ratio of difflib,
    found exactly). cutoff: the least score, in (0, 1].

    >>> [(hit.id, hit.matched, round(hit.score, 3)) for hit in fuzzy_names(pack, "pneumona")]
    [('T:3', 'pneumonia', 0.941)]
    """
    wanted = normal(_encodable(text[:_LONGEST]))
    if not wanted or not 0 < cutoff <= 1:
        return []
    names = _Names(pack)
    rows, scores = names.near(wanted, cutoff)
    best = names.best(rows, np.rint((1 - scores) * 1e6).astype(np.int64), top)
    return [FuzzyHit(*names.hit(row), float(scores[np.searchsorted(rows, row)])) for row in best]


def similar_names(pack: KnowledgePack, text: str, top: int = 3) -> list[NameHit]:
    """As ``fuzzy_names``, without the scores."""
    return [NameHit(*hit[:4]) for hit in fuzzy_names(pack, text, top)]


class _Names:
    """The column of names of one pack. Rows are those of the table of names, ascending."""

    def __init__(self, pack: KnowledgePack) -> None:
        import pyarrow as pa

        self._pack = pack
        self._table = pack.tables.table("names")
        column = self._table.column("name")
        self.column = column.chunk(0) if column.num_chunks else pa.array([], column.type)

    def holding(self, patterns: Iterable[str], rows: Ints | None = None) -> Ints:
        """The rows, of ``rows`` or of all, whose name holds every one of ``patterns``, in any case."""
        import pyarrow.compute as pc

        texts = self.column if rows is None else self.column.take(rows)
        for pattern in sorted(patterns, key=len, reverse=True):  # the longest is the rarest
            places = _places(pc.match_substring_regex(texts, pattern, ignore_case=True))
            rows = places if rows is None else rows[places]
            texts = texts.take(places)
        return np.arange(len(self.column)) if rows is None else rows

    def written(self, tight: str) -> list[int]:
        """Rows that may have the squeezed form ``tight``; among them all of those but for rare compatibility forms."""
        import pyarrow.compute as pc

        pattern = _UNSEEN.join(_either(sign) for sign in tight)
        found = pc.match_substring_regex(self.column, f"^{_UNSEEN}{pattern}{_UNSEEN}$", ignore_case=True)
        rows: list[int] = _places(found).tolist()
        return rows

    def worded(self, words: Sequence[str]) -> list[int]:
        """Rows that may consist of ``words``, which are in the singular; among them all that are about as long."""
        letters = sum(map(len, words))
        rows = self._between(letters - len(words), letters + 5 * len(words) + 3)
        # The plural of a word in -y has none of it.
        patterns = (_APOSTROPHE.join(_either(sign) for sign in word.removesuffix("y")) for word in words)
        found: list[int] = self.holding(patterns, rows).tolist()
        return found

    def near(self, wanted: str, cutoff: float) -> tuple[Ints, Floats]:
        """``(rows, scores)`` of live concepts' names with a score of at least ``cutoff``; see ``fuzzy_names``."""
        import pyarrow.compute as pc
        from rapidfuzz.distance import Indel
        from rapidfuzz.process import cdist

        # A name with more or fewer letters than this cannot reach the score.
        most = (2 - cutoff) / cutoff
        near = self._between(int(len(wanted) / most), int(len(wanted) * most) + 1)
        parts = [near[start : start + _CHUNK] for start in range(0, len(near), _CHUNK)]
        rows, scores = [near[:0]], [np.empty(0)]
        for part in parts:
            texts = pc.utf8_lower(self.column.take(part)).to_pylist()
            scorer = Indel.normalized_similarity
            # rapidfuzz rounds, and would leave out names that just reach the cutoff.
            found = cdist([wanted], texts, scorer=scorer, score_cutoff=cutoff - 1e-4, dtype=np.float64)[0]
            good = found >= cutoff - 1e-9
            rows.append(part[good])
            scores.append(found[good])
        return np.concatenate(rows), np.concatenate(scores)

    def best(self, rows: Ints, ranks: Ints, top: int) -> list[int]:
        """The best row of each of the ``top`` best live concepts; lower ranks first, then preferred and short names.

        ranks: one for each of ``rows``, from 0 to below 2 ** 20.
        """
        kinds = vector(self._table, "kind")[rows]
        lengths = np.minimum(self._lengths()[rows], 255)
        # One integer each: sorting those is many times faster than sorting by several keys.
        keys = np.sort(((ranks << 3 | kinds) << 8 | lengths) << 32 | rows)
        concepts: dict[int, int] = {}
        for row in _integers(keys & 0xFFFFFFFF):
            if len(concepts) == top:
                break
            if self.is_live(row):
                concepts.setdefault(self._pack.tables.named[row], row)
        return list(concepts.values())

    def is_live(self, row: int) -> bool:
        """Whether the name is one of a live concept."""
        return not self._pack.tables.obsolete[self._pack.tables.named[row]]

    def hit(self, row: int) -> NameHit:
        """The concept and the name of a row."""
        tables = self._pack.tables
        concept = tables.named[row]
        return NameHit(self._pack.ids[concept], tables.name[concept], tables.texts[row], NAME_KINDS[tables.kinds[row]])

    def _lengths(self) -> Ints:
        import pyarrow.compute as pc

        return _values(pc.utf8_length(self.column))

    def _between(self, least: int, most: int) -> Ints:
        """The rows of names with ``least`` to ``most`` letters."""
        lengths = self._lengths()
        return np.flatnonzero((lengths >= least) & (lengths <= most))


def _encodable(text: str) -> str:
    """The text as it can be looked for; half characters, as in arguments of commands, become question marks."""
    return text.encode(errors="replace").decode()


def _either(sign: str) -> str:
    """A pattern for a letter, in composed or decomposed form."""
    apart = unicodedata.normalize("NFD", sign)
    return re.escape(sign) if apart == sign else f"({re.escape(sign)}|{re.escape(apart)})"


def _integers(values: Ints) -> Iterator[int]:
    """The values as Python integers, as far as they are asked for."""
    for start in range(0, len(values), 1000):
        yield from values[start : start + 1000].tolist()


def _places(mask: Any) -> Ints:
    """Where an Arrow array of bools is true."""
    import pyarrow.compute as pc

    return _values(pc.indices_nonzero(mask))


def _values(array: Any) -> Ints:
    """The integers of an Arrow array as int64. Not by pyarrow's to_numpy: that imports pandas where it is installed."""
    dtype = np.dtype(str(array.type))
    return (
        np.frombuffer(array.buffers()[1], dtype, len(array)).astype(np.int64) if len(array) else np.empty(0, np.int64)
    )
