"""OBO 1.2 and 1.4, the flat-file format of biomedical ontologies (https://owlcollab.github.io/oboformat)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import IO, ClassVar, Literal, NoReturn

from kgslm.errors import PackError
from kgslm.packs.files import SourceFile
from kgslm.packs.items import Item, SourceConcept, SourceName, SourcePredicate, SourcePrefix, SourceRelation, place
from kgslm.packs.sources import SourceConfig
from kgslm.records import IS_A

Stanza = dict[str, list[tuple[int, str]]]
"""Tag to ``(line number, value)`` in the order of the file."""

# The value of def and synonym: a quoted text with backslash escapes, then what follows it.
_QUOTED = re.compile(r'"([^"\\]*(?:\\.[^"\\]*)*)"\s*(.*)')
_ESCAPE = re.compile(r"\\(.)")
_ESCAPES = {"n": "\n", "t": "\t", "W": " "}
_TRAILER = re.compile(r'\s+(?:\{[\w:.-]+="[^}]*\}\s*)?(?:!\s.*)?$')
_SCOPES = {"EXACT": "exact", "BROAD": "broad", "NARROW": "narrow", "RELATED": "related"}
# OBO 1.0 had a tag for each scope.
_OLD_SYNONYMS = {f"{kind}_synonym": kind for kind in ("exact", "broad", "narrow", "related")}
_KEPT = {
    "alt_id",
    "consider",
    "def",
    "id",
    "instance_of",
    "is_a",
    "is_obsolete",
    "name",
    "namespace",
    "relationship",
    "replaced_by",
    "subset",
    "synonym",
    "xref",
    *_OLD_SYNONYMS,
}


class OboSource(SourceConfig):
    """An OBO file.

    Terms and instances become concepts: synonyms keep their scope (RELATED where none is given), namespaces and
    subsets become categories, ``is_a``, ``relationship`` and ``instance_of`` become relations, typedefs give
    predicates their readable names. Comments, property values, logical definitions and ``consider`` (which asks a
    person to choose) are left aside.
    """

    suffixes: ClassVar[tuple[str, ...]] = (".obo",)
    example: ClassVar[tuple[str, str]] = (
        "findings.obo",
        "format-version: 1.4\n\n[Term]\nid: T:1\nname: Fever\n"
        'def: "High body temperature." []\nsynonym: "Pyrexia" EXACT []\n\n[Term]\nid: T:2\nname: Cough\n',
    )
    kind: Literal["obo"] = "obo"

    def read(self, files: Sequence[SourceFile]) -> Iterator[Item]:
        """Stream concepts and relations. Raises PackError at the first broken line."""
        for file in files:
            with file.text() as lines:
                for type_, stanza, line in _stanzas(lines, file.name):
                    if type_ in ("Term", "Instance"):
                        yield from _term(stanza, file.name, line)
                    elif type_ == "Typedef":
                        yield from _typedef(stanza)
                    elif type_ == "":
                        yield from _header(stanza)


def _stanzas(lines: IO[str], file: str) -> Iterator[tuple[str, Stanza, int]]:
    """``(type, tags, line)`` of each stanza, the header first under the type ``""``."""
    type_, stanza, start, seen = "", Stanza(), 1, False
    for number, line in enumerate(lines, start=1):
        tag, colon, value = line.partition(":")
        if colon and tag in _KEPT:
            value = value.strip()
            if not value:
                if tag in ("id", "is_a", "relationship", "def", "synonym"):
                    _broken(file, number, f"the tag {tag!r} has no value")
                continue
            stanza.setdefault(tag, []).append((number, value))
        elif line[0] == "[":
            yield type_, stanza, start
            type_, stanza, start, seen = _stanza_type(line, file, number), Stanza(), number, True
        elif not seen and tag == "idspace":
            stanza.setdefault(tag, []).append((number, value.strip()))
        elif not colon or " " in tag:
            text = line.strip()
            if text and text[0] not in "!{":
                _broken(file, number, f"{text[:60]!r} is no 'tag: value' line; correct or remove it")
    if not seen:
        _broken(file, 1, "no stanza such as [Term] in it; this is no OBO file")
    yield type_, stanza, start


def _stanza_type(line: str, file: str, number: int) -> str:
    type_ = line.partition("!")[0].strip()
    if not type_.endswith("]"):
        _broken(file, number, f"{type_[:60]!r} is no stanza header; write [Term]")
    return type_[1:-1].strip()


def _header(stanza: Stanza) -> Iterator[Item]:
    for _, value in stanza.get("idspace", ()):
        prefix, _, rest = value.partition(" ")
        if rest.strip():
            yield SourcePrefix(prefix, rest.split()[0])


def _typedef(stanza: Stanza) -> Iterator[Item]:
    if "id" in stanza and "name" in stanza:
        yield SourcePredicate(_first(stanza, "id"), _plain(stanza["name"][0][1]))


def _term(stanza: Stanza, file: str, line: int) -> Iterator[Item]:
    if "id" not in stanza:
        _broken(file, line, "the stanza has no id")
    id_ = _first(stanza, "id")
    yield SourceConcept(
        id_,
        _plain(stanza["name"][0][1]) if "name" in stanza else "",
        tuple(_synonyms(stanza, file)),
        _quoted(*stanza["def"][0], file)[0] if "def" in stanza else "",
        (*_all(stanza, "namespace"), *_all(stanza, "subset")),
        xrefs=_all(stanza, "xref"),
        alt_ids=_all(stanza, "alt_id"),
        obsolete="is_obsolete" in stanza and _first(stanza, "is_obsolete") == "true",
        replaced_by=_all(stanza, "replaced_by"),
        file=file,
        line=line,
    )
    # Relations on their own and not as the concept's parents: each has its own line for messages.
    for number, value in stanza.get("is_a", ()):
        yield SourceRelation(id_, IS_A, value.split(None, 1)[0], "", file, number)
    for number, value in stanza.get("relationship", ()):
        parts = value.split(None, 2)
        if len(parts) < 2 or parts[1][0] in "!{":
            _broken(file, number, f"relationship needs a predicate and a target, not {value[:60]!r}")
        yield SourceRelation(id_, parts[0], parts[1], "", file, number)
    for number, value in stanza.get("instance_of", ()):
        yield SourceRelation(id_, "instance_of", value.split(None, 1)[0], "", file, number)


def _synonyms(stanza: Stanza, file: str) -> Iterator[SourceName]:
    for number, value in stanza.get("synonym", ()):
        text, rest = _quoted(number, value, file)
        scope = rest.split(None, 1)[0] if rest else ""
        yield SourceName(text, _SCOPES.get(scope, "related"))
    for tag, kind in _OLD_SYNONYMS.items():
        for number, value in stanza.get(tag, ()):
            yield SourceName(_quoted(number, value, file)[0], kind)


def _first(stanza: Stanza, tag: str) -> str:
    return stanza[tag][0][1].split(None, 1)[0]


def _all(stanza: Stanza, tag: str) -> tuple[str, ...]:
    """The first word of each value: the id, without modifiers and comment."""
    values = stanza.get(tag)
    return tuple([value.split(None, 1)[0] for _, value in values]) if values else ()


def _plain(value: str) -> str:
    """An unquoted text without its trailing modifiers and comment."""
    if "{" in value or "!" in value:
        value = _TRAILER.sub("", value)
    return _unescape(value)


def _quoted(number: int, value: str, file: str) -> tuple[str, str]:
    match = _QUOTED.match(value)
    if match is None:
        _broken(file, number, f"a text in double quotes was expected, not {value[:60]!r}")
    text, rest = match.groups()
    return _unescape(text), rest


def _unescape(text: str) -> str:
    return _ESCAPE.sub(lambda match: _ESCAPES.get(match[1], match[1]), text) if "\\" in text else text


def _broken(file: str, number: int, what: str) -> NoReturn:
    raise PackError(f"{place(file, number)}: {what}")
