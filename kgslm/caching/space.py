"""The bounded store of the cache folder: a space for each kind of value and for all that the values depend on."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any, Literal

from kgslm.artifacts import atomic_file
from kgslm.caching.folder import cache_folder
from kgslm.caching.store import KEY_BYTES, SUFFIX, Bytes, Store
from kgslm.errors import ConfigError, KgslmError

STORE = ("links", "states", "vectors", "trainings", "pooled")
"""What the store holds: links of texts, hidden states below the trained layers, vectors of concepts, what trainings
came to, and vectors of texts by trained layers."""
CacheKind = Literal["links", "states", "vectors", "trainings", "pooled"]

_LIMIT = "KGSLM_CACHE_GB"
_DEFAULT_GB = 8.0
_ABOUT = "about.json"
_KEPT = 0.9
"""Room is made down to this share of the limit, so that not every new value makes room."""
_CHECKED_EVERY = 256 << 20
"""Bytes that a process adds between two looks at the size of the whole store."""
_ABANDONED = 3600.0
"""Seconds after which a temporary file is that of a killed process."""


def key_of(*parts: bytes | str) -> bytes:
    """A key of 16 bytes; other parts, or the same text cut elsewhere, give another one."""
    digest = blake2b(digest_size=KEY_BYTES)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "little"))
        digest.update(data)
    return digest.digest()


@dataclass
class Cache:
    """The store in the cache folder.

    limit: bytes that all spaces together may take, by default ``KGSLM_CACHE_GB`` gigabytes, else 8; what was used
    longest ago goes first. What a running process has mapped stays readable for it.
    """

    root: Path = field(default_factory=lambda: cache_folder() / "store")
    limit: int = field(default_factory=lambda: _limit())
    _added: int = field(default=_CHECKED_EVERY, init=False)

    def space(self, kind: CacheKind, facts: Mapping[str, Any]) -> Space:
        """The values of a kind that depend on these facts and, beyond them, on their key alone.

        facts: plain values. Whatever would change a value has to be among them or in the key.
        """
        written = json.dumps(facts, sort_keys=True, ensure_ascii=False)
        folder = self.root / kind / key_of(written).hex()
        if not (folder / _ABOUT).is_file():
            with suppress(OSError, KgslmError), atomic_file(folder / _ABOUT) as file:
                file.write(written + "\n")
        return Space(Store(folder), self)

    def grown(self, size: int) -> None:
        """Count what was added, and make room from time to time."""
        self._added += size
        if self._added >= min(_CHECKED_EVERY, self.limit // 10):
            self._added = 0
            self.make_room()

    def make_room(self) -> None:
        """Delete what was used longest ago until the limit is kept, and what killed processes have left."""
        entries = []
        for path, stat in _files(self.root):
            if path.suffix == SUFFIX:
                entries.append((stat.st_mtime, stat.st_size, path))
            elif path.suffix == ".part" and time.time() - stat.st_mtime > _ABANDONED:
                with suppress(OSError):
                    path.unlink()
        total = sum(size for _, size, _ in entries)
        if total <= self.limit:
            return
        for _, size, path in sorted(entries):
            with suppress(OSError):
                path.unlink()
                total -= size
            if total <= _KEPT * self.limit:
                return


@dataclass
class Space:
    """One space of the store; see ``Cache.space``."""

    store: Store
    cache: Cache

    def get(self, keys: list[bytes]) -> dict[bytes, Bytes]:
        """See ``Store.get``."""
        return self.store.get(keys)

    def put(self, values: Mapping[bytes, bytes | Bytes]) -> bool:
        """See ``Store.put``; makes room where the store has become too large."""
        done = self.store.put(values)
        if done:
            self.cache.grown(sum(len(value) for value in values.values()))
        return done


@dataclass(frozen=True, slots=True)
class Usage:
    """What a part of the cache folder takes. name: its folder. used: when something of it was last used; 0 if never."""

    name: str
    files: int
    size: int
    used: float


def usage() -> list[Usage]:
    """The parts of the cache folder, those of the store first."""
    parts = [cache_folder() / "store" / kind for kind in STORE]
    with suppress(OSError):
        parts += sorted(part for part in cache_folder().iterdir() if part.is_dir() and part.name != "store")
    found = []
    for part in parts:
        stats = [stat for path, stat in _files(part) if path.name != _ABOUT]
        latest = max((stat.st_mtime for stat in stats), default=0.0)
        found.append(Usage(part.name, len(stats), sum(stat.st_size for stat in stats), latest))
    return found


def clear(*names: str) -> int:
    """Delete parts of the cache folder by their names, those of the store where none is given; returns bytes freed.

    Processes that are using them go on with what they have mapped. Raises ConfigError for an unknown part.
    """
    sizes = {part.name: part.size for part in usage()}
    freed = 0
    for name in names or STORE:
        if name not in sizes:
            raise ConfigError(f"cache: there is no part {name!r}; known: {', '.join(sizes)}")
        freed += sizes[name]
        shutil.rmtree(cache_folder() / "store" / name if name in STORE else cache_folder() / name, ignore_errors=True)
    return freed


def _files(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    for base, _, names in os.walk(folder):
        for name in names:
            path = Path(base, name)
            with suppress(OSError):
                yield path, path.stat()


def _limit() -> int:
    given = os.environ.get(_LIMIT, "")
    try:
        gigabytes = float(given) if given else _DEFAULT_GB
    except ValueError:
        gigabytes = -1.0
    if not gigabytes >= 0:
        raise ConfigError(f"{_LIMIT}: {given!r} is no number of gigabytes; set it to one such as 8")
    return int(gigabytes * 1e9)
