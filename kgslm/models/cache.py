"""Checksums of large files, remembered in the cache folder."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path

from kgslm.artifacts import atomic_file, sha256_file
from kgslm.caching import cache_folder


def cached_sha256(path: Path) -> str:
    """The file's SHA-256; remembered by path, size and time of change, as hashing weights takes a while."""
    stat = path.stat()
    key = f"{path.resolve()}\n{stat.st_size}\n{stat.st_mtime_ns}"
    note = cache_folder() / "checksums" / hashlib.sha256(key.encode()).hexdigest()
    with suppress(OSError):
        known = note.read_text(encoding="ascii").strip()
        if len(known) == 64:
            return known
    digest = sha256_file(path)
    # A cache that cannot be written to costs time, nothing else.
    with suppress(OSError), atomic_file(note) as file:
        file.write(digest + "\n")
    return digest
