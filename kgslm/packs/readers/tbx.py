"""TermBase eXchange (ISO 30042): TBX 2 (martif) and TBX 3 (tbx), categories as attributes (DCA) or as tags (DCT)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from kgslm.packs.files import SourceFile
from kgslm.packs.ids import NameIds, with_prefix
from kgslm.packs.items import OTHER_LANGUAGE, Finding, Item, SourceConcept, SourceName, SourceRelation
from kgslm.packs.readers.tbx_entries import Entry, Term, entries
from kgslm.records import IS_A

# The status says more of a word than its type does: a deprecated abbreviation is first of all deprecated.
_STATUS = {"deprecated": "deprecated", "superseded": "deprecated", "obsolete": "deprecated"}
_TYPES = {"acronym": "abbreviation", "initialism": "abbreviation"}
_TURNED = {"subordinateConceptGeneric": IS_A, "relatedConceptNarrower": IS_A, "subordinateConceptPartitive": "part_of"}
_RELATIONS = {
    "crossReference": "see_also",
    "superordinateConceptGeneric": IS_A,
    "broaderConceptGeneric": IS_A,
    "relatedConceptBroader": IS_A,
    "superordinateConceptPartitive": "part_of",
    "broaderConceptPartitive": "part_of",
    "relatedConcept": "related",
    "associatedConcept": "related",
    "antonymConcept": "antonym",
    **_TURNED,
}
"""Data category to predicate; those of ``_TURNED`` name the narrower concept or the part."""

CATEGORIES = {"definition", "subjectField", "administrativeStatus", "normativeAuthorization", "termType", *_RELATIONS}


class TbxReader:
    """Reads termbases. languages: of terms and definitions in order of preference, empty for all."""

    def __init__(self, languages: Sequence[str], id_prefix: str, ids: NameIds) -> None:
        self._languages = tuple(language.lower() for language in languages)
        self._prefix = id_prefix
        self._ids = ids
        self._counts: Counter[tuple[str, str, str]] = Counter()

    def read(self, file: SourceFile) -> Iterator[Item]:
        """Stream the entries. Raises PackError where the file is no sound XML or declares entities."""
        for entry in entries(file, CATEGORIES):
            yield from self._items(entry, file.name)
        for (reason, message, unit), times in self._counts.items():
            yield Finding(reason, message, unit, file.name, times=times)
        self._counts.clear()

    def _items(self, entry: Entry, file: str) -> Iterator[Item]:
        ranked = [(rank, term) for term in entry.terms if (rank := self._rank(term.language)) is not None]
        if not entry.terms:
            yield Finding("no term", "the entry has no term", "concept", file, entry.line)
            return
        self._count(OTHER_LANGUAGE, "names in another language", "name", len(entry.terms) - len(ranked))
        if not ranked:
            self._count(OTHER_LANGUAGE, "entries in another language", "concept", 1)
            return
        preferred = min(ranked, key=lambda item: (item[0], *_standing(item[1])))[1]
        id_ = with_prefix(entry.id, self._prefix) if entry.id else self._ids(preferred.text)
        names = [SourceName(term.text, "exact", _type(term)) for _, term in ranked if term is not preferred]
        categories = tuple(dict.fromkeys(text for category, text, _ in entry.facts if category == "subjectField"))
        definition, *further = self._definitions(entry) or [""]
        yield SourceConcept(
            id_,
            preferred.text,
            tuple(names),
            definition,
            categories,
            file=file,
            line=entry.line,
            further_definitions=tuple(further),
        )
        for category, target, line in entry.facts:
            predicate = _RELATIONS.get(category)
            if category in _TURNED:
                yield SourceRelation(target, _TURNED[category], id_, "", file, line)
            elif predicate is not None:
                yield SourceRelation(id_, predicate, target, "", file, line)

    def _definitions(self, entry: Entry) -> list[str]:
        """By language; those in others are counted."""
        ranked = [(rank, text) for text, lang in entry.definitions if (rank := self._rank(lang)) is not None]
        message = "definitions in another language"
        self._count(f"definition in {OTHER_LANGUAGE}", message, "note", len(entry.definitions) - len(ranked))
        return [text for _, text in sorted(ranked, key=lambda item: item[0])]

    def _rank(self, language: str) -> int | None:
        """The place of a language in the order of preference; None where it is not asked for."""
        if not self._languages or not language:
            return 0
        language = language.lower().replace("_", "-")
        for number, wanted in enumerate(self._languages):
            if language == wanted or language.startswith(f"{wanted}-"):
                return number
        return None

    def _count(self, reason: str, message: str, unit: str, times: int) -> None:
        if times:
            self._counts[reason, message, unit] += times


def _standing(term: Term) -> tuple[bool, bool, bool]:
    """Lower is better: preferred terms, then full forms, deprecated ones last."""
    type_ = _type(term)
    return type_ == "deprecated", not term.status.startswith("preferred"), type_ == "abbreviation"


def _type(term: Term) -> str:
    """``deprecated`` by the status, else the term type: ``deprecatedTerm-admn-sts`` and ``deprecated`` are the same."""
    status = term.status.removesuffix("-admn-sts").removesuffix("Term")
    return _STATUS.get(status) or _TYPES.get(term.type, term.type)
