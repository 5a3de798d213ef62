"""Relations from MRREL; a row says what its second concept is to the first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Literal, NamedTuple

from kgslm.packs.items import FILTERED, Finding, Item, SourceRelation
from kgslm.packs.readers import rrf_tables as t
from kgslm.packs.readers.rrf_concepts import LANGUAGE, SUPPRESSED, VOCABULARY, Concepts, left_out
from kgslm.packs.readers.rrf_tables import COLUMNS, Release, Row, rows
from kgslm.records import IS_A

BROADER = "broader"
_SUPPRESSED = ("E", "O", "Y")


class Meaning(NamedTuple):
    """What a kind of row states. way: ``as is``, CUI2 predicate CUI1; ``turned``, CUI1 predicate CUI2; ``either``."""

    predicate: str
    way: Literal["as is", "turned", "either"] = "as is"


_BY_RELA = {"isa": Meaning(IS_A), "inverse_isa": Meaning(IS_A, "turned")}
_BY_REL = {
    "CHD": Meaning(IS_A),
    "PAR": Meaning(IS_A, "turned"),
    "RN": Meaning(BROADER),
    "RB": Meaning(BROADER, "turned"),
    "QB": Meaning("allowed_qualifier"),
    "AQ": Meaning("allowed_qualifier", "turned"),
    "RL": Meaning("similar_to", "either"),
    "RO": Meaning("related", "either"),
    "RQ": Meaning("possibly_synonymous", "either"),
    "RU": Meaning("related", "either"),
    "SY": Meaning("said_to_be_synonymous", "either"),
}
"""The rows without RELA; XR and DEL, which deny a relation, are not among them."""


class Relations:
    """The relations of one release, for the concepts that were read before."""

    def __init__(self, concepts: Concepts, release: Release, hierarchy: bool) -> None:
        self._concepts = concepts
        self._file = release.tables["REL"]
        self._hierarchy = hierarchy
        self._directed = release.family == "MR"
        self._counts: Counter[tuple[str, str]] = Counter()
        self._meanings: dict[tuple[str, str], Meaning | None] = {}

    def items(self) -> Iterator[Item]:
        """All relations; then how many rows were left out, and why."""
        concepts, prefix, file = self._concepts, self._concepts.wanted.prefix, self._file.name
        last = ""
        for number, row in rows(self._file, COLUMNS["REL"]):
            meaning = self._meaning(row)
            if meaning is None or self._is_left_out(row, meaning):
                continue
            first, second = prefix + row[t.REL_CUI1], prefix + row[t.REL_CUI2]
            if first in concepts.left or second in concepts.left:
                self._counts[FILTERED, "relations of a concept that is left out"] += 1
                continue
            subject, object_ = (first, second) if meaning.way == "turned" else (second, first)
            if meaning.way == "either" and object_ < subject:
                subject, object_ = object_, subject
            vocabulary = row[t.REL_SAB]
            if concepts.wanted.path:
                if vocabulary != last:
                    yield concepts.head(vocabulary)
                last, vocabulary = vocabulary, ""
            yield SourceRelation(subject, meaning.predicate, object_, vocabulary, file, number)
        if concepts.wanted.path:
            yield concepts.head("")
        for (reason, message), times in self._counts.items():
            if reason in (LANGUAGE, VOCABULARY, SUPPRESSED):
                yield left_out("relation", reason, file, times)
            else:
                yield Finding(reason, message, "relation", file, times=times)

    def _meaning(self, row: Row) -> Meaning | None:
        """What the row states; None, and counted, where it states no relation."""
        kind = row[t.REL_REL], row[t.REL_RELA]
        if kind not in self._meanings:
            rel, rela = kind
            self._meanings[kind] = _BY_RELA.get(rela) or (Meaning(rela) if rela else _BY_REL.get(rel))
        meaning = self._meanings[kind]
        if meaning is None:
            self._counts["no relation", "rows that deny a relation or are of no known kind"] += 1
        return meaning

    def _is_left_out(self, row: Row, meaning: Meaning) -> bool:
        wanted = self._concepts.wanted
        if wanted.vocabularies and row[t.REL_SAB] not in wanted.vocabularies:
            self._counts[VOCABULARY, ""] += 1
        elif row[t.REL_SUPPRESS] in _SUPPRESSED and not wanted.suppressed:
            self._counts[SUPPRESSED, ""] += 1
        elif self._directed and row[t.REL_DIR] == "N":
            self._counts[FILTERED, "rows that say it the other way round than their vocabulary"] += 1
        elif self._hierarchy and meaning.predicate not in (IS_A, BROADER):
            self._counts[FILTERED, "relations outside the hierarchy"] += 1
        elif not row[t.REL_CUI1] or not row[t.REL_CUI2]:
            self._counts["between names", "rows that relate names and not concepts"] += 1
        elif row[t.REL_CUI1] == row[t.REL_CUI2]:
            self._counts["between names", "rows that relate names of one concept"] += 1
        else:
            return False
        return True
