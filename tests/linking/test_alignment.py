"""How the words of a mention and of a name pair off."""

from __future__ import annotations

import numpy as np
import pytest

from kgslm.linking.alignment import pair
from kgslm.linking.names import name_table
from kgslm.linking.word_building import build_words
from kgslm.linking.word_matches import WordIndex, words_of

DISTRICT, COURT, NEW, YORK, SOUTHERN, STATES = range(6)
WEIGHTS = np.array([1, 0.5, 2, 2, 3, 0.2], np.float32)


def exact(*numbers: int) -> tuple[list[dict[int, float]], list[float]]:
    return [{number: 1.0} for number in numbers], [float(WEIGHTS[number]) for number in numbers]


def test_the_same_words_leave_nothing() -> None:
    found = pair(*exact(DISTRICT, COURT, NEW, YORK), [DISTRICT, COURT, NEW, YORK], WEIGHTS)
    assert found.missing == found.added == 0
    assert found.shared == pytest.approx(5.5)
    assert found.in_order == found.of_mention == found.of_name == found.whole_mention == found.whole_name == 1


def test_what_one_side_has_alone_counts_by_its_weight() -> None:
    found = pair(*exact(STATES, DISTRICT, COURT), [DISTRICT, COURT, NEW], WEIGHTS)
    assert found.missing == pytest.approx(0.2) and found.added == pytest.approx(2)
    assert found.whole_mention and not found.whole_name
    assert found.of_mention == found.of_name == pytest.approx(2 / 3)


def test_a_word_has_one_partner_at_most() -> None:
    """ "D." of "District Court S. D. New York" is the second "District", and "S." is not "States", which is taken."""
    matches = [{STATES: 1.0}, {DISTRICT: 1.0}, {COURT: 1.0}, {SOUTHERN: 0.6, STATES: 0.4}, {DISTRICT: 0.6}]
    heft = [0.2, 1.0, 0.5, 3.0, 1.0]
    plain = pair(matches, heft, [STATES, DISTRICT, COURT, DISTRICT], WEIGHTS)
    southern = pair(matches, heft, [DISTRICT, COURT, SOUTHERN, DISTRICT], WEIGHTS)
    assert plain.missing == pytest.approx(3.0 + 0.4)
    assert southern.missing == pytest.approx(0.2 + 0.4 * 3 + 0.4)
    assert southern.fit > plain.fit


def test_neighbours_that_stay_neighbours() -> None:
    assert pair(*exact(NEW, YORK, COURT), [COURT, NEW, YORK], WEIGHTS).in_order == pytest.approx(0.5)
    assert pair(*exact(NEW), [NEW, YORK], WEIGHTS).in_order == 0.5


@pytest.mark.parametrize("name", [[], [YORK]])
def test_nothing_in_common(name: list[int]) -> None:
    found = pair(*exact(NEW), name, WEIGHTS)
    assert found.shared == found.of_mention == found.of_name == 0 and found.missing == 2
    assert pair([], [], name, WEIGHTS).missing == 0


@pytest.fixture(scope="module")
def index() -> WordIndex:
    states = ("Ohio", "Texas", "Maine", "Utah", "Iowa", "Idaho")
    names = []
    for state in states:
        for side in ("Northern", "Southern"):
            id_ = f"{state}-{side}"
            names.append((id_, f"United States District Court, {side} District of {state}", "preferred"))
            names.append((id_, f"{side[0]}.D. {state}", "exact"))
    return build_words(name_table(names), {})


def test_words_that_other_names_leave_out_tell_little(index: WordIndex) -> None:
    state, ohio = (words_of(word)[0] for word in ("States", "Ohio"))
    assert index.weight(state) < index.weight(ohio) / 2
    assert index.weight(state) < index.weight("northern")


def test_a_strange_word_tells_as_much_as_a_rare_one(index: WordIndex) -> None:
    assert index.weight("zanzibar") >= max(index.weight(word) for word in index.words) / 2


def test_a_name_keeps_its_repeated_words(index: WordIndex) -> None:
    assert len(index.numbers(0)) == len(index.of_name(0)) + 1
