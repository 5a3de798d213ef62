"""Values by key on disk, for any number of processes at once.

A store is a folder of *segments*: files that are written whole or not at all and never changed. Readers map them into
memory, writers only add, so that nobody waits for anybody, and what a killed process leaves behind is a temporary file
that nobody reads. Two processes may make the same value at the same time; then it is there twice, which costs space.

A segment: the magic bytes, the number of values as uint64, the keys of 16 bytes, where each value ends, counted from
the first, as uint64, a CRC-32 of each value, zeros up to a multiple of 64, and the values one behind the other.
"""

from __future__ import annotations

import os
import time
import zlib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from kgslm.artifacts import atomic_file
from kgslm.errors import KgslmError

SUFFIX = ".segment"
KEY_BYTES = 16
_MAGIC = b"KGSLM\x00S1"
_ALIGNED = 64
_FRESH = 60.0
"""Seconds for which a segment that was marked as used is not marked again."""

Bytes = NDArray[np.uint8]


@dataclass
class _Segment:
    """A mapped segment. used: when it was last marked as used."""

    path: Path
    data: Bytes
    ends: NDArray[np.uint64]
    checksums: NDArray[np.uint32]
    sound: NDArray[np.bool_]
    used: float = 0.0

    def value(self, row: int) -> Bytes | None:
        """The value at a row; None where it is damaged."""
        start = int(self.ends[row - 1]) if row else 0
        value: Bytes = self.data[start : int(self.ends[row])]
        if not self.sound[row]:
            if zlib.crc32(value.data) != int(self.checksums[row]):
                return None
            self.sound[row] = True
        return value

    def mark(self) -> None:
        """Note on the disk that it was used, for the one who makes room."""
        now = time.time()
        if now - self.used > _FRESH:
            self.used = now
            with suppress(OSError):
                os.utime(self.path)


class Store:
    """A folder of segments. A folder that cannot be read or written costs time, nothing else: nothing is raised."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._seen: set[str] = set()
        self._places: dict[bytes, tuple[_Segment, int]] = {}

    def get(self, keys: Iterable[bytes]) -> dict[bytes, Bytes]:
        """The values that are there, mapped from the disk; changing one in place changes nothing on the disk."""
        keys = list(keys)
        if any(key not in self._places for key in keys):
            self._look()
        found = {}
        for key in keys:
            if (place := self._places.get(key)) is None:
                continue
            segment, row = place
            if (value := segment.value(row)) is None:
                del self._places[key]  # damaged: to be made again
                continue
            segment.mark()
            found[key] = value
        return found

    def put(self, values: Mapping[bytes, bytes | Bytes]) -> bool:
        """Add values as one segment; False where that cannot be done. Each key has 16 bytes."""
        if not values:
            return True
        flat = [np.frombuffer(value, np.uint8) if isinstance(value, bytes) else value for value in values.values()]
        ends = np.cumsum([len(value) for value in flat], dtype=np.uint64)
        checksums = np.array([zlib.crc32(value.data) for value in flat], np.uint32)
        head = b"".join([_MAGIC, np.uint64(len(flat)).tobytes(), *values, ends.tobytes(), checksums.tobytes()])
        path = self.folder / f"{uuid4().hex}{SUFFIX}"
        try:
            with atomic_file(path, "wb") as file:
                file.write(head + bytes(-len(head) % _ALIGNED))
                for value in flat:
                    file.write(value.data)
            # Mapped at once: whoever makes room later takes nothing away from this process.
            self._take(path)
        except (OSError, ValueError, KgslmError):
            return False
        return True

    def _look(self) -> None:
        """Take in the segments that have come since the last look."""
        try:
            names = {entry.name for entry in os.scandir(self.folder) if entry.name.endswith(SUFFIX)}
        except OSError:
            return
        for name in sorted(names - self._seen):
            with suppress(OSError, ValueError):
                self._take(self.folder / name)

    def _take(self, path: Path) -> None:
        self._seen.add(path.name)
        keys, segment = open_segment(path)
        for row, key in enumerate(keys):
            self._places[key] = (segment, row)


def open_segment(path: Path) -> tuple[list[bytes], _Segment]:
    """Map a segment. Raises ValueError where the file is none or was cut short."""
    # Copy on write: torch wants arrays that may be written to.
    whole: Bytes = np.asarray(np.memmap(path, np.uint8, mode="c"))
    start = len(_MAGIC) + 8
    if len(whole) < start or whole[: len(_MAGIC)].tobytes() != _MAGIC:
        raise ValueError(f"{path}: no segment")
    count = int(whole[len(_MAGIC) : start].view(np.uint64)[0])
    ends_at = start + KEY_BYTES * count
    sums_at = ends_at + 8 * count
    head = sums_at + 4 * count
    head += -head % _ALIGNED
    if len(whole) < head:
        raise ValueError(f"{path}: cut short")
    ends = np.frombuffer(whole[ends_at:sums_at].tobytes(), np.uint64)
    checksums = np.frombuffer(whole[sums_at : sums_at + 4 * count].tobytes(), np.uint32)
    data = whole[head:]
    if len(data) != (int(ends[-1]) if count else 0):
        raise ValueError(f"{path}: cut short")
    packed = whole[start:ends_at].tobytes()
    keys = [packed[place : place + KEY_BYTES] for place in range(0, len(packed), KEY_BYTES)]
    return keys, _Segment(path, data, ends, checksums, np.zeros(count, bool))
