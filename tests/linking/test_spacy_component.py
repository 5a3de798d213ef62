"""The spaCy component."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
import spacy

from kgslm.errors import LinkError
from kgslm.packs import KnowledgePack


@pytest.fixture
def nlp(toy_pack: KnowledgePack) -> spacy.language.Language:
    nlp = spacy.blank("en")
    nlp.add_pipe("kgslm_linker", config={"pack": str(toy_pack.path)})
    return nlp


def test_concepts_are_spans_and_entities_with_their_ids(nlp: spacy.language.Language) -> None:
    doc = nlp("Heart attack, then fever.")
    expected = [("Heart attack", "T:5", "CONCEPT"), ("fever", "T:31", "CONCEPT")]
    assert [(span.text, span.kb_id_, span.label_) for span in doc.spans["kgslm"]] == expected
    assert [(span.text, span.kb_id_, span.label_) for span in doc.ents] == expected


def test_a_stream_gives_what_one_by_one_gives(nlp: spacy.language.Language) -> None:
    texts = ["fever", "", "nothing", "aspirin for a heart attack"] * 3
    together = [[(span.start, span.end, span.kb_id_) for span in doc.ents] for doc in nlp.pipe(texts, batch_size=5)]
    assert together == [[(span.start, span.end, span.kb_id_) for span in nlp(text).ents] for text in texts]


def test_entities_that_are_there_already_stay(toy_pack: KnowledgePack) -> None:
    nlp = spacy.blank("en")
    ruler = nlp.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": "EVENT", "pattern": "heart attack"}])
    nlp.add_pipe("kgslm_linker", config={"pack": str(toy_pack.path)})
    doc = nlp("A heart attack with fever")
    assert [(span.text, span.label_) for span in doc.ents] == [("heart attack", "EVENT"), ("fever", "CONCEPT")]
    assert [span.text for span in doc.spans["kgslm"]] == ["heart attack", "fever"]


def test_a_pack_must_be_named() -> None:
    with pytest.raises(LinkError, match="name the pack"):
        spacy.blank("en").add_pipe("kgslm_linker")


def told(doc: spacy.tokens.Doc) -> list[tuple[object, ...]]:
    return [
        (span.text, span.kb_id_, span._.kgslm_name, span._.kgslm_score, span._.kgslm_negated, span._.kgslm_candidates)
        for span in doc.spans["kgslm"]
    ]


def test_spans_carry_score_name_flags_and_candidates(nlp: spacy.language.Language) -> None:
    doc = nlp("No fever. If a heart attack is suspected, aspirin; his mother had fever, history of fever.")
    first = doc.spans["kgslm"][0]
    assert (first._.kgslm_name, first._.kgslm_score) == ("fever", 1.0)
    assert first._.kgslm_candidates == [{"concept": "T:31", "name": "fever", "score": 1.0}]
    names = ("negated", "hypothetical", "historical", "other_person")
    flags = [[name for name in names if span._.get(f"kgslm_{name}")] for span in doc.spans["kgslm"]]
    assert flags == [["negated"], ["hypothetical"], ["hypothetical"], ["other_person"], ["historical", "other_person"]]
    assert [span._.kgslm_negated for span in doc.ents] == [True, False, False, False, False]


TEXTS = ["No fever.", "", "nothing", "aspirin for a heart attack"]


def test_it_is_pickled_alone_and_in_its_pipeline(nlp: spacy.language.Language, toy_pack: KnowledgePack) -> None:
    expected = [told(nlp(text)) for text in TEXTS]
    data = pickle.dumps(nlp.get_pipe("kgslm_linker"))
    assert toy_pack.path.parent.name.encode() in data
    assert b"infarction" not in data  # the names stay in the folder of the pack
    component = pickle.loads(data)
    assert [told(component(nlp.make_doc(text))) for text in TEXTS] == expected
    again = pickle.loads(pickle.dumps(nlp))
    assert [told(doc) for doc in again.pipe(TEXTS)] == expected


def test_a_pipeline_is_saved_and_read(nlp: spacy.language.Language, tmp_path: Path) -> None:
    expected = [told(nlp(text)) for text in TEXTS]
    nlp.to_disk(tmp_path / "nlp")
    assert [told(spacy.load(tmp_path / "nlp")(text)) for text in TEXTS] == expected
    same = spacy.util.load_model_from_config(nlp.config).from_disk(tmp_path / "nlp")
    assert [told(same(text)) for text in TEXTS] == expected
    same = spacy.util.load_model_from_config(nlp.config).from_bytes(nlp.to_bytes())
    assert [told(same(text)) for text in TEXTS] == expected


def test_documents_are_saved_with_their_fields(nlp: spacy.language.Language) -> None:
    doc = nlp(TEXTS[0])
    assert told(spacy.tokens.Doc(nlp.vocab).from_bytes(doc.to_bytes())) == told(doc)


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")  # spaCy forks
def test_two_processes_give_what_one_gives(nlp: spacy.language.Language) -> None:
    together = nlp.pipe(TEXTS * 3, n_process=2, batch_size=2)
    assert [told(doc) for doc in together] == [told(nlp(text)) for text in TEXTS * 3]


def test_the_rules_of_the_language_or_none(toy_pack: KnowledgePack) -> None:
    flags = {}
    for lang, assertions in (("en", "on"), ("de", "on"), ("xx", "on"), ("de", "off")):
        nlp = spacy.blank(lang)
        nlp.add_pipe("kgslm_linker", config={"pack": str(toy_pack.path), "settings": {"assertions": assertions}})
        doc = nlp("kein fever; no fever")
        flags[lang, assertions] = [span._.kgslm_negated for span in doc.spans["kgslm"]]
    assert list(flags.values()) == [[False, True], [True, False], [False, True], [False, False]]
