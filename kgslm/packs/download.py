"""Sources from the network: fetched only on request, checked, resumed, kept in the cache."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlparse

from kgslm.artifacts import sha256_file
from kgslm.caching import cache_folder
from kgslm.errors import PackError

TIMEOUT = 60
"""Seconds that a server may be silent."""

_BLOCK = 1 << 20
_PARTIAL, _NOTHING_LEFT = 206, 416


def fetch(url: str, sha256: str, allow_download: bool) -> Path:
    """The file at ``url`` as a path in the cache. sha256: 64 hexadecimal digits in lower case.

    What an interrupted transfer brought is kept, and the next one goes on from there where the server can. Raises
    PackError where the file is not in the cache and ``allow_download`` is False, where the transfer fails, and where
    the bytes are not those of the checksum; nothing is kept then.
    """
    target = source_cache() / sha256 / (PurePosixPath(urlparse(url).path).name or "source")
    if target.is_file() and sha256_file(target) == sha256:
        return target
    if not allow_download:
        raise PackError(not_cached(url))
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    with request_errors(url):
        _transfer(url, part)
    found = sha256_file(part)
    if found != sha256:
        part.unlink()
        raise PackError(f"{url}: the file has sha256 {found}, the recipe says {sha256}")
    part.replace(target)
    return target


def source_cache() -> Path:
    """The folder for fetched sources."""
    return cache_folder() / "sources"


def not_cached(what: str) -> str:
    """The message for what may not be fetched."""
    return f"{what}: not in the cache; run the build with --allow-download to fetch it"


@contextmanager
def request_errors(url: str) -> Iterator[None]:
    """Turn what can go wrong with a request into one PackError."""
    from http.client import HTTPException
    from urllib.error import HTTPError, URLError

    try:
        yield
    except HTTPError as error:
        said = " ".join(error.read(1000).decode("utf-8", "replace").split())[:200] if error.code < 500 else ""
        reason = f"HTTP status {error.code} {error.reason}" + (f" ({said})" if said and "<" not in said else "")
        raise PackError(f"{url}: cannot be fetched: {reason}") from error
    except (URLError, HTTPException, OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or str(error) or type(error).__name__
        raise PackError(f"{url}: cannot be fetched: {' '.join(str(reason).split())}") from error


def request(url: str, headers: Mapping[str, str] = {}, data: bytes | None = None) -> Any:
    """The response of a server, to be closed by the caller; raises what ``request_errors`` turns into one error."""
    # A tenth of the time and memory of `import kgslm.packs`, for what few builds do.
    from urllib.request import Request, urlopen

    return urlopen(Request(url, data=data, headers=dict(headers)), timeout=TIMEOUT)


def _transfer(url: str, part: Path) -> None:
    """Fetch into ``part``, behind what is there where the server sends the rest alone."""
    from urllib.error import HTTPError

    start = part.stat().st_size if part.exists() else 0
    try:
        response = request(url, {"Range": f"bytes={start}-"} if start else {})
    except HTTPError as error:
        if error.code != _NOTHING_LEFT or not start:
            raise
        return  # all of it is there already; the checksum tells
    with response, part.open("ab" if response.status == _PARTIAL else "wb") as file:
        expected = response.headers.get("Content-Length")
        before = file.tell()
        while block := response.read(_BLOCK):
            file.write(block)
        if expected is not None and file.tell() - before < int(expected):
            raise OSError("the connection was cut; run it again to go on from there")
