"""Documents: a text each, with whatever else their file says of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kgslm.data.jsonl import open_text, read_jsonl, record_id, text_field
from kgslm.data.marked import marked_reader
from kgslm.records import Document

_PLAIN = (".txt", ".txt.gz", ".md", ".md.gz")


def document_records(path: Path | str, text: str = "text") -> Iterator[tuple[str, dict[str, Any]]]:
    """Stream ``("file:line", record)`` pairs; a record has the strings ``id`` and ``text`` beside its other fields.

    A format of texts with spans is known by its ending (``.pubtator``, ``.conll``, and before ``.txt`` or ``.gz``); any
    other ``.txt`` or ``.md`` file is one document; the rest is JSONL. text: the field of JSONL that has the text.
    Raises DataError with file and line.
    """
    read = marked_reader(path)
    if read is None and str(path).endswith(_PLAIN):
        with open_text(path) as file:
            yield f"{path}:1", {"id": Path(path).name.removesuffix(".gz"), "text": file.read()}
        return
    for where, record in (read or read_jsonl)(path):
        words = text_field(record, "text" if read else text, where)
        yield where, {**record, "id": record_id(record, where), "text": words}


def read_documents(path: Path | str, text: str = "text") -> Iterator[Document]:
    """The same as plain documents, without their other fields."""
    for _, record in document_records(path, text):
        yield Document(record["id"], record["text"])
