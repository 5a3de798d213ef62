"""The map from entity vectors to the backbone's space."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from kgslm.injection.entity_map import EntityMap, fit_procrustes, fit_ridge

GENERATOR = np.random.default_rng(0)
VECTORS = GENERATOR.normal(size=(200, 6)) + 3.0
ROTATION = np.linalg.qr(GENERATOR.normal(size=(6, 6)))[0]


def test_ridge_finds_a_linear_map_between_spaces_of_other_widths() -> None:
    weight = GENERATOR.normal(size=(9, 6))
    states = VECTORS @ weight.T + 5.0
    fitted = fit_ridge(VECTORS, states)
    assert np.abs((VECTORS - fitted.centre) @ fitted.weight.T - (states - states.mean(axis=0))).max() < 0.05
    assert fitted.explained > 0.99


def test_procrustes_finds_a_rotation_and_its_scale() -> None:
    fitted = fit_procrustes(VECTORS, 2.5 * VECTORS @ ROTATION.T - 1.0)
    np.testing.assert_allclose(fitted.weight, 2.5 * ROTATION, atol=1e-8)
    assert fitted.explained == pytest.approx(1)


def test_noise_is_not_explained() -> None:
    noise = np.random.default_rng(1).normal(size=(200, 6))
    assert abs(fit_ridge(VECTORS, noise).explained) < 0.1
    assert np.abs(fit_ridge(VECTORS, noise).weight).max() < 0.3


def test_the_module_takes_a_map_over() -> None:
    module = EntityMap(6, 6)
    vectors = torch.from_numpy(VECTORS).float()
    assert torch.equal(module(vectors), vectors)
    fitted = fit_procrustes(VECTORS, VECTORS @ ROTATION.T)
    module.start_from(fitted)
    expected = (VECTORS - VECTORS.mean(axis=0)) @ ROTATION.T
    np.testing.assert_allclose(module(vectors).detach().numpy(), expected, atol=1e-5)
    assert EntityMap(4, 6)(torch.zeros(2, 4)).shape == (2, 6)
