"""Concept vectors in the pack's folder, each set with the fingerprint of the pack that it was made from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from kgslm.artifacts import atomic_folder, read_manifest, write_manifest
from kgslm.errors import ConfigError, KgslmError

if TYPE_CHECKING:
    from kgslm.packs import KnowledgePack

Vectors = NDArray[np.float32]

GraphMethod = Literal["transe", "distmult", "complex", "rotate"]
"""Vectors learnt from relations."""

Method = Literal["text", "text+graph", GraphMethod]
"""Where concept vectors come from. ``text``: names and definitions. ``text+graph``: these spread over the relations."""

METHODS: tuple[str, ...] = ("text", "text+graph", *get_args(GraphMethod))

KIND = "concept vectors"
_FORMAT = 1
_MAIN = "vectors"


def vector_folder(pack: KnowledgePack, name: str) -> Path:
    """Where vectors of that name lie in the pack, whether they are there or not."""
    return pack.derived(f"vectors/{name}")


def encoder_slug(name: str) -> str:
    """The name of an encoder as a part of a folder's name."""
    return (re.sub(r"[^A-Za-z0-9.-]+", "-", name).strip("-.") or "model")[-60:]


def save_vectors(
    pack: KnowledgePack, name: str, facts: Mapping[str, Any], vectors: Vectors, **others: NDArray[Any]
) -> Path:
    """Write vectors, shape (len(pack.ids), dim), and what belongs to them. Returns the folder."""
    folder = vector_folder(pack, name)
    with atomic_folder(folder, KIND) as temporary:
        for part, array in {_MAIN: vectors, **others}.items():
            np.save(temporary / f"{part}.npy", array)
        write_manifest(temporary, KIND, _FORMAT, {"pack": pack.fingerprint, **facts})
    return folder


def stored_facts(pack: KnowledgePack, name: str) -> dict[str, Any] | None:
    """The manifest of stored vectors; None where there are none, or those of another pack, or damaged ones."""
    try:
        manifest = read_manifest(vector_folder(pack, name), KIND, _FORMAT)
    except KgslmError:
        return None
    return manifest if manifest.get("pack") == pack.fingerprint else None


def load_vectors(pack: KnowledgePack, name: str) -> Vectors:
    """Stored vectors, read-only and memory-mapped: row ``pack.row(id)`` is concept ``id``'s; obsolete ones have zeros.

    Raises ConfigError, which names the command that makes them, where there are none that fit the pack.
    """
    if stored_facts(pack, name) is None:
        raise ConfigError(
            f"{pack.path}: no {name} vectors of this build of the pack; "
            f"make them with: kgslm pack embed {pack.path} --method {name}"
        )
    return load_part(pack, name, _MAIN)


def load_part(pack: KnowledgePack, name: str, part: str) -> Vectors:
    """One array of stored vectors, memory-mapped."""
    array: Vectors = np.load(vector_folder(pack, name) / f"{part}.npy", mmap_mode="r")
    return array


def vectors_checksum(pack: KnowledgePack, name: str) -> str:
    """SHA-256 of stored vectors, to tell whether they are those that a model was trained with. Raises ConfigError."""
    load_vectors(pack, name)
    facts = stored_facts(pack, name) or {}
    return str(facts["files"][f"{_MAIN}.npy"]["sha256"])
