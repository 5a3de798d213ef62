from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from kgslm.embedding.concepts import concept_text, embed_concepts
from kgslm.embedding.text import Progress, Vectors
from kgslm.errors import ConfigError
from kgslm.packs import KnowledgePack
from kgslm.records import Concept


class CountingEmbedder:
    """The vector of a text: its number of characters and of words."""

    name = "odd/../name"
    dim = 2
    fingerprint = "counting"

    def __init__(self) -> None:
        self.calls = 0

    def embed(self, texts: Sequence[str], batch_size: int = 64, progress: Progress | None = None) -> Vectors:
        self.calls += 1
        return np.array([[len(text), len(text.split())] for text in texts], dtype=np.float32)


class TinyPack:
    """A stand-in with what the vectors need of a pack: two live concepts and an obsolete one."""

    fingerprint = "abc"
    ids = ("T:1", "T:2", "T:3")

    def __init__(self, path: Path) -> None:
        self.path = path

    def concepts(self) -> Iterator[Concept]:
        yield Concept("T:1", "fever", ("pyrexia",), "High body heat.")
        yield Concept("T:3", "cough")

    def row(self, concept: str) -> int:
        return self.ids.index(concept)

    def derived(self, kind: str) -> Path:
        return self.path / kind


@pytest.fixture
def pack(tmp_path: Path) -> KnowledgePack:
    return cast(KnowledgePack, TinyPack(tmp_path))


def test_the_text_of_a_concept() -> None:
    concept = Concept("T:1", "fever", ("pyrexia", "febrile"), "High body heat.")
    assert concept_text(concept) == "fever (pyrexia, febrile): High body heat."
    assert concept_text(concept, "name+definition") == "fever: High body heat."
    assert concept_text(concept, "definition") == "High body heat."
    assert concept_text(Concept("T:2", "cough"), "definition") == "cough"
    with pytest.raises(ConfigError, match="unknown part 'synonym'; did you mean 'synonyms'"):
        concept_text(concept, "name+synonym")


def test_one_row_a_concept_and_zeros_for_obsolete_ones(pack: KnowledgePack) -> None:
    vectors = embed_concepts(pack, CountingEmbedder())
    # "fever (pyrexia): High body heat." has 32 characters and 5 words.
    assert vectors.tolist() == [[32, 5], [0, 0], [5, 1]]


def test_computed_once_and_memory_mapped(pack: KnowledgePack) -> None:
    embedder = CountingEmbedder()
    embed_concepts(pack, embedder)
    again = embed_concepts(pack, embedder)
    assert embedder.calls == 1
    assert isinstance(again, np.memmap)
    assert embed_concepts(pack, embedder, "name").tolist() == [[5, 1], [0, 0], [5, 1]]
    assert embedder.calls == 2


def test_another_pack_or_model_computes_again(pack: KnowledgePack) -> None:
    embedder = CountingEmbedder()
    embed_concepts(pack, embedder)
    cast(TinyPack, pack).fingerprint = "other"
    embed_concepts(pack, embedder)
    embedder.fingerprint = "changed"
    embed_concepts(pack, embedder)
    assert embedder.calls == 3


def test_the_folder_stays_inside_the_pack(pack: KnowledgePack, tmp_path: Path) -> None:
    embed_concepts(pack, CountingEmbedder())
    assert [path.name for path in (tmp_path / "vectors").iterdir()] == ["text-odd-..-name"]
