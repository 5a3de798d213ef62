"""One vector a concept, made from its words and kept inside the pack."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from kgslm.artifacts import atomic_folder, read_manifest, write_manifest
from kgslm.embedding.text import Embedder, Progress, Vectors
from kgslm.errors import ConfigError, KgslmError, unknown
from kgslm.records import Concept

if TYPE_CHECKING:
    from pathlib import Path

    from kgslm.packs import KnowledgePack

ALL_WORDS = "name+synonyms+definition"

_KIND = "concept vectors"
_FORMAT = 1
_FILE = "vectors.npy"
_PARTS = ("name", "synonyms", "definition")
_MAX_SYNONYMS = 5


def embed_concepts(
    pack: KnowledgePack, embedder: Embedder, text: str = ALL_WORDS, progress: Progress | None = None
) -> Vectors:
    """The concepts' vectors, read-only and memory-mapped. Shape (len(pack.ids), dim), float32.

    Row ``pack.row(id)`` belongs to concept ``id``; obsolete concepts have zeros. Computed once for a pack, embedder and
    ``text`` (the parts of a concept to read, joined by ``+``) and then read from the pack's folder.
    """
    parts = _parse(text)
    folder = pack.derived(f"vectors/{_folder_name(embedder, parts)}")
    facts = {"pack": pack.fingerprint, "model": embedder.name, "model_fingerprint": embedder.fingerprint, "text": text}
    if not _fits(folder, facts):
        with atomic_folder(folder, _KIND) as temporary:
            np.save(temporary / _FILE, _compute(pack, embedder, parts, progress))
            write_manifest(temporary, _KIND, _FORMAT, facts)
    stored: Vectors = np.load(folder / _FILE, mmap_mode="r")
    return stored


def concept_text(concept: Concept, text: str = ALL_WORDS) -> str:
    """What is read of a concept: ``name (synonym, synonym): definition``, at most five synonyms."""
    parts = _parse(text)
    words = concept.name if "name" in parts else ""
    if "synonyms" in parts and concept.synonyms:
        words = f"{words} ({', '.join(concept.synonyms[:_MAX_SYNONYMS])})".strip()
    if "definition" in parts and concept.definition:
        words = f"{words}: {concept.definition}" if words else concept.definition
    return words or concept.name


def _parse(text: str) -> tuple[str, ...]:
    parts = tuple(part.strip() for part in text.split("+"))
    for part in parts:
        if part not in _PARTS:
            raise ConfigError(f"concept text {text!r}: {unknown('part', part, _PARTS)}")
    return parts


def _folder_name(embedder: Embedder, parts: tuple[str, ...]) -> str:
    model = re.sub(r"[^A-Za-z0-9.-]+", "-", embedder.name).strip("-.") or "model"
    words = "" if set(parts) == set(_PARTS) else "-" + "-".join(part for part in _PARTS if part in parts)
    return f"text-{model[-60:]}{words}"


def _fits(folder: Path, facts: dict[str, str]) -> bool:
    """Whether the folder holds what would be computed; anything else there is made again."""
    try:
        manifest = read_manifest(folder, _KIND, _FORMAT)
    except KgslmError:
        return False
    return all(manifest.get(key) == value for key, value in facts.items())


def _compute(pack: KnowledgePack, embedder: Embedder, parts: tuple[str, ...], progress: Progress | None) -> Vectors:
    vectors = np.zeros((len(pack.ids), embedder.dim), dtype=np.float32)
    rows, texts = [], []
    for concept in pack.concepts():
        rows.append(pack.row(concept.id))
        texts.append(concept_text(concept, "+".join(parts)))
    if texts:
        vectors[rows] = embedder.embed(texts, progress=progress)
    return vectors
