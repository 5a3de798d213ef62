"""Questions to the toy pack and two documents, answered by words and concepts alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from kgslm.packs import KnowledgePack, build_pack
from kgslm.records import Answer, Document
from kgslm.retrieval import Documents, PassageIndex, build_index
from kgslm.serving import Answerer, ExtractiveReader

HOUSE = "The house rules forbid smoking. Visitors sign the book at the door. Dogs must wait outside."


@pytest.fixture(scope="module")
def index(toy_pack: KnowledgePack, tmp_path_factory: pytest.TempPathFactory) -> PassageIndex:
    documents = [Document("house", HOUSE), Document("menu", "Soup and aspirin are served at noon.")]
    folder = tmp_path_factory.mktemp("answers") / "index"
    return build_index(folder, pack=toy_pack, documents=[Documents("handbook", documents)], dense="none")


@pytest.fixture(scope="module")
def answerer(index: PassageIndex) -> Answerer:
    return Answerer(
        index.retriever("bm25"),
        ExtractiveReader(rarity=index.bm25.rarity),
        index.linker,
        lambda concept: [index.passages[row] for row in index.passages.about(concept)],
    )


def _check(answer: Answer) -> None:
    """Every word of the answer is quoted, and every quote is where it says."""
    assert answer.text == " ".join(citation.quote for citation in answer.citations)
    for citation in answer.citations:
        assert citation.passage.text[citation.start : citation.end] == citation.quote
    assert 0 <= answer.confidence <= 1


@pytest.mark.parametrize(
    ("question", "text", "source"),
    [
        ("What does aspirin treat?", "Aspirin treats fever and myocardial infarction.", "T:21#TREATS"),
        ("What treats fever?", "Fever is treated by aspirin.", "T:31#^TREATS"),
        ("How is a heart attack treated?", "Myocardial infarction is treated by aspirin.", "T:5#^TREATS"),
        ("Which drugs treat pneumonia?", "Pneumonia is treated by penicillin.", "T:3#^TREATS"),
        ("What is metformin used for?", "Metformin treats diabetes mellitus.", "T:22#TREATS"),
        ("What are the symptoms of pneumonia?", "Pneumonia has the symptoms fever and cough.", "T:3#HAS_SYMPTOM"),
        ("cough is a symptom of what", "Cough is a symptom of pneumonia.", "T:32#^HAS_SYMPTOM"),
        ("Does penicillin treat pneumonia?", "Penicillin treats pneumonia.", "T:23#TREATS"),
        ("What is asthma?", "asthma: Chronic narrowing of the airways.", "T:7"),
        ("Define MI", "myocardial infarction: Death of heart muscle for want of blood.", "T:5"),
        ("What is another name for fever?", "Fever is also called pyrexia.", "T:31"),
        ("What must visitors sign?", "Visitors sign the book at the door.", "house"),
        ("Where must dogs wait?", "Dogs must wait outside.", "house"),
    ],
)
def test_right_answers_with_their_sources(answerer: Answerer, question: str, text: str, source: str) -> None:
    answer = answerer.ask(question)
    _check(answer)
    assert (answer.text, answer.citations[0].passage.id) == (text, source)
    assert answer.confidence > 0.5


@pytest.mark.parametrize(
    "question",
    [
        "",
        "???",
        "What is it?",
        "What does qwertyol treat?",
        "Who won the football world cup in 1998?",
        "Does aspirin treat asthma?",
        "What does fever treat?",
        "Which drugs do not treat fever?",
        "What is the price of metformin?",
        "How many visitors came in March?",
    ],
)
def test_what_the_sources_do_not_say_is_not_found(answerer: Answerer, question: str) -> None:
    answer = answerer.ask(question)
    assert (answer.question, answer.found, answer.text, answer.citations) == (question, False, "", ())


def test_one_of_two_sentences_is_quoted_at_its_place(answerer: Answerer) -> None:
    (citation,) = answerer.ask("What must visitors sign?").citations
    assert (citation.start, citation.end) == (32, 67)
    assert HOUSE[citation.start : citation.end] == citation.quote


def test_a_long_list_is_joined_from_its_parts(tmp_path_factory: pytest.TempPathFactory) -> None:
    from kgslm.packs import Origin, PackBuilder, SourceConcept, SourceRelation

    folder = tmp_path_factory.mktemp("long")
    builder = PackBuilder("long")
    drugs = [SourceConcept(f"D:{number:02}", f"drug{number}ol") for number in range(40)]
    builder.add(
        Origin("long"),
        [SourceConcept("G:1", "gout"), *drugs, *(SourceRelation(drug.id, "TREATS", "G:1") for drug in drugs)],
    )
    builder.write(folder / "pack")
    index = build_index(folder / "index", pack=KnowledgePack.open(folder / "pack"), dense="none")
    answerer = Answerer(
        index.retriever("bm25"),
        linker=index.linker,
        about=lambda concept: [index.passages[row] for row in index.passages.about(concept)],
    )
    answer = answerer.ask("What treats gout?")
    _check(answer)
    assert [citation.passage.id for citation in answer.citations] == [
        "G:1#^TREATS",
        "G:1#^TREATS.2",
        "G:1#^TREATS.3",
    ]
    # A yes-or-no question is answered from the part that names the drug.
    answer = answerer.ask("Is gout treated by drug39ol?")
    assert answer.citations[0].passage.id in {"G:1#^TREATS.4", "D:39#TREATS"}


def test_without_a_linker_words_alone_answer(index: PassageIndex) -> None:
    answerer = Answerer(index.retriever("bm25"), ExtractiveReader(rarity=index.bm25.rarity))
    assert answerer.ask("What does penicillin treat?").text in {
        "Penicillin treats pneumonia.",
        "Pneumonia is treated by penicillin.",
    }
    assert not answerer.ask("What does qwertyol treat?").found


def test_predicates_are_asked_for_as_the_pack_says_them(tmp_path: Path) -> None:
    (tmp_path / "terms.csv").write_text("id,name\nT:1,metformin\nT:2,blood sugar\n", encoding="utf-8")
    (tmp_path / "facts.tsv").write_text("T:1\tLOWERS\tT:2\n", encoding="utf-8")
    sources = "sources: [{kind: csv, path: terms.csv, licence: MIT}, {kind: triples, path: facts.tsv, licence: MIT}]\n"
    answers = []
    for said in ("", "wordings: {LOWERS: {forward: brings down, inverse: is brought down by, cues: reduce}}\n"):
        recipe = tmp_path / "pack.yaml"
        recipe.write_text(f"name: small\n{said}{sources}", encoding="utf-8")
        build_pack(recipe, tmp_path / f"pack{len(said)}")
        pack = KnowledgePack.open(tmp_path / f"pack{len(said)}")
        build_index(tmp_path / f"index{len(said)}", pack=pack, documents=[], dense="none")
        answers.append(Answerer.open(tmp_path / f"index{len(said)}").ask("What reduces blood sugar?").text)
    assert answers == ["", "Blood sugar is brought down by metformin."]
