"""The entries of a TBX file, one at a time, whatever its version and style."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import IO

from kgslm.errors import PackError
from kgslm.packs.files import SourceFile
from kgslm.packs.readers.xml_events import XmlEvents

_ENTRIES = ("termEntry", "conceptEntry")
_TERMS = ("tig", "ntig", "termSec")
_CONTAINERS = (*_ENTRIES, *_TERMS, "langSet", "langSec", "descripGrp", "termNoteGrp", "termGrp", "adminGrp", "body")
_ROOTS = ("martif", "tbx")
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


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


@dataclass(slots=True)
class _Element:
    """An open element. category: the data category, from the type or the tag itself."""

    name: str
    category: str
    target: str
    language: str
    texts: list[str] = field(default_factory=list)


def entries(file: SourceFile, categories: Collection[str]) -> Iterator[Entry]:
    """The entries of a file, with the data categories that are asked for. Raises PackError as ``XmlEvents.parse``."""
    with file.binary() as raw:
        yield from _Entries(file.name, categories).entries(raw)


class _Entries(XmlEvents):
    """Only the open entry is in memory."""

    def __init__(self, file: str, categories: Collection[str]) -> None:
        super().__init__(file)
        self._categories = categories
        self._read: list[Entry] = []
        self._entry: Entry | None = None
        self._term: Term | None = None
        self._open: list[_Element] = []

    def entries(self, raw: IO[bytes]) -> Iterator[Entry]:
        """The entries in the order of the file."""
        for _ in self.parse(raw):
            yield from self._read
            self._read.clear()

    def opened(self, name: str, attributes: dict[str, str]) -> None:
        """An entry, a term or a data category starts."""
        if not self._open and name not in _ROOTS:
            raise PackError(f"{self.here}: the element {name!r} is no TBX; martif or tbx was expected")
        language = attributes.get(_LANG) or attributes.get("lang") or (self._open[-1].language if self._open else "")
        self._open.append(_Element(name, attributes.get("type", name), attributes.get("target", ""), language))
        if name in _ENTRIES:
            self._entry = Entry(attributes.get("id", ""), self.line)
        elif name in _TERMS and self._entry is not None:
            self._term = Term(language)

    def text(self, text: str) -> None:
        """A piece of the text of the innermost element."""
        if self._entry is not None:
            self._open[-1].texts.append(text)

    def closed(self, name: str) -> None:
        """What ended is taken into its entry."""
        element, entry = self._open.pop(), self._entry
        if entry is None:
            return
        if name in _ENTRIES:
            self._read.append(entry)
            self._entry = None
            self.done()
        elif name in _TERMS and self._term is not None:
            if self._term.text:
                entry.terms.append(self._term)
            self._term = None
        elif name not in _CONTAINERS:
            text = "".join(element.texts)
            if self._open[-1].name not in _CONTAINERS:
                self._open[-1].texts.append(text)  # markup inside a text
            self._take(element, " ".join(text.split()), entry)

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
            entry.facts.append((category, element.target.removeprefix("#") or text, self.line))
