"""The values of OBO tags: quoted texts, escapes, trailing modifiers and comments."""

from __future__ import annotations

import re
from typing import NoReturn

from kgslm.errors import PackError
from kgslm.packs.items import place

# None of the patterns goes back over more than it has read: a line may be long.
QUOTED = re.compile(r'"([^"\\]*(?:\\.[^"\\]*)*)"(.*)')
WORDS = re.compile(r"(?:\\.|[^\s\\])+")
_ESCAPE = re.compile(r"\\(.)")
_ESCAPES = {"n": "\n", "t": "\t", "W": " "}
_TRAILER = re.compile(r'(?<!\s)\s++(?:\{[\w:.-]++="[^}]{0,2000}\}\s*+)?(?:!\s.*)?$')
_QUALIFIER = re.compile(r'(?<![\w:.-])([\w:.-]++)\s*+=\s*+"([^"\\]*(?:\\.[^"\\]*)*)"')


def first_word(value: str) -> str:
    """The id that a value starts with, without modifiers and comment."""
    if "\\" in value:
        match = WORDS.match(value)
        return unescape(match[0]) if match else value
    return value.split(None, 1)[0]


def plain(value: str) -> str:
    """An unquoted text without its trailing modifiers and comment."""
    if "{" in value or "!" in value:
        value = _TRAILER.sub("", value)
    return unescape(value)


def quoted(value: str, file: str, line: int) -> tuple[str, str]:
    """A text in double quotes and what follows it. Raises PackError where there is none."""
    end = value.find('"', 1)
    if value[0] == '"' and end > 0 and value.find("\\", 1, end) < 0:
        return value[1:end], value[end + 1 :]
    match = QUOTED.match(value)
    if match is None:
        broken(file, line, f"a text in double quotes was expected, not {value[:60]!r}")
    return unescape(match[1]), match[2]


def qualifiers(value: str) -> list[tuple[str, str]]:
    """The pairs of the block in braces: ``{source="X:1", gci_relation="part_of"}``."""
    return [(key, unescape(text)) for key, text in _QUALIFIER.findall(value.partition("{")[2])]


def unescape(text: str) -> str:
    """The text with ``\\n``, ``\\"`` and other escapes as what they stand for."""
    return _ESCAPE.sub(lambda match: _ESCAPES.get(match[1], match[1]), text) if "\\" in text else text


def broken(file: str, line: int, what: str) -> NoReturn:
    """Raise PackError with the place."""
    raise PackError(f"{place(file, line)}: {what}")
