"""Entities as one tag a word, and back: B- begins an entity, I- goes on with it, O is outside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kgslm.injection.words import word_spans, words_within
from kgslm.records import Entity

Floats = NDArray[np.float64]
_NEVER = -1e9


@dataclass(frozen=True)
class TagSet:
    """The tags of some labels: O, then B- and I- of each label in turn."""

    labels: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """One a tag."""
        return ("O", *(f"{kind}-{label}" for label in self.labels for kind in "BI"))

    def begin(self, label: str) -> int:
        """The tag that begins an entity; the next one goes on with it."""
        return 1 + 2 * self.labels.index(label)

    def decode(self, logits: Floats, words: Sequence[tuple[int, int]]) -> tuple[Entity, ...]:
        """The entities of the likeliest allowed path. logits: shape (words, tags)."""
        entities: list[Entity] = []
        for (start, end), tag in zip(words, self.best_path(logits), strict=True):
            if tag and tag % 2:
                entities.append(Entity(start, end, self.labels[tag // 2]))
            elif tag:
                last = entities.pop()
                entities.append(Entity(last.start, end, last.label))
        return tuple(entities)

    def best_path(self, logits: Floats) -> list[int]:
        """The tags, one a word, whose probabilities have the highest product among the paths where every I- goes on
        with an entity of its label (Viterbi)."""
        if not len(logits):
            return []
        steps = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
        allowed, score = self._allowed(), steps[0].copy()
        score[2::2] = _NEVER
        back = []
        for step in steps[1:]:
            reached = score[:, None] + allowed
            back.append(reached.argmax(axis=0))
            score = reached.max(axis=0) + step
        path = [int(score.argmax())]
        for pointers in reversed(back):
            path.append(int(pointers[path[-1]]))
        return path[::-1]

    def _allowed(self) -> Floats:
        """Shape (tags, tags): 0 where the second may follow the first."""
        allowed = np.zeros((len(self.names), len(self.names)))
        allowed[:, 2::2] = _NEVER
        for go_on in range(2, len(self.names), 2):
            allowed[[go_on - 1, go_on], go_on] = 0
        return allowed


@dataclass(frozen=True, slots=True)
class Tagged:
    """Gold entities as tags. widened: how many begin or end within a word. left_out: those that share a word with a
    longer one, or hold no word."""

    tags: list[int]
    widened: int
    left_out: int


def tag_words(tags: TagSet, text: str, entities: Sequence[Entity]) -> Tagged:
    """Tags of a text's words.

    A word has one tag: of entities that share a word the longest is kept, of equally long ones the first. An entity
    that begins or ends within a word is widened to all of it. Labels that ``tags`` does not have are left aside.
    """
    words = word_spans(text)
    found = [0] * len(words)
    widened = left_out = 0
    for entity in sorted(entities, key=lambda entity: (entity.start - entity.end, entity.start, entity.label)):
        within = words_within(words, entity.start, entity.end)
        if entity.label not in tags.labels:
            continue
        if not within or any(found[place] for place in within):
            left_out += 1
            continue
        widened += (words[within[0]][0], words[within[-1]][1]) != (entity.start, entity.end)
        begin = tags.begin(entity.label)
        for place in within:
            found[place] = begin + (place > within[0])
    return Tagged(found, widened, left_out)
