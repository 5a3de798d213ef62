"""What travels between rooms: frozen, checked, without behaviour."""

from kgslm.records.examples import AUGMENTED, Entity, EntityRelation, Example, Prediction
from kgslm.records.explanation import Explanation, LabelDecision, LinkShare, PathStep
from kgslm.records.knowledge import IS_A, Concept, Name, Relation
from kgslm.records.passages import Answer, Citation, Hit, Passage
from kgslm.records.text import Candidate, Document, Link, LinkedText

__all__ = [
    "AUGMENTED",
    "IS_A",
    "Answer",
    "Candidate",
    "Citation",
    "Concept",
    "Document",
    "Entity",
    "EntityRelation",
    "Example",
    "Explanation",
    "Hit",
    "LabelDecision",
    "Link",
    "LinkShare",
    "LinkedText",
    "Name",
    "Passage",
    "PathStep",
    "Prediction",
    "Relation",
]
