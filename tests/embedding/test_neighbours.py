from __future__ import annotations

import numpy as np
import pytest

from kgslm.embedding.neighbours import nearest
from kgslm.embedding.project import project
from kgslm.errors import ConfigError, PackError
from kgslm.packs import KnowledgePack


def test_neighbours_by_cosine(toy_pack: KnowledgePack) -> None:
    vectors = np.zeros((len(toy_pack.ids), 2), dtype=np.float32)
    for id_, vector in {"T:1": (1, 0), "T:2": (0, 2), "T:3": (3, 4), "T:4": (-1, 0)}.items():
        vectors[toy_pack.row(id_)] = vector
    found = nearest(toy_pack, vectors, "T:1")
    assert [id_ for id_, _ in found] == ["T:3", "T:2", "T:4"]
    assert [cosine for _, cosine in found] == pytest.approx([0.6, 0, -1])
    assert len(nearest(toy_pack, vectors, "T:1", top=1)) == 1
    with pytest.raises(PackError, match="T:5 has no vector"):
        nearest(toy_pack, vectors, "T:5")


def test_the_plane_of_the_largest_differences() -> None:
    vectors = np.array([[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0]], dtype=np.float32)
    places = project(vectors)
    distances = np.linalg.norm(places[:, None] - places, axis=-1)
    expected = np.linalg.norm(vectors[:, None] - vectors, axis=-1)
    np.testing.assert_allclose(distances, expected, atol=1e-6)
    assert project(vectors).tolist() == places.tolist()


def test_tsne_keeps_near_ones_together() -> None:
    dice = np.random.default_rng(0)
    groups = np.repeat(np.eye(2, 8), 20, axis=0) + 0.01 * dice.standard_normal((40, 8))
    places = project(groups.astype(np.float32), how="tsne")
    near = np.linalg.norm(places[:, None] - places, axis=-1)
    assert near[:20, :20].mean() < near[:20, 20:].mean() / 2


def test_few_vectors_and_unknown_projections() -> None:
    assert project(np.ones((1, 3), dtype=np.float32), how="tsne").shape == (1, 2)
    with pytest.raises(ConfigError, match="unknown projection 'umap'"):
        project(np.ones((3, 3), dtype=np.float32), how="umap")
