"""GraphML: nodes are concepts, edges are relations; what is a list is JSON in one attribute."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from kgslm.errors import PackError
from kgslm.packs.pack import KnowledgePack

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
"""
_LISTS = ("categories", "tree", "xrefs", "alt_ids", "replaced_by")
_NODE = ("name", "synonyms", "definition", "further_definitions", *_LISTS, "obsolete", "sources")
_EDGE = ("predicate", "source")
_GRAPH = ("name", "version", "predicates", "prefixes")
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def graphml(pack: KnowledgePack) -> Iterator[str]:
    """The graph. Raises PackError where a text holds a control character, which XML cannot say."""
    yield _HEAD
    for for_, names in (("graph", _GRAPH), ("node", _NODE), ("edge", _EDGE)):
        for name in names:
            type_ = "boolean" if name == "obsolete" else "string"
            yield f'<key id="{for_}-{name}" for="{for_}" attr.name="{name}" attr.type="{type_}"/>\n'
    yield '<graph edgedefault="directed">\n'
    tables = pack.tables
    readable = {id_: name for id_, name in zip(tables.predicate_ids, tables.predicate_names, strict=True) if name}
    yield _data("graph", "name", pack.name) + _data("graph", "version", pack.version)
    yield _data("graph", "predicates", _json(readable)) + _data("graph", "prefixes", _json(pack.manifest["prefixes"]))
    for row in range(len(pack.ids)):
        yield _node(pack, row)
    for edge in pack.relations():
        yield f"<edge source={_quoted(edge.subject)} target={_quoted(edge.object)}>"
        yield _data("edge", "predicate", edge.predicate) + _data("edge", "source", ", ".join(edge.sources))
        yield "</edge>\n"
    yield "</graph>\n</graphml>\n"


def _node(pack: KnowledgePack, row: int) -> str:
    tables = pack.tables
    names = pack.names_at(row)
    # The preferred name is the attribute name; it is among the synonyms only where it has a type of its own.
    named = bool(names) and not names[0].type
    first, *further = tables.definitions[row] or ("",)
    values: dict[str, Any] = {
        "name": names[0].text if named else "",
        "synonyms": [[it.text, it.kind, it.type] for it in names[1 if named else 0 :]],
        "definition": first,
        "further_definitions": further,
        **{field: list(getattr(tables, field)[row]) for field in _LISTS},
        "obsolete": "true" if tables.obsolete[row] else "",
        "sources": ", ".join(tables.source_keys[tables.source[row]]),
    }
    texts = ((name, value if isinstance(value, str) else _json(value)) for name, value in values.items() if value)
    data = "".join(_data("node", name, text) for name, text in texts)
    return f"<node id={_quoted(pack.ids[row])}>{data}</node>\n"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False) if value else ""


def _data(for_: str, name: str, text: str) -> str:
    return f'<data key="{for_}-{name}">{escape(_checked(text))}</data>' if text else ""


def _quoted(text: str) -> str:
    # A line end or tab in an attribute would come back as a space.
    return quoteattr(_checked(text), {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})


def _checked(text: str) -> str:
    if _NO_XML.search(text):
        raise PackError(f"{text[:60]!r} holds a control character, which GraphML cannot say; choose another format")
    return text
