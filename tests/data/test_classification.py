"""Labelled texts: labels in their forms, and bad data told by file and line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kgslm.data.classification import Dataset, Fields, read_examples
from kgslm.errors import DataError
from kgslm.records import Example


def write(path: Path, *lines: Any) -> Path:
    path.write_text("".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines))
    return path


def test_one_label_each(tmp_path: Path) -> None:
    path = write(
        tmp_path / "d.jsonl",
        {"id": "x", "text": "fever", "label": "b"},
        {"text": "", "label": 0, "text_pair": None, "more": 1},
        {"id": 7, "text": "cough", "label": True, "text_pair": "cold"},
    )
    data = read_examples(path)
    assert data.examples == (
        Example("x", "fever", ("b",)),
        Example("2", "", ("0",)),
        Example("7", "cough", ("True",), text_pair="cold"),
    )
    assert (data.multi_label, data.labels, len(data)) == (False, ("0", "True", "b"), 3)


@pytest.mark.parametrize("field", ["label", "labels"])
def test_any_number_of_labels_each(field: str, tmp_path: Path) -> None:
    path = write(tmp_path / "d.jsonl", {"text": "a", field: ["y", 1, "y"]}, {"text": "b", field: []})
    data = read_examples(path)
    assert data.multi_label
    assert [example.labels for example in data] == [("y", "1"), ()]
    assert data.counts() == {"y": 1, "1": 1}


def test_any_number_of_labels_in_a_table(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_text("id,text,labels\na,fever,x|y\nb,cough,\nc,rash,x\n")
    data = read_examples(path)
    assert (data.multi_label, [example.labels for example in data]) == (True, [("x", "y"), (), ("x",)])
    path.write_text("id,text,labels\na,fever,x||y\n")
    with pytest.raises(DataError, match=rf"^{path}:2: every label must be a string that is not empty"):
        read_examples(path)


def test_fields_by_other_names(tmp_path: Path) -> None:
    path = write(
        tmp_path / "d.jsonl", {"body": "a", "topic": "x", "claim": "b"}, {"body": "", "topic": "y", "claim": ""}
    )
    data = read_examples(path, Fields("body", "topic", "claim"))
    assert data.examples == (Example("1", "a", ("x",), text_pair="b"), Example("2", "", ("y",), text_pair=""))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("d.csv", "id,text,label\na,fever,x\nb,cough,y\n"),
        ("d.tsv", "id\ttext\tlabel\na\tfever\tx\nb\tcough\ty\n"),
        ("d.txt", '{"id": "a", "text": "fever", "label": "x"}\n{"id": "b", "text": "cough", "label": "y"}\n'),
    ],
)
def test_the_ending_chooses_the_format(name: str, content: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(content)
    assert read_examples(tmp_path / name).examples == (Example("a", "fever", ("x",)), Example("b", "cough", ("y",)))


def test_labels_may_be_missing_where_none_are_needed(tmp_path: Path) -> None:
    path = write(tmp_path / "d.jsonl", {"text": "a"}, {"text": "b", "label": "x"})
    assert [example.labels for example in read_examples(path, labelled=False)] == [(), ("x",)]


GOOD: dict[str, Any] = {"id": "g", "text": "fever", "label": "x"}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", ":2: not valid JSON"),
        ({"label": "x"}, ":2: the field 'text' is missing; the line has label"),
        ({"text": None, "label": "x"}, ":2: the field 'text' is missing"),
        ({"text": ["fever"], "label": "x"}, ":2: the field 'text' must be a string, not list"),
        ({**GOOD, "text": "cough"}, r":2: the id 'g' is already used at .*d\.jsonl:1; ids must be unique"),
        ({"text": "a"}, ":2: no label; the field 'label' or 'labels' is needed"),
        ({"text": "a", "label": ""}, ":2: no label"),
        ({"text": "a", "label": None}, ":2: no label"),
        ({**GOOD, "id": "h", "labels": ["x"]}, ":2: both 'label' and 'labels' are there; keep one"),
        ({"text": "a", "label": 0.5}, ":2: the label must be a string, a whole number or a list of them"),
        ({"text": "a", "label": {"x": 1}}, ":2: the label must be a string"),
        ({"text": "a", "labels": ["x", 0.5]}, ":2: every label must be a string that is not empty, or a whole number"),
        ({"text": "a", "labels": ["x", ""]}, ":2: every label must be a string that is not empty"),
        ({"text": "a", "labels": ["x"]}, ":2: one label and a list of labels are mixed in one file; use one form"),
        ({"text": "a", "label": "x", "text_pair": 5}, ":2: the field 'text_pair' must be a string, not int"),
    ],
)
def test_bad_lines_are_told_by_file_and_line(line: Any, said: str, tmp_path: Path) -> None:
    path = write(tmp_path / "d.jsonl", GOOD, line)
    with pytest.raises(DataError, match=rf"^{path}{said}"):
        read_examples(path)


def test_a_second_text_that_was_named_must_be_there(tmp_path: Path) -> None:
    path = write(tmp_path / "d.jsonl", GOOD)
    with pytest.raises(DataError, match=r":1: the field 'hypotesis' is missing; the line has id, text, label"):
        read_examples(path, Fields(text_pair="hypotesis"))


@pytest.mark.parametrize(("name", "content"), [("d.jsonl", ""), ("d.jsonl", "\n\n"), ("d.csv", "id,text,label\n")])
def test_a_file_without_examples_is_refused(name: str, content: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(DataError, match=rf"{name}: the file has no examples"):
        read_examples(tmp_path / name)


def test_keeping_other_examples_keeps_the_kind() -> None:
    data = Dataset((Example("1", "a", ("x",)), Example("2", "b", ())), multi_label=True)
    assert data.keep([data.examples[1]]) == Dataset((Example("2", "b", ()),), multi_label=True)
