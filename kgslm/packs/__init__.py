"""Knowledge in: readers, build, pack, graph view, store."""

from kgslm.packs.builder import PackBuilder, SourceFacts
from kgslm.packs.collect import Origin
from kgslm.packs.items import (
    NAME_KINDS,
    Finding,
    SourceConcept,
    SourcePredicate,
    SourcePrefix,
    SourceRelation,
)
from kgslm.packs.pack import KnowledgePack
from kgslm.packs.report import BuildReport

__all__ = [
    "NAME_KINDS",
    "BuildReport",
    "Finding",
    "KnowledgePack",
    "Origin",
    "PackBuilder",
    "SourceConcept",
    "SourceFacts",
    "SourcePredicate",
    "SourcePrefix",
    "SourceRelation",
]
