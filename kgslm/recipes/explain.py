"""Predictions with their explanations, as a file and as a page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kgslm.evaluation.explain_page import SHOWN, explanation_record, write_explanations
from kgslm.records import Explanation
from kgslm.tuning.frozen import Progress


@dataclass(frozen=True)
class Explain:
    """That predictions are to be explained. page: an HTML file to write too; the first texts are shown."""

    page: Path | str | None = None


class Explaining:
    """Goes through explanations once, one record a text, and keeps what the page shows."""

    def __init__(self, explanations: Iterable[Explanation], progress: Progress | None = None) -> None:
        self._explanations = explanations
        self._progress = progress
        self._kept: list[Explanation] = []
        self._count = 0

    def records(self) -> Iterator[dict[str, Any]]:
        """The field ``explanation`` of each text, in order."""
        for explanation in self._explanations:
            self._count += 1
            if len(self._kept) < SHOWN:
                self._kept.append(explanation)
            if self._progress:
                self._progress(1)
            yield {"explanation": explanation_record(explanation)}

    def write_page(self, path: Path | str | None, pack: Any) -> None:
        """Write the page where there is to be one. pack: None for a model without knowledge."""
        if path is not None:
            name = "" if pack is None else f"{pack.name} {pack.version}".strip()
            write_explanations(path, self._kept, total=self._count, title="Explained predictions", pack=name)
