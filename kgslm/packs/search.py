"""Concepts by a part of a name."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kgslm.packs.ids import normal
from kgslm.packs.items import NAME_KINDS

if TYPE_CHECKING:
    from kgslm.packs.pack import KnowledgePack


class NameHit(NamedTuple):
    """A concept with the name that matched. name: the preferred one; matched, kind: what was found."""

    id: str
    name: str
    matched: str
    kind: str


def search_names(pack: KnowledgePack, text: str, top: int = 20) -> list[NameHit]:
    """Live concepts with a name that holds every word of ``text``, in any order and case; at most ``top``.

    Best first: the whole name, then its start, then whole words, then any part; preferred and short names first.
    """
    import pyarrow.compute as pc

    words = normal(text).split()
    if not words:
        return []
    names = pack.tables.table("names").column("name")
    found = np.logical_and.reduce([pc.match_substring(names, word, ignore_case=True).to_numpy() for word in words])
    wanted = " ".join(words)
    ranked = sorted(_rank(pack, row, wanted) for row in np.flatnonzero(found).tolist())
    best: dict[int, NameHit] = {}
    for *_, row in ranked:
        concept = pack.tables.named[row]
        if concept not in best and not pack.tables.obsolete[concept]:
            best[concept] = _hit(pack, row)
            if len(best) == top:
                break
    return list(best.values())


def similar_names(pack: KnowledgePack, text: str, top: int = 3) -> list[NameHit]:
    """Live concepts with a name that is nearly ``text``, as a misspelling is; at most ``top``, nearest first.

    Looks at names with the same first letter and about the same length.
    """
    import pyarrow.compute as pc

    wanted = normal(text)
    names = pack.tables.table("names").column("name")
    if not wanted or not len(names):
        return []
    long = pc.utf8_length(names)
    near = pc.and_(pc.greater_equal(long, len(wanted) - 3), pc.less_equal(long, len(wanted) + 3))
    near = pc.and_(near, pc.starts_with(names, wanted[0], ignore_case=True))
    texts: dict[str, int] = {}
    for row in np.flatnonzero(near.to_numpy()).tolist():
        if not pack.tables.obsolete[pack.tables.named[row]]:
            texts.setdefault(normal(pack.tables.texts[row]), row)
    hits = {pack.tables.named[texts[name]]: name for name in get_close_matches(wanted, texts, n=top, cutoff=0.8)}
    return [_hit(pack, texts[name]) for name in hits.values()]


def _hit(pack: KnowledgePack, row: int) -> NameHit:
    concept = pack.tables.named[row]
    kind = NAME_KINDS[pack.tables.kinds[row]]
    return NameHit(pack.ids[concept], pack.tables.name[concept], pack.tables.texts[row], kind)


def _rank(pack: KnowledgePack, row: int, wanted: str) -> tuple[int, int, int, int]:
    name = normal(pack.tables.texts[row])
    if name == wanted:
        closeness = 0
    elif name.startswith(wanted):
        closeness = 1
    elif f" {wanted} " in f" {name} ":
        closeness = 2
    else:
        closeness = 3
    return closeness, pack.tables.kinds[row], len(name), row
