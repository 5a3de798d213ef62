"""How a mention is meant: negated, hypothetical, historical or about another person, by cues in its clause.

After ConText (Chapman, Chu and Dowling 2007; Harkema et al. 2009), which extends NegEx: a cue phrase reaches forward or
backward to the end of its clause, to a phrase that ends its reach, or over so many words.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache, cached_property
from itertools import accumulate
from pathlib import Path
from typing import TypeAlias

from kgslm.linking.assertion_cues import CueFinder
from kgslm.linking.assertion_reach import Reach
from kgslm.linking.assertion_rules import FLAGS, Cue, RuleFile, Rules, join_rules, languages, load_rules, shipped_rules
from kgslm.records import Link, LinkedText

Found: TypeAlias = tuple[int, int, Cue]
"""start, end and meaning of a cue in a text."""

FlagValues: TypeAlias = tuple[bool, bool, bool, bool]
"""negated, hypothetical, historical, other_person: as they follow one another in a Link."""

NO_FLAGS: FlagValues = (False, False, False, False)

_BITS = {flag: 1 << place for place, flag in enumerate(FLAGS)}
_VALUES: list[FlagValues] = [
    (bool(bits & 1), bool(bits & 2), bool(bits & 4), bool(bits & 8)) for bits in range(1 << len(FLAGS))
]
_SEPARATOR = "\n\n"
_REMEMBERED_TEXTS = 8


class Asserter:
    """Marks links. The flags of a text depend on the text, its links and the rules alone."""

    def __init__(self, files: Iterable[Path | str | RuleFile]) -> None:
        """files: rules, or where they are; those further behind go first. Files are read at first use."""
        self._files = tuple(files)
        self._known: dict[str, list[Found]] = {}

    @classmethod
    def for_language(
        cls, language: str = "en", *, domain: str | None = None, own: Sequence[Path | str] = ()
    ) -> Asserter:
        """The rules of a language: the general ones with those of a domain, or of all domains where none is named.

        own: files of your own rules, which go before the others; they are read at once.
        Raises ConfigError for an unknown language or domain, and for a bad file with its place.
        """
        return cls([*shipped_rules(language, domain), *map(load_rules, own)])

    def flags(self, text: str, spans: Sequence[tuple[int, int]]) -> dict[int, FlagValues]:
        """The index of each span that some cue speaks of, with its flags. spans: (start, end), in order of start.

        Texts that are joined by a blank line get the flags that each gets alone.
        """
        return self._flags(text, spans, self._cues(text)) if spans else {}

    def mark(self, linked: Iterable[LinkedText]) -> list[LinkedText]:
        """The same texts and links in the same order, with their flags; a flag that is set stays."""
        marked = list(linked)
        wanted = [index for index, one in enumerate(marked) if one.links]
        spans, places = [], []
        base = 0
        for index in wanted:
            one = marked[index]
            spans += [(base + link.start, base + link.end) for link in one.links]
            places += [(index, at) for at in range(len(one.links))]
            base += len(one.text) + len(_SEPARATOR)
        changed: dict[int, list[Link]] = {}
        for number, values in self.flags(_SEPARATOR.join(marked[index].text for index in wanted), spans).items():
            index, at = places[number]
            links = changed.setdefault(index, list(marked[index].links))
            links[at] = _flagged(links[at], values)
        for index, links in changed.items():
            marked[index] = replace(marked[index], links=tuple(links))
        return marked

    def mark_mention(self, text: str, link: Link) -> Link:
        """One link of a text with its flags. The cues of the last texts are remembered."""
        cues = self._known.get(text)
        if cues is None:
            cues = self._cues(text)
            if len(self._known) >= _REMEMBERED_TEXTS:
                del self._known[next(iter(self._known))]
            self._known[text] = cues
        flags = self._flags(text, [(link.start, link.end)], cues)
        return _flagged(link, flags[0]) if flags else link

    def __reduce__(self) -> tuple[type[Asserter], tuple[tuple[RuleFile, ...]]]:
        return Asserter, (self._loaded,)

    @cached_property
    def _loaded(self) -> tuple[RuleFile, ...]:
        return tuple(file if isinstance(file, RuleFile) else load_rules(file) for file in self._files)

    @cached_property
    def _rules(self) -> Rules:
        return join_rules(self._loaded)

    @cached_property
    def _finder(self) -> CueFinder[Cue | None]:
        return CueFinder(self._rules.cues, spaces=self._rules.spaces)

    @cached_property
    def _reach(self) -> Reach:
        return Reach(self._rules)

    def _cues(self, text: str) -> list[Found]:
        return [(start, end, cue) for start, end, cue in self._finder.find(text) if cue is not None]

    def _flags(self, text: str, spans: Sequence[tuple[int, int]], cues: Sequence[Found]) -> dict[int, FlagValues]:
        starts = [start for start, _ in spans]
        # Of spans inside others, the end of the outer one.
        ends = list(accumulate((end for _, end in spans), max))
        reach = self._reach
        found: dict[int, int] = {}
        for start, end, cue in cues:
            around = bisect_right(starts, start) - 1
            if around >= 0 and end <= ends[around] and spans[around] != (start, end):
                continue  # "absence of eyebrows" is a name and denies nothing
            reached = reach.forward(text, starts, ends, end, cue) if cue.forward else []
            if cue.backward:
                reached += reach.backward(text, starts, ends, start, cue)
            for flag, first, last in reached:
                for index in range(first, last):
                    found[index] = found.get(index, 0) | _BITS[flag]
        return {index: _VALUES[bits] for index, bits in found.items()}


def _flagged(link: Link, values: FlagValues) -> Link:
    negated, hypothetical, historical, other_person = values
    return replace(
        link,
        negated=link.negated or negated,
        hypothetical=link.hypothetical or hypothetical,
        historical=link.historical or historical,
        other_person=link.other_person or other_person,
    )


@cache
def rules_of(language: str) -> Asserter | None:
    """The rules that come with kgslm for a language, in all domains; None where there are none. One for all uses."""
    return Asserter.for_language(language) if language in languages() else None
