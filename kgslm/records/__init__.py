"""What travels between rooms: frozen, checked, without behaviour."""

from kgslm.records.examples import AUGMENTED, Entity, Example, Prediction
from kgslm.records.explanation import Decision, Explanation, LinkShare, PathStep
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
    "Decision",
    "Document",
    "Entity",
    "Example",
    "Explanation",
    "Hit",
    "Link",
    "LinkShare",
    "LinkedText",
    "Name",
    "Passage",
    "PathStep",
    "Prediction",
    "Relation",
]
