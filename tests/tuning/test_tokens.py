"""Where the tokens of texts and contexts go."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from transformers import AutoTokenizer

from kgslm.errors import ModelError
from kgslm.injection.context import Snippet
from kgslm.injection.injector import KnownText, Mention
from kgslm.tuning.tokens import Layout, Tokeniser, Tokens

FEVER = (("T:31", 0.75), ("T:9", 0.25))
COUGH = (("T:32", 1.0),)


@pytest.fixture(scope="module")
def tokenizer(tiny_encoder: Path) -> Any:
    return AutoTokenizer.from_pretrained(tiny_encoder)


def encode(tokenizer: Any, text: KnownText, layout: Layout, positions: int = 160) -> tuple[Tokens, ...]:
    return Tokeniser(tokenizer, positions, layout).encode([text])[0]


def words(tokenizer: Any, tokens: Tokens) -> str:
    return " ".join(tokenizer.convert_ids_to_tokens(list(tokens.ids)))


def test_mentions_keep_all_their_candidates(tokenizer: Any) -> None:
    mentions = (Mention(0, 5, FEVER), Mention(10, 15, COUGH), Mention(20, 25, FEVER))
    text = KnownText("fever and cough and fever", mentions=mentions)
    (tokens,) = encode(tokenizer, text, Layout(16))
    assert tokens.mentions == (FEVER, COUGH)
    assert tokens.mention_index == (0, 1, 0, 2, 0, 1, 0)
    assert list(tokens.concepts) == ["T:31", "T:9", "T:32"]


def test_the_context_stands_behind_the_text_and_is_not_pooled(tokenizer: Any) -> None:
    text = KnownText("the fever", context=(Snippet("high pressure", 4, 9),))
    (tokens,) = encode(tokenizer, text, Layout(16, max_context=8))
    assert words(tokenizer, tokens) == "[CLS] the fever [SEP] high pressure [SEP]"
    assert tokens.types == (0, 0, 0, 0, 1, 1, 1)
    assert (tokens.apart, tokens.positions) == ((4, 3), ())
    assert encode(tokenizer, text, Layout(16, max_context=8, pool_context=True))[0].apart == (0, 0)


def test_an_anchored_sentence_takes_the_positions_behind_its_mention(tokenizer: Any) -> None:
    snippets = (Snippet("high pressure", 4, 9), Snippet("skin", 14, 19), Snippet("drug", 90, 95))
    text = KnownText("the fever and cough", context=snippets)
    (tokens,) = encode(tokenizer, text, Layout(16, max_context=8, anchored=True))
    assert words(tokenizer, tokens) == "[CLS] the fever and cough [SEP] high pressure skin drug [SEP]"
    # The text keeps its places; the third sentence is about nothing that is left of the text.
    assert tokens.positions == (0, 1, 2, 3, 4, 5, 3, 4, 5, 9, 10)


def test_for_a_decoder_the_context_comes_first(tokenizer: Any) -> None:
    text = KnownText("the fever", context=(Snippet("high pressure", 4, 9),), mentions=(Mention(4, 9, FEVER),))
    (tokens,) = encode(tokenizer, text, Layout(16, max_context=8, context_first=True))
    assert words(tokenizer, tokens) == "[CLS] high pressure [SEP] the fever [SEP]"
    assert (tokens.apart, tokens.mention_index) == ((1, 3), (0, 0, 0, 0, 0, 1, 0))


def test_the_text_is_never_cut_for_its_context_and_sentences_go_in_whole(tokenizer: Any) -> None:
    context = (Snippet("high blood pressure", 0, 5), Snippet("skin", 0, 5))
    text = KnownText("fever " * 8, context=context)
    (tokens,) = encode(tokenizer, text, Layout(10, max_context=3))
    assert words(tokenizer, tokens) == "[CLS] " + "fever " * 8 + "[SEP] skin [SEP]"
    # The backbone has room for one token more: not even for a sentence and its end.
    assert encode(tokenizer, text, Layout(10, max_context=3), positions=11)[0].ids == tokens.ids[:10]
    with pytest.raises(ModelError, match="max_length: 10 tokens, the model reads at most 9"):
        Tokeniser(tokenizer, 9, Layout(10))


def test_a_long_text_is_cut_into_windows_that_overlap(tokenizer: Any) -> None:
    text = KnownText("the a of and with patient has had no was", mentions=(Mention(37, 40, FEVER),))
    windows = encode(tokenizer, text, Layout(8, windows=9))
    assert [words(tokenizer, window) for window in windows] == [
        "[CLS] the a of and with patient [SEP]",
        "[CLS] with patient has had no was [SEP]",
    ]
    assert [window.mentions for window in windows] == [(), (FEVER,)]
    assert len(encode(tokenizer, text, Layout(8, windows=1))) == 1
    assert len(encode(tokenizer, KnownText("the fever"), Layout(8, windows=9))) == 1
    assert len(encode(tokenizer, KnownText("fever " * 99), Layout(8, windows=3))) == 3


def test_each_window_has_the_sentences_about_its_own_mentions(tokenizer: Any) -> None:
    snippets = (Snippet("skin", 37, 40), Snippet("drug", 0, 3), Snippet("pain", 900, 904))
    text = KnownText("the a of and with patient has had no was", context=snippets)
    first, second = encode(tokenizer, text, Layout(8, windows=2, max_context=6))
    assert words(tokenizer, first).endswith("[SEP] drug [SEP]")
    assert words(tokenizer, second).endswith("[SEP] skin pain [SEP]")


def test_a_pair_stays_in_one_window(tokenizer: Any) -> None:
    (tokens,) = encode(tokenizer, KnownText("fever " * 9, "cough " * 9), Layout(8, windows=4))
    assert len(tokens.ids) == 8
