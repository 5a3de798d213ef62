"""What commands share: ``--json`` and the option types."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from kgslm.artifacts import atomic_file, check_file
from kgslm.errors import KgslmError

_STDOUT = "kgslm.stdout"


def output_target(context: typer.Context, target: str | None) -> str | None:
    """Check before the work that a target can be written, and that no other takes standard output too."""
    if target == "-":
        if _STDOUT in context.meta:
            raise KgslmError("standard output takes either the data (-o -) or the figures (--json -); name a file")
        context.meta[_STDOUT] = True
    elif target is not None:
        check_file(Path(target))
    return target


def output_option(help_: str) -> Any:
    """The option ``-o`` of a command that writes one file, or standard output for ``-``."""
    return typer.Option("-o", "--output", metavar="OUT", help=help_, callback=output_target)


JsonOption = Annotated[
    str | None,
    typer.Option(
        "--json", metavar="FILE|-", help="Write the figures as JSON to a file or - for stdout.", callback=output_target
    ),
]

EngineOption = Annotated[Literal["local", "ray"], typer.Option(help="ray: on Ray, here or at RAY_ADDRESS.")]
ResumeOption = Annotated[
    bool | None,
    typer.Option(
        "--resume/--no-resume",
        help="Go on with an interrupted run, or fail; start anew. By default: go on if it was about the same.",
        show_default=False,
    ),
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
