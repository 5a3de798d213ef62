"""What holds for any text."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from kgslm.linking.dictionary import DictionaryLinker
from kgslm.linking.settings import LinkSettings
from kgslm.linking.tokens import tokenise

LINKER = DictionaryLinker.from_names(
    [
        ("A", "Heart attack", "preferred"),
        ("B", "ALL", "exact"),
        ("C", "Sjögren's syndrome", "preferred"),
        ("D", "Vitamin B12", "preferred"),
        ("E", "β-Thalassaemia", "preferred"),
        ("F", "Breast cancer", "preferred"),
        ("G", "Ovarian cancer", "preferred"),
        ("H", "Non-Hodgkin lymphoma", "preferred"),
        ("I", "Factor V", "preferred"),
        ("J", "心力衰竭", "preferred"),
        ("K", "صداع", "preferred"),
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
        "breast",
        "ovarian",
        "cancers",
        "and",
        "/",
        "non-",
        "Hodgkin",
        "lymphoma",
        "factor",
        "5",
        "V",
        "心力衰竭",
        "صداع",
        "\u200f",
        "👩‍⚕️",
        "(HA)",
        "HA",
    ]
)
TEXTS = st.lists(
    st.one_of(PIECES, st.text(max_size=4), st.sampled_from([" ", ". ", ", ", "\n\n", "-", "("])), max_size=20
)


@settings(max_examples=200)
@given(TEXTS)
def test_every_link_is_a_whole_stretch_of_the_text(pieces: list[str]) -> None:
    text = "".join(pieces)
    last = (-1, 0)
    for link in LINKER.link(text).links:
        assert text[link.start : link.end] == link.surface
        assert last <= (link.start, -link.end)
        assert last[1] >= -link.start or link.surface.lower().count("cancer") == 1
        # Chinese characters stand beside anything.
        word_before = text[: link.start][-1:].isalnum() and link.surface[0].isalnum() and link.surface[0] < "\u3000"
        assert not word_before or text[link.start - 1] >= "\u3000"
        assert link.candidates[0].concept == link.concept
        assert 0 < link.score <= 1
        last = (link.start, -link.end)


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
    assert LINKER.link("heartattack" * 1_000_000).links == ()


def test_many_mentions() -> None:
    assert len(LINKER.link("heart attack, " * 100_000).links) == 100_000


@settings(max_examples=100)
@given(TEXTS.map("".join), st.data())
def test_any_span_can_be_a_given_mention(text: str, data: st.DataObject) -> None:
    if not text:
        return
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    link = LINKER.link_mention(text, start, end)
    assert (link.start, link.end, link.surface) == (start, end, text[start:end])
    assert (link.concept is None) == (not link.candidates)
    assert link == LINKER.link_mention(text, start, end)


@settings(max_examples=50)
@given(st.lists(TEXTS.map("".join), max_size=4))
def test_every_policy_keeps_what_the_longest_one_keeps(texts: list[str]) -> None:
    longest = [set(linked.links) for linked in LINKER.link_many(texts)]
    for policy in ("nested", "all"):
        linker = DictionaryLinker(LINKER.lexicon, LinkSettings(overlap=policy))
        assert all(few <= set(many.links) for few, many in zip(longest, linker.link_many(texts), strict=True))


def test_right_to_left_marks_and_emoji_leave_offsets_alone() -> None:
    text = "\u200fصداع\u200f، 👩‍⚕️ breast and ovarian cancer 🫀"
    assert [(text[it.start : it.end], it.concept) for it in LINKER.link(text).links] == [
        ("صداع", "K"),
        ("breast and ovarian cancer", "F"),
        ("ovarian cancer", "G"),
    ]
