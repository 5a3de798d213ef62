"""Why a model decided as it did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PathStep:
    """One step from a concept to the next. forwards: whether the relation's subject is the concept that is left."""

    predicate: str
    forwards: bool
    concept: str
    name: str


@dataclass(frozen=True, slots=True)
class LinkShare:
    """A linked mention and what it brought to a label.

    flags: those that are set, such as ``negated``. share: a part of the decision's ``evidence``. path: from the
    mention's concept to the one that the label stands for; empty where the concept is that one, or counts for nothing.
    why: what the label stands for in the pack, such as ``category positive``; empty where the concept counts for none.
    """

    start: int
    end: int
    surface: str
    concept: str
    name: str
    flags: tuple[str, ...]
    share: float
    path: tuple[PathStep, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class LabelDecision:
    """How one label came about.

    score: its probability. logit: what the probability is made of. baseline: the logit of a text of as many words that
    say nothing. shares: what each arm and the text itself brought, by name; with ``rest``, what the approximation of
    the shares leaves over, they add up to ``logit - baseline``. chosen: whether the label was predicted.
    links: by their place in the text.
    """

    label: str
    chosen: bool
    score: float
    logit: float
    baseline: float
    shares: Mapping[str, float]
    rest: float
    links: tuple[LinkShare, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """The decisions on one text: one for each label that was chosen, or for the likeliest where none was."""

    id: str
    text: str
    decisions: tuple[LabelDecision, ...]
