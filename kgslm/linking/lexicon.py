"""The names of a pack, keyed for order-free lookup, kept as memory-mapped Arrow tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from functools import cached_property
from os.path import commonprefix
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from kgslm.artifacts import atomic_folder, read_manifest, write_manifest
from kgslm.errors import KgslmError, LinkError
from kgslm.linking.hashing import Keys, running_sums
from kgslm.linking.languages import Language, language
from kgslm.linking.shortened import shortened
from kgslm.linking.vocabulary import Vocabulary
from kgslm.linking.word_synonyms import Kinship, learn_word_synonyms
from kgslm.packs.items import NAME_KINDS

KIND = "lexicon"
FORMAT = 5
ROW_KINDS = (*NAME_KINDS, "shortened")
SHORTENED = len(NAME_KINDS)
"""A name that the pack does not have: one without its legal form or qualifier."""

_BATCH = 50_000
_SHORTEST_ROOT, _LONGEST_ENDING = 5, 4
"""Letters of words that look like ones of one root: "clavicle" and "clavicular"."""


@dataclass(frozen=True)
class Lexicon:
    """Names grouped by key: the sum of the numbers of the clusters of their classes, fillers left aside.

    keys: ascending, shape (groups,). firsts: shape (groups + 1,); group g holds the names firsts[g]:firsts[g + 1].
    names, kinds, concepts: one entry a name; ``kinds`` indexes ROW_KINDS, ``concepts`` indexes ``ids``.
    classes, class_firsts: the classes of name n in order are classes[class_firsts[n]:class_firsts[n + 1]].
    ids, preferred: one entry a concept. stems: the stem of class c is stems[c - 1].
    clusters: the cluster of each class, that is the least class that means the same; shape (classes + 1,).
    language: its ISO 639 code. acronyms: see Vocabulary. skipped: names that can never match, such as everyday words.
    place: the folder and the fingerprint of the pack, where the lexicon is mapped from a file. Such a one is pickled
    as its place, any other with all that it holds.
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
    clusters: NDArray[np.int32]
    language: str
    acronyms: tuple[str, ...]
    skipped: int
    place: tuple[Path, str] | None = None

    def __len__(self) -> int:
        return len(self.names)

    def __reduce__(self) -> tuple[Callable[..., Lexicon], tuple[Any, ...]]:
        if self.place is not None:
            return open_lexicon, self.place
        return Lexicon, tuple(getattr(self, field.name) for field in fields(self))

    @cached_property
    def longest(self) -> int:
        """The classes of the longest name."""
        return int(np.diff(self.class_firsts).max(initial=0))

    def vocabulary(self) -> Vocabulary:
        """A fresh vocabulary of the classes."""
        return Vocabulary(
            language(self.language),
            {stem: index for index, stem in enumerate(self.stems.to_pylist(), 1)},
            self.acronyms,
        )


def build_lexicon(names: Iterable[tuple[str, str, str]], language_code: str = "en") -> Lexicon:
    """Build from (concept id, name, kind) rows. Raises LinkError for an unknown kind or language."""
    words = language(language_code)
    ids, preferred, rows, skipped = _collect(names, words)
    acronyms = {name for name, _, _ in rows if name.lower() in words.fillers and name.isupper() and len(name) > 1}
    vocabulary = Vocabulary(words, {}, acronyms, grow=True)
    classes, firsts = _all_classes([name for name, _, _ in rows], vocabulary)
    concepts = np.array([concept for _, _, concept in rows], np.int32)
    stems = list(vocabulary.classes)
    kinds = np.array([kind for _, kind, _ in rows], np.int8)
    clusters = _clusters(classes, firsts, np.where(kinds < SHORTENED, concepts, -1), stems, words)
    sums = running_sums(clusters[classes])
    keys = sums[firsts[1:]] - sums[firsts[:-1]]
    full = np.flatnonzero(np.diff(firsts) > 0)
    order = full[np.argsort(keys[full], kind="stable")]
    unique, starts = np.unique(keys[order], return_index=True)
    spans = [classes[firsts[row] : firsts[row + 1]] for row in order.tolist()]
    chosen = [rows[row] for row in order.tolist()]
    return Lexicon(
        keys=unique,
        firsts=np.append(starts, len(order)).astype(np.int64),
        names=pa.array([name for name, _, _ in chosen], pa.large_string()),
        kinds=kinds[order],
        concepts=concepts[order],
        classes=np.concatenate([np.empty(0, np.int32), *spans]),
        class_firsts=_firsts(np.array([len(span) for span in spans], np.int32)),
        ids=pa.array(ids, pa.large_string()),
        preferred=pa.array(preferred, pa.large_string()),
        stems=pa.array(stems, pa.large_string()),
        clusters=clusters,
        language=words.code,
        acronyms=tuple(sorted(acronyms)),
        skipped=skipped + len(rows) - len(order),
    )


