"""What the tests of commands share."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kgslm.data.jsonl import read_jsonl
from tests.conftest import Run

Cli = Callable[..., Run]


def rows(path: Path) -> list[dict[str, Any]]:
    """The records of a JSONL file."""
    return [record for _, record in read_jsonl(path)]


def figures(run: Run) -> dict[str, Any]:
    """What a command that was given ``--json -`` wrote: it alone stands on standard output."""
    assert run.status == 0, run.err
    read: dict[str, Any] = json.loads(run.out)
    return read


def refused(run: Run) -> str:
    """The one line of a command that ends with status 2, behind ``error: ``; nothing else was written."""
    assert (run.status, run.out) == (2, "")
    assert run.err.startswith("error: ")
    assert run.err.count("\n") == 1
    return run.err.removeprefix("error: ").rstrip("\n")
