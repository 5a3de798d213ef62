"""The names of a pack, keyed for order-free lookup, kept as memory-mapped Arrow tables."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from kgslm.artifacts import atomic_folder, read_manifest, write_manifest
from kgslm.errors import KgslmError, LinkError
from kgslm.linking.hashing import Keys, running_sums
from kgslm.linking.stopwords import EVERYDAY, FILLERS
from kgslm.linking.tokens import tokenise
from kgslm.linking.vocabulary import Vocabulary
from kgslm.packs.items import NAME_KINDS

KIND = "lexicon"
FORMAT = 1

_BATCH = 50_000


@dataclass(frozen=True)
class Lexicon:
    """Names grouped by key: the sum of the numbers of their classes, fillers left aside.

    keys: ascending, shape (groups,). firsts: shape (groups + 1,); group g holds the names firsts[g]:firsts[g + 1].
    names, kinds, concepts: one entry a name; ``kinds`` indexes packs.NAME_KINDS, ``concepts`` indexes ``ids``.
    classes, class_firsts: the classes of name n in order are classes[class_firsts[n]:class_firsts[n + 1]].
    ids, preferred: one entry a concept. stems: the stem of class c is stems[c - 1].
    acronyms: see Vocabulary. skipped: names that can never match, such as everyday words.
    """

    keys: Keys
    firsts: NDArray[np.int64]
    names: Any
    kinds: NDArray[np.int8]
    concepts: NDArray[np.int32]
    classes: NDArray[np.int32]
    class_firsts: NDArray[np.int64]
    ids: Any
    preferred: Any
    stems: Any
    acronyms: tuple[str, ...]
    skipped: int

    def __len__(self) -> int:
        return len(self.names)

    @property
    def longest(self) -> int:
        """The classes of the longest name."""
        return int(np.diff(self.class_firsts).max(initial=0))

    def vocabulary(self) -> Vocabulary:
        """A fresh vocabulary of the classes."""
        return Vocabulary({stem: index for index, stem in enumerate(self.stems.to_pylist(), 1)}, self.acronyms)


def build_lexicon(names: Iterable[tuple[str, str, str]]) -> Lexicon:
    """Build from (concept id, name, kind) rows. Raises LinkError for an unknown kind."""
    ids, preferred, rows, skipped = _collect(names)
    acronyms = sorted({name for name, _, _ in rows if name.lower() in FILLERS and name.isupper() and len(name) > 1})
    vocabulary = Vocabulary({}, acronyms, grow=True)
    classes: list[NDArray[np.int32]] = []
    lengths: list[NDArray[np.int64]] = []
    for first in range(0, len(rows), _BATCH):
        batch_classes, batch_lengths = _classes([row[0] for row in rows[first : first + _BATCH]], vocabulary)
        classes.append(batch_classes)
        lengths.append(batch_lengths)
    flat = np.concatenate([np.empty(0, np.int32), *classes])
    firsts = np.concatenate([np.zeros(1, np.int64), np.cumsum(np.concatenate([np.empty(0, np.int64), *lengths]))])
    sums = running_sums(flat)
    keys = sums[firsts[1:]] - sums[firsts[:-1]]
    full = np.flatnonzero(np.diff(firsts) > 0)
    order = full[np.argsort(keys[full], kind="stable")]
    unique, starts = np.unique(keys[order], return_index=True)
    spans = [flat[firsts[row] : firsts[row + 1]] for row in order.tolist()]
    chosen = [rows[row] for row in order.tolist()]
    return Lexicon(
        keys=unique,
        firsts=np.append(starts, len(order)).astype(np.int64),
        names=pa.array([name for name, _, _ in chosen], pa.large_string()),
        kinds=np.array([kind for _, kind, _ in chosen], np.int8),
        concepts=np.array([concept for _, _, concept in chosen], np.int32),
        classes=np.concatenate([np.empty(0, np.int32), *spans]),
        class_firsts=np.concatenate([[0], np.cumsum([len(span) for span in spans])]).astype(np.int64),
        ids=pa.array(ids, pa.large_string()),
        preferred=pa.array(preferred, pa.large_string()),
        stems=pa.array(list(vocabulary.classes), pa.large_string()),
        acronyms=tuple(acronyms),
        skipped=skipped + len(rows) - len(order),
    )


def save_lexicon(lexicon: Lexicon, folder: Path, fingerprint: str) -> None:
    """Write the lexicon into ``folder``, whole or not at all."""
    with atomic_folder(folder, KIND) as target:
        for table, columns in _tables(lexicon).items():
            batch = pa.record_batch([pa.array(column) for column in columns.values()], names=list(columns))
            with pa.OSFile(str(target / f"{table}.arrow"), "wb") as sink, pa.ipc.new_file(sink, batch.schema) as writer:
                writer.write_batch(batch)
        facts = {"pack": fingerprint, "acronyms": list(lexicon.acronyms), "skipped": lexicon.skipped}
        write_manifest(target, KIND, FORMAT, facts)


def open_lexicon(folder: Path, fingerprint: str) -> Lexicon:
    """Map a saved lexicon into memory. Raises LinkError where there is none for this pack fingerprint."""
    try:
        manifest = read_manifest(folder, KIND, FORMAT)
        tables = {
            table: _map(folder / f"{table}.arrow") for table in ("groups", "names", "classes", "concepts", "stems")
        }
        found, acronyms, skipped = manifest["pack"], tuple(manifest["acronyms"]), int(manifest["skipped"])
    except (KgslmError, OSError, KeyError, pa.ArrowException) as error:
        raise LinkError(f"{folder}: not a lexicon that can be read: {error}") from error
    if found != fingerprint:
        raise LinkError(f"{folder}: this lexicon was made from another pack ({found})")
    names, groups, classes = tables["names"], tables["groups"], tables["classes"]
    return Lexicon(
        keys=groups["key"].to_numpy(),
        firsts=_firsts(groups["size"].to_numpy()),
        names=names["name"],
        kinds=names["kind"].to_numpy(),
        concepts=names["concept"].to_numpy(),
        classes=classes["class"].to_numpy(),
        class_firsts=_firsts(names["classes"].to_numpy()),
        ids=tables["concepts"]["id"],
        preferred=tables["concepts"]["name"],
        stems=tables["stems"]["stem"],
        acronyms=acronyms,
        skipped=skipped,
    )


def _tables(lexicon: Lexicon) -> dict[str, dict[str, Any]]:
    return {
        "groups": {"key": lexicon.keys, "size": np.diff(lexicon.firsts).astype(np.int32)},
        "names": {
            "name": lexicon.names,
            "kind": lexicon.kinds,
            "concept": lexicon.concepts,
            "classes": np.diff(lexicon.class_firsts).astype(np.int32),
        },
        "classes": {"class": lexicon.classes},
        "concepts": {"id": lexicon.ids, "name": lexicon.preferred},
        "stems": {"stem": lexicon.stems},
    }


def _map(path: Path) -> dict[str, Any]:
    batch = pa.ipc.open_file(pa.memory_map(str(path))).get_batch(0)
    return {name: batch.column(name) for name in batch.schema.names}


def _firsts(sizes: NDArray[np.int32]) -> NDArray[np.int64]:
    firsts = np.zeros(len(sizes) + 1, np.int64)
    np.cumsum(sizes, out=firsts[1:])
    return firsts


def _collect(
    names: Iterable[tuple[str, str, str]],
) -> tuple[list[str], list[str], list[tuple[str, int, int]], int]:
    """(concept ids, their preferred names, distinct (name, kind, concept) rows, how many names were skipped)."""
    kinds = {kind: index for index, kind in enumerate(NAME_KINDS)}
    index: dict[str, int] = {}
    preferred: list[tuple[int, str]] = []
    rows: dict[tuple[str, int], int] = {}
    skipped = 0
    for concept, name, kind in names:
        if kind not in kinds:
            raise LinkError(f"{concept}: unknown kind of name {kind!r}; the kinds are {', '.join(NAME_KINDS)}")
        row = index.setdefault(concept, len(index))
        name = " ".join(name.split())
        rank = kinds[kind]
        if row == len(preferred):
            preferred.append((rank, name))
        elif rank < preferred[row][0] and kind == "preferred":
            preferred[row] = (rank, name)
        if not _matchable(name):
            skipped += 1
            continue
        best = rows.get((name, row))
        rows[name, row] = rank if best is None else min(rank, best)
    flat = [(name, rank, row) for (name, row), rank in rows.items()]
    return list(index), [name for _, name in preferred], flat, skipped


def _matchable(name: str) -> bool:
    if len(name) < 2 or not any(map(str.isalpha, name)):
        return False
    return name.isupper() or name.lower() not in EVERYDAY


def _classes(names: list[str], vocabulary: Vocabulary) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """(the classes of all names, one after the other; how many each name has)."""
    tokens = tokenise("\n".join(names))
    codes = vocabulary.codes(tokens)
    content = np.flatnonzero(codes > 0)
    ends = np.cumsum([len(name) + 1 for name in names])
    owners = np.searchsorted(ends, tokens.starts[content], side="right")
    return codes[content], np.bincount(owners, minlength=len(names)).astype(np.int64)
