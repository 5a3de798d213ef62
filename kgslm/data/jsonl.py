"""Text files in and out: UTF-8, ``.gz`` everywhere, ``-`` for standard input and output, JSON one object a line."""

from __future__ import annotations

import gzip
import io
import json
import sys
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from kgslm.artifacts import text_output
from kgslm.errors import DataError


@contextmanager
def open_text(path: Path | str) -> Iterator[IO[str]]:
    """Open a text file for reading. Raises DataError where it cannot be read or is not UTF-8."""
    try:
        with _unpacked(path) as raw:
            file = io.TextIOWrapper(raw, encoding="utf-8-sig", newline=None)
            try:
                yield file
            finally:
                file.detach()  # otherwise it would close standard input
    except UnicodeDecodeError as error:
        raise DataError(f"{path}{_bad_line(path)}: not UTF-8 text; convert it first (iconv -t UTF-8)") from error
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise DataError(f"{path}: the gzip file is damaged or cut short") from error
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror or error}") from error


@contextmanager
def _unpacked(path: Path | str) -> Iterator[IO[bytes]]:
    """The bytes of a file or of standard input, whether packed or not."""
    if str(path) == "-":
        yield _unzip(sys.stdin.buffer)
        return
    with Path(path).open("rb") as raw:
        yield _unzip(raw)


def _unzip(raw: Any) -> Any:
    return gzip.GzipFile(fileobj=raw) if raw.peek(2)[:2] == b"\x1f\x8b" else raw


def _bad_line(path: Path | str) -> str:
    if str(path) == "-":
        return ""
    with _unpacked(path) as raw:
        return f":{first_undecodable(raw)}"


def first_undecodable(lines: Iterable[bytes]) -> int:
    """The number, from 1, of the first line that is not UTF-8; 1 where all are."""
    for number, line in enumerate(lines, start=1):
        try:
            line.decode("utf-8")
        except UnicodeDecodeError:
            return number
    return 1


def read_jsonl(path: Path | str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Stream ``("file:line", object)`` pairs; blank lines are skipped. Raises DataError at the first bad line."""
    with open_text(path) as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            where = f"{path}:{number}"
            try:
                value = json.loads(line)
            except json.JSONDecodeError as error:
                message = f"{where}: not valid JSON ({error.msg}, column {error.colno}); one object a line is expected"
                raise DataError(message) from error
            except (RecursionError, ValueError):
                raise DataError(f"{where}: the JSON is nested too deeply, or a number is too long") from None
            if not isinstance(value, dict):
                raise DataError(f"{where}: a JSON object was expected, not {type(value).__name__}")
            if "\\ud" in line.lower():
                _check_surrogates(value, where)
            yield where, value


def _check_surrogates(value: Any, where: str) -> None:
    """JSON can name half of a surrogate pair, which neither a text file nor a tokenizer takes."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise DataError(f"{where}: half a character (\\ud800 to \\udfff alone); write it whole") from None


@contextmanager
def jsonl_writer(path: Path | str) -> Iterator[JsonlWriter]:
    """A writer whose file appears only when the block ends well; ``-`` is standard output, ``.gz`` is packed."""
    with text_output(path) as file:
        yield JsonlWriter(file)


class JsonlWriter:
    """Writes one JSON object a line."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file

    def write(self, record: Mapping[str, Any]) -> None:
        """Write one object."""
        self._file.write(json.dumps(record, ensure_ascii=False) + "\n")


def write_jsonl(path: Path | str, records: Iterable[Mapping[str, Any]]) -> int:
    """Write all records atomically; returns how many."""
    count = 0
    with jsonl_writer(path) as writer:
        for record in records:
            writer.write(record)
            count += 1
    return count


def text_field(record: Mapping[str, Any], key: str, where: str) -> str:
    """A string field. Raises DataError that names the file, the line and the fields that are there."""
    value = record.get(key)
    if isinstance(value, str):
        return value
    if value is None:
        raise DataError(f"{where}: the field {key!r} is missing; the line has {', '.join(record) or 'no fields'}")
    raise DataError(f"{where}: the field {key!r} must be a string, not {type(value).__name__}")


def record_id(record: Mapping[str, Any], where: str) -> str:
    """The record's ``id`` as a string; the line number where there is none."""
    value = record.get("id")
    if value is None:
        return where.rpartition(":")[2]
    return str(value)
