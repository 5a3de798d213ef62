"""Large JSON documents, value by value: only the one that is asked for is in memory."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import IO, Any, NoReturn

from kgslm.errors import PackError
from kgslm.packs.items import place

_PIECE = 1 << 18
_LONGEST = 1 << 24
_SPACES = " \n\t\r"


class JsonStream:
    """A position in a JSON text. Whoever walks it takes each value in turn, whole or in parts::

        for key in stream.members():        # at an object
            if key == "nodes":
                for _ in stream.elements():  # at an array
                    node = stream.value()
            else:
                stream.value()

    Every method raises PackError, with the line, where the text is no JSON or one value is longer than 16 million
    characters.
    """

    def __init__(self, text: IO[str], file: str) -> None:
        self._text = text
        self._file = file
        self._decode = json.JSONDecoder().raw_decode
        self._buffer = ""
        self._position = 0
        self._ended = False
        self._line = 1
        self._counted = 0

    @property
    def line(self) -> int:
        """The line of the position, from 1."""
        self._line += self._buffer.count("\n", self._counted, self._position)
        self._counted = self._position
        return self._line

    def peek(self) -> str:
        """The next character that is no space; empty at the end."""
        while True:
            while self._position < len(self._buffer):
                sign = self._buffer[self._position]
                if sign not in _SPACES:
                    return sign
                self._position += 1
            if not self._more(_PIECE):
                return ""

    def members(self) -> Iterator[str]:
        """The keys of the object at the position; take each one's value before the next."""
        self._expect("{")
        if self.peek() == "}":
            self._position += 1
            return
        sign = ","
        while sign == ",":
            if self.peek() != '"':
                self._broken("a key in double quotes was expected")
            key: str = self.value()
            self._expect(":")
            yield key
            sign = self._expect(",}")

    def elements(self) -> Iterator[int]:
        """The line of each element of the array at the position; take each before the next."""
        self._expect("[")
        if self.peek() == "]":
            self._position += 1
            return
        sign = ","
        while sign == ",":
            self.peek()
            yield self.line
            sign = self._expect(",]")

    def value(self) -> Any:
        """The whole value at the position."""
        self.peek()
        size = _PIECE
        while True:
            try:
                value, end = self._decode(self._buffer, self._position)
            except RecursionError:
                self._broken("nested too deeply")
            except ValueError as error:
                if len(self._buffer) - self._position > _LONGEST or not self._more(size):
                    self._not_json(error)
            else:
                # A number at the end of what was read may go on.
                if end < len(self._buffer) or not self._more(size):
                    self._position = end
                    return value
            size *= 2

    def end(self) -> None:
        """Check that nothing follows."""
        if self.peek():
            self._broken("more text after the end of the document")

    def _expect(self, signs: str) -> str:
        sign = self.peek()
        if not sign or sign not in signs:
            self._broken(f"{' or '.join(signs)} was expected, not {sign!r}" if sign else "the document is cut short")
        self._position += 1
        return sign

    def _more(self, size: int) -> bool:
        """Read on; what lies before the position is forgotten. Returns False at the end of the text."""
        self._line = self.line
        piece = "" if self._ended else self._text.read(size)
        self._ended = not piece
        if piece:
            self._buffer = self._buffer[self._position :] + piece
            self._position = self._counted = 0
        return bool(piece)

    def _not_json(self, error: ValueError) -> NoReturn:
        if isinstance(error, json.JSONDecodeError):
            self._position = max(self._position, min(error.pos, len(self._buffer)))
            self._broken(error.msg)
        self._broken(str(error))

    def _broken(self, what: str) -> NoReturn:
        raise PackError(f"{place(self._file, self.line)}: not valid JSON: {what}")
