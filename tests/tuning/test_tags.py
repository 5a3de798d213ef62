"""Entities to tags and back, with hypothesis and by trying every path."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgslm.injection.words import word_spans
from kgslm.records import Entity
from kgslm.tuning.tasks.tags import TagSet, tag_words

TAGS = TagSet(("Disease", "Drug"))


def test_words_of_any_script() -> None:
    text = "Fe²⁺-loss, B12 心脏病 \U0001f600!"
    assert [text[start:end] for start, end in word_spans(text)] == (
        ["Fe²", "⁺", "-", "loss", ",", "B", "12", "心", "脏", "病", "\U0001f600", "!"]
    )


@given(st.text())
def test_every_visible_character_is_in_one_word(text: str) -> None:
    spans = word_spans(text)
    inside = [place for start, end in spans for place in range(start, end)]
    assert inside == [place for place, character in enumerate(text) if not character.isspace()]


@given(st.text(min_size=1), st.data())
def test_entities_on_word_borders_come_back_exactly(text: str, data: st.DataObject) -> None:
    words = word_spans(text)
    borders = sorted(data.draw(st.sets(st.integers(0, len(words)), max_size=6)))
    entities = [
        Entity(words[first][0], words[last - 1][1], data.draw(st.sampled_from(TAGS.labels)))
        for first, last in zip(borders[::2], borders[1::2], strict=False)
    ]
    tagged = tag_words(TAGS, text, entities)
    assert (tagged.widened, tagged.left_out) == (0, 0)
    logits = 20 * np.eye(len(TAGS.names))[tagged.tags].reshape(-1, len(TAGS.names))
    assert TAGS.decode(logits, words) == tuple(entities)


def test_entities_within_words_are_widened_and_those_that_overlap_are_left_out() -> None:
    text = "lung infections of VHLdisease"
    entities = [
        Entity(0, 14, "Disease"),  # without the s
        Entity(0, 4, "Disease"),  # within a longer one
        Entity(22, 29, "Disease"),
        Entity(15, 16, "Disease"),  # a space
        Entity(16, 18, "Place"),  # a label that is not learnt
    ]
    tagged = tag_words(TAGS, text, entities)
    assert [TAGS.names[tag] for tag in tagged.tags] == ["B-Disease", "I-Disease", "O", "B-Disease"]
    assert (tagged.widened, tagged.left_out) == (2, 2)


@pytest.mark.parametrize("seed", range(20))
def test_the_path_is_the_best_of_all_allowed_ones(seed: int) -> None:
    logits = np.random.default_rng(seed).normal(size=(4, len(TAGS.names)))

    def allowed(path: tuple[int, ...]) -> bool:
        return all(
            not tag or tag % 2 or before in (tag - 1, tag) for before, tag in zip((0, *path), path, strict=False)
        )

    paths = filter(allowed, product(range(len(TAGS.names)), repeat=len(logits)))
    best = max(paths, key=lambda path: sum(logits[place, tag] for place, tag in enumerate(path)))
    assert TAGS.best_path(logits) == list(best)


def test_no_words_no_entities() -> None:
    assert TAGS.decode(np.zeros((0, len(TAGS.names))), []) == ()
