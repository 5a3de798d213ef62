"""Whether probabilities are as high as they are right."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def expected_calibration_error(scores: Floats, right: NDArray[np.int64], bins: int = 10) -> float:
    """The mean distance between confidence and accuracy, in [0, 1], lower is better (Guo et al. 2017).

    scores: probabilities, shape (texts, labels); the highest of a text is its confidence. right: the position of each
    text's label. bins: of equal width; each counts by its texts. 0 where there is no text.
    """
    if not len(scores):
        return 0.0
    confidence = scores.max(axis=1)
    hit = scores.argmax(axis=1) == right
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    own = place == np.arange(bins)[:, None]
    return float(np.abs(own @ (confidence - hit)).sum() / len(scores))
