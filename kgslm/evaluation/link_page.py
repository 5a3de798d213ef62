"""Linked documents as one self-contained HTML page: what was found where, and how it compares with gold."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kgslm.artifacts import text_output
from kgslm.evaluation.link_errors import Judge, Verdict, error_rows
from kgslm.evaluation.link_marks import Mark, nest
from kgslm.evaluation.links import GoldScores
from kgslm.evaluation.pages import render
from kgslm.evaluation.theme import HUES, MUTED, THEME, Style

if TYPE_CHECKING:
    from kgslm.packs import KnowledgePack

SHOWN = 200
_LONGEST_TEXT = 20_000
_CANDIDATES = 5
_NIL, _OTHERS = "NIL", "others"
_PREFIX = re.compile(r"[^:]+(?=:)|[^\W\d_]+(?=\d+$)")
_SIGNS = {
    "right": ("✓", "right"),
    "right_nil": ("✓", "rightly without a concept"),
    "wrong_concept": ("✗", "wrong concept"),
    "overlapping": ("≈", "right concept, other span"),
    "spurious": ("+", "spurious"),
    "missed": ("–", "missed"),
    "nil": ("–", "no concept, though gold has one"),
    "not_nil": ("+", "a concept, though gold has none"),
    "not_gold": ("·", "not in gold"),
    "gold": ("", "where gold has it"),
}
"""The sign and words of what became of a mention, beside its colour."""

_FLAGS = {
    "negated": "the text denies it",
    "hypothetical": "it may be so",
    "historical": "it was so before",
    "other_person": "someone else has it",
}


class LinkPage:
    """Collects the first documents of a run and writes them as a page.

    given: the mentions were given. gold: the documents carry entities to compare with. shown: documents at most.
    """

    def __init__(self, pack: KnowledgePack, *, given: bool = False, gold: bool = False, shown: int = SHOWN) -> None:
        self._pack = pack
        self._given = given
        self._gold = gold
        self._shown = shown
        self._lines: list[str] = []
        self._judge = Judge(pack, given)

    def add(self, text: str) -> None:
        """Take lines of linked documents; those after the first ``shown`` are left."""
        if len(self._lines) < self._shown:
            # Not splitlines: texts may hold other line ends, which JSON leaves as they are.
            self._lines += text.removesuffix("\n").split("\n")[: self._shown - len(self._lines)]

    def write(self, path: Path | str, figures: Mapping[str, Any], scores: GoldScores | None, *, title: str) -> None:
        """Write the page, whole or not at all; ``-`` is standard output. figures: those of the run."""
        documents = [self._document(json.loads(line)) for line in self._lines]
        marks = [mark for document in documents for mark in document["marks"]]
        legend = self._legend([mark.about for mark in marks])
        flags = Counter(flag for mark in marks if mark.first for flag in mark.about["flags"])
        signs = Counter(mark.about["kind"] for mark in marks if mark.first)
        page = {
            "title": title,
            "figures": figures,
            "documents": documents,
            "more": figures["documents"] - len(documents),
            "legend": legend,
            "styles": {group: style.variable for group, style, _ in legend},
            "muted": MUTED.variable,
            "signs": [(kind, *_SIGNS[kind], signs[kind]) for kind in _SIGNS if signs[kind]],
            "flags": [(flag, words, flags[flag]) for flag, words in _FLAGS.items() if flags[flag]],
            "scores": scores,
            "errors": error_rows(scores.errors, self._given) if scores else [],
            "pack": f"{self._pack.name} {self._pack.version}".strip(),
            "theme": THEME,
        }
        with text_output(path) as file:
            file.write(render("links.html", page).rstrip() + "\n")

    def _document(self, record: Mapping[str, Any]) -> dict[str, Any]:
        text = record["text"][:_LONGEST_TEXT]
        marks = [mark for mark in self._marks(record) if mark.end <= len(text)]
        return {
            "id": record["id"],
            "error": record.get("error") if not record["links"] else None,
            "marks": marks,
            "nodes": nest(text, marks),
            "cut": len(record["text"]) - len(text),
        }

    def _marks(self, record: Mapping[str, Any]) -> list[Mark]:
        links = {(link["start"], link["end"]): link for link in record["links"]}
        if not self._gold:
            return [Mark(*span, self._about(link, None)) for span, link in links.items()]
        marks = []
        for verdict in self._judge.verdicts(record, self._judge.gold(record)):
            link = links.pop((verdict.start, verdict.end), None) if verdict.kind != "missed" else None
            marks.append(Mark(verdict.start, verdict.end, self._about(link, verdict)))
            if verdict.kind == "overlapping" and verdict.gold_span:
                where = Verdict("gold", *verdict.gold_span, gold=verdict.gold)
                marks.append(Mark(*verdict.gold_span, self._about(None, where)))
        return marks + [Mark(*span, self._about(link, None)) for span, link in links.items()]

    def _about(self, link: Mapping[str, Any] | None, verdict: Verdict | None) -> dict[str, Any]:
        """What a mark and its label say."""
        link = link or {}
        concept = link.get("concept")
        return {
            "concept": concept,
            "name": link.get("name") or "",
            "score": link.get("score"),
            "flags": [name for name, value in link.items() if value is True],
            "candidates": [it for it in link.get("candidates", ()) if it["concept"] != concept][:_CANDIDATES],
            "kind": verdict.kind if verdict else "",
            "sign": _SIGNS[verdict.kind][0] if verdict else "",
            "words": _SIGNS[verdict.kind][1] if verdict else "",
            "gold": [self._judge.named(id_) for id_ in verdict.gold] if verdict else [],
            "group": self._group(concept or (verdict.gold[0] if verdict and verdict.gold else None)),
        }

    def _group(self, concept: str | None) -> str:
        """The category of a concept, or where it has none what its id begins with: "OMIM:301040", "D008223"."""
        if concept is None:
            return _NIL
        categories = self._pack.concept(concept).categories if concept in self._pack else ()
        prefix = _PREFIX.match(concept)
        return categories[0] if categories else prefix[0] if prefix else _OTHERS

    @staticmethod
    def _legend(abouts: list[dict[str, Any]]) -> list[tuple[str, Style, int]]:
        """Each group with its colour and how often it occurs; rare ones beyond the colours are one group, in grey."""
        counts = Counter(about["group"] for about in abouts)
        named = sorted(counts.keys() - {_NIL, _OTHERS}, key=lambda group: (-counts[group], group))
        kept = named if len(named) <= len(HUES) + 1 else named[: len(HUES)]
        for group in set(named).difference(kept):
            counts[_OTHERS] += counts[group]
        hues = iter(HUES)
        coloured = [(group, next(hues, MUTED), counts[group]) for group in kept]
        return [*coloured, *((group, MUTED, counts[group]) for group in (_OTHERS, _NIL) if counts[group])]
