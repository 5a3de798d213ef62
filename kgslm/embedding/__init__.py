"""Texts and concepts as vectors."""

from kgslm.embedding.concepts import ALL_WORDS, concept_text, embed_concepts
from kgslm.embedding.text import Embedder, TextEmbedder, Vectors

__all__ = ["ALL_WORDS", "Embedder", "TextEmbedder", "Vectors", "concept_text", "embed_concepts"]
