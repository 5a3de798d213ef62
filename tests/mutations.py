"""Broken input for readers."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

_PIECES = (b'"', b"\n", b"\\", b"\0", b"{", b"[", b"<", b"&x;", b"|", b"\t", b",", b"\xff", b"\xed\xa0\x80", b"")
_ENCODINGS = ("utf-16", "utf-32", "latin-1", "utf-7")


def mutations(content: bytes, times: int) -> Iterator[bytes]:
    """The content, broken in one or several ways, the same ones each time."""
    dice = random.Random(0)
    for _ in range(times):
        mutated = content
        for _ in range(dice.randint(1, 4)):
            mutated = dice.choices(_WAYS, _WEIGHTS)[0](dice, mutated)
        yield mutated


def _flip(dice: random.Random, content: bytes) -> bytes:
    mutated = bytearray(content or b"x")
    mutated[dice.randrange(len(mutated))] = dice.randrange(256)
    return bytes(mutated)


def _replace(dice: random.Random, content: bytes) -> bytes:
    position = dice.randrange(len(content) + 1)
    return content[:position] + dice.choice(_PIECES) + content[position + dice.randint(0, 9) :]


def _cut(dice: random.Random, content: bytes) -> bytes:
    return content[: dice.randrange(len(content) + 1)]


def _drop_line(dice: random.Random, content: bytes) -> bytes:
    lines = content.splitlines(keepends=True) or [b""]
    del lines[dice.randrange(len(lines))]
    return b"".join(lines)


def _repeat_line(dice: random.Random, content: bytes) -> bytes:
    lines = content.splitlines(keepends=True) or [b""]
    at = dice.randrange(len(lines))
    return b"".join([*lines[: at + 1], *[lines[at]] * dice.choice((1, 3, 300)), *lines[at + 1 :]])


def _swap_lines(dice: random.Random, content: bytes) -> bytes:
    lines = content.splitlines(keepends=True)
    dice.shuffle(lines)
    return b"".join(lines)


def _long_line(dice: random.Random, content: bytes) -> bytes:
    position = dice.randrange(len(content) + 1)
    return content[:position] + dice.choice((b"x", b"(", b"[", b" ", b'"', b"<a>", b"\\")) * 40_000 + content[position:]


def _encode(dice: random.Random, content: bytes) -> bytes:
    return content.decode("utf-8", "replace").encode(dice.choice(_ENCODINGS), "replace")


_WAYS: tuple[Callable[[random.Random, bytes], bytes], ...] = (
    _flip,
    _replace,
    _cut,
    _drop_line,
    _repeat_line,
    _swap_lines,
    _long_line,
    _encode,
)
_WEIGHTS = (10, 10, 2, 4, 3, 1, 2, 1)
