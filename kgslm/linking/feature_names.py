"""The names of the features of a candidate, and the weights that ranking starts from."""

from __future__ import annotations

import numpy as np

from kgslm.linking.alignment import Paired
from kgslm.linking.ngrams import Floats

NAME_FEATURES = ("ngrams", "dense", "in_name", "in_mention", "overlap")
FEATURES = (
    *(f"best_{name}" for name in NAME_FEATURES),
    *(f"most_{name}" for name in NAME_FEATURES),
    *("exact", "weight", "ratio", "partial", "compact", "head", "first", "numbers", "abbreviates", "names"),
    *(
        "learnt_share",
        "learnt_count",
        "prior",
        "learnt_ngrams",
        "known",
        "document",
        "as_is",
        "part",
        "derived",
        "in_concept",
    ),
    *Paired._fields,
)
RELATIVE = ("best_ngrams", "best_dense", "most_overlap", "learnt_ngrams", "prior", "abbreviates", "ratio")
MENTION_FEATURES = ("words", "letters", "capitals", "digits")
PRIOR = {
    "best_ngrams": 2.09, "best_dense": 3.09, "best_in_name": -0.26, "best_in_mention": 0.31, "best_overlap": -0.44,
    "most_ngrams": 2.88, "most_dense": 7.56, "most_in_name": -1.39, "most_in_mention": 2.55, "most_overlap": -0.36,
    "exact": 0.64, "weight": 10.9, "ratio": -0.1, "partial": -0.98, "compact": -0.57, "head": 0.03, "first": 0.16,
    "numbers": 2.09, "abbreviates": -0.13, "names": 0.39, "document": 1.5, "as_is": -0.23, "part": -3.75,
    "derived": -0.46, "in_concept": -0.69, "missing": -0.11, "added": -0.06, "shared": 0.15, "in_order": 0.21,
    "of_mention": 0.34, "of_name": -0.61, "whole_mention": -0.14, "whole_name": -0.5, "learnt_share": 2.0,
    "prior": 0.2,
}  # fmt: skip
"""What ranking starts from, where nothing is known yet (fitted together on parts of public linking tasks about diseases
and companies, without what their mentions teach, by ``tests/benchmarks/start_weights.py``)."""
SHORTENED_PRIOR = {
    "best_ngrams": -0.21, "best_dense": 0.18, "best_in_name": -2.04, "best_in_mention": -1.51, "best_overlap": -0.57,
    "most_ngrams": 6.54, "most_dense": 2.71, "most_in_name": 1.11, "most_in_mention": 4.84, "most_overlap": -6.9,
    "exact": 0.31, "weight": 51.7, "ratio": -2.12, "partial": 1.38, "compact": 0.22, "head": -0.22, "first": -0.88,
    "numbers": 0.1, "abbreviates": 6.17, "names": -0.22, "document": 0.31, "as_is": 0.12, "part": -3.42,
    "derived": -3.85, "in_concept": 4.96, "missing": -0.09, "added": -0.04, "shared": 0.35, "in_order": 0.86,
    "of_mention": 0.6, "of_name": 0.89, "whole_mention": -1.05, "whole_name": -0.17, "learnt_share": 2.0,
    "prior": 0.2,
}  # fmt: skip
"""The same for packs that write many of their words both in full and shortened (fitted on courts and law reporters)."""
FEW_SHORTENED, MANY_SHORTENED = 0.02, 0.06
"""Shares of a pack's words that are known to be shortened: up to the first it is like the one kind, from the second on
like the other."""
WIDTH = len(FEATURES) + 2 * len(RELATIVE) + len(MENTION_FEATURES)


def prior_weights(shortened: float = 0.0) -> Floats:
    """What ranking starts from as one weight a feature, shape (WIDTH,). shortened: see ``Evidence.shortened``."""
    weights = np.zeros(WIDTH, np.float32)
    for known, part in ((PRIOR, 1 - shortened), (SHORTENED_PRIOR, shortened)):
        for name, weight in known.items():
            weights[FEATURES.index(name)] += part * weight
    return weights
