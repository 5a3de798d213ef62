"""Python's collector rests, and works again afterwards."""

from __future__ import annotations

import gc

import pytest

from kgslm.linking.collecting import uncollected
from kgslm.linking.dictionary import DictionaryLinker


def test_it_works_again_whatever_happens() -> None:
    with pytest.raises(ValueError, match="oh"), uncollected():
        assert not gc.isenabled()
        with uncollected():
            assert not gc.isenabled()
        assert not gc.isenabled()
        raise ValueError("oh")
    assert gc.isenabled()


def test_who_has_switched_it_off_finds_it_so() -> None:
    gc.disable()
    try:
        with uncollected():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_linking_leaves_it_as_it_was() -> None:
    linker = DictionaryLinker.from_names([("X:1", "gout", "preferred")])
    assert [len(it.links) for it in linker.link_many(["gout", "no", "gout and gout"])] == [1, 0, 2]
    assert gc.isenabled()
