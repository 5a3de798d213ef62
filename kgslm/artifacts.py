"""Files and folders that are either whole or absent, and can prove what they hold.

An artefact is a folder with a ``manifest.json`` that names its kind, format version and the checksum of each file.
"""

from __future__ import annotations

import glob
import gzip
import hashlib
import io
import json
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from kgslm.errors import KgslmError

MANIFEST = "manifest.json"
SMALL = 64 * 1024 * 1024
"""Bytes that take so little time to hash that they are checked whenever an artefact is opened."""


def sha256_file(path: Path) -> str:
    """The file's SHA-256 as 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def atomic_file(path: Path, mode: str = "w") -> Iterator[IO[Any]]:
    """A file that appears under ``path`` only when the block ends well. Text is UTF-8 with ``\\n`` line ends.

    A device or pipe, such as /dev/null, is written to as it is. Raises KgslmError where a folder has that name or its
    place cannot be written to.
    """
    text = {} if "b" in mode else {"encoding": "utf-8", "newline": "\n"}
    if _is_device(path):
        with path.open(mode, **text) as file:  # type: ignore[call-overload]
            yield file
        return
    check_file(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    temporary = Path(name)
    try:
        with os.fdopen(handle, mode, **text) as file:  # type: ignore[call-overload]
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


@contextmanager
def text_output(path: Path | str) -> Iterator[IO[str]]:
    """A text file as ``atomic_file`` makes it; ``-`` is standard output, ``.gz`` is packed."""
    if str(path) == "-":
        yield sys.stdout
    elif str(path).endswith(".gz"):
        # No time stamp and no name in the header: the same content gives the same bytes.
        with (
            atomic_file(Path(path), "wb") as raw,
            gzip.GzipFile(filename="", fileobj=raw, mode="wb", mtime=0) as packed,
            io.TextIOWrapper(packed, encoding="utf-8", newline="\n") as file,
        ):
            yield file
    else:
        with atomic_file(Path(path)) as file:
            yield file


@contextmanager
def atomic_folder(path: Path, kind: str) -> Iterator[Path]:
    """A folder that appears under ``path`` only when the block ends well.

    An older artefact of the same kind is replaced; any other folder or file under that name is left alone and
    raises KgslmError. The block writes into the yielded folder, the manifest included (``write_manifest``).
    """
    check_replaceable(path, kind)
    path.parent.mkdir(parents=True, exist_ok=True)
    _tidy(path)
    temporary = Path(tempfile.mkdtemp(dir=path.parent, prefix=_mark(path), suffix=".part"))
    try:
        yield temporary
        _finish(temporary)
        _swap(temporary, path)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


def check_replaceable(path: Path, kind: str) -> None:
    """Raise KgslmError where ``atomic_folder`` could not write: long work asks before it starts."""
    _check_place(path.parent)
    if not path.exists():
        return
    if not path.is_dir():
        raise KgslmError(f"{path}: a file is in the way; choose another output")
    if not any(path.iterdir()):
        return
    try:
        found = json.loads((path / MANIFEST).read_text(encoding="utf-8"))["kind"]
    except (OSError, ValueError, KeyError, TypeError):
        found = None
    if found != kind:
        raise KgslmError(f"{path}: the folder is not empty and is no {kind}; choose another output")


def check_file(path: Path) -> None:
    """Raise KgslmError where ``atomic_file`` could not write."""
    if path.is_dir():
        raise KgslmError(f"{path}: a folder is in the way; choose another output")
    if not _is_device(path):
        _check_place(path.parent)


def _is_device(path: Path) -> bool:
    return path.exists() and not path.is_file() and not path.is_dir()


def _check_place(folder: Path) -> None:
    """Raise KgslmError where nothing can be made in the folder, or in the nearest one above it that is there."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    if not folder.is_dir():
        raise KgslmError(f"{folder}: a file is in the way; choose another output")
    try:
        # Permission bits say little to an administrator and on a read-only disk: only a file that was made does.
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise KgslmError(f"{folder}: not writable; choose another output") from error


