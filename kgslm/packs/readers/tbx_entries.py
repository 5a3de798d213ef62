"""The entries of a TBX file, one at a time, whatever its version and style."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import IO, Any
from xml.etree.ElementTree import ParseError
from xml.parsers.expat import ErrorString

from kgslm.errors import PackError
from kgslm.packs.files import SourceFile
from kgslm.packs.items import place

_ENTRIES = ("termEntry", "conceptEntry")
_TERMS = ("tig", "ntig", "termSec")
_CONTAINERS = (*_ENTRIES, *_TERMS, "langSet", "langSec", "descripGrp", "termNoteGrp", "termGrp", "adminGrp", "body")
_ROOTS = ("martif", "tbx")
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_PIECE = 1 << 18
_LARGEST = 1 << 22
_DEEPEST = 200


@dataclass
class Term:
    """A term of an entry. status: such as ``preferredTerm-admn-sts``. type: such as ``acronym``."""

    language: str
    text: str = ""
    status: str = ""
    type: str = ""


@dataclass
class Entry:
    """A concept. definitions: ``(text, language)``. facts: ``(data category, text or target, line)``."""

    id: str
    line: int
    terms: list[Term] = field(default_factory=list)
    definitions: list[tuple[str, str]] = field(default_factory=list)
    facts: list[tuple[str, str, int]] = field(default_factory=list)


def entries(file: SourceFile, categories: Collection[str]) -> Iterator[Entry]:
    """The entries of a file, with the data categories that are asked for.

    Raises PackError where it is no sound XML, no TBX, declares entities, or has an entry of more than 4 MB.
    """
    with file.binary() as raw:
        yield from _Parser(file.name, categories).entries(raw)


class _Parser:
    """Feeds the file to the parser and takes its events; only the open entry is in memory."""

    def __init__(self, file: str, categories: Collection[str]) -> None:
        from defusedxml.ElementTree import DefusedXMLParser  # type: ignore[import-untyped]

        self._file = file
        self._categories = categories
        self._parser: Any = DefusedXMLParser(target=self)
        self._done: list[Entry] = []
        self._entry: Entry | None = None
        self._term: Term | None = None
        self._open: list[_Element] = []
        self._size = 0

    def entries(self, raw: IO[bytes]) -> Iterator[Entry]:
        """The entries in the order of the file."""
        while piece := raw.read(_PIECE):
            self._grow(len(piece))
            self._feed(piece)
            yield from self._done
            self._done.clear()
        self._feed(b"")

    def _feed(self, piece: bytes) -> None:
        from defusedxml.common import DefusedXmlException  # type: ignore[import-untyped]

        try:
            self._parser.feed(piece) if piece else self._parser.close()
        except ParseError as error:
            line = place(self._file, error.position[0])
            raise PackError(f"{line}: not well-formed XML: {ErrorString(error.code)}") from error
        except DefusedXmlException as error:
            raise PackError(f"{self._here}: it declares entities, which are not read; remove them") from error
        except (ValueError, LookupError) as error:
            raise PackError(f"{self._here}: the encoding cannot be read; convert the file to UTF-8") from error

    @property
    def _line(self) -> int:
        line: int = self._parser.parser.CurrentLineNumber
        return line

    @property
    def _here(self) -> str:
        return place(self._file, self._line)

    def _grow(self, size: int) -> None:
        """Count what the open entry, or what stands between two, takes."""
        self._size += size
        if self._size > _LARGEST + _PIECE:
            raise PackError(f"{self._here}: an entry or header of more than {_LARGEST:,} bytes; check the file")

    # Events of the parser

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element starts."""
        name = tag.rpartition("}")[2]
        if not self._open and name not in _ROOTS:
            raise PackError(f"{self._here}: the element {name!r} is no TBX; martif or tbx was expected")
        if len(self._open) > _DEEPEST:
            raise PackError(f"{self._here}: elements nested too deeply")
        language = attributes.get(_LANG) or attributes.get("lang") or (self._open[-1].language if self._open else "")
        self._open.append(_Element(name, attributes.get("type", name), attributes.get("target", ""), language))
        if name in _ENTRIES:
            self._entry = Entry(attributes.get("id", ""), self._line)
        elif name in _TERMS and self._entry is not None:
            self._term = Term(language)

    def data(self, text: str) -> None:
        """A piece of text."""
        if self._entry is not None:
            self._open[-1].texts.append(text)

    def end(self, tag: str) -> None:
        """An element ends."""
        element = self._open.pop()
        entry = self._entry
        if entry is None:
            return
        if element.name in _ENTRIES:
            self._done.append(entry)
            self._entry, self._size = None, 0
        elif element.name in _TERMS and self._term is not None:
            if self._term.text:
                entry.terms.append(self._term)
            self._term = None
        elif element.name not in _CONTAINERS:
            text = "".join(element.texts)
            if self._open[-1].name not in _CONTAINERS:
                self._open[-1].texts.append(text)  # markup inside a text
            self._take(element, " ".join(text.split()), entry)

    def close(self) -> None:
        """The document ends."""

    def _take(self, element: _Element, text: str, entry: Entry) -> None:
        """What a text means by its data category."""
        term, category = self._term, element.category
        if element.name == "term" and term is not None:
            term.text = text
        elif category not in self._categories or not (text or element.target):
            return
        elif category == "definition":
            entry.definitions.append((text, element.language))
        elif category == "termType" and term is not None:
            term.type = text
        elif category in ("administrativeStatus", "normativeAuthorization") and term is not None:
            term.status = text
        else:
            entry.facts.append((category, element.target.removeprefix("#") or text, self._line))


@dataclass(slots=True)
class _Element:
    """An open element. category: the data category, from the type or the tag itself."""

    name: str
    category: str
    target: str
    language: str
    texts: list[str] = field(default_factory=list)
