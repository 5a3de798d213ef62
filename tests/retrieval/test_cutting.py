from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kgslm.retrieval.passages import MAX_WORDS, passage_spans


def test_passages_have_one_sentence_in_common() -> None:
    sentences = [f"Sentence {number} has exactly ten words in it, you see." for number in range(40)]
    text = " ".join(sentences)
    spans = passage_spans(text)
    # 18 sentences of ten words make 180 words; the last one of a passage begins the next.
    assert [text[start:end] for start, end in spans] == [
        " ".join(sentences[0:18]),
        " ".join(sentences[17:35]),
        " ".join(sentences[34:40]),
    ]


def test_paragraphs_are_kept_together() -> None:
    paragraph = " ".join(f"Sentence {number} has exactly ten words in it, you see." for number in range(11))
    text = "\n\n".join([paragraph, paragraph, "Short end."])
    assert [text[start:end] for start, end in passage_spans(text)] == [paragraph, paragraph, "Short end."]


@given(st.lists(st.sampled_from(["word", "End.", "Next", "\n\n", "x" * 30]), max_size=900))
def test_every_word_is_in_a_passage(words: list[str]) -> None:
    text = " ".join(words)
    spans = passage_spans(text)
    covered: set[int] = set()
    for start, end in spans:
        piece = text[start:end]
        assert piece == piece.strip()
        assert 0 < len(piece.split()) <= MAX_WORDS
        covered.update(range(start, end))
    assert spans == sorted(spans)
    assert all(index in covered for index, letter in enumerate(text) if not letter.isspace())
