"""A progress bar on standard error, on a terminal only."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class Advance(Protocol):
    """Moves a progress bar on by some steps; ``total`` tells, or corrects, how many there are in all."""

    def __call__(self, steps: int, total: int | None = None) -> None: ...  # noqa: D102


@contextmanager
def progress_bar(what: str, total: int | None = None) -> Iterator[Advance]:
    """Yields ``advance``. total: the number of steps, None where it is not known yet."""
    if not sys.stderr.isatty():
        yield lambda steps, total=None: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda steps, total=None: bar.update(task, advance=steps, total=total)
