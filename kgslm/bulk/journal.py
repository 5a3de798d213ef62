"""Output line by line that an interrupted run leaves behind for the next one to go on with.

While a run lasts, its lines stand in the hidden folder ``.NAME.resume`` beside the output, together with
``job.json``, which says what the run was about. When all is done they move into the place of the output, or go where
the output is made from them (``journal``).
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Protocol

from kgslm.artifacts import atomic_file, check_file, text_output
from kgslm.errors import KgslmError

_JOB, _PART = "job.json", "part.jsonl"


class LineOutput(Protocol):
    """Where lines go."""

    def kept(self) -> Iterator[str]:
        """The whole lines of an interrupted run, without line ends. Each asked-for next line confirms the last."""
        ...

    def write(self, text: str) -> None:
        """Add whole lines; what was kept and not confirmed is dropped."""
        ...


@contextmanager
def line_output(
    path: Path | str, job: Mapping[str, Any] | None, *, resume: bool | None = None, say: Callable[[str], None] = print
) -> Iterator[LineOutput]:
    """An output that appears only when the block ends well; ``.gz`` is packed, ``-`` is standard output.

    job: what the lines depend on besides the input, plain values; None for lines that cannot be gone on with.
    resume: go on with an interrupted run of the same job; False starts anew, None does so where the job differs.
    say: told, in one line, where an interrupted run is given up for that.
    Raises KgslmError where ``resume`` is True and the job differs or the output is no file, and where another run
    is writing the same output.
    """
    target = Path(path)
    if str(path) == "-" or job is None or (target.exists() and not target.is_file()):
        if resume:
            raise KgslmError(f"{path}: only a run that writes a file, with a linker named, can be resumed")
        with text_output(path) as file:
            yield _Stream(file)
        return
    check_file(target)
    journal = _Journal(target, job, say)
    try:
        journal.open(resume)
        yield journal
        journal.finish()
    finally:
        journal.close()


@contextmanager
def journal(
    path: Path | str, job: Mapping[str, Any], *, resume: bool | None = None, say: Callable[[str], None] = print
) -> Iterator[LineOutput]:
    """Lines that work on ``path`` leaves beside it until it is done: when the block ends well they go.

    Each line is on the disk, whole, when ``write`` returns. job, resume, say: as for ``line_output``.
    """
    lines = _Journal(Path(path), job, say)
    try:
        lines.open(resume)
        yield lines
        lines.drop()
    finally:
        lines.close()


class _Stream:
    """An output that keeps nothing."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file

    def kept(self) -> Iterator[str]:
        return iter(())

    def write(self, text: str) -> None:
        self._file.write(text)


class _Journal:
    """The folder of an unfinished output. It is made when there is something to put into it."""

    def __init__(self, path: Path, job: Mapping[str, Any], say: Callable[[str], None]) -> None:
        self._path = path
        self._job = json.loads(json.dumps(job))
        self._folder = path.parent / f".{path.name}.resume"
        self._part: IO[bytes] | None = None
        self._say = say
        self._confirmed = 0
        self._writing = False

    def open(self, resume: bool | None) -> None:
        part = self._folder / _PART
        if not part.is_file():
            return
        self._part = part.open("r+b")
        self._lock()
        differs = self._difference()
        if differs and resume:
            raise KgslmError(f"{self._folder}: {differs}; give what it had, or leave out --resume to start anew")
        if differs or resume is False:
            self._say(f"{self._folder}: {differs or 'an interrupted run is not gone on with'}; starting anew")
            self._part.truncate(0)
            self._save_job()

    def kept(self) -> Iterator[str]:
        """Stops at the first line that is not whole."""
        if self._part is None:
            return
        self._part.seek(0)
        for line in self._part:
            if not line.endswith(b"\n"):
                return
            yield line[:-1].decode("utf-8", "replace")
            self._confirmed += len(line)

    def write(self, text: str) -> None:
        if self._part is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._save_job()
            self._part = (self._folder / _PART).open("w+b")
            self._lock()
        if not self._writing:
            self._part.truncate(self._confirmed)
            self._part.seek(self._confirmed)
            self._writing = True
        self._part.write(text.encode())
        self._part.flush()  # what the system has is safe from whatever ends this process

    def finish(self) -> None:
        """Move the lines into the place of the output."""
        self.write("")
        assert self._part is not None
        os.fsync(self._part.fileno())
        if self._path.name.endswith(".gz"):
            self._part.seek(0)
            with text_output(self._path) as file:
                for line in self._part:
                    file.write(line.decode())
        else:
            (self._folder / _PART).replace(self._path)
        self.drop()

    def drop(self) -> None:
        """Forget the lines."""
        self.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def close(self) -> None:
        if self._part:
            self._part.close()
            self._part = None

    def _difference(self) -> str:
        """In what the interrupted run was another one; empty where it was not."""
        try:
            job = json.loads((self._folder / _JOB).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return f"{_JOB} is damaged"
        for key, value in self._job.items():
            if job.get(key) != value:
                return f"the interrupted run had {key} {job.get(key)}, not {value}"
        return ""

    def _save_job(self) -> None:
        with atomic_file(self._folder / _JOB) as file:
            json.dump(self._job, file, ensure_ascii=False, indent=2)

    def _lock(self) -> None:
        """One run at a time; the lock goes with the process, however it ends."""
        try:
            import fcntl
        except ImportError:  # Windows refuses by itself to move a file that another process has open
            return
        assert self._part is not None
        try:
            fcntl.flock(self._part, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise KgslmError(
                f"{self._path}: another run is writing this output; wait for it, or choose another output"
            ) from error
