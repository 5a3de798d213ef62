"""Spans survive edits and masks."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from kgslm.augmentation.protocol import Source
from kgslm.augmentation.spans import Edit, Mask, apply_edits, cuts, merge_spans, move_entities, protected_spans
from kgslm.records import Entity, Link, LinkedText


def test_edits_move_entities() -> None:
    text = "a fit and a heart attack now"
    entities = [Entity(0, 5, "X"), Entity(2, 5, "D"), Entity(12, 24, "D"), Entity(25, 28, "T")]
    new, moved = apply_edits(text, [Edit(0, 1, "an"), Edit(2, 5, "epileptic fit"), Edit(12, 24, "MI")], entities)
    assert new == "an epileptic fit and a MI now"
    assert [new[it.start : it.end] for it in moved] == ["an epileptic fit", "epileptic fit", "MI", "now"]
    assert [it.label for it in moved] == ["X", "D", "D", "T"]


def test_a_mask_comes_off_again() -> None:
    text = "No fever of 39.5 with asthma"
    mask = Mask(text, [(12, 16), (22, 28)], ["P21", "P22"])
    assert mask.text == "No fever of P21 with P22"
    restored = mask.restore("With P22, no fever of P21.")
    assert restored == ("With asthma, no fever of 39.5.", {22: 5, 12: 25})


def test_a_mark_that_is_lost_doubled_or_changed_is_noticed() -> None:
    mask = Mask("fever of 39.5", [(9, 13)], ["P21"])
    for output in ("fever", "fever P21 P21", "fever P210", "fever P21s", "fever p21", "XP21"):
        assert mask.restore(output) is None
    assert Mask("fever", [], []).restore("heat") == ("heat", {})


def test_spans_that_overlap_or_touch_are_one() -> None:
    assert merge_spans([(5, 9), (0, 2), (2, 4), (6, 7), (8, 12)]) == [(0, 4), (5, 12)]


def test_mentions_entities_and_words_with_digits_are_protected() -> None:
    text = "The BRCA1 gene, 3.5 mg of asthma-2 in 10-20% of stage II."
    linked = LinkedText(text, (Link(26, 32, "asthma", "D:4"),))
    spans = protected_spans(Source(linked, (Entity(48, 56, "stage"),), Random(0)))
    assert [text[start:end] for start, end in spans] == ["BRCA1", "3.5", "asthma-2", "10-20%", "stage II"]


def test_entities_move_with_the_span_around_them() -> None:
    moved = move_entities([Entity(4, 6, "A"), Entity(10, 12, "B")], {3: 20, 10: 0})
    assert [(it.start, it.end) for it in moved] == [(21, 23), (0, 2)]


def test_cuts() -> None:
    assert cuts((3, 9), [Entity(0, 5, "")])
    assert not cuts((3, 9), [Entity(3, 9, ""), Entity(0, 12, ""), Entity(9, 11, "")])


@given(st.text("ab 1\n", max_size=30), st.lists(st.tuples(st.integers(0, 29), st.integers(1, 5)), max_size=4))
def test_what_nobody_changed_comes_back_as_it_was(text: str, raw: list[tuple[int, int]]) -> None:
    spans = merge_spans((start, min(start + size, len(text))) for start, size in raw if start < len(text))
    mask = Mask(text, spans, [chr(0xE000 + index) for index in range(len(spans))])
    assert mask.restore(mask.text) == (text, {start: start for start, _ in spans})
