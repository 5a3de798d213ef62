"""The Python face: a name that goes, or comes, is a decision."""

from __future__ import annotations

import kgslm

PUBLIC = """
    __version__
    Answer
    Answerer
    CompareRun
    Concept
    ContextArm
    DictionaryLinker
    EmbeddingsArm
    Entity
    EntityRelation
    EvidenceArm
    Example
    Inject
    KgslmError
    KnowledgeModel
    KnowledgePack
    LinkedText
    LoraAdapter
    Prediction
    TrainOptions
    Tuning
    augment
    build_pack
    compare
    embed_pack
    evaluate
    finetune
    index_files
    train
"""


def test_the_public_names_are_locked() -> None:
    assert kgslm.__all__ == PUBLIC.split()


def test_they_are_sorted_documented_and_offered() -> None:
    first, *names = kgslm.__all__
    assert first == "__version__"
    assert names == sorted(names)
    assert set(names) <= set(dir(kgslm))
    for name in names:
        assert getattr(kgslm, name).__doc__, name
