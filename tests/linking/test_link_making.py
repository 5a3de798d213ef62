"""Links made fast are links like any other."""

from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError, replace

import pytest

from kgslm.linking.link_making import make_link
from kgslm.records import Candidate, Link

BEST, OTHER = Candidate("X:1", "Gout", 0.9), Candidate("X:2", "Gouty", 0.5)


def test_it_is_what_the_constructor_makes() -> None:
    made = make_link(3, "gout", (BEST, OTHER), (True, False, False, True))
    plain = Link(3, 7, "gout", "X:1", "Gout", 0.9, negated=True, other_person=True, candidates=(BEST, OTHER))
    assert type(made) is Link
    assert made == plain
    assert hash(made) == hash(plain)
    assert repr(made) == repr(plain)
    assert pickle.loads(pickle.dumps(made)) == copy.deepcopy(made) == plain
    assert replace(made, start=4, end=8).start == 4
    with pytest.raises(FrozenInstanceError):
        made.start = 5  # type: ignore[misc]


def test_without_candidates_it_is_nil() -> None:
    assert make_link(0, "x", ()) == Link(0, 1, "x", None, score=0.0)
