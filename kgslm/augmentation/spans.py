"""Keeping track of spans while a text changes."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from kgslm.augmentation.protocol import Source
from kgslm.records import Entity

Span = tuple[int, int]

_NUMBER = re.compile(r"[^\s()\[\]{},;:]*\d(?:[^\s()\[\]{},;:]|[.,:](?=\d))*(?<![.!?])")
"""A word with a digit in it: 12, 3.5, 1,000, 10-20, BRCA1, R27W."""


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace ``start:end``, which is not empty."""

    start: int
    end: int
    text: str


def apply_edits(text: str, edits: Sequence[Edit], entities: Sequence[Entity]) -> tuple[str, tuple[Entity, ...]]:
    """The edited text and where the entities are in it.

    edits: in order, without overlap; no entity starts or ends strictly inside one.
    """
    pieces, last = [], 0
    shifts = [0]
    for edit in edits:
        pieces += [text[last : edit.start], edit.text]
        last = edit.end
        shifts.append(shifts[-1] + len(edit.text) - (edit.end - edit.start))
    ends = [edit.end for edit in edits]
    moved = (
        replace(
            entity,
            start=entity.start + shifts[bisect_right(ends, entity.start)],
            end=entity.end + shifts[bisect_right(ends, entity.end)],
        )
        for entity in entities
    )
    return "".join([*pieces, text[last:]]), tuple(moved)


def protected_spans(source: Source) -> list[Span]:
    """What must stay as it is: linked mentions, entities and words with digits; in order, without overlap."""
    spans = merge_spans(
        [*((link.start, link.end) for link in source.linked.links), *((it.start, it.end) for it in source.entities)]
    )
    return merge_spans([*spans, *_numbers(source.text, spans)])


def merge_spans(spans: Iterable[Span]) -> list[Span]:
    """The union of spans that overlap or touch, in order."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _numbers(text: str, spans: Sequence[Span]) -> Iterator[Span]:
    """Words with digits in the stretches between ``spans``."""
    last = 0
    for start, end in [*spans, (len(text), len(text))]:
        for match in _NUMBER.finditer(text, last, start):
            yield match.span()
        last = end


class Mask:
    """A text whose protected spans are replaced by marks, and the way back.

    spans: in order, without overlap. marks: one a span, different from each other and not in the text.
    """

    def __init__(self, text: str, spans: Sequence[Span], marks: Sequence[str]) -> None:
        self._surfaces = {mark: text[start:end] for mark, (start, end) in zip(marks, spans, strict=True)}
        self._starts = {mark: start for mark, (start, _) in zip(marks, spans, strict=True)}
        edits = [Edit(start, end, mark) for mark, (start, end) in zip(marks, spans, strict=True)]
        self.text = apply_edits(text, edits, ())[0]
        self._pattern = re.compile("|".join(map(_mark_pattern, marks))) if marks else None

    def restore(self, output: str) -> tuple[str, dict[int, int]] | None:
        """The text with its protected spans back, and {old start: new start}; None where a mark is not there once."""
        if self._pattern is None:
            return output, {}
        pieces, last, length = [], 0, 0
        moved: dict[int, int] = {}
        for match in self._pattern.finditer(output):
            mark = match.group()
            if self._starts[mark] in moved:
                return None
            pieces += [output[last : match.start()], self._surfaces[mark]]
            moved[self._starts[mark]] = length + match.start() - last
            length += match.start() - last + len(self._surfaces[mark])
            last = match.end()
        if len(moved) < len(self._starts):
            return None
        return "".join([*pieces, output[last:]]), moved


def _mark_pattern(mark: str) -> str:
    # A readable mark is found only as a word of its own: P21 is in none of P210, XP21 and P21s.
    return rf"(?<![A-Za-z0-9]){re.escape(mark)}(?![A-Za-z0-9])" if mark.isascii() else re.escape(mark)


def move_entities(entities: Sequence[Entity], moved: dict[int, int]) -> tuple[Entity, ...]:
    """The entities after their protected spans have moved. moved: {old start of a protected span: new start}."""
    starts = sorted(moved)
    placed = []
    for entity in entities:
        start = starts[bisect_right(starts, entity.start) - 1]
        shift = moved[start] - start
        placed.append(replace(entity, start=entity.start + shift, end=entity.end + shift))
    return tuple(placed)


def cuts(span: Span, entities: Sequence[Entity]) -> bool:
    """Whether an entity starts or ends strictly inside the span."""
    start, end = span
    return any(start < edge < end for entity in entities for edge in (entity.start, entity.end))
