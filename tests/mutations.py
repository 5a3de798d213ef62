"""Broken input for readers."""

from __future__ import annotations

import random
from collections.abc import Iterator

_PIECES = (b'"', b"\n", b"\\", b"\0", b"{", b",", b"")


def mutations(content: bytes, times: int) -> Iterator[bytes]:
    """The content with a few bytes changed, dropped or put in, the same ones each time."""
    dice = random.Random(0)
    for _ in range(times):
        mutated = bytearray(content)
        for _ in range(dice.randint(1, 4)):
            position = dice.randrange(len(mutated))
            if dice.random() < 0.5:
                mutated[position] = dice.randrange(256)
            else:
                mutated[position : position + dice.randint(0, 9)] = dice.choice(_PIECES)
        yield bytes(mutated)