def write_manifest(folder: Path, kind: str, format_version: int, facts: dict[str, Any]) -> None:
    """Write ``manifest.json``: kind, format version, checksum and size of every file of the folder, and ``facts``."""
    files = {
        file.relative_to(folder).as_posix(): {"sha256": sha256_file(file), "bytes": file.stat().st_size}
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file.name != MANIFEST
    }
    manifest = {"kind": kind, "format_version": format_version, **facts, "files": files}
    text = json.dumps(manifest, ensure_ascii=False, indent=2)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")


def read_manifest(folder: Path, kind: str, format_version: int, *, verify: bool | None = None) -> dict[str, Any]:
    """Read ``manifest.json`` and check that the folder is of this kind and of a known format.

    verify: whether to compare every file with its checksum; None does where all files together have at most
    ``SMALL`` bytes. Raises KgslmError where the folder is missing, damaged, of another kind or from a newer kgslm.
    """
    path = folder / MANIFEST
    if not folder.exists():
        raise KgslmError(f"{folder}: no such folder; {_article(kind)} was expected there")
    if not path.is_file():
        raise KgslmError(f"{folder}: not {_article(kind)}: it has no {MANIFEST}")
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        found, version, files = manifest["kind"], int(manifest["format_version"]), dict(manifest["files"])
    except (ValueError, KeyError, TypeError) as error:
        raise KgslmError(f"{path}: the manifest is damaged ({error}); build the {kind} again") from error
    if found != kind:
        raise KgslmError(f"{folder}: this is {_article(found)}, {_article(kind)} was expected")
    if version > format_version:
        raise KgslmError(
            f"{folder}: format version {version} is newer than this kgslm reads ({format_version}); upgrade kgslm"
        )
    for name, facts in files.items():
        file = folder / name
        if not file.is_file() or file.stat().st_size != facts["bytes"]:
            raise KgslmError(f"{file}: missing or cut short; build the {kind} again")
    if verify or (verify is None and sum(facts["bytes"] for facts in files.values()) <= SMALL):
        verify_files(folder, manifest)
    return dict(manifest)


def verify_files(folder: Path, manifest: dict[str, Any]) -> None:
    """Compare every file with its checksum. Raises KgslmError that names the first damaged file."""
    for name, facts in manifest["files"].items():
        if sha256_file(folder / name) != facts["sha256"]:
            raise KgslmError(f"{folder / name}: the checksum differs from the manifest; the file is damaged")


def _swap(new: Path, path: Path) -> None:
    if not path.exists():
        new.rename(path)
        return
    old = Path(tempfile.mkdtemp(dir=path.parent, prefix=_mark(path), suffix=".old"))
    path.rename(old / "was")
    try:
        new.rename(path)
    except BaseException:
        (old / "was").rename(path)
        raise
    finally:
        shutil.rmtree(old, ignore_errors=True)


def _mark(path: Path) -> str:
    """How the names of this process's temporary folders for ``path`` begin."""
    return f".{path.name}.{platform.node()}-{os.getpid()}-"


def _tidy(path: Path) -> None:
    """Remove what killed processes left beside ``path``; a folder that one of them had just moved away comes back."""
    begin = f".{path.name}.{platform.node()}-"
    for left in sorted(path.parent.glob(f"{glob.escape(begin)}*")):
        number = left.name.removeprefix(begin).partition("-")[0]
        if left.suffix not in (".part", ".old") or not number.isdecimal() or _is_running(int(number)):
            continue
        if (left / "was").is_dir() and not path.exists():
            (left / "was").rename(path)
        shutil.rmtree(left, ignore_errors=True)


def _is_running(process: int) -> bool:
    if os.name == "nt":
        return True  # there, asking would end it
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def _finish(folder: Path) -> None:
    """Bring all of it to the disk, with the rights that the user's new files have: some writers keep theirs private."""
    mask = _umask()
    folder.chmod(0o777 & ~mask)
    for entry in folder.rglob("*"):
        entry.chmod((0o777 if entry.is_dir() else 0o666) & ~mask)
        if entry.is_file():
            with entry.open("rb") as handle:
                os.fsync(handle.fileno())


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _article(kind: str) -> str:
    return f"{'an' if kind[:1] in 'aeiou' else 'a'} {kind}"
