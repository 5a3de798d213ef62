"""How far a cue reaches: to the end of its clause or brackets, to a phrase that ends it, or over so many words."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import TypeAlias

from kgslm.linking.assertion_cues import CueFinder
from kgslm.linking.assertion_rules import Cue, Flag, Rules

_WIDEST = 600
"""Characters that a cue reaches at most, in whatever direction."""
_ABBREVIATED = ("Dr", "Mr", "Ms", "Mrs", "St", "Pt", "pt", "vs", "e.g", "i.e", "ca", "approx")
_NO_STOP = r"(?<!\b[A-Za-z]\.)" + "".join(rf"(?<!\b{re.escape(word)}\.)" for word in _ABBREVIATED)
_NEW_LINE = r"(?=[ \t]*(?:\r?\n|[-*•·]|\d{1,2}[.)]\s|[^\W\d_a-zäöüßáéíóúñ]))"
"""A blank line, or a line that starts like an item of a list or a sentence; lines that are only wrapped go on."""
_BRACKETS = re.compile(r"[()\[\]]")
_OPEN = "(["

Reached: TypeAlias = list[tuple[Flag, int, int]]
"""A flag, and the first and one behind the last of the links that it is said of."""


class Reach:
    """Finds the links in the reach of a cue.

    starts, ends: those of the links of a text, in order.
    """

    def __init__(self, rules: Rules) -> None:
        self._ends = CueFinder(rules.ends, spaces=rules.spaces)
        self._breaks = _break_pattern(rules.stops, rules.spaces)
        self._spaces = rules.spaces

    def forward(self, text: str, starts: Sequence[int], ends: Sequence[int], at: int, cue: Cue) -> Reached:
        """What a cue that ends at ``at`` says of the links behind it."""
        first = last = bisect_left(starts, at)
        gap = at
        most = cue.max_words
        while last < len(starts) and starts[last] - at <= _WIDEST:
            if most is not None and self._words(text[at : starts[last]]) > most:
                break
            if self._breaks.search(text, gap, starts[last]):
                break
            gap = ends[last]
            last += 1
        if first == last:
            return []
        between = text[at : starts[last - 1]]
        last = bisect_left(starts, at + _closing(between), first, last)
        end_cues = self._ends.find(between) if len(between) > 1 else []
        if not end_cues:
            return [(flag, first, last) for flag in cue.flags]
        reached = []
        for flag in cue.flags:
            stop = next((start for start, _, end in end_cues if flag in end.forward), len(between))
            reached.append((flag, first, bisect_right(starts, at + stop, first, last)))
        return reached

    def backward(self, text: str, starts: Sequence[int], ends: Sequence[int], at: int, cue: Cue) -> Reached:
        """What a cue that starts at ``at`` says of the links before it."""
        first = last = bisect_right(ends, at)
        gap = at
        most = cue.max_words
        while first and at - ends[first - 1] <= _WIDEST:
            if most is not None and self._words(text[ends[first - 1] : at]) > most:
                break
            if self._breaks.search(text, ends[first - 1], gap):
                break
            first -= 1
            gap = starts[first]
        if first == last:
            return []
        since = ends[first]
        between = text[since:at]
        first = bisect_left(ends, since + _opening(between), first, last)
        end_cues = self._ends.find(between) if len(between) > 1 else []
        if not end_cues:
            return [(flag, first, last) for flag in cue.flags]
        reached = []
        for flag in cue.flags:
            stop = max((to for _, to, end in end_cues if flag in end.backward), default=0)
            reached.append((flag, bisect_left(ends, since + stop, first, last), last))
        return reached

    def _words(self, between: str) -> int:
        return len(between.split() if self._spaces else between.strip())


def _break_pattern(stops: str, spaces: bool) -> re.Pattern[str]:
    """What ends a clause. Where words are written apart, a sign inside a word or a number ends nothing."""
    wide = "".join(sign for sign in stops if not sign.isascii() or not (spaces or sign == "."))
    kinds = [r"(?<=\n)" + _NEW_LINE]
    if "." in stops:
        kinds.append(rf"(?<=\.){_NO_STOP}(?=\s|$|[A-Z][a-z])")
    if narrow := re.escape("".join(sign for sign in stops if sign not in wide and sign != ".")):
        kinds.append(rf"(?<=[{narrow}])(?=\s|$)")
    if wide:
        kinds.append(f"(?<=[{re.escape(wide)}])")
    # One set of signs in front, for which the engine scans fast; what is behind tells which of them count.
    return re.compile(rf"[\n{re.escape(stops)}](?:{'|'.join(kinds)})")


def _closing(text: str) -> int:
    """Where a bracket closes that does not open in the text, or behind the end."""
    if ")" in text or "]" in text:
        depth = 0
        for match in _BRACKETS.finditer(text):
            depth += 1 if match[0] in _OPEN else -1
            if depth < 0:
                return match.start()
    return len(text) + 1


def _opening(text: str) -> int:
    """Behind the last bracket that does not close in the text, or 0."""
    if "(" in text or "[" in text:
        depth = 0
        for match in reversed(list(_BRACKETS.finditer(text))):
            depth += -1 if match[0] in _OPEN else 1
            if depth < 0:
                return match.end()
    return 0
