"""Which long words the short ones of a pack stand for, learnt from its own names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from kgslm.linking.names import NameTable

SHORT = 5
"""Letters of a word that may be a shortened one, if its letters only come in the same order in the other."""
_NAMES = 12
"""Names of one concept that are read."""


def learn_shortened(table: NameTable, names: Sequence[Sequence[str]]) -> dict[str, dict[str, float]]:
    """How surely a short word stands for a long one: in how many concepts it does, 1 being its commonest meaning.

    A single concept says nothing, so that a name that is asked for does not answer itself.
    """
    pairs: Counter[tuple[str, str]] = Counter()
    for first, last in zip(table.firsts[:-1].tolist(), table.firsts[1:].tolist(), strict=True):
        if last - first > 1:
            pairs.update(_shortened(names[first : min(last, first + _NAMES)]))
    most: dict[str, int] = {}
    for (short, _), count in pairs.items():
        most[short] = max(count, most.get(short, 1))
    found: dict[str, dict[str, float]] = {}
    for (short, long), count in pairs.items():
        if count > 1:
            found.setdefault(short, {})[long] = (count - 1) / most[short]
    return found


def _shortened(names: Sequence[Sequence[str]]) -> Iterable[tuple[str, str]]:
    """(short word, long word) of names of one concept, where neither has the other one's."""
    found = set()
    for own in names:
        short = [word for word in own if len(word) <= SHORT and word.isalpha()]
        for other in names if short else ():
            if other is own:
                continue
            long = [word for word in other if word not in own]
            found |= {
                (word, it)
                for word in short
                if word not in other
                for it in long
                if len(it) > len(word) and shortens(word, it)
            }
    return found


def shortens(short: str, long: str) -> bool:
    """Whether a word begins as another one does and goes on with its letters, in order."""
    if long.startswith(short):
        return True
    if short[0] != long[0] or len(short) >= len(long) or short.isdigit() or len(short) > SHORT:
        return False
    letters = iter(long)
    return all(letter in letters for letter in short)
