"""One vector a concept, made from its words and kept inside the pack."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kgslm.embedding.store import encoder_slug, load_vectors, save_vectors, stored_facts
from kgslm.embedding.text import Embedder, Progress, Vectors
from kgslm.errors import ConfigError, unknown
from kgslm.records import Concept

if TYPE_CHECKING:
    from kgslm.packs import KnowledgePack

ALL_WORDS = "name+synonyms+definition"

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
    name = vector_name(embedder, text)
    facts = {"model": embedder.name, "model_fingerprint": embedder.fingerprint, "text": text}
    stored = stored_facts(pack, name) or {}
    if any(stored.get(key) != value for key, value in facts.items()):
        save_vectors(pack, name, facts, _compute(pack, embedder, parts, progress))
    return load_vectors(pack, name)


def concept_text(concept: Concept, text: str = ALL_WORDS) -> str:
    """What is read of a concept: ``name (synonym, synonym): definition``, at most five synonyms."""
    parts = _parse(text)
    words = concept.name if "name" in parts else ""
    if "synonyms" in parts and concept.synonyms:
        words = f"{words} ({', '.join(concept.synonyms[:_MAX_SYNONYMS])})".strip()
    if "definition" in parts and concept.definition:
        words = f"{words}: {concept.definition}" if words else concept.definition
    return words or concept.name


def vector_name(embedder: Embedder, text: str = ALL_WORDS) -> str:
    """Under which name ``kgslm.embedding.store`` keeps the vectors of ``embed_concepts``."""
    parts = _parse(text)
    words = "" if set(parts) == set(_PARTS) else "-" + "-".join(part for part in _PARTS if part in parts)
    return f"text-{encoder_slug(embedder.name)}{words}"


def _parse(text: str) -> tuple[str, ...]:
    parts = tuple(part.strip() for part in text.split("+"))
    for part in parts:
        if part not in _PARTS:
            raise ConfigError(f"concept text {text!r}: {unknown('part', part, _PARTS)}")
    return parts


def _compute(pack: KnowledgePack, embedder: Embedder, parts: tuple[str, ...], progress: Progress | None) -> Vectors:
    vectors = np.zeros((len(pack.ids), embedder.dim), dtype=np.float32)
    rows, texts = [], []
    for concept in pack.concepts():
        rows.append(pack.row(concept.id))
        texts.append(concept_text(concept, "+".join(parts)))
    if texts:
        vectors[rows] = embedder.embed(texts, progress=progress)
    return vectors
