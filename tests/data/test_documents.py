"""Documents of every kind of file."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from kgslm.data.documents import document_records, read_documents
from kgslm.data.jsonl import write_jsonl
from kgslm.errors import DataError
from kgslm.records import Document

PUBTATOR = "7|t|Fever\n7|a|and cough\n7\t0\t5\tFever\tSign\tD1\n"


def test_lines_or_one_plain_text(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "d.jsonl", [{"text": "one"}, {"id": "b", "text": "two"}])
    assert list(read_documents(tmp_path / "d.jsonl")) == [Document("1", "one"), Document("b", "two")]
    (tmp_path / "n.txt.gz").write_bytes(gzip.compress(b"A.\nB.\n"))
    assert list(read_documents(tmp_path / "n.txt.gz")) == [Document("n.txt", "A.\nB.\n")]
    write_jsonl(tmp_path / "o.jsonl", [{"body": "three"}])
    assert [document.text for document in read_documents(tmp_path / "o.jsonl", text="body")] == ["three"]


@pytest.mark.parametrize("name", ["x.pubtator", "x.pubtator.gz", "x.pubtator.txt", "x.pubtator.txt.gz"])
def test_texts_with_spans_are_known_by_their_ending(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(gzip.compress(PUBTATOR.encode()) if name.endswith(".gz") else PUBTATOR.encode())
    ((where, record),) = document_records(path, text="body")
    assert (where, record["id"], record["text"]) == (f"{path}:1", "7", "Fever and cough")
    assert record["entities"] == [{"start": 0, "end": 5, "label": "Sign", "id": "D1"}]


def test_other_fields_stay(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "d.jsonl", [{"id": 3, "text": "one", "mentions": []}])
    assert [record for _, record in document_records(tmp_path / "d.jsonl")] == [
        {"id": "3", "text": "one", "mentions": []}
    ]


def test_a_line_without_text_is_named(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "d.jsonl", [{"id": "a", "text": "one"}, {"id": "b"}])
    with pytest.raises(DataError, match=r"d\.jsonl:2: the field 'text' is missing"):
        list(read_documents(tmp_path / "d.jsonl"))
