"""OBO 1.4. What the format has no tag for stands in property values, which other tools carry along."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

from kgslm.packs.items import NAME_KINDS
from kgslm.packs.pack import KnowledgePack
from kgslm.packs.readers.obo_tags import PROPERTY
from kgslm.records import IS_A, Name, Relation

_TYPE = re.compile(r"[\w.-]*[^\W\d][\w.-]*")
_SCOPES = {kind: kind.upper() for kind in NAME_KINDS}
_PLAIN = str.maketrans({"\\": "\\\\", "\n": "\\n", "\t": "\\t", "!": "\\!", "{": "\\{"})
_QUOTED = str.maketrans({"\\": "\\\\", "\n": "\\n", '"': '\\"'})


def obo(pack: KnowledgePack) -> Iterator[str]:
    """The header, a stanza for each concept and one for each predicate that has a readable name."""
    yield f"format-version: 1.4\nontology: {_word(pack.name)}\n"
    if pack.version:
        yield f"data-version: {pack.version.translate(_PLAIN)}\n"
    for prefix, namespace in pack.manifest["prefixes"].items():
        yield f"idspace: {_word(prefix)} {_word(namespace)}\n"
    for type_ in pack.tables.type_ids:
        if _TYPE.fullmatch(type_):
            yield f'synonymtypedef: {type_} "{type_}"\n'
    for row in range(len(pack.ids)):
        yield "\n[Term]\n" + "".join(f"{line}\n" for line in _term(pack, row))
    for id_, name in zip(pack.tables.predicate_ids, pack.tables.predicate_names, strict=True):
        if name:
            yield f"\n[Typedef]\nid: {_word(id_)}\nname: {name.translate(_PLAIN)}\n"


def _term(pack: KnowledgePack, row: int) -> Iterator[str]:
    tables = pack.tables
    yield f"id: {_word(pack.ids[row])}"
    yield from _names(pack.names_at(row))
    first, *further = tables.definitions[row] or ("",)
    if first:
        yield f'def: "{first.translate(_QUOTED)}" []'
    yield from _properties("definition", further)
    for tag, values in (("alt_id", tables.alt_ids[row]), ("xref", tables.xrefs[row])):
        yield from (f"{tag}: {_word(value)}" for value in values)
    yield from _properties("category", tables.categories[row])
    yield from _properties("tree", tables.tree[row])
    for index in range(tables.subject_spans[row], tables.subject_spans[row + 1]):
        yield _relation(pack.relation_at(index))
    if tables.obsolete[row]:
        yield "is_obsolete: true"
    yield from (f"replaced_by: {_word(value)}" for value in tables.replaced_by[row])


def _names(names: tuple[Name, ...]) -> Iterator[str]:
    if any(name.type and (name.kind == "preferred" or not _TYPE.fullmatch(name.type)) for name in names):
        # All of them in one form, so that their order stays.
        yield from _properties("name", (json.dumps([it.text, it.kind, it.type], ensure_ascii=False) for it in names))
        return
    for name in names:
        if name.kind == "preferred":
            yield f"name: {name.text.translate(_PLAIN)}"
        else:
            type_ = f"{name.type} " if name.type else ""
            yield f'synonym: "{name.text.translate(_QUOTED)}" {_SCOPES[name.kind]} {type_}[]'


def _relation(edge: Relation) -> str:
    details = [detail for source in edge.sources if (detail := source.partition("#")[2])]
    qualifiers = ", ".join(f'source="{detail.translate(_QUOTED)}"' for detail in details)
    end = f" {{{qualifiers}}}" if qualifiers else ""
    if edge.predicate == IS_A:
        return f"is_a: {_word(edge.object)}{end}"
    return f"relationship: {_word(edge.predicate)} {_word(edge.object)}{end}"


def _properties(name: str, values: Iterable[str]) -> Iterator[str]:
    return (f'property_value: {PROPERTY}{name} "{value.translate(_QUOTED)}" xsd:string' for value in values)


def _word(text: str) -> str:
    """An id as one word."""
    text = text.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t")
    text = re.sub(r"(\s)", lambda match: "\\W" if match[1] == " " else f"\\{match[1]}", text)
    return f"\\{text}" if text[:1] in ("!", "{", '"') else text
