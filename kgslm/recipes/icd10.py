"""Real labelled text for the demo: titles and inclusion terms of ICD-10-CM, each with its chapter.

The classification is in the public domain and comes with the package ``simple-icd-10-cm``. A category such as E11 is
wholly on one side, for its subcategories repeat its words.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

from kgslm.data.jsonl import write_jsonl
from kgslm.errors import MissingExtra

CHAPTERS = {
    "2": "neoplasms",
    "3": "blood",
    "4": "endocrine",
    "5": "mental",
    "6": "nervous",
    "7": "eye",
    "8": "ear",
    "9": "circulatory",
    "10": "respiratory",
    "11": "digestive",
    "12": "skin",
    "13": "musculoskeletal",
    "14": "genitourinary",
}
"""The chapters that name an organ system, and the label that stands for each."""

_TEST_SHARE = 0.3
_LONGEST = 12
_VAGUE = re.compile(r"^(Other|Unspecified|Certain)\b|elsewhere classified|\bin diseases classified", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Term:
    """A title or inclusion term with its chapter's label; category: the three-character code above it."""

    id: str
    text: str
    label: str
    category: str


def read_terms() -> list[Term]:
    """The distinct terms of the chapters in ``CHAPTERS``, by code: titles of categories and of the codes right below,
    and their inclusion terms. Raises MissingExtra where the package is not installed."""
    icd = _load()
    seen: set[str] = set()
    terms = []
    for chapter, label in CHAPTERS.items():
        for category in _categories(icd, chapter):
            for number, text in enumerate(_texts(icd, category)):
                if text.lower() not in seen:
                    seen.add(text.lower())
                    terms.append(Term(f"{category}-{number}", text, label, category))
    return terms


def write_parts(folder: Path) -> dict[str, int]:
    """Write ``train.jsonl`` and ``test.jsonl``; returns how many terms each has."""
    parts: dict[str, list[Term]] = {"train": [], "test": []}
    for term in read_terms():
        parts["test" if _is_test(term.category) else "train"].append(term)
    return {
        name: write_jsonl(
            folder / f"{name}.jsonl", ({"id": term.id, "text": term.text, "label": term.label} for term in terms)
        )
        for name, terms in parts.items()
    }


def _load() -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of old packaging helpers that the package still uses
            import simple_icd_10_cm
    except ImportError as error:
        raise MissingExtra("simple-icd-10-cm", "medical") from error
    return simple_icd_10_cm


def _categories(icd: Any, chapter: str) -> list[str]:
    return sorted(code for code in icd.get_descendants(chapter) if icd.is_category(code))


def _texts(icd: Any, category: str) -> Iterator[str]:
    for code in (category, *icd.get_children(category)):
        for text in (icd.get_description(code), *icd.get_inclusion_term(code)):
            words = " ".join(text.split())
            if len(words.split()) <= _LONGEST and not _VAGUE.search(words):
                yield words


def _is_test(category: str) -> bool:
    digest = blake2b(category.encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big") < _TEST_SHARE * 2**32
