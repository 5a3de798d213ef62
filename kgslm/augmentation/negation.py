"""Words that turn a statement into its opposite; an augmentation that adds or loses one is no paraphrase."""

from __future__ import annotations

import re

NEGATIONS = ("no", "not", "nor", "none", "never", "neither", "cannot", "without", "nothing", "nobody")
"""Lower case."""

_NEGATION = re.compile(rf"\b(?:{'|'.join(NEGATIONS)})\b|n['’]t\b", re.IGNORECASE)


def negations(text: str) -> int:
    """How many negating words a text has."""
    return len(_NEGATION.findall(text))
