"""Sentences of a text as spans, by rules; fast, and the same for passages and quotes."""

from __future__ import annotations

import re

# The end of a sentence: a mark with closing quotes or brackets, and what follows looks like a start. An empty line, or
# a line break before a list item, ends one as well.
_END = re.compile(r"[.!?][\"'”’)\]]*(?=\s+[\"'“‘(\[]*[A-Z0-9])|\n\s*\n|\n(?=\s*(?:[-*•]|\d+[.)])\s)")
_ABBREVIATION = re.compile(
    r"(?:\b(?:[A-Za-z]|[Dd]r|Mrs?|Ms|Prof|St|vs|[Ff]igs?|[Nn]os?|[Vv]ol|pp?|[Ee]ds?|[Ss]ec|[Aa]rt|approx|ca|cf|resp"
    r"|Inc|Ltd|Co|Corp|Jr|Sr|U\.S|e\.g|i\.e|et al|spp?|var)\.)$"
)


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """``(start, end)`` of each sentence, in order, without the white space around it."""
    spans: list[tuple[int, int]] = []
    start = 0
    for match in _END.finditer(text):
        end = match.end()
        if text[match.start()] == "." and _ABBREVIATION.search(text, max(start, end - 12), end):
            continue
        _append(spans, text, start, end)
        start = end
    _append(spans, text, start, len(text))
    return spans


def _append(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    piece = text[start:end]
    stripped = piece.strip()
    if stripped:
        first = start + len(piece) - len(piece.lstrip())
        spans.append((first, first + len(stripped)))
