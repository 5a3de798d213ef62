"""Sources at a URL: fetched only on request, checked, kept in the cache."""

from __future__ import annotations

import hashlib
from pathlib import Path, PurePosixPath
from urllib.error import URLError
from urllib.parse import urlparse
from urllib.request import urlopen

from kgslm.artifacts import atomic_file, sha256_file
from kgslm.errors import PackError
from kgslm.models.cache import cache_folder

_BLOCK = 1 << 20


def fetch(url: str, sha256: str, allow_download: bool) -> Path:
    """The file at ``url`` as a path in the cache. sha256: 64 hexadecimal digits in lower case.

    Raises PackError where it is not in the cache and ``allow_download`` is False, where the transfer fails, and
    where the bytes are not those of the checksum; nothing is kept then.
    """
    target = cache_folder() / "sources" / sha256 / (PurePosixPath(urlparse(url).path).name or "source")
    if target.is_file() and sha256_file(target) == sha256:
        return target
    if not allow_download:
        raise PackError(f"{url}: not in the cache; run the build with --allow-download to fetch it")
    digest = hashlib.sha256()
    try:
        with urlopen(url, timeout=60) as response, atomic_file(target, "wb") as file:
            while block := response.read(_BLOCK):
                digest.update(block)
                file.write(block)
            if digest.hexdigest() != sha256:
                raise PackError(f"{url}: the file has sha256 {digest.hexdigest()}, the recipe says {sha256}")
    except (URLError, OSError, ValueError) as error:
        raise PackError(f"{url}: cannot be fetched: {getattr(error, 'reason', error)}") from error
    return target
