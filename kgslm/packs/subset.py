"""A part of a pack by what its concepts are."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kgslm.errors import ConfigError, PackError, unknown
from kgslm.packs.contents import Mask, Selection, rebuild
from kgslm.packs.pack import KnowledgePack
from kgslm.packs.report import BuildReport


@dataclass(frozen=True)
class Choice:
    """Which concepts to take: those that meet every criterion that is given, each by any of its values.

    roots: ids; a concept is one of them or below one. categories, prefixes: ``HP`` of ``HP:0001250``. sources: keys;
    what no other source says is left out. ancestors: whether all above the chosen concepts come along.
    """

    roots: Sequence[str] = ()
    categories: Sequence[str] = ()
    prefixes: Sequence[str] = ()
    sources: Sequence[str] = ()
    ancestors: bool = False


def subset_pack(pack: KnowledgePack, choice: Choice, output: Path) -> BuildReport:
    """Write the chosen part as a pack. Raises PackError for values that the pack does not have.

    Raises ConfigError where nothing is chosen, KgslmError where ``output`` is taken.
    """
    return rebuild(pack, select(pack, choice), output)


def select(pack: KnowledgePack, choice: Choice) -> Selection:
    """The part of the pack that is meant. Raises as ``subset_pack``."""
    if not (choice.roots or choice.categories or choice.prefixes or choice.sources):
        raise ConfigError("nothing to choose by: give a root, category, prefix or source")
    chosen = np.ones(len(pack.ids), bool)
    if choice.roots:
        rows = [pack.row(id_) for root in choice.roots for id_ in (root, *pack.descendants(root))]
        chosen &= _mask(pack, rows)
    if choice.categories:
        _known(pack, "category", choice.categories, pack.categories())
        rows = [pack.row(id_) for category in choice.categories for id_ in pack.by_category(category)]
        chosen &= _mask(pack, rows)
    if choice.prefixes:
        of_row = [id_.partition(":")[0] for id_ in pack.ids]
        _known(pack, "prefix", choice.prefixes, set(of_row))
        chosen &= np.isin(np.array(of_row), list(choice.prefixes))
    if choice.sources:
        _known(pack, "source", choice.sources, [source["key"] for source in pack.manifest["sources"]])
    if choice.ancestors:
        above = [pack.row(id_) for row in np.flatnonzero(chosen).tolist() for id_ in pack.ancestors(pack.ids[row])]
        chosen |= _mask(pack, above)
    return Selection(frozenset(choice.sources) or None, chosen)


def _mask(pack: KnowledgePack, rows: Sequence[int]) -> Mask:
    mask = np.zeros(len(pack.ids), bool)
    mask[list(rows)] = True
    return mask


def _known(pack: KnowledgePack, what: str, values: Sequence[str], known: Collection[str]) -> None:
    for value in values:
        if value not in known:
            raise PackError(f"{pack.path}: {unknown(what, value, sorted(known))}")
