"""What every registered retriever promises."""

from __future__ import annotations

import pytest

from kgslm.records import Document
from kgslm.retrieval import RETRIEVERS, Documents, PassageIndex, Retriever, build_index
from tests.retrieval.axes import AxisEmbedder

TEXTS = {"a": "Aspirin lowers fever.", "f": "Fever is high temperature.", "h": "A house.", "m": "Metformin."}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> PassageIndex:
    documents = [Document(id_, text) for id_, text in TEXTS.items()]
    folder = tmp_path_factory.mktemp("retrievers") / "index"
    return build_index(folder, documents=[Documents("file", documents)], embedder=AxisEmbedder())


@pytest.fixture(scope="module", params=RETRIEVERS.names())
def retriever(request: pytest.FixtureRequest, index: PassageIndex) -> Retriever:
    return index.retriever(request.param, AxisEmbedder())


def test_it_is_a_retriever(retriever: Retriever) -> None:
    assert isinstance(retriever, Retriever)


def test_the_best_comes_first_and_passages_come_whole(retriever: Retriever) -> None:
    first, *rest = retriever.search("aspirin and fever", 4)
    assert (first.passage.id, first.passage.text, first.passage.source) == ("a", TEXTS["a"], "file")
    assert [hit.score for hit in rest] == sorted((hit.score for hit in rest), reverse=True)
    assert all(first.score >= hit.score for hit in rest)
    assert rest[0].passage.id == "f"


def test_top_is_a_limit(retriever: Retriever) -> None:
    assert len(retriever.search("fever", 1)) == 1
    assert len({hit.passage.id for hit in retriever.search("fever", 50)}) == len(retriever.search("fever", 50)) <= 4


def test_many_questions_give_what_each_gives(retriever: Retriever) -> None:
    questions = ["fever", "", "a house", "?"]
    assert retriever.search_many(questions, 3) == [retriever.search(question, 3) for question in questions]
    assert retriever.search_many([]) == []
