"""XML as events: no external entities, no declared ones, and no more of the file in memory than a reader keeps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any
from xml.etree.ElementTree import ParseError
from xml.parsers.expat import ErrorString

from kgslm.errors import PackError
from kgslm.packs.items import place

_PIECE = 1 << 18
_LARGEST = 1 << 22
_DEEPEST = 200


class XmlEvents:
    """Feeds a file to the parser, which calls ``opened``, ``text`` and ``closed``; a reader overrides them."""

    def __init__(self, file: str) -> None:
        from defusedxml.ElementTree import DefusedXMLParser  # type: ignore[import-untyped]

        self.file = file
        self._parser: Any = DefusedXMLParser(target=self)
        self._depth = 0
        self._size = 0

    def opened(self, name: str, attributes: dict[str, str]) -> None:
        """An element starts. name: without its namespace; that of an attribute has it in braces."""

    def text(self, text: str) -> None:
        """A piece of text."""

    def closed(self, name: str) -> None:
        """An element ends."""

    @property
    def line(self) -> int:
        """The line of the event."""
        line: int = self._parser.parser.CurrentLineNumber
        return line

    @property
    def here(self) -> str:
        """The place of the event, for an error."""
        return place(self.file, self.line)

    def parse(self, raw: IO[bytes]) -> Iterator[None]:
        """Read the file; yields after every piece, so that what the events gave can be passed on.

        Raises PackError where it is no sound XML, declares entities, is nested more than 200 deep, or goes on for
        more than 4 MB without ``done``.
        """
        while piece := raw.read(_PIECE):
            self._size += len(piece)
            if self._size > _LARGEST + _PIECE:
                raise PackError(f"{self.here}: an entry or header of more than {_LARGEST:,} bytes; check the file")
            self._feed(piece)
            yield
        self._feed(b"")
        yield

    def done(self) -> None:
        """One entry is read, and what it held is forgotten."""
        self._size = 0

    def _feed(self, piece: bytes) -> None:
        from defusedxml.common import DefusedXmlException  # type: ignore[import-untyped]

        try:
            self._parser.feed(piece) if piece else self._parser.close()
        except ParseError as error:
            line = place(self.file, error.position[0])
            raise PackError(f"{line}: not well-formed XML: {ErrorString(error.code)}") from error
        except DefusedXmlException as error:
            raise PackError(f"{self.here}: it declares entities, which are not read; remove them") from error
        except (ValueError, LookupError) as error:
            raise PackError(f"{self.here}: the encoding cannot be read; convert the file to UTF-8") from error

    # What the parser calls

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Called by the parser."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise PackError(f"{self.here}: elements nested too deeply")
        self.opened(tag.rpartition("}")[2], attributes)

    def data(self, text: str) -> None:
        """Called by the parser."""
        self.text(text)

    def end(self, tag: str) -> None:
        """Called by the parser."""
        self._depth -= 1
        self.closed(tag.rpartition("}")[2])

    def close(self) -> None:
        """Called by the parser."""
