"""Keys of 64 bits: order-free ones of class sequences, ordered ones of the letters of words, and tables of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.uint64]


def class_numbers(classes: NDArray[np.int32]) -> Keys:
    """A fixed 64-bit number for each class (splitmix64), so that sums of different multisets differ in practice."""
    # Without the constant behind the product, doubling would often pass through all steps: twice the number of class c
    # would be that of class 2c.
    value = classes.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(0xD1B54A32D192ED03)
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(value ^ (value >> np.uint64(31)), dtype=np.uint64)


def running_sums(classes: NDArray[np.int32]) -> Keys:
    """``sums[j] - sums[i]`` is the key of ``classes[i:j]``; one longer than ``classes``."""
    sums = np.zeros(len(classes) + 1, dtype=np.uint64)
    np.cumsum(class_numbers(classes), out=sums[1:])
    return sums


LONGEST_HASHED = 64
_WEIGHTS = np.random.default_rng(0).integers(1, 1 << 64, LONGEST_HASHED, dtype=np.uint64) | np.uint64(1)


def word_hashes(letters: NDArray[Any], lengths: NDArray[np.int64]) -> Keys:
    """One odd key for each word: its code points, weighted by their places, as a sum (multilinear hashing).

    letters: code points of all words, one behind the other. lengths: of the words, none of them 0. Of words with more
    than 64 letters those with the same letters at the end in any order share a key.
    """
    firsts = np.cumsum(lengths) - lengths
    places = np.arange(len(letters)) - np.repeat(firsts, lengths)
    np.minimum(places, LONGEST_HASHED - 1, out=places)
    # One is added, so that a NUL at the end makes another word.
    terms = (letters.astype(np.uint64) + np.uint64(1)) * _WEIGHTS[places]
    return np.add.reduceat(terms, firsts) | np.uint64(1) if len(firsts) else np.empty(0, np.uint64)


class CodeTable:
    """Keys, none of them 0, with a code each, to which more can be added: a hash table with open addressing."""

    def __init__(self) -> None:
        self._count = 0
        self._empty(16)

    def __len__(self) -> int:
        return self._count

    def clear(self) -> None:
        """Forget all keys."""
        self._count = 0
        self._empty(16)

    def find(self, keys: Keys) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """(the code of each key, 0 where it is not there; the positions of those that are not there)."""
        slots = self._slots(keys)
        held = self._keys[slots]
        codes = self._codes[slots]
        missing = [np.empty(0, np.int64)]
        others = np.flatnonzero(held != keys)
        while len(others):
            gone = held[others] == 0
            missing.append(others[gone])
            others = others[~gone]
            slots[others] = (slots[others] + 1) & self._last
            held[others] = self._keys[slots[others]]
            codes[others] = self._codes[slots[others]]
            others = others[held[others] != keys[others]]
        absent = np.concatenate(missing)
        codes[absent] = 0
        return codes, np.sort(absent)

    def add(self, keys: Keys, codes: NDArray[np.int32]) -> None:
        """Add keys that are not there yet, without repeats."""
        self._count += len(keys)
        if self._count * 3 > len(self._keys):
            held = np.flatnonzero(self._keys)
            keys, codes = np.concatenate([self._keys[held], keys]), np.concatenate([self._codes[held], codes])
            self._empty(int(self._count * 6).bit_length())
        slots = self._slots(keys)
        while len(keys):
            free = np.flatnonzero(self._keys[slots] == 0)
            # Of several that want one slot, the first has it.
            free = free[np.unique(slots[free], return_index=True)[1]]
            self._keys[slots[free]], self._codes[slots[free]] = keys[free], codes[free]
            rest = np.ones(len(keys), np.bool_)
            rest[free] = False
            keys, codes, slots = keys[rest], codes[rest], (slots[rest] + 1) & self._last

    def _empty(self, bits: int) -> None:
        self._shift, self._last = np.uint64(64 - bits), (1 << bits) - 1
        self._keys = np.zeros(1 << bits, np.uint64)
        self._codes = np.zeros(1 << bits, np.int32)

    def _slots(self, keys: Keys) -> NDArray[np.int64]:
        return (keys * np.uint64(0x9E3779B97F4A7C15) >> self._shift).astype(np.int64)


class KeyTable:
    """Which of many keys are known.

    keys: ascending, without repeats.
    """

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        bits = max(16, min(26, int(len(keys) * 16).bit_length()))
        self._shift = np.uint64(64 - bits)
        # One byte per leading bits of a key: most of what is unknown is seen here, without a search.
        self._seen = np.zeros(1 << bits, dtype=np.bool_)
        self._seen[(keys >> self._shift).astype(np.int64)] = True

    def find(self, keys: Keys) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """(positions in ``keys`` that are known, their rows in the table)."""
        if not len(self._keys):
            return np.empty(0, np.int64), np.empty(0, np.int64)
        positions = np.flatnonzero(self._seen[(keys >> self._shift).astype(np.int64)])
        rows = np.searchsorted(self._keys, keys[positions])
        rows[rows == len(self._keys)] = 0
        known = self._keys[rows] == keys[positions]
        return positions[known], rows[known]
