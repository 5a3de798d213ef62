"""Evidence by hand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from kgslm.injection import EvidenceScorer, Grounding
from kgslm.records import Link, LinkedText

GROUNDINGS = (
    Grounding("heart", ("H",), frozenset({"H", "H1"})),
    Grounding("lung", ("L",), frozenset({"L", "HL"})),
    Grounding("both", ("HL",), frozenset({"HL", "H1"})),
)


def linked(concepts: Sequence[str]) -> LinkedText:
    text = "x " * len(concepts)
    links = tuple(Link(2 * place, 2 * place + 1, "x", concept) for place, concept in enumerate(concepts))
    return LinkedText(text, links)


def test_shares_are_split_over_labels_weighted_and_square_rooted() -> None:
    scorer = EvidenceScorer(GROUNDINGS, {"H": 1.0, "H1": 2.0}, unseen_idf=4.0)
    # H counts 1 for heart; H1 counts 2 / 2 = 1 for heart and both; HL (unseen) 4 / 2 = 2 for lung and both.
    (row,) = scorer.score([linked(["H", "H1", "HL", "nothing"])])
    shares = np.array([2.0, 2.0, 3.0]) / 7
    expected = np.sqrt(shares) - np.sqrt(shares).mean()
    assert row == pytest.approx(expected, abs=1e-6)


def test_repeated_mentions_count_by_the_logarithm() -> None:
    scorer = EvidenceScorer(GROUNDINGS[:2], {"H": 1.0, "L": 1.0}, unseen_idf=1.0)
    (row,) = scorer.score([linked(["H", "H", "H", "L"])])
    heart = 1 + np.log(3)
    shares = np.array([heart, 1.0]) / (heart + 1)
    assert row == pytest.approx(np.sqrt(shares) - np.sqrt(shares).mean(), abs=1e-6)


def test_a_text_without_a_concept_of_any_label_has_no_evidence() -> None:
    scorer = EvidenceScorer(GROUNDINGS, {}, unseen_idf=1.0)
    assert not scorer.score([linked([]), linked(["other"])]).any()
    assert scorer.score([]).shape == (0, 3)


def test_idf_counts_documents_once() -> None:
    scorer = EvidenceScorer.fit(GROUNDINGS, [linked(["H", "H"]), linked(["H", "L"]), linked([])])
    assert scorer.idf == pytest.approx({"H": np.log(4 / 3), "L": np.log(4 / 2)})
    assert scorer.unseen_idf == pytest.approx(np.log(4))