def _all_classes(names: list[str], vocabulary: Vocabulary) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """(the classes of all names, one after the other; where those of each name start, and the end of the last)."""
    classes: list[NDArray[np.int32]] = [np.empty(0, np.int32)]
    lengths: list[NDArray[np.int64]] = [np.empty(0, np.int64)]
    for first in range(0, len(names), _BATCH):
        batch_classes, batch_lengths = _classes(names[first : first + _BATCH], vocabulary)
        classes.append(batch_classes)
        lengths.append(batch_lengths)
    return np.concatenate(classes), _firsts(np.concatenate(lengths))


def _clusters(
    classes: NDArray[np.int32],
    firsts: NDArray[np.int64],
    concepts: NDArray[np.int32],
    stems: list[str],
    words: Language,
) -> NDArray[np.int32]:
    """Numbers and single letters never mean the same as another word, nor do opposites.

    concepts: -1 for names that are not read.
    """
    plain = [False, *(len(stem) > 1 and stem.isalpha() for stem in stems)]

    def kinship(first: int, second: int) -> Kinship:
        ours, theirs = stems[first - 1], stems[second - 1]
        if not (plain[first] and plain[second]) or words.are_opposites(ours, theirs):
            return "contrary"
        root = len(commonprefix((ours, theirs)))  # noqa: RUF071 - these are words
        ending = max(len(ours), len(theirs)) - root
        alike = root >= _SHORTEST_ROOT and ending <= min(_LONGEST_ENDING, root - 2)
        return "alike" if alike else "none"

    return learn_word_synonyms(classes, firsts, concepts, len(stems), kinship)


def save_lexicon(lexicon: Lexicon, folder: Path, fingerprint: str) -> None:
    """Write the lexicon into ``folder``, whole or not at all."""
    with atomic_folder(folder, KIND) as target:
        for table, columns in _tables(lexicon).items():
            batch = pa.record_batch([pa.array(column) for column in columns.values()], names=list(columns))
            with pa.OSFile(str(target / f"{table}.arrow"), "wb") as sink, pa.ipc.new_file(sink, batch.schema) as writer:
                writer.write_batch(batch)
        facts = {
            "pack": fingerprint,
            "language": lexicon.language,
            "acronyms": list(lexicon.acronyms),
            "skipped": lexicon.skipped,
        }
        write_manifest(target, KIND, FORMAT, facts)


def open_lexicon(folder: Path, fingerprint: str) -> Lexicon:
    """Map a saved lexicon into memory. Raises LinkError where there is none for this pack fingerprint."""
    try:
        manifest = read_manifest(folder, KIND, FORMAT)
        tables = {
            table: _map(folder / f"{table}.arrow") for table in ("groups", "names", "classes", "concepts", "stems")
        }
        found, acronyms, skipped = manifest["pack"], tuple(manifest["acronyms"]), int(manifest["skipped"])
        code = language(manifest["language"]).code
    except (KgslmError, OSError, KeyError, pa.ArrowException) as error:
        raise LinkError(f"{folder}: not a lexicon that can be read: {error}") from error
    if manifest["format_version"] != FORMAT:
        # Names are keyed by what the linker of that version took for one word.
        raise LinkError(f"{folder}: this lexicon was made by an earlier kgslm; build again what it belongs to")
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
        clusters=np.concatenate([np.zeros(1, np.int32), tables["stems"]["cluster"].to_numpy()]),
        language=code,
        acronyms=acronyms,
        skipped=skipped,
        place=(folder.absolute(), fingerprint),
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
        "stems": {"stem": lexicon.stems, "cluster": lexicon.clusters[1:]},
    }


def _map(path: Path) -> dict[str, Any]:
    batch = pa.ipc.open_file(pa.memory_map(str(path))).get_batch(0)
    return {name: batch.column(name) for name in batch.schema.names}


def _firsts(sizes: NDArray[np.integer[Any]]) -> NDArray[np.int64]:
    firsts = np.zeros(len(sizes) + 1, np.int64)
    np.cumsum(sizes, out=firsts[1:])
    return firsts


def _collect(
    names: Iterable[tuple[str, str, str]], words: Language
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
        if not _matchable(name, words):
            skipped += 1
            continue
        rows[name, row] = min(rank, rows.get((name, row), rank))
        if (short := shortened(name)) and _matchable(short, words):
            rows.setdefault((short, row), SHORTENED)
    flat = [(name, rank, row) for (name, row), rank in rows.items()]
    return list(index), [name for _, name in preferred], flat, skipped


def _matchable(name: str, words: Language) -> bool:
    if len(name) < 2 or not any(map(str.isalpha, name)):
        return False
    return name.isupper() or name.lower() not in words.everyday


def _classes(names: list[str], vocabulary: Vocabulary) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """(the classes of all names, one after the other; how many each name has)."""
    tokens, codes = vocabulary.read("\n".join(names))
    content = np.flatnonzero(codes > 0)
    ends = np.cumsum([len(name) + 1 for name in names])
    owners = np.searchsorted(ends, tokens.starts[content], side="right")
    return codes[content], np.bincount(owners, minlength=len(names)).astype(np.int64)
