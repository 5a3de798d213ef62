"""What people read, in a pipe and on a terminal."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from kgslm.cli.ask import print_answer
from kgslm.cli.console import console_for, print_table
from kgslm.models import MODELS
from kgslm.records import Answer, Citation, Passage
from tests.commands import Cli

HEADS, ROWS = ("name", "count", "place"), [("x" * 12, "1,000", "[here]"), ("日本", "2", "there")]


def printed(width: int, spare: tuple[str, ...] = ()) -> list[str]:
    console = Console(file=io.StringIO(), width=width)
    print_table(console, "", HEADS, ROWS, spare)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]  # type: ignore[attr-defined]


def test_a_table_that_fits_keeps_its_columns() -> None:
    # 12, 5 and 6 wide, two gaps of 2 between them.
    assert printed(27, ("place",)) == [
        "name          count  place",
        "xxxxxxxxxxxx  1,000  [here]",
        "日本              2  there",
    ]


def test_a_narrow_terminal_goes_without_what_is_spare() -> None:
    assert printed(26, ("place", "count")) == ["name          count", "xxxxxxxxxxxx  1,000", "日本              2"]
    assert printed(18, ("place", "count")) == ["name", "xxxxxxxxxxxx", "日本"]


def test_what_cannot_be_left_out_goes_on_in_the_next_line() -> None:
    assert printed(8, ("place", "count")) == ["name", "xxxxxxxx", "xxxx", "日本"]


def test_a_pipe_gets_the_models_whole(cli: Cli) -> None:
    lines = cli("models").out.splitlines()
    assert lines[0].split() == ["Known", "models"]
    assert [line.split()[0] for line in lines[2:]] == [model.alias for model in MODELS]
    assert lines[1].split() == ["model", "kind", "parameters", "context", "licence", "for", "installed"]


def test_a_narrow_terminal_shows_every_alias(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kgslm.cli.ask.console_for", lambda _: Console(width=80))
    lines = cli("models").out.splitlines()
    assert lines[1].split() == ["model", "licence", "installed"]
    assert {model.alias for model in MODELS} <= {line.split()[0] for line in lines}
    assert not any("…" in line or len(line) > 80 for line in lines)


def test_a_pipe_gets_a_citation_on_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    quote = "word " * 60 + "end."
    passage = Passage("d#1", quote, title="A title", source="d.jsonl")
    print_answer(console_for(None), Answer("Why?", quote, (Citation(passage, 0, len(quote)),), 1.0))
    assert capsys.readouterr().out.splitlines() == [
        "Why?",
        f"{quote} [1]",
        f"  [1] A title, d.jsonl (d#1, 0-{len(quote)})",
        f"      “{quote}”",
    ]
