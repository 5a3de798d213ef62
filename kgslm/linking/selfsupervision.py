"""Mentions to learn ranking from, made of the pack alone: each name asks for its concept while it is hidden itself."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from kgslm.linking.features import Query
from kgslm.linking.languages import language
from kgslm.linking.names import NameTable
from kgslm.linking.ngrams import plain, stems
from kgslm.linking.readings import WRITTEN, Reading

_NIL_SHARE, _EXACT_SHARE, _HIDDEN_SHARE = 0.08, 0.1, 0.4
"""What is asked: what is not there; a name as it is; a name that is hidden. The rest are names in disguise."""
_STRANGE_SHARE = 0.02
"""Of what is not there: everyday words, which are no name of anything."""
_GLUE = ("of", "the", "for", "in", "and", "of the")


@dataclass(frozen=True, slots=True)
class Exercise:
    """A query with the rows of the concepts that are right; none for NIL."""

    query: Query
    right: frozenset[int]


def exercises(
    table: NameTable, count: int, *, seed: int = 0, concepts: Sequence[int] | None = None
) -> Iterator[Exercise]:
    """``count`` exercises at most. concepts: rows of those to ask for; None: all.

    Concepts with many names are asked for more often, as they are in texts. Where a name is hidden, the names of its
    concept that are the same words in another order or number are too, so that another name has to be found.
    """
    chosen = random.Random(seed)
    eligible = set(concepts) if concepts is not None else None
    rows = [
        row
        for row, (owner, learnt) in enumerate(zip(table.owners.tolist(), table.learnt.tolist(), strict=True))
        if not learnt and (eligible is None or owner in eligible)
    ]
    same: dict[str, set[int]] = {}
    for row, text in enumerate(table.texts):
        same.setdefault(plain(text), set()).add(int(table.owners[row]))
    strange = [word for row in chosen.choices(rows, k=500) for word in table.texts[row].split()] if rows else []
    for row in chosen.sample(rows, min(count, len(rows))):
        yield _exercise(table, row, chosen, same, strange)
    for row in chosen.choices(rows, k=max(0, count - len(rows))) if rows else ():
        yield _exercise(table, row, chosen, same, strange)


def _exercise(
    table: NameTable, row: int, chosen: random.Random, same: dict[str, set[int]], strange: list[str]
) -> Exercise:
    concept = int(table.owners[row])
    text = table.texts[row]
    draw = chosen.random()
    right = frozenset(same[plain(text)] | {concept})
    if draw < _STRANGE_SHARE:
        return Exercise(_asked(" ".join(chosen.sample(_everyday(), chosen.randint(1, 2)))), frozenset())
    if draw < _NIL_SHARE:
        return Exercise(_asked(_disguised(text, chosen, strange, 1), gone=right), frozenset())
    draw -= _NIL_SHARE
    if draw < _EXACT_SHARE:
        return Exercise(_asked(_natural(text)), right)
    if draw - _EXACT_SHARE < _HIDDEN_SHARE:
        span = range(int(table.firsts[concept]), int(table.firsts[concept + 1]))
        alike = sorted(stems(text))
        hidden = frozenset(other for other in span if other == row or sorted(stems(table.texts[other])) == alike)
        if len(hidden) < len(span):
            return Exercise(
                _asked(_disguised(text, chosen, strange, chosen.randrange(2)), hidden), frozenset({concept})
            )
    return Exercise(_asked(_disguised(text, chosen, strange, chosen.randint(1, 3))), right)


@lru_cache(maxsize=1)
def _everyday() -> list[str]:
    return sorted(word for word in language("en").everyday if len(word) > 2)


def _asked(text: str, hidden: frozenset[int] = frozenset(), gone: frozenset[int] = frozenset()) -> Query:
    return Query((Reading(text, WRITTEN),), hidden=hidden, gone=gone)


def _natural(name: str) -> str:
    """ "Cysts, Arachnoid" as running text has it: "arachnoid cysts"."""
    first, comma, rest = name.partition(", ")
    text = f"{rest} {first}" if comma and "," not in rest else name
    words = [word if word.isupper() and len(word) <= 5 else word.lower() for word in text.split()]
    return " ".join(words) or name


def _disguised(name: str, chosen: random.Random, strange: list[str], changes: int) -> str:
    """The name as a text might have it, after so many changes."""
    words = _natural(name).split()
    for _ in range(changes):
        words = _changed(words, chosen, strange) or words
    return " ".join(words)


def _changed(words: list[str], chosen: random.Random, strange: list[str]) -> list[str]:
    """The words with one of them left out, cut short, put elsewhere, written wrongly; or with one more."""
    words = list(words)
    at = chosen.randrange(len(words))
    word = words[at]
    kind = chosen.randrange(8)
    if kind == 0 and len(words) > 2:
        words.pop(at)
    elif kind == 1:
        words[-1] = words[-1].removesuffix("s") if words[-1].endswith("s") else f"{words[-1]}s"
    elif kind == 2 and len(word) > 5:
        place = chosen.randrange(1, len(word) - 1)
        words[at] = word[:place] + word[place + 1 :]
    elif kind == 3 and len(word) > 3 and word.isalpha():
        words[at] = word[: chosen.randint(1, 4)] + chosen.choice(("", "."))
    elif kind == 4 and len(words) > 1:
        words.insert(chosen.randrange(len(words)), words.pop(at))
    elif kind == 5 and len(words) > 1:
        words.insert(at, chosen.choice(_GLUE))
    elif kind == 6 and strange:
        words.insert(chosen.choice((0, len(words))), chosen.choice(strange))
    elif len(words) > 2:
        words = words[at:] + words[:at]
    return words
