"""Hashes of keys that are the same on every machine and in every run, one at a time or millions at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import numpy as np

_PRIMES = (2147483647, 2147483629)  # the two largest below 2**31
_CHUNK = 2048  # keys at a time; their bytes as numbers take some hundred times as much memory
_LONG = 1024


def key_hash(key: str) -> int:
    """62 bits: the UTF-8 bytes as a number, first byte lowest, modulo two primes.

    Hashes may clash, so whoever looks one up compares the keys themselves.
    """
    value = int.from_bytes(key.encode(), "little")
    return (value % _PRIMES[0]) << 32 | value % _PRIMES[1]


def key_hashes(keys: Iterable[str]) -> np.ndarray[Any, Any]:
    """``key_hash`` of each key, as uint64; twenty times as fast as one after the other."""
    parts = list(_chunks(iter(keys)))
    return np.concatenate(parts) if parts else np.empty(0, np.uint64)


def _chunks(keys: Iterator[str]) -> Iterator[np.ndarray[Any, Any]]:
    while chunk := list(islice(keys, _CHUNK)):
        encoded = [key.encode() for key in chunk]
        lengths = np.array([len(key) for key in encoded], np.int64)
        long = np.flatnonzero(lengths > _LONG).tolist()
        for row in long:
            encoded[row], lengths[row] = b"", 0
        hashes = _hashes(b"".join(encoded), lengths)
        for row in long:
            hashes[row] = key_hash(chunk[row])
        yield hashes


def _hashes(data: bytes, lengths: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The hashes of keys of these lengths that lie one after the other in ``data``."""
    ends = np.cumsum(lengths)
    digits = np.frombuffer(data, np.uint8).astype(np.int64)
    places = np.arange(len(digits)) - np.repeat(ends - lengths, lengths)
    filled = np.flatnonzero(lengths)
    found = []
    for powers, prime in zip(_POWERS, _PRIMES, strict=True):
        # No sum overflows: 1,024 terms below 2**39.
        sums = np.zeros(len(lengths), np.int64)
        if len(digits):
            sums[filled] = np.add.reduceat(digits * powers[places], (ends - lengths)[filled])
        found.append((sums % prime).astype(np.uint64))
    return found[0] << np.uint64(32) | found[1]


_POWERS = tuple(np.array([pow(256, place, prime) for place in range(_LONG)], np.int64) for prime in _PRIMES)
