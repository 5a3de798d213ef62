"""Long texts: windows that lose nothing, and words that are a unit of exactly one of them."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch

from kgslm.injection.injector import KnownText, Mention
from kgslm.injection.words import word_spans
from kgslm.models import load_backbone
from kgslm.records import Entity, Example
from kgslm.tuning.heads.base import pooled_ranges
from kgslm.tuning.heads.tagging import PARTS
from kgslm.tuning.tasks.tagging import Tagging
from kgslm.tuning.tokens import Layout, Tokeniser

TEXTS = ["fever " * 100 + "cough", "fever", "", "\U0001f600" * 50, "心脏病 and asthma, " * 20]


@pytest.fixture(scope="module")
def tokeniser(tiny_encoder: Path) -> Tokeniser:
    return Tokeniser(load_backbone(str(tiny_encoder), device="cpu").tokenizer, 160, Layout(24, max_context=8))


def test_windows_overlap_and_know_their_offsets(tokeniser: Tokeniser) -> None:
    known = [KnownText(TEXTS[0], mentions=(Mention(600, 605, (("T:32", 1.0),)),)), KnownText("fever")]
    windows, (short,) = tokeniser.windows(known)
    assert len(windows) > 4
    assert all(len(window.ids) == len(window.offsets) <= 24 + 8 for window in windows)
    text = {place for window in windows for start, end in window.offsets for place in range(start, end)}
    assert text == {place for place, character in enumerate(TEXTS[0]) if character != " "}
    for one, other in pairwise(windows):
        assert set(one.offsets) & set(other.offsets) - {(0, 0)}
    assert [window.mentions for window in windows[:-1]] == [()] * (len(windows) - 1)
    assert list(windows[-1].concepts) == ["T:32"]
    assert short.mentions == ()


def test_every_word_is_a_unit_once_and_in_order(tokeniser: Tokeniser) -> None:
    task = Tagging(("x",))
    known = [KnownText(text, evidence=np.arange(len(word_spans(text)), dtype=np.float32)[:, None]) for text in TEXTS]
    items = task.cut([Example(str(n), text) for n, text in enumerate(TEXTS)], known, tokeniser)
    for number, text in enumerate(TEXTS):
        own = [item for item in items if item.text == number]
        words = [word for item in own if item.evidence is not None for word in item.evidence[:, 0].tolist()]
        assert words == list(range(len(word_spans(text))))
        for item in own:
            assert item.parts is not None
            slots, start, end = item.parts.ranges.T
            assert (start < end).all()
            assert (slots < item.units * PARTS).all()
            # Every word has tokens of its own in its window.
            assert {slot // PARTS for slot in slots.tolist() if slot % PARTS == 0} == set(range(item.units))


def test_slots_are_the_direction_of_their_tokens_mean() -> None:
    states = torch.tensor([[[3.0, 0.0], [0.0, 4.0], [1.0, 1.0]], [[0.0, 2.0], [5.0, 5.0], [9.0, 9.0]]])
    ranges = torch.tensor([[0, 0, 0, 2], [1, 1, 0, 1], [3, 0, 0, 1], [3, 0, 2, 3]])
    found = pooled_ranges(states, ranges, 4)
    assert found[0].tolist() == pytest.approx([0.6, 0.8])
    assert found[1].tolist() == [0.0, 1.0]
    assert found[2].tolist() == [0.0, 0.0]
    assert found[3].tolist() == pytest.approx([4 / 17**0.5, 1 / 17**0.5])


def test_a_timid_tagger_is_told_to_say_more(tokeniser: Tokeniser) -> None:
    task = Tagging(("x",))
    examples = [Example(str(n), "fever and cough", entities=(Entity(0, 5, "x"),)) for n in range(4)]
    items = task.cut(examples, [KnownText(example.text) for example in examples], tokeniser)
    # B- is likelier for the entity than elsewhere, but never likelier than O.
    row = np.array([[2.0, 0.5, -9.0], [4.0, 0.0, -9.0], [5.0, 0.0, -9.0]])
    lean = task.lean(examples, items, np.tile(row, (4, 1)))
    assert -4 < lean[0] < -1.5
    assert not lean[1:].any()
