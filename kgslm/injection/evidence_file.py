"""An evidence scorer as plain data, for the folder of a model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kgslm.injection.evidence import EvidenceScorer
from kgslm.injection.grounding import Grounding


def scorer_facts(scorer: EvidenceScorer) -> dict[str, Any]:
    """What JSON can hold; ``scorer_from`` makes an equal scorer of it."""
    labels = {
        grounding.label: {
            "concepts": list(grounding.concepts),
            "members": sorted(grounding.members),
            "related": sorted(grounding.related),
            "how": grounding.how,
            "why": grounding.why,
        }
        for grounding in scorer.groundings
    }
    return {
        "labels": labels,
        "idf": dict(scorer.idf),
        "unseen_idf": scorer.unseen_idf,
        "flagged": scorer.flagged,
        "flips": {concept: list(places) for concept, places in scorer.flips.items()},
    }


def scorer_from(facts: Mapping[str, Any]) -> EvidenceScorer:
    """The scorer that ``scorer_facts`` wrote, here or in version 0.1.0, which knew less of a label."""
    groundings = tuple(
        Grounding(
            label,
            tuple(entry["concepts"]),
            frozenset(entry["members"]),
            frozenset(entry.get("related", ())),
            entry.get("how", ""),
            entry.get("why", ""),
        )
        for label, entry in facts["labels"].items()
    )
    flips = {concept: tuple(places) for concept, places in facts.get("flips", {}).items()}
    return EvidenceScorer(groundings, facts["idf"], facts["unseen_idf"], facts.get("flagged", "count"), flips)
