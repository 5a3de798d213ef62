"""The user's cache folder: what can be made again, such as converted weights and known checksums."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path

from kgslm.artifacts import atomic_file, sha256_file


def cache_folder() -> Path:
    """``KGSLM_CACHE``, else ``kgslm`` in the XDG cache folder (``~/.cache``). The folder may not exist yet."""
    chosen = os.environ.get("KGSLM_CACHE")
    if chosen:
        return Path(chosen).expanduser()
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "kgslm"


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
