"""What a linker takes for the same, and which of its mentions it keeps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class LinkSettings:
    """Every way of reading has a switch; the defaults are right for running text.

    overlap: of mentions that share words, keep the ``longest``; or also the ``nested`` ones, which end with a kept one
    ("colitis" in "ulcerative colitis"); or ``all``.
    word_order: "absence seizures" for "Seizures, absence". other_endings: "cardiac abnormality" for "Cardiac
    abnormal". numerals: "type II" for "type 2". word_synonyms: "renal" for "kidney", where the names of the lexicon
    use them for each other. abbreviations: short forms that a text defines stand for their long forms. coordination:
    "breast and ovarian cancer" is both. lone_abbreviations: those of two letters, too, that a longer text neither
    defines nor writes out. back_off: a given mention that is no name ("severe asthma") is linked by the
    name in it. max_candidates: concepts kept for one mention.
    """

    overlap: Literal["longest", "nested", "all"] = "longest"
    word_order: bool = True
    other_endings: bool = True
    numerals: bool = True
    word_synonyms: bool = True
    abbreviations: bool = True
    lone_abbreviations: bool = False
    coordination: bool = True
    back_off: bool = True
    max_candidates: int = 16
