"""What is quoted from documents, where no concept is named."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from kgslm.embedding.text import Progress, Vectors
from kgslm.linking.dictionary import DictionaryLinker
from kgslm.records import Passage
from kgslm.serving import ExtractiveReader
from kgslm.serving.question import read_question


class AngleEmbedder:
    """Questions lie on the first axis; other texts at an angle with the cosine given."""

    name = fingerprint = "angle"
    dim = 2

    def __init__(self, cosine: float) -> None:
        self._other = (cosine, (1 - cosine**2) ** 0.5)

    def embed(self, texts: Sequence[str], batch_size: int = 64, progress: Progress | None = None) -> Vectors:
        rows = [(1.0, 0.0) if number == 0 else self._other for number in range(len(texts))]
        return np.array(rows, dtype=np.float32)


def test_a_heading_that_asks_is_answered_by_the_next_sentence() -> None:
    text = "Is rickets inherited? Most often not. Vitamin D prevents it."
    answer = ExtractiveReader().read(read_question("Is rickets inherited?"), [Passage("d1", text)])
    assert answer.text == "Most often not."
    (citation,) = answer.citations
    assert (citation.start, citation.end) == (22, 37)


def test_a_question_is_never_the_answer() -> None:
    answer = ExtractiveReader().read(read_question("Is rickets inherited?"), [Passage("d1", "Is rickets inherited?")])
    assert not answer.found


@pytest.mark.parametrize(("cosine", "found"), [(0.39, False), (0.41, True)])
def test_the_same_words_about_something_else_are_no_answer(cosine: float, found: bool) -> None:
    passage = Passage("d1", "The smell of baking bread reaches the nose.")
    answer = ExtractiveReader(AngleEmbedder(cosine)).read(read_question("bake bread"), [passage])
    assert answer.found is found


def test_confidence_is_the_weighted_mean() -> None:
    passage = Passage("d1", "The smell of baking bread reaches the nose.")
    answer = ExtractiveReader(AngleEmbedder(0.8)).read(read_question("bake bread"), [passage])
    # 0.4 for all words said, 0.35 times the cosine, 0.25 times one half for no concept named.
    assert answer.confidence == pytest.approx(0.4 + 0.35 * 0.8 + 0.25 * 0.5)


def test_a_concept_without_a_definition_is_told_by_its_facts() -> None:
    linker = DictionaryLinker.from_names([("D:1", "Marfan syndrome", "preferred")])
    facts = Passage(
        "D:1#HAS_PHENOTYPE", "Marfan syndrome has the phenotypes Tall stature.", "Marfan syndrome", "", ("D:1",)
    )
    question = read_question("What is Marfan syndrome?", linker)
    assert ExtractiveReader().read(question, [facts]).text == facts.text
    definition = Passage("D:1", "Marfan syndrome: A heritable disorder.", "Marfan syndrome", "", ("D:1",))
    assert ExtractiveReader().read(question, [facts, definition]).text == definition.text
