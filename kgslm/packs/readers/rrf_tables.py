"""The tables of a release in Rich Release Format: layouts, rows, and rows gathered by concept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from kgslm.errors import PackError
from kgslm.packs.files import SourceFile
from kgslm.packs.items import place
from kgslm.packs.readers.pieces import lines_of

COLUMNS = {"CONSO": 18, "REL": 16, "STY": 6, "DEF": 8}
"""Number of columns by table; RxNorm has the same ones with other names, and no definitions."""

CUI, LAT, TS, STT, ISPREF, SAB, TTY, CODE, STR, SRL, SUPPRESS = 0, 1, 2, 4, 6, 11, 12, 13, 14, 15, 16
"""Columns of MRCONSO and RXNCONSO."""

REL_CUI1, REL_REL, REL_CUI2, REL_RELA, REL_SAB, REL_DIR, REL_SUPPRESS = 0, 3, 4, 7, 10, 13, 14
"""Columns of MRREL and RXNREL, which swaps DIR and RG but leaves both empty."""

STY_TUI, STY_STY = 1, 3
DEF_SAB, DEF_DEF, DEF_SUPPRESS = 4, 5, 6

Row = list[str]


class Release(NamedTuple):
    """The tables of one folder. family: ``MR`` (UMLS) or ``RXN`` (RxNorm). tables: by the rest of the name."""

    family: str
    tables: dict[str, SourceFile]

    @property
    def any(self) -> SourceFile:
        """One of the files."""
        return next(iter(self.tables.values()))


def releases(files: Sequence[SourceFile]) -> tuple[list[Release], list[SourceFile]]:
    """The releases among the files, and the files that are no table of one."""
    found: dict[tuple[str, str], Release] = {}
    others = []
    for file in files:
        family, table = _table(file)
        if table:
            key = str(Path(file.name).parent), family
            found.setdefault(key, Release(family, {})).tables[table] = file
        else:
            others.append(file)
    return list(found.values()), others


def _table(file: SourceFile) -> tuple[str, str]:
    stem = Path(file.name.lower().removesuffix(".gz")).stem.upper()
    family = "RXN" if stem.startswith("RXN") else "MR"
    table = stem.removeprefix(family)
    return (family, table) if stem.startswith(family) and table in COLUMNS else (family, "")


def rows(file: SourceFile, columns: int) -> Iterator[tuple[int, Row]]:
    """``(line number, fields)`` of each row. Raises PackError for a row that has not so many columns."""
    with file.text() as text:
        for number, line in enumerate(lines_of(text, file.name), start=1):
            fields = line.split("|")
            # Every field ends with a bar, the last one too; tools that write such files often forget that one.
            if len(fields) != columns + 1 and len(fields) != columns:
                if not line.strip():
                    continue
                found = len(fields) - line.endswith("|")
                raise PackError(f"{place(file.name, number)}: {found} fields where {columns} are due; check the file")
            yield number, fields


def concepts_of(file: SourceFile, columns: int) -> Iterator[tuple[str, list[tuple[int, Row]]]]:
    """The rows of each concept in ascending order of ids.

    Releases are sorted and are read as a stream; the rows of a file that is not sorted are held in memory.
    """
    if _is_sorted(file):
        for id_, group in groupby(rows(file, columns), _id):
            yield id_, list(group)
        return
    gathered: dict[str, list[tuple[int, Row]]] = {}
    for number, row in rows(file, columns):
        gathered.setdefault(row[0], []).append((number, row))
    for id_ in sorted(gathered, key=_order):
        yield id_, gathered[id_]


def _id(numbered: tuple[int, Row]) -> str:
    return numbered[1][0]


def _order(id_: str) -> tuple[int, str]:
    """UMLS ids are of one length, those of RxNorm are numbers."""
    return len(id_), id_


def _is_sorted(file: SourceFile) -> bool:
    last = ""
    with file.text() as text:
        for line in lines_of(text, file.name):
            id_ = line[: line.find("|")]
            if id_ != last:
                if _order(id_) < _order(last):
                    return False
                last = id_
    return True


class Companion:
    """Rows of a second table by concept, asked for in ascending order of ids."""

    def __init__(self, groups: Iterable[tuple[str, list[tuple[int, Row]]]]) -> None:
        self._groups = iter(groups)
        self._next = next(self._groups, None)
        self.passed = 0

    def take(self, id_: str) -> list[Row]:
        """The rows of a concept; those of concepts before it are passed over and counted."""
        order = _order(id_)
        while self._next is not None and _order(self._next[0]) < order:
            self._advance()
        if self._next is None or self._next[0] != id_:
            return []
        found = [row for _, row in self._next[1]]
        self._next = next(self._groups, None)
        return found

    def rest(self) -> int:
        """Pass over all that is left; how many rows belonged to no concept."""
        while self._next is not None:
            self._advance()
        return self.passed

    def _advance(self) -> None:
        if self._next is not None:
            self.passed += len(self._next[1])
            self._next = next(self._groups, None)
