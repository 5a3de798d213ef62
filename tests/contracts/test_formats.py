"""What every registered format of labelled data promises."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kgslm.data.classification import FORMATS, read_examples
from kgslm.errors import DataError
from kgslm.records import Example
from tests.mutations import mutations

Read = Callable[[Path], Iterator[tuple[str, dict[str, Any]]]]

# The same two examples in every format.
TEXTS = {
    "jsonl": '{"id": "a", "text": "Fièvre, then cough", "label": "x"}\n{"id": "b", "text": "", "label": "y"}\n',
    "csv": 'id,text,label\na,"Fièvre, then cough",x\nb,,y\n',
}
RECORDS = [{"id": "a", "text": "Fièvre, then cough", "label": "x"}, {"id": "b", "text": "", "label": "y"}]


@pytest.fixture(params=FORMATS.names())
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def read(name: str) -> Read:
    loaded: Read = FORMATS.load(name)
    return loaded


@pytest.fixture
def example(name: str, tmp_path: Path) -> Path:
    path = tmp_path / f"data.{name}"
    path.write_text(TEXTS[name], encoding="utf-8")
    return path


def test_records_come_with_file_and_line(read: Read, example: Path) -> None:
    found = list(read(example))
    assert [record for _, record in found] == RECORDS
    lines = [int(where.removeprefix(f"{example}:")) for where, _ in found]
    texts = example.read_text(encoding="utf-8").splitlines()
    assert [texts[line - 1].count(label) > 0 for line, label in zip(lines, "xy", strict=True)] == [True, True]


def test_the_ending_leads_to_it(example: Path) -> None:
    expected = (Example("a", "Fièvre, then cough", ("x",)), Example("b", "", ("y",)))
    assert read_examples(example).examples == expected
    packed = example.with_name(f"{example.name}.gz")
    packed.write_bytes(gzip.compress(example.read_bytes()))
    assert read_examples(packed).examples == expected


def test_line_ends_and_a_byte_order_mark_change_nothing(read: Read, example: Path) -> None:
    example.write_bytes(b"\xef\xbb\xbf" + example.read_bytes().replace(b"\n", b"\r\n"))
    assert [record for _, record in read(example)] == RECORDS


def test_what_cannot_be_read_is_one_clear_line(read: Read, example: Path) -> None:
    content = example.read_bytes()
    with pytest.raises(DataError, match=r"gone: cannot be read: No such file or directory$"):
        list(read(example.with_name("gone")))
    example.write_bytes(gzip.compress(content)[:-6])
    with pytest.raises(DataError, match=rf"^{example}: the gzip file is damaged or cut short$"):
        list(read(example))
    example.write_bytes(content.replace("è".encode(), b"\xe8"))
    line = content[: content.index("è".encode())].count(b"\n") + 1
    with pytest.raises(DataError, match=rf"^{example}:{line}: not UTF-8 text"):
        list(read(example))


def test_mutated_input_gives_records_or_a_clear_error(read: Read, example: Path) -> None:
    for mutated in mutations(example.read_bytes(), 200):
        example.write_bytes(mutated)
        try:
            assert all(isinstance(record, dict) for _, record in read(example))
        except DataError as error:
            assert str(error).startswith(f"{example}:")
            assert "\n" not in str(error)
