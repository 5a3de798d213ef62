"""The rows of a table as concepts or relations, a few hundred at a time and column by column, which is fast."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import chain, repeat
from operator import attrgetter

from kgslm.errors import PackError
from kgslm.packs.ids import NameIds, with_prefix
from kgslm.packs.items import (
    FILTERED,
    NAME_KINDS,
    Finding,
    Item,
    SourceConcept,
    SourceName,
    SourcePredicate,
    SourceRelation,
    place,
)
from kgslm.packs.readers.columns import ARROW, TableSource, split_lists
from kgslm.packs.readers.sheet import Batch, Cell, Sheet, position_of, positions

_KINDS = {"synonyms": "exact", "broad": "broad", "narrow": "narrow", "related": "related"}
_TRUE = {"true", "1", "yes"}
_FALSE = {"false", "0", "no", ""}

# tuple.__new__ builds a named tuple in a third of the time of its class.
_concept: Callable[[Iterable[object]], SourceConcept] = partial(tuple.__new__, SourceConcept)
_relation: Callable[[Iterable[object]], SourceRelation] = partial(tuple.__new__, SourceRelation)
_name: Callable[[Iterable[str]], SourceName] = partial(tuple.__new__, SourceName)


def items(source: TableSource, sheet: Sheet, ids: NameIds) -> Iterator[Item]:
    """All concepts or relations of a table. Raises PackError where a column is missing."""
    rows = _Rows(source, sheet, ids)
    for batch in sheet.batches(rows.needed):
        if isinstance(batch, Finding):
            yield batch if batch.unit == "note" else batch._replace(unit=rows.unit)
        else:
            yield from rows.items(batch)


class _Rows:
    """Makes items of the batches of one table."""

    def __init__(self, source: TableSource, sheet: Sheet, ids: NameIds) -> None:
        self._source = source
        self._file = sheet.file
        self._made = ids
        self._has_lists = sheet.lists
        self._at = positions(source, sheet)
        self._where = [
            (position_of(sheet, column), {values} if isinstance(values, str) else set(values))
            for column, values in source.where.items()
        ]
        self.needed = sorted({*chain.from_iterable(self._at.values()), *(position for position, _ in self._where)})
        self.unit = "relation" if "subject" in self._at else "concept"

    def items(self, batch: Batch) -> Iterable[Item]:
        """What the rows of a batch say, in their order; the names of predicates come first."""
        before: list[Item] = []
        findings: list[Item] = []
        if "predicate_name" in self._at:
            batch, before = self._predicates(batch)
        if self._where:
            batch, findings = self._filtered(batch)
        found: Iterable[Item]
        if self.unit == "relation":
            found = self._relations(batch)
        else:
            findings.extend(self._obsolete_findings(batch))
            found = self._concepts(batch)
        if findings:
            found = sorted([*findings, *found], key=attrgetter("line"))
        return chain(before, found) if before else found

    def _predicates(self, batch: Batch) -> tuple[Batch, list[Item]]:
        """The rows of concepts, and what the others say of predicates."""
        names = self._texts(batch, "predicate_name")
        ids = [row[0] if row else "" for row in self._lists(batch, "id")]
        found: list[Item] = [SourcePredicate(id_, name) for id_, name in zip(ids, names, strict=True) if name]
        return (_part(batch, [not name for name in names]) if found else batch), found

    def _filtered(self, batch: Batch) -> tuple[Batch, list[Item]]:
        """The rows that have the values asked for, and a finding for each other row."""
        keep = [True] * len(batch.lines)
        for position, values in self._where:
            for row, cell in enumerate(batch.columns[position]):
                if isinstance(cell, tuple):
                    keep[row] &= not values.isdisjoint(cell or ("",))
                else:
                    keep[row] &= cell.strip() in values
        left: list[Item] = [
            Finding(FILTERED, "left out by where", self.unit, self._file, line)
            for line, kept in zip(batch.lines, keep, strict=True)
            if not kept
        ]
        return (_part(batch, keep) if left else batch), left

    # Relations

    def _relations(self, batch: Batch) -> Iterator[Item]:
        if self._has_lists:
            batch = _one_object_a_row(batch, self._at["object"][0])
        subjects, objects = self._texts(batch, "subject"), self._texts(batch, "object")
        constant = self._source.constants.predicate
        predicates = [text or constant for text in self._texts(batch, "predicate")]
        details = self._texts(batch, "source")
        return map(
            _relation, zip(subjects, predicates, objects, details, repeat(self._file), batch.lines, strict=False)
        )

    # Concepts

    def _concepts(self, batch: Batch) -> Iterable[Item]:
        names, synonyms = self._names(batch)
        ids, others = self._ids(batch, names)
        constants = self._source.constants
        values: dict[str, Iterable[object]] = {
            "id": ids,
            "name": names,
            "names": synonyms,
            "definition": self._texts(batch, "definition"),
            "categories": _with_constant(self._lists(batch, "category"), constants.category),
            "parents": _with_constant(self._lists(batch, "parents"), constants.parent),
            "tree": self._lists(batch, "tree"),
            "xrefs": self._lists(batch, "xrefs"),
            "alt_ids": others,
            "obsolete": self._obsolete(batch),
            "replaced_by": self._prefixed(batch, "replaced_by"),
            "file": repeat(self._file),
            "line": batch.lines,
            "further_definitions": self._lists(batch, "further_definitions"),
        }
        made = map(_concept, zip(*(values[field] for field in SourceConcept._fields), strict=False))
        found = made if all(ids) else map(self._with_id, made)
        return found if "relations" not in self._at else self._with_relations(found, batch)

    def _with_id(self, concept: SourceConcept) -> Item:
        if concept.id:
            return concept
        return Finding("no id", "the row has neither id nor name", "concept", self._file, concept.line)

    def _with_relations(self, concepts: Iterable[Item], batch: Batch) -> Iterator[Item]:
        for concept, relations in zip(concepts, self._lists(batch, "relations"), strict=False):
            yield concept
            if isinstance(concept, SourceConcept):
                for text in relations:
                    predicate, object_ = self._both(text, concept.line)
                    yield SourceRelation(concept.id, predicate, object_, "", self._file, concept.line)

    def _both(self, text: str, line: int) -> tuple[str, str]:
        """What stands before and behind the arrow. Raises PackError where there is none."""
        before, arrow, behind = text.partition(ARROW)
        if not arrow:
            raise PackError(
                f"{place(self._file, line)}: write predicate{ARROW}object, kind{ARROW}name, not {text[:60]!r}"
            )
        return before.strip(), behind.strip()

    def _names(self, batch: Batch) -> tuple[Sequence[str], Iterable[tuple[SourceName, ...]]]:
        """The preferred names, and the tuples of all others."""
        parts = []
        names: Sequence[str] | None = None
        for field, kind in _KINDS.items():
            if field in self._at:
                lists = self._lists(batch, field)
                if field == "synonyms" and self._at[field] == self._at.get("name"):
                    names = [texts[0] if texts else "" for texts in lists]
                    lists = [texts[1:] for texts in lists]
                parts.append([tuple([_name((text, kind, "")) for text in texts]) if texts else () for texts in lists])
        if "typed_names" in self._at:
            lists = self._lists(batch, "typed_names")
            parts.append(
                [tuple([self._typed(text, line) for text in row]) for row, line in zip(lists, batch.lines, strict=True)]
            )
        if names is None:
            names = self._texts(batch, "name")
        if len(parts) > 1:
            return names, [tuple(chain.from_iterable(row)) for row in zip(*parts, strict=True)]
        return names, parts[0] if parts else repeat(())

    def _typed(self, text: str, line: int) -> SourceName:
        """``exact abbreviation -> FX`` as a name."""
        said, name = self._both(text, line)
        kind, _, type_ = said.partition(" ")
        if kind not in NAME_KINDS:
            kinds = ", ".join(NAME_KINDS)
            raise PackError(f"{place(self._file, line)}: the kind of name {kind[:60]!r} is none of {kinds}")
        return SourceName(name, kind, type_.strip())

    def _ids(self, batch: Batch, names: Sequence[str]) -> tuple[list[str], Iterable[tuple[str, ...]]]:
        """The id of each row, made from the name where none is given, and its alternative ids."""
        given = self._prefixed(batch, "id")
        more = self._prefixed(batch, "alt_ids")
        ids = [own[0] if own else self._made(name) if name else "" for own, name in zip(given, names, strict=True)]
        if "alt_ids" in self._at or max(map(len, given), default=0) > 1:
            return ids, [(*own[1:], *others) for own, others in zip(given, more, strict=True)]
        return ids, more

    def _prefixed(self, batch: Batch, field: str) -> Sequence[tuple[str, ...]]:
        """The lists of ids in a column, with the prefix where they have none."""
        prefix, lists = self._source.id_prefix, self._lists(batch, field)
        if not prefix or field not in self._at:
            return lists
        return [tuple([with_prefix(id_, prefix) for id_ in ids]) for ids in lists]

    def _obsolete(self, batch: Batch) -> Iterable[bool]:
        if "obsolete" not in self._at:
            return repeat(False)
        return [text.lower() in _TRUE for text in self._texts(batch, "obsolete")]

    def _obsolete_findings(self, batch: Batch) -> Iterator[Finding]:
        if "obsolete" in self._at:
            for line, text in zip(batch.lines, self._texts(batch, "obsolete"), strict=True):
                if text.lower() not in _TRUE | _FALSE:
                    message = f"obsolete is {text!r}, taken as no; write true or false"
                    yield Finding("neither true nor false", message, "note", self._file, line)

    # Cells

    def _texts(self, batch: Batch, field: str) -> Sequence[str]:
        """The cells of a field without spaces around them; empty texts where the field has no column."""
        if field not in self._at:
            return ("",) * len(batch.lines)
        column = batch.columns[self._at[field][0]]
        if self._has_lists and tuple in set(map(type, column)):
            return [self._one(cell, field, line) for cell, line in zip(column, batch.lines, strict=True)]
        return list(map(str.strip, column))  # type: ignore[arg-type]

    def _one(self, cell: Cell, field: str, line: int) -> str:
        """The text of a cell. Raises PackError where it holds several."""
        if isinstance(cell, str):
            return cell.strip()
        if len(cell) > 1:
            raise PackError(f"{place(self._file, line)}: a list of {len(cell)} items, but {field} takes one text")
        return cell[0] if cell else ""

    def _lists(self, batch: Batch, field: str) -> Sequence[tuple[str, ...]]:
        """The items of the cells of a field; empty ones where the field has no column."""
        if field not in self._at:
            return ((),) * len(batch.lines)
        parts = [self._items(batch.columns[position]) for position in self._at[field]]
        return parts[0] if len(parts) == 1 else [tuple(chain.from_iterable(row)) for row in zip(*parts, strict=True)]

    def _items(self, column: Sequence[Cell]) -> list[tuple[str, ...]]:
        separator = self._source.list_separator
        if self._has_lists and tuple in set(map(type, column)):
            return [cell if isinstance(cell, tuple) else split_lists([cell], separator)[0] for cell in column]
        return split_lists(column, separator)  # type: ignore[arg-type]


def _with_constant(lists: Sequence[tuple[str, ...]], constant: str) -> Sequence[tuple[str, ...]]:
    return [(*given, constant) for given in lists] if constant else lists


def _one_object_a_row(batch: Batch, position: int) -> Batch:
    """The rows again, those with a list of objects as one row for each; an empty list, or nothing, gives none."""
    objects = batch.columns[position]
    if tuple not in set(map(type, objects)) and "" not in objects:
        return batch
    lists = [cell if isinstance(cell, tuple) else (cell,) for cell in objects]
    rows = [(row, text) for row, texts in enumerate(lists) for text in texts if text]
    columns: dict[int, Sequence[Cell]] = {at: [column[row] for row, _ in rows] for at, column in batch.columns.items()}
    columns[position] = [text for _, text in rows]
    return Batch([batch.lines[row] for row, _ in rows], columns)


def _part(batch: Batch, keep: Sequence[bool]) -> Batch:
    rows = [row for row, kept in enumerate(keep) if kept]
    columns = {at: [column[row] for row in rows] for at, column in batch.columns.items()}
    return Batch([batch.lines[row] for row in rows], columns)
