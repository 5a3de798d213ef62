"""CSV and TSV as records."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from kgslm.data.tables import LONGEST, read_csv
from kgslm.errors import DataError

EXPECTED = [{"id": "1", "text": 'high "fever", cough'}, {"id": "2", "text": ""}]
CSV = 'id,text\n1,"high ""fever"", cough"\n\n2,\n'


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("d.csv", CSV),
        ("d.csv", CSV.replace("\n", "\r\n")),
        ("d.csv", "\ufeff" + CSV),
        ("d.tsv", 'id\ttext\n1\t"high ""fever"", cough"\n\n2\t\n'),
        ("d.csv", 'id\ttext\n1\thigh "fever", cough\n\n2\t\n'),
        ("d.csv", 'id;text\n1;"high ""fever"", cough"\n\n2;\n'),
    ],
    ids=["comma", "carriage returns", "byte order mark", "tab by name", "tab by header", "semicolon"],
)
def test_rows_become_records_with_file_and_line(name: str, content: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8", newline="")
    assert list(read_csv(path)) == [(f"{path}:2", EXPECTED[0]), (f"{path}:4", EXPECTED[1])]
    path.write_bytes(gzip.compress(path.read_bytes()))
    assert [record for _, record in read_csv(path)] == EXPECTED


def test_the_folder_does_not_choose_the_delimiter(tmp_path: Path) -> None:
    path = tmp_path / "my.tsv.files" / "d.csv"
    path.parent.mkdir()
    path.write_text(CSV)
    assert [record for _, record in read_csv(path)] == EXPECTED


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('"a;b;c",text\n1;2,x\n', {"a;b;c": "1;2", "text": "x"}),
        ('"a,b,c";text\n1,2;x\n', {"a,b,c": "1,2", "text": "x"}),
        ("text\nx;y\n", {"text": "x;y"}),
    ],
)
def test_the_header_chooses_between_comma_and_semicolon(content: str, expected: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_text(content)
    assert [record for _, record in read_csv(path)] == [expected]


def test_labels_are_a_list_and_label_is_not(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_text("text,labels,label\na,x | y,x|y\nb,,\nc,x,x\n")
    assert [(record["labels"], record["label"]) for _, record in read_csv(path)] == [
        (["x", "y"], "x|y"),
        ([], ""),
        (["x"], "x"),
    ]


def test_a_field_may_be_as_long_as_a_document(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_text("id,text\n1," + "y" * 200_000 + "\n")
    assert [len(record["text"]) for _, record in read_csv(path)] == [200_000]


def test_a_field_may_span_lines(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_text('id,text\n1,"a\nb"\n2,c,d\n')
    rows = read_csv(path)
    assert next(rows)[1] == {"id": "1", "text": "a\nb"}
    with pytest.raises(DataError, match=rf"^{path}:4: 3 fields where the header has 2$"):
        next(rows)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", ":1: a header line was expected"),
        (b"\nid,text\n", ":1: a header line was expected"),
        (b"id,text\n1,x\n2\n", ":3: 1 fields where the header has 2"),
        (b"id,text,text\n1,x,y\n", ":1: the column 'text' is there twice; give each its own name"),
        (b"id,text\n1,x\n2,\xff\n", ":3: not UTF-8 text"),
        (b"id,text\n1,x\n2," + b"y" * (LONGEST + 1) + b"\n", r":3: not valid CSV \(field larger than field limit"),
        (gzip.compress(b"id,text\n1,x\n")[:-9], ": the gzip file is damaged or cut short"),
    ],
)
def test_bad_tables_are_told_by_line(content: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_bytes(content)
    with pytest.raises(DataError, match=rf"^{path}{said}"):
        list(read_csv(path))
