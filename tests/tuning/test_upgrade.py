"""A trained model moves to a later build of its pack without training."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kgslm.data.classification import Dataset
from kgslm.errors import ModelError
from kgslm.injection import EmbeddingsArm, EvidenceArm, Inject
from kgslm.packs import KnowledgePack, Origin, PackBuilder, SourceConcept, SourceName
from kgslm.recipes.embed import embed_pack
from kgslm.records import Example
from kgslm.tuning.finetune import finetune
from kgslm.tuning.model import KnowledgeModel
from kgslm.tuning.options import TrainOptions, Tuning
from tests.conftest import Run

OLD = [
    SourceConcept("H:1", "heart disease"),
    SourceConcept("H:2", "heart attack", parents=("H:1",)),
    SourceConcept("I:1", "infection"),
    SourceConcept("I:2", "pneumonia", parents=("I:1",)),
]
NEW = [
    *OLD,
    SourceConcept("I:3", "lymphatic filariasis", (SourceName("elephantiasis"),), parents=("I:1",)),
    SourceConcept("H:3", "mitral stenosis", parents=("H:1",)),
]
EXAMPLES = [
    Example(str(number), text, (label,))
    for number, (label, text) in enumerate(
        [("heart disease", "a heart attack at night"), ("infection", "pneumonia in winter")] * 8
    )
]


def build(folder: Path, concepts: list[SourceConcept], name: str = "signs") -> KnowledgePack:
    builder = PackBuilder(name)
    builder.add(Origin("signs"), concepts)
    builder.write(folder)
    return KnowledgePack.open(folder)


def train(model: Path, pack: KnowledgePack | None, inject: Inject, folder: Path) -> KnowledgeModel:
    tuning = Tuning(model=str(model), max_length=16, inject=inject, train=TrainOptions(epochs=0, batch_size=8))
    trained = finetune(Dataset(tuple(EXAMPLES)), tuning, pack=pack)
    trained.save(folder)
    return trained


@pytest.fixture
def packs(tmp_path: Path) -> tuple[KnowledgePack, KnowledgePack]:
    return build(tmp_path / "old", OLD), build(tmp_path / "new", NEW)


def test_new_concepts_count_at_once_and_old_texts_read_as_before(
    cli: Callable[..., Run], tiny_encoder: Path, tmp_path: Path, packs: tuple[KnowledgePack, KnowledgePack]
) -> None:
    old, new = packs
    trained = train(tiny_encoder, old, Inject(evidence=EvidenceArm()), tmp_path / "model")
    assert trained.network.trust.min() > 0
    assert cli("predict", tmp_path / "model", "-", "-o", "-", "--pack", new.path).err.rstrip().endswith("kgslm upgrade")

    done = cli("upgrade", tmp_path / "model", new.path, "-o", tmp_path / "moved")
    assert (done.status, done.err) == (0, f"signs, 6 concepts; wrote {tmp_path / 'moved'}\n")
    moved = KnowledgeModel.load(tmp_path / "moved")
    assert moved.pack is not None
    assert moved.pack.fingerprint == new.fingerprint
    before, after = trained.predict(EXAMPLES), moved.predict(EXAMPLES)
    for ours, theirs in zip(before, after, strict=True):
        assert ours.scores == pytest.approx(theirs.scores)
    text = "elephantiasis of the legs"
    (unknowing,), (knowing,) = trained.predict([text]), moved.predict([text])
    assert knowing.scores["infection"] > unknowing.scores["infection"] + 0.05


def test_graph_vectors_are_refreshed_first(
    tiny_encoder: Path, tmp_path: Path, packs: tuple[KnowledgePack, KnowledgePack]
) -> None:
    old, new = packs
    settings = {"epochs": "2", "dim": "8"}
    embed_pack(old, method="distmult", settings=settings)
    inject = Inject(embeddings=EmbeddingsArm(vectors="distmult", start="closed"), evidence=EvidenceArm())
    trained = train(tiny_encoder, old, inject, tmp_path / "model")
    embed_pack(new, method="distmult", settings=settings)
    with pytest.raises(ModelError, match="make them with kgslm pack embed --refresh"):
        KnowledgeModel.load(tmp_path / "model", pack=new, later=True)
    embed_pack(new, method="distmult", refresh=old)
    moved = KnowledgeModel.load(tmp_path / "model", pack=new, later=True)
    for ours, theirs in zip(trained.predict(EXAMPLES), moved.predict(EXAMPLES), strict=True):
        assert ours.scores == pytest.approx(theirs.scores, abs=1e-4)
    moved.save(tmp_path / "moved")
    assert KnowledgeModel.load(tmp_path / "moved").pack is not None


def test_what_is_no_later_build_is_refused(
    tiny_encoder: Path, tmp_path: Path, packs: tuple[KnowledgePack, KnowledgePack]
) -> None:
    old, _ = packs
    train(tiny_encoder, old, Inject(evidence=EvidenceArm()), tmp_path / "model")
    others = [concept._replace(id=f"X:{number}", parents=()) for number, concept in enumerate(NEW)]
    with pytest.raises(ModelError, match=r"has 0 of the 2 concepts that the training texts name; that is another pack"):
        KnowledgeModel.load(tmp_path / "model", pack=build(tmp_path / "others", others), later=True)
    # A pack that is built without a recipe has the name of its folder.
    renamed = KnowledgeModel.load(tmp_path / "model", pack=build(tmp_path / "2026", NEW, "signs-2026"), later=True)
    assert renamed.pack is not None
    assert renamed.pack.name == "signs-2026"
    train(tiny_encoder, None, Inject(), tmp_path / "plain")
    with pytest.raises(ModelError, match="the model has no pack"):
        KnowledgeModel.load(tmp_path / "plain", pack=old, later=True)
