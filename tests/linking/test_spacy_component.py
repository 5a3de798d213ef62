"""The spaCy component."""

from __future__ import annotations

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
