"""Concepts in the making: what all sources say of one id, each statement with the sources that make it."""

from __future__ import annotations

from collections.abc import Sequence
from operator import gt

from kgslm.packs.items import NAME_KINDS, SourceConcept
from kgslm.packs.provenance import SourceSets

PREFERRED = NAME_KINDS.index("preferred")
_EXACT = NAME_KINDS.index("exact")

VALUES = ("definitions", "categories", "tree", "xrefs", "alt_ids", "replaced_by")
"""The lists of a concept; each value carries its sources."""

_FIELDS = [(field, SourceConcept._fields.index(field)) for field in VALUES[1:]]

Mark = tuple[int, int, int]
"""``(kind code, type code, source set)`` of a name."""

_NONE: dict[str, int] = {}  # shared by all empty lists; never changed


class Draft:
    """A concept in the making.

    source: the set of sources that describe it. file, line: where that begins. names: text to mark, the preferred
    name among them. The fields of
    ``VALUES`` map each value to its set of sources, in the order in which they came.
    """

    __slots__ = (
        "alt_ids",
        "categories",
        "definitions",
        "file",
        "last",
        "line",
        "name",
        "names",
        "obsolete",
        "replaced_by",
        "source",
        "tree",
        "xrefs",
    )

    def __init__(self, source: int, file: int, line: int) -> None:
        self.source = source
        self.last = -1  # the source that described it last, by which a second description is noticed
        self.file = file
        self.line = line
        self.name = ""
        self.names: dict[str, Mark] = {}
        self.obsolete = False
        self.definitions = _NONE
        self.categories = _NONE
        self.tree = _NONE
        self.xrefs = _NONE
        self.alt_ids = _NONE
        self.replaced_by = _NONE

    def merge(self, item: SourceConcept, source: int, sets: SourceSets) -> None:
        """Take over all but the names: values are united, each with all its sources."""
        if source != self.source:
            self.source = sets.union(self.source, source)
        if item.definition:
            definitions = (item.definition, *item.further_definitions)
            texts = [text for it in definitions if (text := " ".join(it.split()))]
            if texts:
                self._take("definitions", texts, source, sets)
        if item.obsolete:
            self.obsolete = True
        for field, at in _FIELDS:
            more = item[at]
            if more:
                self._take(field, more, source, sets)  # type: ignore[arg-type]

    def _take(self, field: str, values: Sequence[str], source: int, sets: SourceSets) -> None:
        here = getattr(self, field)
        if not here:
            setattr(self, field, dict.fromkeys(values, source))
            return
        for value in values:
            known = here.get(value)
            here[value] = source if known is None else sets.union(known, source)

    def add_name(self, text: str, mark: Mark, marks: Marks) -> bool:
        """Add a name; returns False where the concept had it, whose stronger kind then wins."""
        kind = mark[0]
        if kind == PREFERRED and not self.name:
            self.name = text
        elif kind == PREFERRED and text != self.name:
            mark = marks(_EXACT, mark[1], mark[2])
        known = self.names.get(text)
        if known is None:
            self.names[text] = mark
            return True
        if known != mark:
            self.names[text] = marks.united(known, mark)
        return False

    def ordered_names(self) -> tuple[list[str], list[Mark]]:
        """The names and their marks, the preferred name first; without one, the strongest name is it."""
        names, marks = [*self.names], [*self.names.values()]
        kinds = [mark[0] for mark in marks]
        if any(map(gt, kinds, kinds[1:])):
            order = sorted(range(len(kinds)), key=kinds.__getitem__)
            names, marks = [names[at] for at in order], [marks[at] for at in order]
        if marks and marks[0][0] != PREFERRED:
            marks[0] = (PREFERRED, *marks[0][1:])
        return names, marks


class Marks:
    """Makes marks, each only once: the millions of names of a build share a few of them."""

    def __init__(self, sets: SourceSets) -> None:
        self._sets = sets
        self._marks: dict[Mark, Mark] = {}

    def __call__(self, kind: int, type_: int, source: int) -> Mark:
        """The mark with these parts."""
        mark = (kind, type_, source)
        return self._marks.setdefault(mark, mark)

    def united(self, first: Mark, second: Mark) -> Mark:
        """The stronger kind, the type that was said first, and all sources."""
        kind = min(first[0], second[0])
        return self(kind, first[1] or second[1], self._sets.union(first[2], second[2]))
