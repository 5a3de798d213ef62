"""Which code made something, so that nothing made by other code is taken for it."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


@cache
def code_version(*parts: str) -> str:
    """A checksum of sources and data files of kgslm, its version among them, as 16 hexadecimal digits.

    parts: those of the package that matter, such as ``linking`` or ``tuning/split.py``; none means all of it.
    """
    digest = sha256()
    for part in ("__init__.py", *parts) if parts else (".",):
        for file in _files(_PACKAGE / part):
            digest.update(file.relative_to(_PACKAGE).as_posix().encode())
            digest.update(sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _files(place: Path) -> list[Path]:
    if place.is_file():
        return [place]
    return sorted(file for file in place.rglob("*") if file.is_file() and "__pycache__" not in file.parts)
