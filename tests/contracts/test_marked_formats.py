"""What every registered format of texts with spans promises."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kgslm.data.marked import MARKED_FORMATS, read_tagged
from kgslm.errors import DataError
from kgslm.records import Entity
from tests.mutations import mutations

Read = Callable[[Path], Iterator[tuple[str, dict[str, Any]]]]

# The same two texts in every format.
TEXTS = {
    "conll": "Fièvre\tB-Sign\nand\tO\nlung\tB-Disease\ninfection\tI-Disease\n\nnothing\tO\nhere\tO\n",
    "pubtator": "1|t|Fièvre\n1|a|and lung infection\n1\t0\t6\tFièvre\tSign\tD1\n"
    "1\t11\t25\tlung infection\tDisease\t-1\n\n2|t|nothing\n2|a|here\n",
}


@pytest.fixture(params=MARKED_FORMATS.names())
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def read(name: str) -> Read:
    loaded: Read = MARKED_FORMATS.load(name)
    return loaded


@pytest.fixture
def example(name: str, tmp_path: Path) -> Path:
    path = tmp_path / f"data.{name}"
    path.write_text(TEXTS[name], encoding="utf-8")
    return path


def spans(path: Path) -> list[tuple[str, list[tuple[int, int, str]]]]:
    return [(one.text, [(own.start, own.end, own.label) for own in one.entities]) for one in read_tagged(path)]


def test_texts_come_with_their_spans(example: Path) -> None:
    expected = [("Fièvre and lung infection", [(0, 6, "Sign"), (11, 25, "Disease")]), ("nothing here", [])]
    assert spans(example) == expected
    packed = example.with_name(f"{example.name}.gz")
    packed.write_bytes(gzip.compress(example.read_bytes()))
    assert spans(packed) == expected
    example.write_bytes(b"\xef\xbb\xbf" + example.read_bytes().replace(b"\n", b"\r\n"))
    assert spans(example) == expected


def test_no_concept_is_no_id(example: Path) -> None:
    (first, *_) = read_tagged(example)
    assert first.entities[1] == Entity(11, 25, "Disease")


def test_records_come_with_file_and_line(read: Read, example: Path) -> None:
    lines = [int(where.removeprefix(f"{example}:")) for where, _ in read(example)]
    starts = [line for line, text in enumerate(example.read_text().splitlines(), 1) if "Fiè" in text or "noth" in text]
    assert lines == [starts[0], starts[-1]]


def test_mutated_input_gives_records_or_a_clear_error(read: Read, example: Path) -> None:
    for mutated in mutations(example.read_bytes(), 200):
        example.write_bytes(mutated)
        try:
            for _, record in read(example):
                assert all(own["start"] < own["end"] <= len(record["text"]) for own in record["entities"])
        except DataError as error:
            assert str(error).startswith(f"{example}:")
            assert "\n" not in str(error)
