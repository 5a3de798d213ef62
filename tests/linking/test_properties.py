"""What holds for any text."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from kgslm.linking.dictionary import DictionaryLinker
from kgslm.linking.tokens import tokenise

LINKER = DictionaryLinker.from_names(
    [
        ("A", "Heart attack", "preferred"),
        ("B", "ALL", "exact"),
        ("C", "Sjögren's syndrome", "preferred"),
        ("D", "Vitamin B12", "preferred"),
        ("E", "β-Thalassaemia", "preferred"),
    ]
)
PIECES = st.sampled_from(
    [
        "heart",
        "Attacks",
        "ALL",
        "all",
        "'s",
        "B12",
        "vitamin",
        "β",
        "thalassemia",
        "Sjögren",
        "syndrome",
        "İ",
        "a\u0301",
    ]
)
TEXTS = st.lists(
    st.one_of(PIECES, st.text(max_size=4), st.sampled_from([" ", ". ", ", ", "\n\n", "-", "("])), max_size=20
)


@settings(max_examples=200)
@given(TEXTS)
def test_every_link_is_a_whole_stretch_of_the_text(pieces: list[str]) -> None:
    text = "".join(pieces)
    last = 0
    for link in LINKER.link(text).links:
        assert text[link.start : link.end] == link.surface
        assert last <= link.start
        assert link.start == 0 or not (text[link.start - 1].isalnum() and link.surface[0].isalnum())
        assert link.candidates[0].concept == link.concept
        assert 0 < link.score <= 1
        last = link.end


@settings(max_examples=100)
@given(st.lists(TEXTS.map("".join), max_size=5))
def test_the_links_of_a_text_do_not_depend_on_the_texts_beside_it(texts: list[str]) -> None:
    assert list(LINKER.link_many(texts)) == [LINKER.link(text) for text in texts]


@settings(max_examples=200)
@given(TEXTS)
def test_tokens_are_the_letters_and_digits_of_the_text(pieces: list[str]) -> None:
    text = "".join(pieces)
    tokens = tokenise(text)
    assert [text[start:end] for start, end in zip(tokens.starts, tokens.ends, strict=True)] == tokens.surfaces
    left_out = sum(map(str.isalnum, text)) - sum(map(str.isalnum, "".join(tokens.surfaces)))
    assert 0 <= left_out <= text.lower().count("'s") + text.lower().count("’s")
    assert all(later >= sooner for sooner, later in zip(tokens.sentences, tokens.sentences[1:], strict=False))


def test_a_long_text_without_spaces() -> None:
    assert LINKER.link("heartattack" * 100_000).links == ()


def test_many_mentions() -> None:
    assert len(LINKER.link("heart attack, " * 20_000).links) == 20_000
