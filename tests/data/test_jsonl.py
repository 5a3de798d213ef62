"""JSON lines, documents and their files: what comes back, and what is said of bad ones."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest

from kgslm.data.jsonl import jsonl_writer, read_jsonl, record_id, text_field, write_jsonl
from kgslm.errors import DataError

RECORDS: list[dict[str, Any]] = [{"id": "a", "text": "Fièvre, \u05d0 😀"}, {"id": 2, "n": [1, None]}]
BYTES = '{"id": "a", "text": "Fièvre, \u05d0 😀"}\n{"id": 2, "n": [1, null]}\n'.encode()


def test_what_is_written_is_read_with_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "new" / "d.jsonl"
    assert write_jsonl(path, RECORDS) == 2
    assert path.read_bytes() == BYTES
    assert list(read_jsonl(path)) == [(f"{path}:1", RECORDS[0]), (f"{path}:2", RECORDS[1])]


@pytest.mark.parametrize(
    "content",
    [
        gzip.compress(BYTES),
        b"\xef\xbb\xbf" + BYTES,
        BYTES.replace(b"\n", b"\r\n"),
        BYTES.removesuffix(b"\n"),
        b"\n" + BYTES.replace(b"\n", b"\n  \n"),
        BYTES.replace("😀".encode(), rb"\ud83d\ude00"),
    ],
    ids=["packed", "byte order mark", "carriage returns", "no last line end", "blank lines", "escaped"],
)
def test_forms_that_mean_the_same(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "d.jsonl").write_bytes(content)
    assert [record for _, record in read_jsonl(tmp_path / "d.jsonl")] == RECORDS


def test_blank_lines_count_as_lines(tmp_path: Path) -> None:
    (tmp_path / "d.jsonl").write_text('\n\n{"id": 1}\n')
    assert [where for where, _ in read_jsonl(tmp_path / "d.jsonl")] == [f"{tmp_path}/d.jsonl:3"]


def test_an_empty_file_has_no_records(tmp_path: Path) -> None:
    (tmp_path / "d.jsonl").touch()
    assert list(read_jsonl(tmp_path / "d.jsonl")) == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b'{"id": 1', r":2: not valid JSON \(Expecting ',' delimiter, column \d+\); one object a line is expected"),
        (b"[1, 2]", ":2: a JSON object was expected, not list"),
        (b"null", ":2: a JSON object was expected, not NoneType"),
        (b'{"id": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", ":2: the JSON is nested too deeply"),
        (b'{"id": ' + b"9" * 5000 + b"}", ":2: .* a number is too long"),
        (b'{"id": "\xe8"}', r":2: not UTF-8 text; convert it first \(iconv -t UTF-8\)"),
        (rb'{"id": "\ud83d"}', r":2: half a character \(.ud800 to .udfff alone\); write it whole"),
    ],
)
def test_a_bad_line_is_named(line: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / "d.jsonl"
    path.write_bytes(b'{"id": 0}\n' + line + b'\n{"id": 2}\n')
    with pytest.raises(DataError, match=rf"^{path}{said}") as caught:
        list(read_jsonl(path))
    assert "\n" not in str(caught.value)
    path.write_bytes(gzip.compress(path.read_bytes()))
    with pytest.raises(DataError, match=said):
        list(read_jsonl(path))


def test_a_damaged_gzip_file_is_one_clear_line(tmp_path: Path) -> None:
    path = tmp_path / "d.jsonl.gz"
    whole = gzip.compress(b"".join(b'{"id": %d}\n' % (number * 7919) for number in range(500)))
    middle = len(whole) // 2
    for damaged in (whole[:-12], whole[:middle], whole[:middle] + bytes(40) + whole[middle + 40 :], whole[:15]):
        path.write_bytes(damaged)
        with pytest.raises(DataError, match=rf"^{path}: the gzip file is damaged or cut short$"):
            list(read_jsonl(path))


def test_what_cannot_be_opened_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"gone\.jsonl: cannot be read: No such file or directory"):
        list(read_jsonl(tmp_path / "gone.jsonl"))
    with pytest.raises(DataError, match="cannot be read: Is a directory"):
        list(read_jsonl(tmp_path))


def stdin(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    # Not UTF-8 by itself, as a terminal may be; the contract says that text is.
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(content)), encoding="latin-1"))


@pytest.mark.parametrize("content", [BYTES, gzip.compress(BYTES)], ids=["plain", "packed"])
def test_standard_input_is_utf8_packed_or_not(content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    stdin(monkeypatch, content)
    assert list(read_jsonl("-")) == [("-:1", RECORDS[0]), ("-:2", RECORDS[1])]


def test_bad_standard_input_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    stdin(monkeypatch, b'{"id": "\xe8"}\n')
    with pytest.raises(DataError, match=r"^-: not UTF-8 text"):
        list(read_jsonl("-"))


def test_standard_output_gets_the_lines(capsys: pytest.CaptureFixture[str]) -> None:
    write_jsonl("-", RECORDS)
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == RECORDS


def test_packed_output_is_the_same_bytes_each_time(tmp_path: Path) -> None:
    for name in ("a.jsonl.gz", "b.jsonl.gz"):
        write_jsonl(tmp_path / name, RECORDS)
    assert (tmp_path / "a.jsonl.gz").read_bytes() == (tmp_path / "b.jsonl.gz").read_bytes()
    assert gzip.decompress((tmp_path / "a.jsonl.gz").read_bytes()) == BYTES


@pytest.mark.parametrize("name", ["d.jsonl", "d.jsonl.gz"])
def test_output_is_whole_or_absent(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(b"old")
    with pytest.raises(RuntimeError, match="half way"), jsonl_writer(path) as writer:
        writer.write({"id": 1})
        raise RuntimeError("half way")
    assert path.read_bytes() == b"old"
    assert [file.name for file in tmp_path.iterdir()] == [name]


def test_fields_and_ids(tmp_path: Path) -> None:
    assert text_field({"text": ""}, "text", "d:1") == ""
    with pytest.raises(DataError, match=r"^d:1: the field 'text' is missing; the line has id, body$"):
        text_field({"id": 1, "body": "x"}, "text", "d:1")
    with pytest.raises(DataError, match=r"^d:1: the field 'text' is missing; the line has no fields$"):
        text_field({}, "text", "d:1")
    with pytest.raises(DataError, match=r"^d:1: the field 'text' must be a string, not int$"):
        text_field({"text": 5}, "text", "d:1")
    assert record_id({"id": 7}, "d:1") == "7"
    assert record_id({}, f"{tmp_path}:x/d:12") == record_id({"id": None}, "d:12") == "12"
