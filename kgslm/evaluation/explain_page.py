"""Explained decisions as plain data and as one self-contained HTML page."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from kgslm.artifacts import text_output
from kgslm.evaluation.link_marks import Mark, nest
from kgslm.evaluation.pages import render
from kgslm.evaluation.theme import THEME
from kgslm.records import Explanation, LabelDecision, LinkShare, PathStep

SHOWN = 200
_LONGEST_TEXT = 20_000
_DIGITS = 6
ARMS = {
    "text": "the words of the text",
    "names": "likeness to the names of the label's concepts",
    "context": "sentences put behind the text",
    "embeddings": "vectors of the concepts",
    "evidence": "concepts that lie under the label",
}
"""What may have a share in a decision, in the order of the page."""


def explanation_record(explanation: Explanation) -> dict[str, Any]:
    """What JSON can hold: ``decisions``, each with its numbers, ``shares`` by arm and ``links`` with their paths.

    Numbers have six decimals. A path begins with the mention's concept; each step has ``predicate``, ``forwards``,
    ``concept`` and ``name``. ``why`` says what of the pack the label was taken for.
    """
    return {"decisions": [_decision(decision) for decision in explanation.decisions]}


def _decision(decision: LabelDecision) -> dict[str, Any]:
    return {
        "label": decision.label,
        "chosen": decision.chosen,
        "score": round(decision.score, _DIGITS),
        "logit": round(decision.logit, _DIGITS),
        "baseline": round(decision.baseline, _DIGITS),
        "shares": {arm: round(share, _DIGITS) for arm, share in decision.shares.items()},
        "rest": round(decision.rest, _DIGITS),
        "links": [_link(link) for link in decision.links],
    }


def _link(link: LinkShare) -> dict[str, Any]:
    return {
        "start": link.start,
        "end": link.end,
        "surface": link.surface,
        "concept": link.concept,
        "name": link.name,
        "flags": list(link.flags),
        "share": round(link.share, _DIGITS),
        "path": [_step(step) for step in link.path],
        "why": link.why,
    }


def _step(step: PathStep) -> dict[str, Any]:
    return {"predicate": step.predicate, "forwards": step.forwards, "concept": step.concept, "name": step.name}


def write_explanations(
    path: Path | str, explanations: Iterable[Explanation], *, total: int, title: str, pack: str = ""
) -> None:
    """Write a page of the first 200 explanations, whole or not at all; ``-`` is standard output.

    total: how many texts there are in all. pack: its name, where there is one.
    """
    documents = [_document(explanation) for _, explanation in zip(range(SHOWN), explanations, strict=False)]
    shown = {arm for document in documents for decision in document["decisions"] for arm, *_ in decision["bars"]}
    page = {
        "title": title,
        "pack": pack,
        "documents": documents,
        "total": total,
        "more": total - len(documents),
        "arms": [(arm, words) for arm, words in ARMS.items() if arm in shown],
        "theme": THEME,
    }
    with text_output(path) as file:
        file.write(render("explain.html", page).rstrip() + "\n")


def _document(explanation: Explanation) -> dict[str, Any]:
    text = explanation.text[:_LONGEST_TEXT]
    decisions = [_shown(decision, text) for decision in explanation.decisions]
    return {"id": explanation.id, "decisions": decisions, "cut": len(explanation.text) - len(text)}


def _shown(decision: LabelDecision, text: str) -> dict[str, Any]:
    widest = max((abs(share) for share in decision.shares.values()), default=0.0) or 1.0
    links = [link for link in decision.links if link.end <= len(text)]
    strongest = max((abs(link.share) for link in links), default=0.0) or 1.0
    marks = [Mark(link.start, link.end, _about(link, strongest)) for link in links]
    ranked = sorted((link for link in links if link.share), key=lambda link: (-abs(link.share), link.start))
    return {
        "decision": decision,
        "bars": [
            (arm, decision.shares[arm], 100 * abs(decision.shares[arm]) / widest)
            for arm in ARMS
            if arm in decision.shares
        ],
        "nodes": nest(text, marks),
        "ways": [{"link": link, "steps": link.path} for link in ranked],
    }


def _about(link: LinkShare, strongest: float) -> dict[str, Any]:
    """What a mark says. side: of the label. strength: how much of the strongest mention's share it has, in percent."""
    share = round(link.share, _DIGITS)
    side = "for" if share > 0 else "against" if share < 0 else "neither"
    return {"link": link, "side": side, "strength": round(100 * abs(link.share) / strongest)}
