"""OBO 1.0 to 1.4, the flat-file format of biomedical ontologies (https://owlcollab.github.io/oboformat)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import IO, ClassVar, Literal

from kgslm.packs.files import SourceFile
from kgslm.packs.items import Item
from kgslm.packs.readers.obo_stanza import Header, Stanza
from kgslm.packs.readers.obo_tags import HEADER, TERM, TYPEDEF, Take
from kgslm.packs.readers.obo_values import broken
from kgslm.packs.readers.pieces import lines_of
from kgslm.packs.sources import SourceConfig

_STANZAS: dict[str, dict[str, Take]] = {"Term": TERM, "Instance": TERM, "Typedef": TYPEDEF}
_NEEDED = ("id", "is_a", "relationship", "def", "synonym")


class OboSource(SourceConfig):
    """An OBO file.

    Terms and instances become concepts: synonyms keep scope (RELATED where none is given) and type, namespaces and
    subsets become categories. ``is_a``, ``relationship``, ``instance_of``, ``equivalent_to`` and what follows from
    logical definitions (``intersection_of`` says that the term is a kind of its genus and has the relations,
    ``union_of`` that the members are kinds of the term) become relations, with the qualifier ``source`` as where they
    are from; those whose qualifiers say that they do not hold of all things of the kind are counted and left out.
    Typedefs give predicates their readable names. Imports are not followed. Comments, property values and
    ``consider`` (which asks a person to choose) are left aside.
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
                for stanza, type_ in _stanzas(lines, Header(file.name)):
                    if type_ in ("Term", "Instance"):
                        yield from stanza.concept()
                    elif type_ == "Typedef":
                        yield from stanza.predicate()
                    elif type_ == "":
                        yield from stanza.header.items


def _stanzas(text: IO[str], header: Header) -> Iterator[tuple[Stanza, str]]:
    """Each stanza with its type, the header first under the type ``""``."""
    stanza, type_, takes = Stanza(header, 1), "", HEADER
    for number, line in enumerate(lines_of(text, header.file), start=1):
        tag, colon, value = line.partition(":")
        take = takes.get(tag)
        if take is not None and colon:
            value = value.strip()
            if value:
                take(stanza, value, number)
            elif tag in _NEEDED:
                broken(header.file, number, f"the tag {tag!r} has no value")
        elif line.startswith("["):
            yield stanza, type_
            type_ = _stanza_type(line, header.file, number)
            takes = _STANZAS.get(type_, {})
            stanza = Stanza(header, number)
        elif not colon or " " in tag:
            _check_unknown(line, header.file, number)
    if takes is HEADER:
        broken(header.file, 1, "no stanza such as [Term] in it; this is no OBO file")
    yield stanza, type_


def _check_unknown(line: str, file: str, number: int) -> None:
    """Raise PackError for a line that is neither empty, nor a comment, nor a tag with a value."""
    text = line.strip()
    if text and text[0] not in "!{":
        broken(file, number, f"{text[:60]!r} is no 'tag: value' line; correct or remove it")


def _stanza_type(line: str, file: str, number: int) -> str:
    if line == "[Term]":
        return "Term"
    type_ = line.partition("!")[0].strip()
    if not type_.endswith("]") or len(type_) < 3:
        broken(file, number, f"{type_[:60]!r} is no stanza header; write [Term]")
    return type_[1:-1].strip()
