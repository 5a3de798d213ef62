"""What the columns of a table hold, whatever the table is kept in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Self

from pydantic import Field, model_validator

from kgslm.config import Config
from kgslm.packs.sections import Origin
from kgslm.packs.sources import SourceConfig

Column = str | Annotated[int, Field(ge=0)]
"""A column's name, or its number from 0 where the table has no header."""

SomeColumns = Column | Annotated[tuple[Column, ...], Field(min_length=1)]
"""One column or several, whose items come one after the other."""

ARROW = " -> "
"""Between predicate and object in a cell of relations, and between kind and text in one of typed names."""

_RELATION = ("subject", "predicate", "object", "source")


class Columns(Config):
    """Which column holds what: of a table of concepts or of a table of relations, not both.

    A cell of synonyms, broad, narrow, related, typed_names, further_definitions, category, parents, tree, xrefs,
    alt_ids, replaced_by or relations may hold a list, and several columns may be given for them; so may a cell of id,
    whose first item is then the id and the others alternative ids. Where name and synonyms are the same column, its
    first item is the name. Where the format has lists, a list of objects makes one relation for each.
    broad, narrow, related: names that mean more, less or something beside the concept; related ones may be cue
    phrases. obsolete: true, 1 or yes. replaced_by: ids. source: where the table itself has a fact from.
    As ``pack export`` writes them: typed_names, a list of ``exact abbreviation -> MI``; relations, a list of
    ``treats -> T:5``; predicate_name, in a row whose id is a predicate, not a concept.
    """

    id: Column | None = None
    name: Column | None = None
    synonyms: SomeColumns | None = None
    broad: SomeColumns | None = None
    narrow: SomeColumns | None = None
    related: SomeColumns | None = None
    typed_names: SomeColumns | None = None
    definition: Column | None = None
    further_definitions: SomeColumns | None = None
    category: SomeColumns | None = None
    parents: SomeColumns | None = None
    tree: SomeColumns | None = None
    xrefs: SomeColumns | None = None
    alt_ids: SomeColumns | None = None
    obsolete: Column | None = None
    replaced_by: SomeColumns | None = None
    relations: SomeColumns | None = None
    predicate_name: Column | None = None
    subject: Column | None = None
    predicate: Column | None = None
    object: Column | None = None
    source: Column | None = None

    def used(self) -> dict[str, tuple[str | int, ...]]:
        """Field to columns, for the fields that have any."""
        given = {field: getattr(self, field) for field in Columns.model_fields}
        return {
            field: columns if isinstance(columns, tuple) else (columns,)
            for field, columns in given.items()
            if columns is not None
        }

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        used = self.used()
        if used.keys() & {"subject", "object"}:
            if not {"subject", "object"} <= used.keys() or not used.keys() <= set(_RELATION):
                raise ValueError("a table of relations has subject, predicate, object and perhaps source, nothing else")
        elif used and not used.keys() & {"id", "name"}:
            raise ValueError("map id or name for a table of concepts, subject and object for one of relations")
        return self


class Constants(Config):
    """What every row has in common. parent: id or name of a concept that all concepts of the table are."""

    predicate: str = ""
    category: str = ""
    parent: str = ""


class TableSource(SourceConfig):
    """Base of all tables. Without ``columns``, columns named as the fields of ``Columns`` are used.

    list_separator: between the items of a cell; a backslash before it makes it part of the item: ``a\\|b``.
    id_prefix: put before ids without prefix. Concepts without id get one made from the name.
    where: column to the value, or values, that a row must have; other rows are counted as filtered.
    repeats: whether a concept may be described by several rows, such as one for each of its facts; else it is a
    duplicate.
    """

    columns: Columns = Columns()
    constants: Constants = Constants()
    list_separator: Annotated[str, Field(min_length=1)] = "|"
    id_prefix: str = ""
    where: dict[str | int, str | list[str]] = Field(default_factory=dict)
    repeats: bool = False

    @model_validator(mode="after")
    def _relations_have_a_predicate(self) -> Self:
        used = self.columns.used()
        if "subject" in used and "predicate" not in used and not self.constants.predicate:
            raise ValueError("columns: a table of relations needs a predicate column or constants: {predicate: ...}")
        return self

    def origin(self, key: str) -> Origin:
        """Relation ends may be names, or ids without their prefix."""
        return Origin(key, True, self.id_prefix, self.on_missing, self.repeats)


def split_lists(cells: Sequence[str], separator: str) -> list[tuple[str, ...]]:
    """The items of each list cell, without empty ones and without spaces around them."""
    text = "\n".join(cells)  # one look for all is quicker than one for each
    if separator not in text:
        return [(cell,) if cell else () for cell in map(str.strip, cells)]
    if "\\" in text:
        parts = [_split_escaped(cell, separator) for cell in cells]
        return [tuple([item for part in items if (item := part.strip())]) for items in parts]
    return [tuple([item for part in cell.split(separator) if (item := part.strip())]) if cell else () for cell in cells]


def join_list(items: tuple[str, ...], separator: str = "|") -> str:
    """A list cell that ``split_lists`` reads back: items that hold the separator are escaped."""
    if len(items) == 1 and separator not in items[0]:
        return items[0]
    *before, last = [_escaped(item, separator) for item in items] or [""]
    ended = [item + "\\" * (len(item) - len(item.rstrip("\\"))) for item in before]
    return separator.join([*ended, last])


def _escaped(item: str, separator: str) -> str:
    pieces = item.split(separator)
    ended = [piece + "\\" * (len(piece) - len(piece.rstrip("\\")) + 1) for piece in pieces[:-1]]
    return separator.join([*ended, pieces[-1]])


def _split_escaped(cell: str, separator: str) -> list[str]:
    """Split where no backslash stands before the separator; two backslashes before it are one, and split."""
    parts, item = [], ""
    pieces = cell.split(separator)
    for piece in pieces[:-1]:
        bare = piece.rstrip("\\")
        count = len(piece) - len(bare)
        item += bare + "\\" * (count // 2)
        if count % 2:
            item += separator
        else:
            parts.append(item)
            item = ""
    return [*parts, item + pieces[-1]]
