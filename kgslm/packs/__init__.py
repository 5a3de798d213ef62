"""Knowledge in: readers, build, pack, graph view, store.

What not every user of a pack needs is imported at first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from kgslm.packs.build import build_pack
from kgslm.packs.builder import PackBuilder
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
from kgslm.packs.sections import Origin, SourceFacts
from kgslm.packs.sources import READERS, SourceConfig

if TYPE_CHECKING:
    from kgslm.packs.diff import PackDiff, diff_packs
    from kgslm.packs.exports import export_pack
    from kgslm.packs.graph_view import graph_view
    from kgslm.packs.merge import MergeReport, merge_packs
    from kgslm.packs.paths import ConceptPath, PathFinder, find_paths
    from kgslm.packs.readers.frame import from_frame
    from kgslm.packs.readers.network import from_networkx
    from kgslm.packs.search import find_alike, fuzzy_names, search_names
    from kgslm.packs.similarity import Similarity, corpus_content, intrinsic_content
    from kgslm.packs.subset import Choice, subset_pack

_LATER = {
    "diff": ("PackDiff", "diff_packs"),
    "exports": ("export_pack",),
    "graph_view": ("graph_view",),
    "merge": ("MergeReport", "merge_packs"),
    "paths": ("ConceptPath", "PathFinder", "find_paths"),
    "readers.frame": ("from_frame",),
    "readers.network": ("from_networkx",),
    "search": ("find_alike", "fuzzy_names", "search_names"),
    "similarity": ("Similarity", "corpus_content", "intrinsic_content"),
    "subset": ("Choice", "subset_pack"),
}
_MODULES = {name: module for module, names in _LATER.items() for name in names}

__all__ = [
    "NAME_KINDS",
    "READERS",
    "BuildReport",
    "Choice",
    "ConceptPath",
    "Finding",
    "KnowledgePack",
    "MergeReport",
    "Origin",
    "PackBuilder",
    "PackDiff",
    "PackRecipe",
    "PathFinder",
    "Similarity",
    "SourceConcept",
    "SourceConfig",
    "SourceFacts",
    "SourceName",
    "SourcePredicate",
    "SourcePrefix",
    "SourceRelation",
    "build_pack",
    "corpus_content",
    "diff_packs",
    "export_pack",
    "find_alike",
    "find_paths",
    "from_frame",
    "from_networkx",
    "fuzzy_names",
    "graph_view",
    "intrinsic_content",
    "load_recipe",
    "merge_packs",
    "search_names",
    "subset_pack",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'kgslm.packs' has no attribute {name!r}")
    value = getattr(import_module(f"kgslm.packs.{_MODULES[name]}"), name)
    globals()[name] = value
    return value
