"""Order-free keys of class sequences: the sum of one 64-bit number per class."""

from __future__ import annotations

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
