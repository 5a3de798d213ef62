"""What the context linker of a pack needs, made once and kept in the pack's folder."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kgslm.artifacts import MANIFEST, atomic_folder, read_manifest, sha256_file, write_manifest
from kgslm.errors import KgslmError
from kgslm.linking.coherence import Weights
from kgslm.linking.dense import NameVectors, build_vector_index, build_vectors, open_vectors, save_vectors
from kgslm.linking.dictionary import DictionaryLinker
from kgslm.linking.feature_names import FEATURES
from kgslm.linking.features import Evidence
from kgslm.linking.names import Memory, NameTable, Taught, pack_table
from kgslm.linking.ngrams import build_index, char_grams, open_index
from kgslm.linking.ranker import Ranker
from kgslm.linking.word_building import build_words
from kgslm.linking.word_matches import WordIndex

if TYPE_CHECKING:
    from kgslm.embedding import Embedder, TextEmbedder
    from kgslm.embedding.text import Progress
    from kgslm.packs import KnowledgePack

DEFAULT_MODEL = "all-MiniLM-L6-v2"
MOST_TOKENS = 32
"""Of a mention or name that are read."""

_KIND, _FORMAT = "context linker", 3
_ADAPTER, _ADAPTER_FORMAT = "pack adapter", 1
_MENTIONS, _RANKER, _FINDABLE = "mentions.jsonl", "ranker.npz", "findable.json"


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a context linker. model: the name of its encoder. adapter: whether the pack's adapter is on it.

    findable: taught names that are looked for in running text.
    """

    evidence: Evidence
    vectors: NameVectors
    ranker: Ranker
    weights: Weights
    model: str
    adapter: bool
    findable: tuple[tuple[str, str], ...] = ()


def learnt_names(mentions: Iterable[Taught]) -> list[tuple[str, str]]:
    """(concept id, name) of the mentions that mean one concept."""
    return sorted({(it.concepts[0], it.surface) for it in mentions if len(it.concepts) == 1})


def build_evidence(
    pack: KnowledgePack,
    embedder: Embedder,
    mentions: Sequence[Taught] = (),
    progress: Progress | None = None,
) -> tuple[Evidence, NameVectors]:
    """The tables of all names, those that the mentions teach included. progress: as of ``Embedder.embed``."""
    table = pack_table(pack, learnt_names(mentions))
    vectors = build_vectors(table.texts, embedder, _known_vectors(pack, embedder), progress)
    near = NameVectors(vectors, build_vector_index(vectors))
    grams, words = build_index(table.texts, char_grams, cosine=True), build_words(table, _clusters(pack))
    return Evidence(table, grams, words, vectors, Memory.of(mentions)), near


def _clusters(pack: KnowledgePack) -> dict[str, int]:
    """The stems that the names of the pack use for each other, with the number of their cluster."""
    lexicon = DictionaryLinker.from_pack(pack).lexicon
    numbers = lexicon.clusters[1:].tolist()
    together = {number for number, count in Counter(numbers).items() if count > 1}
    return {stem: number for stem, number in zip(lexicon.stems.to_pylist(), numbers, strict=True) if number in together}


def _known_vectors(pack: KnowledgePack, embedder: Embedder) -> dict[str, Any]:
    """Name to vector of an earlier training with the same encoder."""
    opened = open_parts(pack)
    if opened is None or opened[1] != embedder.fingerprint:
        return {}
    parts = opened[0]
    return dict(zip(parts.evidence.table.texts, parts.vectors.vectors, strict=True))


def save_parts(pack: KnowledgePack, parts: Parts, mentions: Sequence[Taught], embedder: Embedder) -> None:
    """Keep the parts in the pack's folder. Raises KgslmError or OSError where it cannot be written."""
    folder = pack.derived("context")
    with atomic_folder(folder, _KIND) as temporary:
        parts.evidence.grams.save(temporary, "grams")
        parts.evidence.words.save(temporary)
        save_vectors(parts.vectors.vectors, parts.vectors.index, temporary)
        parts.ranker.save(temporary / _RANKER)
        (temporary / _FINDABLE).write_text(json.dumps(parts.findable, ensure_ascii=False), encoding="utf-8")
        lines = [json.dumps([it.document, it.surface, list(it.concepts)], ensure_ascii=False) for it in mentions]
        (temporary / _MENTIONS).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        facts = {
            "pack": pack.fingerprint,
            "model": parts.model,
            "model_fingerprint": embedder.fingerprint,
            "adapter": parts.adapter,
            "features": list(FEATURES),
            "weights": asdict(parts.weights),
            "names": len(parts.evidence.table),
        }
        write_manifest(temporary, _KIND, _FORMAT, facts)


