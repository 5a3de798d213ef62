"""Knowledge in: readers, build, pack, graph view, store."""

from kgslm.packs.build import build_pack
from kgslm.packs.builder import PackBuilder
from kgslm.packs.collect import Origin, SourceFacts
from kgslm.packs.items import (
    NAME_KINDS,
    Finding,
    SourceConcept,
    SourceName,
    SourcePredicate,
    SourcePrefix,
    SourceRelation,
)
from kgslm.packs.pack import KnowledgePack
from kgslm.packs.recipe import PackRecipe, load_recipe
from kgslm.packs.report import BuildReport
from kgslm.packs.sources import READERS, SourceConfig

__all__ = [
    "NAME_KINDS",
    "READERS",
    "BuildReport",
    "Finding",
    "KnowledgePack",
    "Origin",
    "PackBuilder",
    "PackRecipe",
    "SourceConcept",
    "SourceConfig",
    "SourceFacts",
    "SourceName",
    "SourcePredicate",
    "SourcePrefix",
    "SourceRelation",
    "build_pack",
    "load_recipe",
]
