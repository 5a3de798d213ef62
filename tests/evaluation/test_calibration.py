"""Confidence against accuracy, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from kgslm.evaluation.calibration import expected_calibration_error


def test_by_hand() -> None:
    # Two texts at .95, one of them right; two at .62, both right.
    scores = np.array([[0.95, 0.05], [0.05, 0.95], [0.62, 0.38], [0.38, 0.62]])
    right = np.array([0, 0, 0, 1])
    assert expected_calibration_error(scores, right) == pytest.approx((2 * 0.45 + 2 * 0.38) / 4)


def test_sure_and_right_is_perfect() -> None:
    assert expected_calibration_error(np.eye(3), np.arange(3)) == 0
    assert expected_calibration_error(np.eye(3), np.array([1, 2, 0])) == 1
    assert expected_calibration_error(np.zeros((0, 2)), np.zeros(0, np.int64)) == 0
