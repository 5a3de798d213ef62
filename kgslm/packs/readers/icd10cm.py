"""ICD-10-CM: the tabular list as the CDC publishes it and as the package ``simple-icd-10-cm`` holds it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO, ClassVar, Literal

from kgslm.errors import PackError
from kgslm.packs.files import SourceFile
from kgslm.packs.items import Item, SourceConcept, SourceName, SourceRelation
from kgslm.packs.readers.xml_events import XmlEvents
from kgslm.packs.sources import SourceConfig
from kgslm.records import IS_A

_PREFIX = "ICD10CM:"
_ROOT = "ICD10CM.tabular"
_RANGE = re.compile(r"\s*\(\w+(?:-\w+)?\)$")
_KINDS = {"inclusionTerm": "exact", "includes": "narrow"}
"""Element to the kind of the names in it."""


class Icd10cmSource(SourceConfig):
    """The XML file of the tabular list (``icd10cm-tabular-2026.xml`` or the like).

    Chapters (``ICD10CM:CH01``), sections (``ICD10CM:A00-A09``) and codes (``ICD10CM:A00.0``) become concepts under one
    another; a section of one code is that code. Inclusion terms are synonyms, what a category "includes" narrow names.
    Codes with a seventh character that the list only describes are not made, and notes for coders are left aside.
    """

    suffixes: ClassVar[tuple[str, ...]] = (".xml",)

    kind: Literal["icd10cm"] = "icd10cm"

    def read(self, files: Sequence[SourceFile]) -> Iterator[Item]:
        """Stream the codes. Raises PackError where a file is no sound XML or another document."""
        for file in files:
            with file.binary() as raw:
                yield from _TabularList(file.name).items(raw)


@dataclass
class _Node:
    """A chapter, section or code in the making. range: its first and last code."""

    line: int
    code: str = ""
    name: str = ""
    parent: str = ""
    range: tuple[str, str] = ("", "")
    names: list[SourceName] = field(default_factory=list)


class _TabularList(XmlEvents):
    """Only what is open is in memory, and the sections of a chapter, which may lie in one another."""

    def __init__(self, file: str) -> None:
        super().__init__(file)
        self._read: list[Item] = []
        self._open: list[_Node] = []
        self._sections: list[_Node] = []
        self._names: list[str] = []  # of the open elements
        self._texts: list[str] = []

    def items(self, raw: IO[bytes]) -> Iterator[Item]:
        """The concepts and their places in the hierarchy, a code after those below it."""
        for _ in self.parse(raw):
            yield from self._read
            self._read.clear()

    def opened(self, name: str, attributes: dict[str, str]) -> None:
        """A chapter, section or code starts, or a part of it."""
        if not self._names and name != _ROOT:
            raise PackError(f"{self.here}: the element {name!r} is no tabular list; {_ROOT} was expected")
        self._names.append(name)
        self._texts.clear()
        if name in ("chapter", "section", "diag"):
            node = _Node(self.line, attributes.get("id", ""))
            first, _, last = node.code.partition("-")
            node.range = first, last or first
            self._open.append(node)

    def text(self, text: str) -> None:
        """A piece of the text of a part."""
        self._texts.append(text)

    def closed(self, name: str) -> None:
        """What ended is taken into the node that is open."""
        self._names.pop()
        text = " ".join("".join(self._texts).split())
        self._texts.clear()
        if not self._open:
            self.done()
            return
        node, parent = self._open[-1], self._names[-1] if self._names else ""
        if name in ("chapter", "section", "diag"):
            self._open.pop()
            self._end(name, node)
        elif name == "name":
            node.code = f"CH{text:0>2}" if parent == "chapter" else text
        elif name == "desc":
            node.name = text if parent == "diag" else _RANGE.sub("", text)
        elif name == "note" and parent in _KINDS and text:
            node.names.append(SourceName(text, _KINDS[parent]))

    def _end(self, name: str, node: _Node) -> None:
        if not node.code:
            raise PackError(f"{self.here}: a {name} without its code")
        if name == "section":
            self._sections.append(node)
        elif name == "chapter":
            for section in self._sections:
                if section.range[0] != section.range[1]:
                    self._tell(section, _narrowest(section, self._sections) or node.code)
            self._sections.clear()
            self._tell(node, "")
        else:
            # A section of one code has the code itself in it.
            above = next((other for other in reversed(self._open) if other.code != node.code), None)
            self._tell(node, above.code if above else "")
        self.done()

    def _tell(self, node: _Node, parent: str) -> None:
        id_ = _PREFIX + node.code
        self._read.append(SourceConcept(id_, node.name, tuple(node.names), file=self.file, line=node.line))
        if parent:
            self._read.append(SourceRelation(id_, IS_A, _PREFIX + parent, "", self.file, node.line))


def _narrowest(section: _Node, sections: Sequence[_Node]) -> str:
    """The smallest section around a section; empty where none is. M00-M02 lies in M00-M25, which lists no codes."""
    first, last = section.range
    around = [
        other
        for other in sections
        if other.range != section.range and other.range[0] <= first and last <= other.range[1]
    ]
    around.sort(key=lambda other: other.range[1])
    return max(around, key=lambda other: other.range[0]).code if around else ""
