"""The tags of OBO stanzas: what each does to the concept, predicate or header in the making."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from kgslm.packs.items import Finding, SourceName, SourcePrefix
from kgslm.packs.readers.exported import typed_name
from kgslm.packs.readers.obo_stanza import Stanza
from kgslm.packs.readers.obo_values import QUOTED, WORDS, broken, first_word, plain, qualifiers, quoted, unescape
from kgslm.records import IS_A

PROPERTY = "kgslm:"
"""Prefix of the properties category, tree, definition (a further one) and name (with a type that OBO cannot say)."""

# See obo_stanza.
_synonym_of: Callable[[Iterable[str]], SourceName] = partial(tuple.__new__, SourceName)

Take = Callable[[Stanza, str, int], None]
"""Takes a tag's value, never empty, and the number of its line."""


def _id(stanza: Stanza, value: str, line: int) -> None:
    stanza.id = stanza.id or first_word(value)


def _name(stanza: Stanza, value: str, line: int) -> None:
    stanza.name = stanza.name or plain(value)


def _definition(stanza: Stanza, value: str, line: int) -> None:
    stanza.definition = stanza.definition or quoted(value, stanza.header.file, line)[0]


def _namespace(stanza: Stanza, value: str, line: int) -> None:
    stanza.categories = (first_word(value), *stanza.categories[len(stanza.header.namespace) :])


def _subset(stanza: Stanza, value: str, line: int) -> None:
    stanza.categories = (*stanza.categories, first_word(value))


def _synonym(stanza: Stanza, value: str, line: int) -> None:
    header = stanza.header
    text, rest = quoted(value, header.file, line)
    head = rest.partition("[")[0]
    kind, type_ = header.heads.get(head) or header.scope(head)
    stanza.names.append(_synonym_of((text, kind, type_)))


def _property(stanza: Stanza, value: str, line: int) -> None:
    """What ``pack export`` says in property values, as OBO has no tag for it; all other properties are left aside."""
    if not value.startswith(PROPERTY):
        return
    name, _, rest = value.removeprefix(PROPERTY).partition(" ")
    text = quoted(rest.strip() or " ", stanza.header.file, line)[0]
    if name == "category":
        stanza.categories = (*stanza.categories, text)
    elif name == "tree":
        stanza.tree = (*stanza.tree, text)
    elif name == "definition":
        stanza.further_definitions = (*stanza.further_definitions, text)
    elif name == "name":
        stanza.names.append(typed_name(text, stanza.header.file, line))


def _old_synonym(kind: str) -> Take:
    """OBO 1.0 had a tag for each scope."""

    def take(stanza: Stanza, value: str, line: int) -> None:
        stanza.names.append(SourceName(quoted(value, stanza.header.file, line)[0], kind))

    return take


def _xref(stanza: Stanza, value: str, line: int) -> None:
    stanza.xrefs.append(first_word(value))


def _alt_id(stanza: Stanza, value: str, line: int) -> None:
    stanza.alt_ids.append(first_word(value))


def _replaced_by(stanza: Stanza, value: str, line: int) -> None:
    stanza.replaced_by.append(first_word(value))


def _obsolete(stanza: Stanza, value: str, line: int) -> None:
    stanza.obsolete = first_word(value) == "true"


def _is_a(stanza: Stanza, value: str, line: int) -> None:
    if "{" in value:
        _qualified(stanza, IS_A, first_word(value), value, line)
    else:
        stanza.links.append(("", IS_A, first_word(value), "", line))


def _instance_of(stanza: Stanza, value: str, line: int) -> None:
    stanza.links.append(("", "instance_of", first_word(value), "", line))


def _equivalent_to(stanza: Stanza, value: str, line: int) -> None:
    stanza.links.append(("", "equivalent_to", first_word(value), "", line))


def _union_of(stanza: Stanza, value: str, line: int) -> None:
    stanza.links.append((first_word(value), IS_A, "", "", line))


def _relationship(stanza: Stanza, value: str, line: int) -> None:
    words = WORDS.findall(value) if "\\" in value else value.split(None, 2)
    if len(words) < 2 or words[1][0] in "!{":
        broken(stanza.header.file, line, f"relationship needs a predicate and a target, not {value[:60]!r}")
    _qualified(stanza, unescape(words[0]), unescape(words[1]), value, line)


def _intersection_of(stanza: Stanza, value: str, line: int) -> None:
    """A genus, or a predicate and its target; the term is a kind of the one and is so related to the other."""
    words = WORDS.findall(value) if "\\" in value else value.split(None, 2)
    if len(words) > 1 and words[1][0] not in "!{":
        _qualified(stanza, unescape(words[0]), unescape(words[1]), value, line)
    else:
        stanza.links.append(("", IS_A, unescape(words[0]), "", line))


def _qualified(stanza: Stanza, predicate: str, object_: str, value: str, line: int) -> None:
    """A relation whose qualifiers may say where it is from, or that it does not hold of every such thing."""
    detail = ""
    if "{" in value:
        said = qualifiers(value)
        reason = _exception(dict(said))
        if reason:
            message = f"{predicate} {object_!r} {reason}"
            stanza.findings.append(Finding("no plain relation", message, "relation", stanza.header.file, line))
            return
        detail = ", ".join([text for key, text in said if key == "source"])
    stanza.links.append(("", predicate, object_, detail, line))


def _exception(said: dict[str, str]) -> str:
    if "gci_relation" in said or "gci_filler" in said:
        return "holds of a part of the term only (gci)"
    if "0" in (said.get("cardinality"), said.get("maxCardinality")):
        return "is denied (cardinality 0)"
    if said.get("all_only") == "true" and said.get("all_some") != "true":
        return "says what alone is allowed (all_only)"
    return ""


TERM: dict[str, Take] = {
    "alt_id": _alt_id,
    "def": _definition,
    "equivalent_to": _equivalent_to,
    "id": _id,
    "instance_of": _instance_of,
    "intersection_of": _intersection_of,
    "is_a": _is_a,
    "is_obsolete": _obsolete,
    "name": _name,
    "namespace": _namespace,
    "property_value": _property,
    "relationship": _relationship,
    "replaced_by": _replaced_by,
    "subset": _subset,
    "synonym": _synonym,
    "union_of": _union_of,
    "xref": _xref,
    "xref_analog": _xref,
    "xref_unk": _xref,
    "xref_unknown": _xref,
    **{f"{kind}_synonym": _old_synonym(kind) for kind in ("exact", "broad", "narrow", "related")},
}
TYPEDEF: dict[str, Take] = {"id": _id, "name": _name}


def _default_namespace(stanza: Stanza, value: str, line: int) -> None:
    stanza.header.namespace = (first_word(value),)


def _idspace(stanza: Stanza, value: str, line: int) -> None:
    words = value.split(None, 2)
    if len(words) > 1:
        stanza.header.items.append(SourcePrefix(words[0], words[1]))


def _import(stanza: Stanza, value: str, line: int) -> None:
    message = f"{value} is not read; give it as a source of its own"
    stanza.header.items.append(Finding("import not followed", message, "note", stanza.header.file, line))


def _synonym_type(stanza: Stanza, value: str, line: int) -> None:
    id_, _, rest = value.partition(" ")
    match = QUOTED.match(rest.strip())
    if match is not None:
        stanza.header.types[id_] = "_".join(unescape(match[1]).split())


HEADER: dict[str, Take] = {
    "default-namespace": _default_namespace,
    "idspace": _idspace,
    "import": _import,
    "synonymtypedef": _synonym_type,
}
