"""Concepts from MRCONSO, MRSTY and MRDEF."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from kgslm.packs.items import FILTERED, OTHER_LANGUAGE, Finding, Item, SourceConcept, SourceHead, SourceName
from kgslm.packs.readers import rrf_tables as t
from kgslm.packs.readers.rrf_tables import COLUMNS, Companion, Release, Row, concepts_of

_ABBREVIATIONS = ("AB", "ACR", "MTH_ACR", "OA", "RAB", "VAB")
_TYPES = {**dict.fromkeys(_ABBREVIATIONS, "abbreviation"), "BN": "brand name", "BD": "brand name", "CMN": "common name"}
"""Term type to the type of a name."""

_MAIN = {"BN", "BPCK", "GPCK", "HT", "IN", "MH", "MIN", "MTH_PT", "NM", "PIN", "PN", "PT", "RPT", "SBD", "SCD", "SCN"}
"""Term types of preferred names in their vocabularies."""

_SUPPRESSED = ("E", "O", "Y")
LANGUAGE, VOCABULARY, SUPPRESSED, TYPE = "language", "vocabulary", "suppressed", "type"
_REASONS = {
    LANGUAGE: (OTHER_LANGUAGE, "in another language"),
    VOCABULARY: (FILTERED, "of a vocabulary that is not asked for"),
    SUPPRESSED: (FILTERED, "suppressed or obsolete"),
    TYPE: (FILTERED, "of a semantic type that is not asked for"),
}
_UNITS = {"concept": "concepts", "name": "names", "relation": "relations", "note": "definitions"}


class Wanted(NamedTuple):
    """The options of a source. languages, vocabularies, types: empty for all.

    path: what a source of its own for each vocabulary says as its path; empty where they are not told apart.
    """

    languages: tuple[str, ...]
    vocabularies: tuple[str, ...]
    suppressed: bool
    types: frozenset[str]
    prefix: str
    path: str


class Concepts:
    """The concepts of one release. left: ids of those that are left out, known when all items were given."""

    def __init__(self, wanted: Wanted, release: Release) -> None:
        self.wanted = wanted
        self.left: set[str] = set()
        self._release = release
        self._counts: Counter[tuple[str, str]] = Counter()
        self._order = {name: number for number, name in enumerate(wanted.vocabularies)}
        self._language_order = {name: number for number, name in enumerate(wanted.languages)}
        self._languages: dict[str, str] = {}  # of vocabularies
        self._heads: dict[str, SourceHead] = {}

    def items(self) -> Iterator[Item]:
        """All concepts; then how many rows were left out, and why."""
        file = self._release.tables["CONSO"]
        types, definitions = self._companion("STY"), self._companion("DEF")
        for cui, rows in concepts_of(file, COLUMNS["CONSO"]):
            said, has = definitions.take(cui), types.take(cui)
            atoms = self._taken([row for _, row in rows], has)
            if atoms:
                said = self._definitions(said)
                concept = self._concept(cui, atoms, has, said)
                yield from self._placed(concept._replace(file=file.name, line=rows[0][0]), atoms, said)
            else:
                self.left.add(self.wanted.prefix + cui)
        if self.wanted.path:
            yield self.head("")
        yield from self._findings(file.name)
        for table, companion in (("STY", types), ("DEF", definitions)):
            rest = companion.rest()
            if rest:
                name = self._release.tables[table].name
                yield Finding("not described", "rows of concepts without names", "note", name, times=rest)

    def head(self, vocabulary: str) -> SourceHead:
        """The source that a vocabulary is, where they are told apart; empty for the release itself."""
        known = self._heads.get(vocabulary)
        if known is None:
            key = vocabulary or ("RxNorm" if self._release.family == "RXN" else "UMLS")
            known = self._heads[vocabulary] = SourceHead(key, "rrf", self.wanted.path)
        return known

    def _companion(self, table: str) -> Companion:
        file = self._release.tables.get(table)
        return Companion(concepts_of(file, COLUMNS[table]) if file else ())

    def _taken(self, rows: list[Row], types: list[Row]) -> list[Row]:
        """The rows whose names are taken; those left out are counted."""
        wanted, reasons = self.wanted, []
        languages, vocabularies, suppressed = wanted.languages, self._order, wanted.suppressed
        typed = not wanted.types or any(wanted.types & {row[t.STY_TUI], row[t.STY_STY]} for row in types)
        atoms = []
        for row in rows:
            if languages and row[t.LAT] not in languages:
                reasons.append(LANGUAGE)
            elif vocabularies and row[t.SAB] not in vocabularies:
                reasons.append(VOCABULARY)
            elif row[t.SUPPRESS] in _SUPPRESSED and not suppressed:
                reasons.append(SUPPRESSED)
            elif not typed:
                reasons.append(TYPE)
            else:
                atoms.append(row)
            self._languages[row[t.SAB]] = row[t.LAT]
        for reason in reasons:
            self._counts["name", reason] += 1
        if not atoms:
            self._counts["concept", reasons[-1]] += 1
        return atoms

    def _concept(self, cui: str, atoms: list[Row], types: list[Row], definitions: list[Row]) -> SourceConcept:
        prefix = self.wanted.prefix
        own = prefix + cui
        preferred = self._preferred(atoms)
        xrefs = {
            f"{row[t.SAB]}:{row[t.CODE]}": None for row in atoms if row[t.CODE] and row[t.CODE] not in ("NOCODE", cui)
        }
        return SourceConcept(
            own,
            preferred[t.STR],
            tuple([_name(row) for row in atoms if row is not preferred]),
            definitions[0][t.DEF_DEF] if definitions else "",
            tuple(dict.fromkeys([row[t.STY_STY] for row in types])),
            xrefs=tuple(xrefs),
            further_definitions=tuple([row[t.DEF_DEF] for row in definitions[1:]]),
        )

    def _preferred(self, atoms: list[Row]) -> Row:
        """The name that the release prefers; else the best by language, vocabulary and term type."""
        if len(self.wanted.languages) == 1:
            for row in atoms:
                if row[t.TS] == "P" and row[t.STT] == "PF" and row[t.ISPREF] == "Y":
                    return row
        return min(atoms, key=self._rank)

    def _rank(self, row: Row) -> tuple[int | bool, ...]:
        """Lower is better; of several alike the first is taken."""
        languages, term_type = self._language_order, row[t.TTY]
        return (
            languages.get(row[t.LAT], 0) if languages else row[t.LAT] != "ENG",
            (row[t.TS], row[t.STT], row[t.ISPREF]) != ("P", "PF", "Y"),
            self._order.get(row[t.SAB], 0),
            term_type not in _MAIN,
            term_type in _ABBREVIATIONS,
            row[t.TS] != "P",
            row[t.STT] != "PF",
            row[t.ISPREF] != "Y",
        )

    def _definitions(self, rows: list[Row]) -> list[Row]:
        """Those that the options let through, by the order of vocabularies; the others are counted."""
        taken = []
        for row in rows:
            reason = self._definition_left(row)
            if reason:
                self._counts["note", reason] += 1
            else:
                taken.append(row)
        return sorted(taken, key=lambda row: self._order.get(row[t.DEF_SAB], 0)) if len(taken) > 1 else taken

    def _definition_left(self, row: Row) -> str:
        wanted, vocabulary = self.wanted, row[t.DEF_SAB]
        language = self._languages.get(vocabulary, "")
        if wanted.languages and language and language not in wanted.languages:
            return LANGUAGE
        if wanted.vocabularies and vocabulary not in self._order:
            return VOCABULARY
        return SUPPRESSED if row[t.DEF_SUPPRESS] in _SUPPRESSED and not wanted.suppressed else ""

    def _placed(self, concept: SourceConcept, atoms: list[Row], definitions: list[Row]) -> Iterator[Item]:
        """The concept, in one or by vocabulary."""
        if not self.wanted.path:
            yield concept
            return
        yield self.head("")
        yield concept._replace(name="", names=(), definition="", xrefs=(), further_definitions=())
        by_vocabulary: dict[str, list[Row]] = {}
        for row in atoms:
            by_vocabulary.setdefault(row[t.SAB], []).append(row)
        preferred = self._preferred(atoms)
        for vocabulary, rows in by_vocabulary.items():
            if vocabulary not in self._heads:
                licence = f"UMLS licence category {rows[0][t.SRL]}" if rows[0][t.SRL] else ""
                self._heads[vocabulary] = self.head(vocabulary)._replace(licence=licence)
            said = [row[t.DEF_DEF] for row in definitions if row[t.DEF_SAB] == vocabulary]
            own = f"{vocabulary}:"
            yield self.head(vocabulary)
            yield concept._replace(
                name=concept.name if preferred in rows else "",
                names=tuple([_name(row) for row in rows if row is not preferred]),
                definition=said[0] if said else "",
                further_definitions=tuple(said[1:]),
                categories=(),
                xrefs=tuple([xref for xref in concept.xrefs if xref.startswith(own)]),
            )

    def _findings(self, file: str) -> Iterator[Finding]:
        for (unit, reason), times in self._counts.items():
            yield left_out(unit, reason, file, times)


def left_out(unit: str, reason: str, file: str, times: int) -> Finding:
    """What the options leave out."""
    title, message = _REASONS[reason]
    title = f"definition {'in ' if reason == LANGUAGE else ''}{title}" if unit == "note" else title
    return Finding(title, f"{_UNITS[unit]} {message}", unit, file, times=times)


def _name(row: Row) -> SourceName:
    return SourceName(row[t.STR], "exact", _TYPES.get(row[t.TTY], ""))
