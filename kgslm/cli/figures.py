"""What all commands share: ``--json`` and the option types."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from kgslm.artifacts import atomic_file

JsonOption = Annotated[
    str | None,
    typer.Option("--json", metavar="FILE|-", help="Write the figures as JSON to a file or - for stdout."),
]


def write_figures(figures: Mapping[str, Any], target: str | None) -> None:
    """Write a command's figures as one JSON object; nothing where no ``--json`` was given."""
    if target is None:
        return
    text = json.dumps(figures, ensure_ascii=False, indent=2) + "\n"
    if target == "-":
        sys.stdout.write(text)
        return
    with atomic_file(Path(target)) as file:
        file.write(text)
