"""Keys of words and the table that holds them."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from kgslm.linking.hashing import CodeTable, word_hashes
from kgslm.linking.tokens import tokenise


@given(st.lists(st.text(alphabet="abé\u03b1\U00010400", min_size=1, max_size=6), max_size=30))
def test_two_words_have_one_hash_only_if_they_are_the_same(words: list[str]) -> None:
    letters = np.array([ord(letter) for word in words for letter in word], np.uint32)
    hashes = word_hashes(letters, np.array([len(word) for word in words], np.int64)).tolist()
    assert len(hashes) == len(words)
    for word, hash_ in zip(words, hashes, strict=True):
        assert [it == hash_ for it in hashes] == [it == word for it in words]


def test_a_word_has_the_same_hash_in_any_text() -> None:
    plain, wide = tokenise("one two"), tokenise("\U0001f600 two é")
    assert plain.hashes[1] == wide.hashes[0]
    assert plain.surface(1) == wide.surface(0) == "two"


@given(st.lists(st.dictionaries(st.integers(1, 2**64 - 1), st.integers(-4, 1000), max_size=40), max_size=6))
def test_a_table_holds_what_a_dict_holds(batches: list[dict[int, int]]) -> None:
    table, expected = CodeTable(), dict[int, int]()
    for batch in batches:
        fresh = {key: code for key, code in batch.items() if key not in expected}
        expected.update(fresh)
        table.add(np.array(list(fresh), np.uint64), np.array(list(fresh.values()), np.int32))
        assert len(table) == len(expected)
        asked = [*expected, *(key ^ 1 for key in expected if key > 1), 12345]
        codes, absent = table.find(np.array(asked, np.uint64))
        assert codes.tolist() == [expected.get(key, 0) for key in asked]
        assert absent.tolist() == [place for place, key in enumerate(asked) if key not in expected]
    table.clear()
    assert len(table) == 0 and len(table.find(np.array([12345], np.uint64))[1]) == 1


def test_a_table_grows_and_keeps_neighbours_apart() -> None:
    keys = np.arange(1, 200_001, dtype=np.uint64) << np.uint64(40)
    table = CodeTable()
    for part in np.split(keys, 20):
        table.add(part, (part >> np.uint64(40)).astype(np.int32))
    codes, absent = table.find(keys)
    assert not len(absent) and codes.tolist() == list(range(1, 200_001))
