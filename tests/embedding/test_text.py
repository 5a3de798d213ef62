from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from kgslm.embedding.text import TextEmbedder, _batches
from kgslm.models import Backbone, load_backbone

TEXTS = ["fever", "acute myocardial infarction of the heart", "", "cough and fever with pain in the skin", "rash"]


@pytest.fixture(scope="module")
def backbone(tiny_encoder: Path) -> Backbone:
    return load_backbone(str(tiny_encoder), device="cpu")


def by_hand(backbone: Backbone, text: str, length: int = 256) -> np.ndarray:
    """The mean over one unpadded text's token states."""
    tokens = backbone.tokenizer([text], return_tensors="pt", truncation=True, max_length=length)
    with torch.no_grad():
        mean = backbone.model(**tokens).last_hidden_state[0].mean(dim=0).numpy()
    return np.asarray(mean)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("batch_size", [1, 2, 64])
def test_the_mean_over_tokens_whatever_the_batch(
    backbone: Backbone, batch_size: int, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch, "get_num_threads", lambda: threads)
    vectors = TextEmbedder(backbone, normalise=False, precise=True).embed(TEXTS, batch_size=batch_size)
    assert vectors.dtype == np.float32
    for text, vector in zip(TEXTS, vectors, strict=True):
        np.testing.assert_allclose(vector, by_hand(backbone, text), atol=1e-5)


def test_unit_vectors_keep_their_direction(backbone: Backbone) -> None:
    unit = TextEmbedder(backbone, precise=True).embed(TEXTS)
    plain = TextEmbedder(backbone, normalise=False, precise=True).embed(TEXTS)
    np.testing.assert_allclose(np.linalg.norm(unit, axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(unit, plain / np.linalg.norm(plain, axis=1, keepdims=True), atol=1e-6)


def test_the_fast_precision_is_close(backbone: Backbone) -> None:
    fast, precise = TextEmbedder(backbone).embed(TEXTS), TextEmbedder(backbone, precise=True).embed(TEXTS)
    assert (fast * precise).sum(axis=1).min() > 0.999
    assert next(backbone.model.parameters()).dtype == torch.float32


def test_what_is_too_long_is_cut(backbone: Backbone) -> None:
    text = "fever " * 500
    vector = TextEmbedder(backbone, max_length=8, normalise=False, precise=True).embed([text])[0]
    np.testing.assert_allclose(vector, by_hand(backbone, "fever " * 6), atol=1e-5)
    assert TextEmbedder(backbone, max_length=9999).max_length == 160


def test_no_texts(backbone: Backbone) -> None:
    assert TextEmbedder(backbone).embed([]).shape == (0, 32)


def test_progress_adds_up(backbone: Backbone) -> None:
    done: list[int] = []
    TextEmbedder(backbone).embed(TEXTS, batch_size=1, progress=done.append)
    assert sum(done) == len(TEXTS)


def test_batches_hold_as_many_tokens_as_allowed() -> None:
    # Two texts of 32 tokens fill a batch; 64 tokens go alone; short ones are counted as 32.
    assert list(_batches([32, 64, 10, 32], 2)) == [[1], [0, 3], [2]]
    assert list(_batches([], 2)) == []
    assert list(_batches([999], 1)) == [[0]]


def test_the_fingerprint_tells_settings_apart(backbone: Backbone) -> None:
    prints = {
        TextEmbedder(backbone, max_length=n, normalise=unit).fingerprint for n in (8, 16) for unit in (True, False)
    }
    assert len(prints) == 4


def test_a_steady_vector_depends_on_its_text_alone(backbone: Backbone) -> None:
    embedder = TextEmbedder(backbone, steady=True)
    many = [f"{text} {number}".strip() for number in range(7) for text in TEXTS]
    together = embedder.embed(many)
    np.testing.assert_array_equal(together[::-1], embedder.embed(many[::-1]))
    for text, vector in zip(many, together, strict=True):
        np.testing.assert_array_equal(embedder.embed([text])[0], vector)
    close = TextEmbedder(backbone, precise=True).embed(many)
    assert (together * close).sum(axis=1).min() > 0.99
    assert embedder.embed([]).shape == (0, backbone.hidden_size)
