"""What a question asks: its words, and the concepts that it names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from kgslm.linking.protocol import Linker
from kgslm.packs.verbalise import WORDINGS
from kgslm.retrieval.bm25 import words

# Words of any question: they ask for an answer and do not say about what; the first ones only where they begin it.
_COMMANDS = "tell give show list name describe explain"
_ASKING = (
    "define definition mean meaning please know example patient people person someone main common usually often "
    "clinical typical"
)
_AS_GOOD = 0.02
"""Concepts whose score is this close to the best one's are all meant: the same name in two sources."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word that says what is asked. start: where it stands. kind: it names what sort of thing is asked for, as
    ``drugs`` does in ``which drugs``."""

    text: str
    stem: str
    start: int
    kind: bool = False


@dataclass(frozen=True, slots=True)
class Mention:
    """A place where the question names concepts. surface: its words; stems: of these."""

    start: int
    surface: str
    concepts: frozenset[str]
    stems: frozenset[str]


@dataclass(frozen=True, slots=True)
class Question:
    """A question in parts. words: those outside of the mentions, without what any question says."""

    text: str
    mentions: tuple[Mention, ...]
    words: tuple[Word, ...]

    @property
    def empty(self) -> bool:
        """Whether it asks nothing."""
        return not (self.mentions or self.words)

    @property
    def stems(self) -> frozenset[str]:
        """Of the words and of the mentions."""
        return frozenset(word.stem for word in self.words).union(*(mention.stems for mention in self.mentions))


def read_question(text: str, linker: Linker | None = None) -> Question:
    """Take a question apart; without a linker it names no concepts."""
    links = [] if linker is None else [link for link in linker.link(text).links if link.concept is not None]
    # "symptoms" may be a concept as well, but beside another one it says what is asked about that one.
    subjects = [link for link in links if not set(words(link.surface)) <= fact_stems()] or links
    mentions = []
    for link in subjects:
        meant = {one.concept for one in link.candidates if one.score >= link.score - _AS_GOOD}
        mentions.append(
            Mention(link.start, link.surface, frozenset({*meant, str(link.concept)}), frozenset(words(link.surface)))
        )
    spans = [(link.start, link.end) for link in subjects]
    return Question(text, tuple(mentions), tuple(_words(text, spans)))


def _words(text: str, spans: list[tuple[int, int]]) -> list[Word]:
    found = []
    before = ""
    for match in re.finditer(r"\w+", text):
        word, start = match.group(), match.start()
        stems = words(word)
        inside = any(first <= start < end for first, end in spans)
        # "common symptoms" are symptoms, but "how common" asks for a number.
        idle = stems and (
            (stems[0] in _stems(_ASKING) and before != "how") or (not before and stems[0] in _stems(_COMMANDS))
        )
        if stems and not inside and not idle:
            found.append(Word(word.lower(), stems[0], start, before in ("which", "what")))
        before = word.lower()
    return found


@lru_cache
def _stems(text: str) -> frozenset[str]:
    return frozenset(words(text))


@lru_cache(maxsize=1)
def fact_stems() -> frozenset[str]:
    """Stems of all words that ask for facts, of whatever predicate."""
    texts = (f"{wording.forward} {wording.inverse} {wording.cues}" for wording in WORDINGS.values())
    return frozenset(words(" ".join(texts)))
