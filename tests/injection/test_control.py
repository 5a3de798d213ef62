"""Random vectors: as long as the concepts' own, the same for a concept every time, and about nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from kgslm.injection.control import RandomVectors


class Axes:
    """Each concept is a number and its vector that many times the first axis."""

    dim = 200
    checksum = "abc"

    def prepare(self, concepts: Iterable[str]) -> None:
        pass

    def get(self, concepts: Sequence[str]) -> NDArray[np.float32]:
        vectors = np.zeros((len(concepts), self.dim), np.float32)
        vectors[:, 0] = [float(concept) for concept in concepts]
        return vectors


def test_equal_norms_and_random_directions() -> None:
    vectors = RandomVectors(Axes())
    found = vectors.get(["1", "2", "3", "1"])
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), [1, 2, 3, 1], rtol=1e-5)
    np.testing.assert_array_equal(found[0], found[3])
    np.testing.assert_array_equal(found[:1], RandomVectors(Axes()).get(["1"]))
    units = found[:3] / np.linalg.norm(found[:3], axis=1, keepdims=True)
    assert np.abs(units @ units.T - np.eye(3)).max() < 0.3
    assert np.abs(RandomVectors(Axes(), seed=1).get(["1"]) - found[:1]).max() > 0.01
    assert vectors.get([]).shape == (0, 200)
    assert vectors.checksum == ""
