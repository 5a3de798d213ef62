"""Who says what: every statement of a pack carries a number that stands for the set of sources that made it."""

from __future__ import annotations


class Codes(dict[str, int]):
    """Text to a running number, given at first use."""

    def __init__(self) -> None:
        super().__init__()
        self._order: list[str] = []

    def __missing__(self, text: str) -> int:
        self[text] = code = len(self)
        self._order.append(text)
        return code

    def text(self, code: int) -> str:
        """The text of a code."""
        return self._order[code]


class SourceSets:
    """Sets of source keys, numbered at first use, so that a statement needs one number however many made it.

    A key is that of a source, or ``key#detail`` where the source says itself where it has a fact from.
    """

    def __init__(self) -> None:
        self._keys = Codes()
        self._numbers: dict[tuple[int, ...], int] = {}
        self._members: list[tuple[int, ...]] = []
        self._unions: dict[tuple[int, int], int] = {}

    def __len__(self) -> int:
        return len(self._members)

    def one(self, key: str) -> int:
        """The number of the set with this one source."""
        return self._number((self._keys[key],))

    def union(self, first: int, second: int) -> int:
        """The number of the union of two sets; keys stay in the order in which they came up first."""
        if first == second:
            return first
        pair = (first, second) if first < second else (second, first)
        known = self._unions.get(pair)
        if known is None:
            members = tuple(sorted({*self._members[first], *self._members[second]}))
            known = self._unions[pair] = self._number(members)
        return known

    def first(self, number: int) -> str:
        """The key of a set that came up first."""
        return self._keys.text(self._members[number][0])

    def keys(self) -> list[tuple[str, ...]]:
        """The source keys of each number."""
        return [tuple(map(self._keys.text, members)) for members in self._members]

    def _number(self, members: tuple[int, ...]) -> int:
        number = self._numbers.get(members)
        if number is None:
            number = self._numbers[members] = len(self._members)
            self._members.append(members)
        return number


def base_key(key: str) -> str:
    """The key of the source itself, without the detail of a fact."""
    return key.partition("#")[0]
