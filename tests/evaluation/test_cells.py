"""Names of cells and of what they are measured against."""

from __future__ import annotations

import pytest

from kgslm.evaluation import Cell, read_cell
from kgslm.evaluation.cells import control_of, is_control


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("none", Cell("none", "none")),
        ("context+evidence", Cell("context+evidence", "context+evidence")),
        ("shuffled", Cell("shuffled", "all", "shuffled")),
        ("shuffled(all)", Cell("shuffled", "all", "shuffled")),
        ("shuffled(context+evidence)", Cell("shuffled(context+evidence)", "context+evidence", "shuffled")),
        ("random-vectors", Cell("random-vectors", "embeddings", "random-vectors")),
        ("random-vectors(embeddings)", Cell("random-vectors", "embeddings", "random-vectors")),
        ("random-vectors(all)", Cell("random-vectors(all)", "all", "random-vectors")),
    ],
)
def test_a_cell_has_one_name(name: str, cell: Cell) -> None:
    assert read_cell(name) == cell


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("evidense", "unknown cell 'evidense'"),
        ("all+context", "unknown cell 'all'"),
        ("none+context", "unknown cell 'none'"),
        ("shuffled(none)", "cell 'shuffled(none)': unknown cell 'none'"),
        ("shuffled(", "shuffled"),
        ("shuffled(all", "shuffled"),
        ("random-vectors(evidence)", "evidence has no vectors; name a cell with the embeddings arm"),
    ],
)
def test_a_cell_that_there_is_not(name: str, words: str) -> None:
    with pytest.raises(ValueError, match=words.replace("(", "\\(").replace(")", "\\)")):
        read_cell(name)


def test_what_a_cell_is_measured_against() -> None:
    cells = ["none", "evidence", "context", "embeddings", "all", "shuffled", "shuffled(evidence)", "random-vectors"]
    found = {
        (cell, kind): control_of(cell, kind, cells) for cell in cells for kind in ("none", "shuffled", "random-vectors")
    }
    assert found["evidence", "shuffled"] == "shuffled(evidence)"
    assert found["context", "shuffled"] == found["none", "shuffled"] == found["all", "shuffled"] == "shuffled"
    assert found["embeddings", "random-vectors"] == "random-vectors"
    assert found["all", "random-vectors"] is found["none", "none"] is found["none", "random-vectors"] is None
    assert {found[control, "shuffled"] for control in cells[5:]} == {None}
    assert {found[cell, "none"] for cell in cells[1:]} == {"none"}
    assert control_of("evidence", "none", ["evidence"]) is None
    assert [is_control(cell) for cell in cells] == [True, False, False, False, False, True, True, True]
