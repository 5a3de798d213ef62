"""What comes from the cache is what would be made anew: for any text, pack, linker, backbone and layer."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kgslm.caching import Cache
from kgslm.embedding.cached import CachedEmbedder
from kgslm.embedding.text import TextEmbedder
from kgslm.linking import LinkerSpec, LinkSettings
from kgslm.linking.memory import RememberingLinker, link_space
from kgslm.models import load_backbone
from kgslm.packs import KnowledgePack, Origin, PackBuilder, SourceConcept, SourceFacts
from kgslm.tuning.frozen import FrozenStates
from kgslm.tuning.tokens import Tokens

WORDS = (
    "fever",
    "no",
    "cough",
    "and",
    "heart",
    "attack",
    "MI",
    "(MI)",
    "infections",
    "of",
    "lung",
    "😀",
    "\ud800",
    "x",
)
TEXTS = st.lists(st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join), max_size=5)
SETTINGS = st.sampled_from(
    [LinkSettings(), LinkSettings(overlap="all"), LinkSettings(assertions=False), LinkSettings(coordination=False)]
)


@pytest.fixture(scope="module")
def packs(toy_pack: KnowledgePack, tmp_path_factory: pytest.TempPathFactory) -> list[KnowledgePack]:
    """The toy pack and one that gives its words to other concepts."""
    folder = tmp_path_factory.mktemp("packs") / "other"
    builder = PackBuilder("toy", version="1")
    builder.add(Origin("toy"), [SourceConcept("T:9", "fever"), SourceConcept("T:8", "heart")], SourceFacts("items"))
    builder.write(folder)
    return [toy_pack, KnowledgePack.open(folder)]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=TEXTS, chosen=SETTINGS, number=st.integers(0, 1))
def test_links(texts: list[str], chosen: LinkSettings, number: int, packs: list[KnowledgePack]) -> None:
    spec = LinkerSpec(settings=chosen)
    linker = spec.load(packs[number])
    remembering = RememberingLinker(linker, link_space(Cache(), spec, packs[number]))
    assert list(remembering.link_many(texts)) == [linker.link(text) for text in texts]


def some_tokens(seed: int) -> list[Tokens]:
    drawn = random.Random(seed)
    lengths = [drawn.randint(1, 30) for _ in range(12)]
    ids = [tuple(drawn.randint(5, 60) for _ in range(length)) for length in lengths]
    types = [tuple(drawn.randint(0, 1) for _ in own) for own in ids]
    # Some of them with positions of their own.
    places = [tuple(drawn.randint(0, 20) for _ in own) if drawn.random() < 0.3 else () for own in ids]
    return [Tokens(*each) for each in zip(ids, types, [(0, 0)] * len(ids), places, strict=True)]


def test_states_do_not_depend_on_what_was_there_before(tiny_encoder: Path, tmp_path: Path) -> None:
    backbone = load_backbone(str(tiny_encoder), device="cpu")
    cache = Cache(tmp_path, limit=1 << 30)
    for layers in (1, 2):
        bare = FrozenStates(backbone, layers)
        for seed in (1, 2, 3):
            texts = some_tokens(seed)
            # Half of the texts come from the cache, in an order and company of their own.
            FrozenStates(backbone, layers, cache=cache).get(texts[::2][::-1])
            cached = FrozenStates(backbone, layers, cache=cache).get(texts)
            alone = [bare.get([text])[0] for text in texts]
            fresh = FrozenStates(backbone, layers, cache=Cache(tmp_path / str(seed), limit=1 << 30)).get(texts)
            for one, other, reference in zip(cached, fresh, alone, strict=True):
                assert torch.equal(one, other)
                torch.testing.assert_close(one, reference, atol=1e-5, rtol=1e-5)


def test_other_weights_have_other_states(tiny_encoder: Path, tmp_path: Path) -> None:
    from transformers import AutoModel, AutoTokenizer

    other = tmp_path / "other"
    model = AutoModel.from_pretrained(tiny_encoder)
    with torch.no_grad():
        model.embeddings.word_embeddings.weight.mul_(1.01)
    model.save_pretrained(other)
    AutoTokenizer.from_pretrained(tiny_encoder).save_pretrained(other)
    cache, texts = Cache(tmp_path / "cache", limit=1 << 30), some_tokens(0)
    one, two = (
        FrozenStates(load_backbone(str(it), device="cpu"), 2, cache=cache).get(texts) for it in (tiny_encoder, other)
    )
    assert not any(torch.equal(*pair) for pair in zip(one, two, strict=True))


def test_a_cache_that_cannot_be_written_is_replaced_by_memory(tiny_encoder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    states = FrozenStates(load_backbone(str(tiny_encoder), device="cpu"), 2, cache=Cache(tmp_path / "file", limit=1))
    texts = some_tokens(0)
    assert all(map(torch.equal, states.get(texts), states.get(texts)))


def test_vectors_of_words(tiny_encoder: Path, tmp_path: Path) -> None:
    backbone, cache = load_backbone(str(tiny_encoder), device="cpu"), Cache(tmp_path, limit=1 << 30)
    texts = ["fever", "heart attack: a disease of the heart", "", "fever", "cough and fever in the patient"]
    for length in (4, 64):
        embedder = TextEmbedder(backbone, max_length=length, precise=True)
        CachedEmbedder(embedder, cache).embed(texts[::-2])
        found = CachedEmbedder(embedder, cache).embed(texts)
        np.testing.assert_allclose(found, embedder.embed(texts), atol=1e-6)
        np.testing.assert_array_equal(found, CachedEmbedder(embedder, cache).embed(texts))
    assert CachedEmbedder(embedder, cache).embed([]).shape == (0, 32)
