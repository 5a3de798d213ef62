"""One CSV table: a row for each concept, its relations in one cell."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from kgslm.packs.items import NAME_KINDS
from kgslm.packs.pack import KnowledgePack
from kgslm.packs.readers.columns import ARROW, join_list

_BY_KIND = {"exact": "synonyms", "broad": "broad", "narrow": "narrow", "related": "related"}
_LISTS = {"categories": "category", **{field: field for field in ("tree", "xrefs", "alt_ids", "replaced_by")}}
_HEADS = (
    "id",
    "name",
    *_BY_KIND.values(),
    "typed_names",
    "definition",
    "further_definitions",
    *_LISTS.values(),
    "obsolete",
    "relations",
    "predicate_name",
    "sources",
)


def table(pack: KnowledgePack) -> Iterator[str]:
    """A row for each concept, then one for each predicate with a readable name."""
    yield _row(_HEADS)
    for row in range(len(pack.ids)):
        cells = _concept(pack, row)
        yield _row([cells.get(head, "") for head in _HEADS])
    for id_, name in zip(pack.tables.predicate_ids, pack.tables.predicate_names, strict=True):
        if name:
            cells = {"id": join_list((id_,)), "predicate_name": name}
            yield _row([cells.get(head, "") for head in _HEADS])


def _concept(pack: KnowledgePack, row: int) -> dict[str, str]:
    tables = pack.tables
    first, *further = tables.definitions[row] or ("",)
    relations = [pack.relation_at(index) for index in range(tables.subject_spans[row], tables.subject_spans[row + 1])]
    return {
        "id": join_list((pack.ids[row],)),
        **_names(pack, row),
        "definition": first,
        "further_definitions": join_list(tuple(further)),
        **{head: join_list(getattr(tables, field)[row]) for field, head in _LISTS.items()},
        "obsolete": "true" if tables.obsolete[row] else "",
        "relations": join_list(tuple(f"{edge.predicate}{ARROW}{edge.object}" for edge in relations)),
        "sources": join_list(tables.source_keys[tables.source[row]]),
    }


def _names(pack: KnowledgePack, row: int) -> dict[str, str]:
    names = pack.names_at(row)
    if any(name.type for name in names):
        # All of them in one cell, so that their order stays.
        typed = tuple(f"{it.kind} {it.type}".strip() + ARROW + it.text for it in names)
        return {"typed_names": join_list(typed)}
    cells = {head: join_list(tuple(it.text for it in names if it.kind == kind)) for kind, head in _BY_KIND.items()}
    return {"name": next((it.text for it in names if it.kind == NAME_KINDS[0]), ""), **cells}


def _row(cells: Sequence[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow(cells)
    return buffer.getvalue()
