from __future__ import annotations

import pytest

from kgslm.retrieval.sentences import sentence_spans


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ('He said "Stop." Then he left.', ['He said "Stop."', "Then he left."]),
        (
            "See Fig. 2 and Dr. Smith et al. 2019 for it. Next.",
            ["See Fig. 2 and Dr. Smith et al. 2019 for it.", "Next."],
        ),
        ("Take 2.5 mg daily. Then 5 mg.", ["Take 2.5 mg daily.", "Then 5 mg."]),
        ("E. coli is a germ. S. aureus too.", ["E. coli is a germ.", "S. aureus too."]),
        ("Heading\n\nText goes on\nover lines.", ["Heading", "Text goes on\nover lines."]),
        ("Signs:\n- fever\n- cough", ["Signs:", "- fever", "- cough"]),
        ("no end", ["no end"]),
        ("  \n ", []),
        ("", []),
    ],
)
def test_where_sentences_end(text: str, sentences: list[str]) -> None:
    assert [text[start:end] for start, end in sentence_spans(text)] == sentences
