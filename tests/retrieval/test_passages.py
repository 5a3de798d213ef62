from __future__ import annotations

from kgslm.packs import KnowledgePack
from kgslm.records import Document
from kgslm.retrieval.passages import (
    LIST_LENGTH,
    MAX_WORDS,
    document_of,
    document_passages,
    fact_of,
    pack_passages,
    passage_spans,
)
from kgslm.retrieval.sentences import sentence_spans


def test_sentences_have_exact_places() -> None:
    text = "Dr. Smith saw 3.5 mg.  It worked (see fig. 2). “Good!” he said.\n\n- One item\n- Another"
    assert [text[start:end] for start, end in sentence_spans(text)] == [
        "Dr. Smith saw 3.5 mg.",
        "It worked (see fig. 2).",
        "“Good!” he said.",
        "- One item",
        "- Another",
    ]


def test_a_concept_becomes_a_definition_and_facts_in_both_directions(toy_pack: KnowledgePack) -> None:
    drafts = {draft.passage.id: draft for draft in pack_passages(toy_pack)}
    heart = drafts["T:5"].passage
    assert heart.text == (
        "myocardial infarction: Death of heart muscle for want of blood. Myocardial infarction is also called "
        "heart attack and MI. Myocardial infarction is a kind of heart disease."
    )
    assert heart.concepts == ("T:5",)
    aspirin = drafts["T:21#TREATS"]
    assert aspirin.passage.text == "Aspirin treats fever and myocardial infarction."
    assert aspirin.passage.concepts == ("T:21", "T:31", "T:5")
    assert aspirin.passage.source == "toy: toy (CC0-1.0)"
    assert aspirin.gist == "aspirin treats"
    assert drafts["T:5#^TREATS"].passage.text == "Myocardial infarction is treated by aspirin."
    assert "T:8" not in drafts  # obsolete
    assert drafts["T:30#^is_a"].passage.text == "Clinical finding has the kinds fever, cough and seizure."


def test_ids_tell_what_a_passage_is() -> None:
    assert [document_of(id_) for id_ in ("T:1", "T:1#^TREATS.2", "doc#12-40")] == ["T:1", "T:1", "doc"]
    assert fact_of("T:1") is None
    assert fact_of("doc#12-40") is None
    assert fact_of("T:1#TREATS") == ("TREATS", False)
    assert fact_of("T:1#^TREATS.2") == ("TREATS", True)


def test_a_long_list_is_split(tmp_path: object) -> None:
    from pathlib import Path

    from kgslm.packs import Origin, PackBuilder, SourceConcept, SourceRelation

    count = LIST_LENGTH + 1
    builder = PackBuilder("long")
    concepts = [SourceConcept(f"T:{number:02}", f"name {number:02}") for number in range(count + 1)]
    builder.add(Origin("long"), [*concepts, *(SourceRelation("T:00", "TREATS", f"T:{n:02}") for n in range(1, 14))])
    builder.write(Path(str(tmp_path)) / "pack")
    drafts = list(pack_passages(KnowledgePack.open(Path(str(tmp_path)) / "pack")))
    lists = [draft.passage for draft in drafts if draft.passage.id.startswith("T:00#")]
    assert [passage.id for passage in lists] == ["T:00#TREATS", "T:00#TREATS.2"]
    assert [len(passage.concepts) for passage in lists] == [1 + LIST_LENGTH, 2]
    assert lists[1].text == "Name 00 treats name 13."


def test_documents_are_cut_at_sentences_with_exact_places() -> None:
    text = "  " + " ".join(f"Sentence {number} has exactly six words." for number in range(100)) + "\n"
    passages = [draft.passage for draft in document_passages([Document("doc", text)], "file.jsonl")]
    assert len(passages) > 2
    reached = 0
    for passage in passages:
        start, _, end = passage.id.removeprefix("doc#").partition("-")
        assert text[int(start) : int(end)] == passage.text
        assert len(passage.text.split()) <= MAX_WORDS
        assert passage.text.endswith("words.")
        assert int(start) <= reached + 3  # nothing but white space is left out
        reached = int(end)
    assert text[reached:].strip() == ""
    assert (passages[0].title, passages[0].source) == ("doc", "file.jsonl")


def test_a_short_document_stays_whole_and_an_empty_one_has_no_passage() -> None:
    assert [d.passage.id for d in document_passages([Document("doc", " Short. ")], "file")] == ["doc"]
    assert passage_spans(" \n ") == []
    # An id with # keeps its place, or it would read as a piece of another document.
    assert [d.passage.id for d in document_passages([Document("a#b", "Short.")], "file")] == ["a#b#0-6"]


def test_a_text_without_full_stops_is_cut_all_the_same() -> None:
    text = "word " * 400
    spans = passage_spans(text)
    assert "".join(text[start:end] for start, end in spans).count("word") == 400
    assert max(len(text[start:end].split()) for start, end in spans) <= MAX_WORDS
