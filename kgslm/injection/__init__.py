"""Concepts into the model: retrieved context, entity embeddings, graph evidence, and the shuffled control."""

from kgslm.injection.arms import ContextArm, EmbeddingsArm, EvidenceArm, Inject
from kgslm.injection.context import ContextWriter
from kgslm.injection.control import ShuffledLinker
from kgslm.injection.evidence import EvidenceScorer
from kgslm.injection.grounding import Grounding, ground_labels, grounding_report

__all__ = [
    "ContextArm",
    "ContextWriter",
    "EmbeddingsArm",
    "EvidenceArm",
    "EvidenceScorer",
    "Grounding",
    "Inject",
    "ShuffledLinker",
    "ground_labels",
    "grounding_report",
]
