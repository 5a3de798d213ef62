"""Spans of a text, nested or crossing, as a tree that a page can be written from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

_DEEPEST = 12
"""Marks inside marks; what lies deeper could not be told apart any more."""


@dataclass(frozen=True)
class Mark:
    """A marked stretch of text. first, last: whether it begins and ends the span, for a span may be cut in pieces.

    about: what the mark says. nodes: text and marks inside, in order.
    """

    start: int
    end: int
    about: Any
    first: bool = True
    last: bool = True
    nodes: tuple[Node, ...] = field(default=())


Node: TypeAlias = "str | Mark"


def nest(text: str, marks: Sequence[Mark]) -> tuple[Node, ...]:
    """The text with its marks: the longer one outside, and of two that cross, the later one cut where the other ends.

    Spans lie inside the text. All characters of the text come out in order.
    """
    return _nest(text, 0, len(text), sorted(marks, key=_order), _DEEPEST)


def _order(mark: Mark) -> tuple[int, int]:
    return mark.start, -mark.end


def _nest(text: str, start: int, end: int, marks: list[Mark], depth: int) -> tuple[Node, ...]:
    nodes: list[Node] = []
    at = start
    while marks and depth:
        outer, *marks = marks
        inside: list[Mark] = []
        behind: list[Mark] = []
        count = next((index for index, mark in enumerate(marks) if mark.start >= outer.end), len(marks))
        for mark in marks[:count]:
            if mark.end > outer.end:
                behind.append(replace(mark, start=outer.end, first=False))
                mark = replace(mark, end=outer.end, last=False)
            inside.append(mark)
        marks = sorted(behind + marks[count:], key=_order) if behind else marks[count:]
        if at < outer.start:
            nodes.append(text[at : outer.start])
        nodes.append(replace(outer, nodes=_nest(text, outer.start, outer.end, inside, depth - 1)))
        at = outer.end
    if at < end:
        nodes.append(text[at:end])
    return tuple(nodes)