def open_parts(pack: KnowledgePack) -> tuple[Parts, str] | None:
    """(the parts that were kept, the fingerprint of the encoder they need); None where there are none that fit."""
    folder = pack.derived("context")
    try:
        manifest = read_manifest(folder, _KIND, _FORMAT)
    except KgslmError:
        return None
    known = (manifest.get("pack"), manifest.get("features"), manifest["format_version"])
    if known != (pack.fingerprint, list(FEATURES), _FORMAT):
        return None
    mentions = []
    for line in (folder / _MENTIONS).read_text(encoding="utf-8").splitlines():
        document, surface, concepts = json.loads(line)
        mentions.append(Taught(document, surface, tuple(concepts)))
    table: NameTable = pack_table(pack, learnt_names(mentions))
    if len(table) != manifest["names"]:
        return None
    near = open_vectors(folder)
    evidence = Evidence(
        table,
        open_index(folder, "grams", char_grams, cosine=True),
        WordIndex.load(folder),
        near.vectors,
        Memory.of(mentions),
    )
    ranker, weights = Ranker.load(folder / _RANKER), Weights(**manifest["weights"])
    findable = tuple((id_, name) for id_, name in json.loads((folder / _FINDABLE).read_text(encoding="utf-8")))
    parts = Parts(evidence, near, ranker, weights, manifest["model"], manifest["adapter"], findable)
    return parts, str(manifest["model_fingerprint"])


def is_outdated(pack: KnowledgePack) -> bool:
    """Whether labelled mentions taught a linker that ``open_parts`` cannot read any more.

    Made anew without them it would know less, and nobody would be told.
    """
    mentions = pack.derived("context") / _MENTIONS
    return mentions.is_file() and mentions.stat().st_size > 0 and open_parts(pack) is None


def training_of(pack: KnowledgePack) -> str:
    """The checksum of what was kept last; empty where there is nothing."""
    manifest = pack.derived("context") / MANIFEST
    return sha256_file(manifest) if manifest.is_file() else ""


def save_pack_adapter(pack: KnowledgePack, model: str, write: Callable[[Path], None], facts: dict[str, Any]) -> None:
    """Keep an adapter that ``write`` writes into a folder. model: the fingerprint of the encoder it is for."""
    with atomic_folder(pack.derived("adapter"), _ADAPTER) as temporary:
        write(temporary)
        write_manifest(
            temporary,
            _ADAPTER,
            _ADAPTER_FORMAT,
            {"pack": pack.fingerprint, "model_fingerprint": model, "training": facts},
        )


def make_embedder(
    pack: KnowledgePack, model: str = DEFAULT_MODEL, *, adapter: bool = True
) -> tuple[TextEmbedder, bool]:
    """(the encoder of names and mentions; whether the pack's adapter is on it, as it is where there is one that fits).

    Raises ModelError or MissingExtra where the model cannot be loaded.
    """
    from kgslm.embedding import TextEmbedder
    from kgslm.embedding.alignment import adapted
    from kgslm.models import load_backbone

    backbone = load_backbone(model)
    found = _adapter_of(pack, backbone.fingerprint) if adapter else None
    if found is not None:
        backbone = adapted(backbone, pack.derived("adapter"), found)
    return TextEmbedder(backbone, max_length=MOST_TOKENS, steady=True), found is not None


def has_adapter(pack: KnowledgePack, model: str) -> bool:
    """Whether the pack has an adapter for the encoder with this fingerprint."""
    return _adapter_of(pack, model) is not None


def _adapter_of(pack: KnowledgePack, model: str) -> str | None:
    """The fingerprint of the pack's adapter; None where it has none for this pack and model."""
    try:
        manifest = read_manifest(pack.derived("adapter"), _ADAPTER, _ADAPTER_FORMAT)
    except KgslmError:
        return None
    if manifest.get("pack") != pack.fingerprint or manifest.get("model_fingerprint") != model:
        return None
    return str(manifest["files"]["adapter_model.safetensors"]["sha256"])
