"""The files of a source: on disk, in an installed package or in an archive; packed or not; always UTF-8."""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
import zipfile
import zlib
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from kgslm.data.jsonl import first_undecodable
from kgslm.errors import PackError

_GZIP = b"\x1f\x8b"
_ARCHIVES = (".tar.gz", ".zip", ".tar", ".tgz")


@dataclass(frozen=True)
class SourceFile:
    """One file. name: as messages show it. opener: gives the raw bytes from the start, each time it is called."""

    name: str
    opener: Callable[[], IO[bytes]]

    @property
    def suffix(self) -> str:
        """The file name's ending in lower case, ``.gz`` aside."""
        return Path(self.name.lower().removesuffix(".gz")).suffix

    @contextmanager
    def binary(self) -> Iterator[IO[bytes]]:
        """The unpacked bytes, without a byte order mark.

        Raises PackError where the file cannot be read or its compression is damaged.
        """
        try:
            with self.opener() as raw:
                packed = raw.read(2) == _GZIP
                raw.seek(0)
                file: Any = gzip.GzipFile(fileobj=raw) if packed else raw
                if file.read(len(BOM_UTF8)) != BOM_UTF8:
                    file.seek(0)
                yield file
        except (gzip.BadGzipFile, zlib.error, EOFError, tarfile.TarError, zipfile.BadZipFile) as error:
            raise PackError(f"{self.name}: the compressed file is damaged or cut short; fetch it again") from error
        except OSError as error:
            raise PackError(f"{self.name}: cannot be read: {error.strerror or error}") from error

    @contextmanager
    def text(self) -> Iterator[IO[str]]:
        """The text, with ``\\n`` at line ends. Raises PackError as ``binary``, or with the line that is not UTF-8."""
        try:
            with self.binary() as raw, io.TextIOWrapper(raw, encoding="utf-8", newline=None) as file:
                yield file
        except UnicodeDecodeError as error:
            message = f"{self.name}:{self._bad_line()}: not UTF-8 text; convert the file first (iconv -t UTF-8)"
            raise PackError(message) from error

    def head(self, size: int = 65536) -> str:
        """The start of the text, for a look at what it is; bytes that are not UTF-8 are replaced."""
        with self.binary() as file:
            return file.read(size).decode("utf-8", "replace")

    def sha256(self) -> str:
        """The checksum of the raw bytes."""
        try:
            with self.opener() as raw:
                return hashlib.file_digest(raw, "sha256").hexdigest()  # type: ignore[arg-type]
        except OSError as error:
            raise PackError(f"{self.name}: cannot be read: {error.strerror or error}") from error

    def _bad_line(self) -> int:
        with self.binary() as raw:
            return first_undecodable(raw)


def is_archive(path: Path) -> bool:
    """Whether the path is that of an archive, whose files are read in place."""
    return path.name.lower().endswith(_ARCHIVES) and path.is_file()


def title_of(path: Path) -> str:
    """The name of a folder or archive, without the ending of an archive."""
    name = path.resolve().name
    ending = next((ending for ending in _ARCHIVES if name.lower().endswith(ending)), "") if is_archive(path) else ""
    return name[: len(name) - len(ending)]


@contextmanager
def source_files(path: Path) -> Iterator[list[SourceFile]]:
    """The files behind a path: a file, a folder (with all below it), a glob pattern or an archive; in name order.

    A path that goes on behind an archive, ``terms.zip/a.csv``, is that one file in it. Raises PackError where there
    is none.
    """
    archive = next((place for place in (path, *path.parents) if is_archive(place)), None)
    if archive is not None:
        with _archive(archive) as files:
            chosen = files if archive == path else [file for file in files if Path(file.name) == path]
            if not chosen:
                raise PackError(f"{path}: no such file in {archive}; check the path of the source")
            yield chosen
        return
    if path.is_file():
        found = [path]
    elif path.is_dir():
        found = sorted(file for file in path.rglob("*") if file.is_file() and not file.name.startswith("."))
    else:
        found = sorted(file for file in _glob(path) if file.is_file())
    if not found:
        raise PackError(f"{path}: no such file, folder or match; check the path of the source")
    yield [SourceFile(str(file), _opener(file)) for file in found]


def _glob(path: Path) -> list[Path]:
    """Matches of the last parts of a path, from the first part with a wildcard."""
    for number, part in enumerate(path.parts):
        if any(sign in part for sign in "*?["):
            base = Path(*path.parts[:number])
            return list(base.glob(str(Path(*path.parts[number:])))) if base.is_dir() else []
    return []


def _opener(path: Path) -> Callable[[], IO[bytes]]:
    return lambda: path.open("rb")


@contextmanager
def _archive(path: Path) -> Iterator[list[SourceFile]]:
    """Members are read in place; nothing is unpacked to disk."""
    try:
        if path.name.lower().endswith(".zip"):
            with zipfile.ZipFile(path) as zip_:
                names = sorted(name for name in zip_.namelist() if not name.endswith("/"))
                yield [SourceFile(f"{path}/{name}", _zip_member(zip_, name)) for name in names]
        else:
            with tarfile.open(path) as tar:
                # In the order of the archive: going back in a compressed one means to unpack it again.
                members, contents = [member for member in tar if member.isfile()], _TarMembers(tar)
                yield [SourceFile(f"{path}/{member.name}", contents.opener(member)) for member in members]
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, zlib.error) as error:
        raise PackError(f"{path}: the archive is damaged or cut short; fetch it again") from error


def _zip_member(archive: zipfile.ZipFile, name: str) -> Callable[[], IO[bytes]]:
    return lambda: archive.open(name)


class _TarMembers:
    """Opens members, keeping the last one: going back in a compressed archive means to unpack it from the start."""

    def __init__(self, archive: tarfile.TarFile) -> None:
        self._archive = archive
        self._last: tuple[str, bytes] = ("", b"")

    def opener(self, member: tarfile.TarInfo) -> Callable[[], IO[bytes]]:
        return lambda: io.BytesIO(self._content(member))

    def _content(self, member: tarfile.TarInfo) -> bytes:
        if self._last[0] != member.name:
            file = self._archive.extractfile(member)
            self._last = (member.name, file.read() if file else b"")
        return self._last[1]
