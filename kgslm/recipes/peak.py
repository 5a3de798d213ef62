"""The most memory that a piece of work took."""

from __future__ import annotations

import re
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

_PROCESS = Path("/proc/self")


class PeakMemory:
    """Measures from when it is made. On Linux the peak of the process since then; elsewhere since the process began.

    Files that are mapped count as far as they are in memory.
    """

    def __init__(self) -> None:
        with suppress(OSError):  # not Linux, or not allowed there: the peak is then that of the whole process
            (_PROCESS / "clear_refs").write_text("5")
        if cuda := _cuda():
            cuda.reset_peak_memory_stats()

    def megabytes(self) -> float:
        """The peak of the process's resident memory, and of a GPU's on top of it."""
        own = _resident()
        cuda = _cuda()
        return own + (cuda.max_memory_allocated() / 1e6 if cuda else 0.0)


def _resident() -> float:
    try:
        found = re.search(r"VmHWM:\s+(\d+) kB", (_PROCESS / "status").read_text())
        if found:
            return int(found[1]) * 1024 / 1e6
    except OSError:
        pass
    try:
        import resource
    except ImportError:  # Windows has no such count
        return 0.0
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used / 1e6 if sys.platform == "darwin" else used * 1024 / 1e6


def _cuda() -> Any:
    import torch

    return torch.cuda if torch.cuda.is_available() else None
