"""Where the cache is."""

from __future__ import annotations

import os
from pathlib import Path


def cache_folder() -> Path:
    """``KGSLM_CACHE``, else ``kgslm`` in the XDG cache folder (``~/.cache``). The folder may not exist yet."""
    chosen = os.environ.get("KGSLM_CACHE")
    if chosen:
        return Path(chosen).expanduser()
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "kgslm"
