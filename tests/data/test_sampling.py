"""Parts and few-shot samples: nothing leaks, shots nest, the order of the file does not matter."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgslm.data.classification import Dataset
from kgslm.data.sampling import draw_shots, drop_rare_labels, in_order, sample, split_off, without_texts_of
from kgslm.errors import DataError
from kgslm.records import Example

LABELS = "abcd"
SEEDS = st.integers(0, 5)


@st.composite
def datasets(draw: st.DrawFn) -> Dataset:
    """Up to forty texts, some of them the same, with one label or any number of labels each."""
    multi_label = draw(st.booleans())
    own = st.lists(st.sampled_from(LABELS), max_size=4, unique=True) if multi_label else st.sampled_from(LABELS)
    rows = draw(st.lists(st.tuples(st.integers(0, 25), own), min_size=1, max_size=40))
    return Dataset(
        tuple(Example(str(number), f"text {text}", tuple(labels)) for number, (text, labels) in enumerate(rows)),
        multi_label,
    )


def shuffled(data: Dataset) -> Dataset:
    return data.keep(Random(1).sample(data.examples, len(data)))


def ids(data: Dataset) -> set[str]:
    return {example.id for example in data}


def one_label(counts: dict[str, int]) -> Dataset:
    return Dataset(tuple(Example(f"{k}{n}", f"{k} {n}", (k,)) for k, count in counts.items() for n in range(count)))


def test_a_part_has_its_share_of_every_label() -> None:
    data = one_label({"a": 100, "b": 10, "c": 2, "d": 1})
    rest, part = split_off(data, 0.3)
    assert part.counts() == {"a": 30, "b": 3, "c": 1}
    assert rest.counts() == {"a": 70, "b": 7, "c": 1, "d": 1}
    assert [*rest.examples] == [example for example in data if example.id in ids(rest)]
    assert ids(split_off(data, 0.3, seed=1)[1]) != ids(part)
    # Not even a large part leaves a label without an example to learn from.
    assert split_off(data, 0.9)[0].counts() == {"a": 10, "b": 1, "c": 1, "d": 1}


def test_a_part_of_many_different_label_sets_has_its_share() -> None:
    sets = [tuple(label for bit, label in enumerate("abcdef") if number >> bit & 1) for number in range(64)]
    data = Dataset(tuple(Example(str(number), f"text {number}", own) for number, own in enumerate(sets)), True)
    _, part = split_off(data, 0.25)
    assert len(part) == 16


@given(datasets(), st.sampled_from([0.1, 0.4, 0.9]), SEEDS)
def test_a_split_loses_nothing_and_leaks_nothing(data: Dataset, fraction: float, seed: int) -> None:
    rest, part = split_off(data, fraction, seed=seed)
    assert len(rest) + len(part) == len(data)
    assert ids(rest) | ids(part) == ids(data)
    assert {example.text for example in rest}.isdisjoint(example.text for example in part)
    assert len(rest) > 0
    assert rest.multi_label == part.multi_label == data.multi_label
    if not data.multi_label:
        texts = {label: {example.text for example in data if example.labels == (label,)} for label in data.labels}
        if sum(map(len, texts.values())) == len(set().union(*texts.values())):
            assert set(rest.labels) == set(data.labels)


@given(datasets(), SEEDS)
def test_the_order_of_the_file_does_not_matter(data: Dataset, seed: int) -> None:
    again = shuffled(data)
    assert ids(split_off(data, 0.4, seed=seed)[1]) == ids(split_off(again, 0.4, seed=seed)[1])
    assert ids(draw_shots(data, 2, seed=seed)) == ids(draw_shots(again, 2, seed=seed))
    assert ids(sample(data, 3, seed=seed)) == ids(sample(again, 3, seed=seed))
    orders = ([part.examples[row].id for row in in_order(part.examples, seed=seed, epoch=1)] for part in (data, again))
    assert next(orders) == next(orders)


@given(datasets(), SEEDS)
def test_smaller_draws_are_contained_in_larger_ones(data: Dataset, seed: int) -> None:
    draws = [draw_shots(data, shots, seed=seed) for shots in range(6)]
    assert len(draws[0]) == 0
    for smaller, larger in pairwise(draws):
        assert ids(smaller) <= ids(larger)


@given(datasets(), st.integers(1, 6), SEEDS)
def test_a_draw_has_enough_of_every_label(data: Dataset, shots: int, seed: int) -> None:
    drawn = draw_shots(data, shots, seed=seed)
    wanted = {label: min(shots, count) for label, count in data.counts().items()}
    if data.multi_label:
        assert all(drawn.counts()[label] >= count for label, count in wanted.items())
    else:
        assert drawn.counts() == wanted
    assert [*drawn.examples] == [example for example in data if example.id in ids(drawn)]


def test_all_shots_are_the_whole_data() -> None:
    data = one_label({"a": 3, "b": 5})
    assert draw_shots(data, None, seed=0) is data
    assert draw_shots(data, 100, seed=0) == data


def test_seeds_draw_differently() -> None:
    data = one_label({"a": 50, "b": 50})
    assert len({frozenset(ids(draw_shots(data, 4, seed=seed))) for seed in range(5)}) == 5


@pytest.mark.parametrize("fraction", [0.0, 1.0, -0.1, 2.0])
def test_a_fraction_lies_between_nothing_and_all(fraction: float) -> None:
    with pytest.raises(DataError, match="a fraction between 0 and 1 was expected"):
        split_off(one_label({"a": 3}), fraction)


def test_a_sample_keeps_the_order_and_is_fixed() -> None:
    data = one_label({"a": 30})
    assert sample(data, None) is data
    assert sample(data, 30) is data
    drawn = sample(data, 10)
    assert drawn == sample(data, 10)
    assert len(drawn) == 10
    assert [*drawn.examples] == [example for example in data if example.id in ids(drawn)]


def test_rare_labels_are_left_out() -> None:
    data = one_label({"a": 3, "b": 2, "c": 1})
    assert drop_rare_labels(data, 1) is data
    assert drop_rare_labels(data, 2).counts() == {"a": 3, "b": 2}
    several = Dataset((Example("1", "x", ("a", "b")), Example("2", "y", ("a",)), Example("3", "z", ())), True)
    assert [example.labels for example in drop_rare_labels(several, 2)] == [("a",), ("a",), ()]
    assert [example.id for example in drop_rare_labels(several.keep(several.examples[::2]), 2)] == ["3"]


def test_every_epoch_has_its_own_order() -> None:
    examples = one_label({"a": 20}).examples
    orders = [tuple(in_order(examples, seed=0, epoch=epoch)) for epoch in (1, 2)]
    assert orders[0] != orders[1]
    assert all(Counter(order) == Counter(range(20)) for order in orders)


def test_texts_of_another_part_are_left_out() -> None:
    data = Dataset((Example("1", "a"), Example("2", "b"), Example("3", "a", text_pair="c")))
    other = Dataset((Example("9", "a"),))
    assert [example.id for example in without_texts_of(data, other)] == ["2", "3"]
    assert without_texts_of(other, Dataset((Example("1", "z"),))) is other
