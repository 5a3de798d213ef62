"""Vectors of a pack's concepts: make them, look at a concept's neighbours, draw a map."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

import numpy as np

from kgslm.embedding.concepts import embed_concepts, vector_name
from kgslm.embedding.graph.config import GraphConfig, parse_graph_config
from kgslm.embedding.graph.embed import embed_graph, embed_text_graph, refresh_config
from kgslm.embedding.neighbours import nearest
from kgslm.embedding.project import project
from kgslm.embedding.store import METHODS, GraphMethod, Vectors, load_vectors, stored_facts, vector_folder
from kgslm.embedding.text import Embedder, Progress
from kgslm.errors import ConfigError, unknown
from kgslm.evaluation.vector_map import VectorMap, write_map
from kgslm.packs import KnowledgePack

DEFAULT_MODEL = "all-MiniLM-L6-v2"
_MAP_POINTS = 5000


@dataclass(frozen=True, eq=False)
class Embedded:
    """Vectors of a pack. vectors: shape (len(pack.ids), dim). made: False where they were there already.

    facts: how they were made, with the ranks of held-out facts for learnt ones.
    """

    pack: KnowledgePack
    method: str
    vectors: Vectors
    path: Path
    made: bool
    seconds: float
    facts: Mapping[str, Any] = field(default_factory=dict)

    def figures(self) -> dict[str, Any]:
        """Plain data for ``--json``."""
        left_out = ("kind", "format_version", "files", "pack", "predicates")
        facts = {key: value for key, value in self.facts.items() if key not in left_out}
        return {
            **facts,
            "method": self.method,
            "path": str(self.path),
            "made": self.made,
            "concepts": len(self.pack),
            "dim": int(self.vectors.shape[1]),
            "seconds": round(self.seconds, 2),
        }

    def near(self, id_: str, top: int = 10) -> list[tuple[str, str, float]]:
        """``(id, name, cosine)`` of the concepts nearest to another one. Raises PackError for an unknown id."""
        pack = self.pack
        found = nearest(pack, self.vectors, id_, top)
        return [(id_, pack.tables.name[pack.row(id_)], cosine) for id_, cosine in found]

    def draw(self, output: Path, *, points: int = _MAP_POINTS, how: str = "pca", seed: int = 0) -> list[Path]:
        """Write the map as ``output`` with the ending .png and .html; ``points`` concepts at most, drawn by chance."""
        rows = np.flatnonzero(self.vectors.any(axis=1))
        if len(rows) > points:
            rows = np.sort(np.random.default_rng(seed).choice(rows, points, replace=False))
        tables = self.pack.tables
        chosen = VectorMap(
            title=f"{self.pack.name} {self.pack.version}: {self.method} vectors, {how}",
            places=project(self.vectors[rows], how=how, seed=seed),
            labels=[f"{self.pack.ids[row]} {tables.name[row]}" for row in rows.tolist()],
            groups=[(tables.categories[row] or [""])[0] for row in rows.tolist()],
        )
        return write_map(chosen, output)


def embed_pack(
    pack: KnowledgePack | Path | str,
    method: str = "complex",
    *,
    settings: Mapping[str, Any] | None = None,
    refresh: KnowledgePack | Path | str | None = None,
    model: str = DEFAULT_MODEL,
    progress: Progress | None = None,
) -> Embedded:
    """Make the vectors of a pack's concepts, or read those that are there.

    method: one of ``METHODS``. settings: fields of ``GraphConfig``, for learnt vectors; other ones than those of the
    stored vectors make new ones. refresh: an earlier build with vectors of the method, which old concepts keep.
    model: the encoder of names and definitions. progress: called with texts read or epochs done since the last call.
    Raises ConfigError, PackError, ModelError or MissingExtra.
    """
    if method not in METHODS:
        raise ConfigError(f"--method: {unknown('method', method, METHODS)}")
    begun = time.perf_counter()
    pack, refresh = _opened(pack), None if refresh is None else _opened(refresh)
    if method not in get_args(GraphMethod):
        if settings or refresh is not None:
            raise ConfigError(f"--method {method}: nothing is learnt; leave settings and --refresh out")
        path, made = _from_text(pack, method, model, progress)
    else:
        path, made = vector_folder(pack, method), _learnt(pack, method, dict(settings or {}), refresh, model, progress)
    facts = stored_facts(pack, path.name) or {}
    return Embedded(pack, method, load_vectors(pack, path.name), path, made, time.perf_counter() - begun, facts)


def _from_text(pack: KnowledgePack, method: str, model: str, progress: Progress | None) -> tuple[Path, bool]:
    """Make ``text`` or ``text+graph`` vectors; returns their folder and whether they were made now."""
    embedder = _embedder(model)
    name = vector_name(embedder) if method == "text" else method
    stored = stored_facts(pack, name) or {}
    made = stored.get("model_fingerprint") != embedder.fingerprint
    if made and method == "text":
        embed_concepts(pack, embedder, progress=progress)
    elif made:
        embed_text_graph(pack, embedder, progress)
    return vector_folder(pack, name), made


def _learnt(
    pack: KnowledgePack,
    method: str,
    settings: dict[str, Any],
    refresh: KnowledgePack | None,
    model: str,
    progress: Progress | None,
) -> bool:
    """Learn vectors where those that are asked for are not there; returns whether it did."""
    config = parse_graph_config(method, settings) if refresh is None else refresh_config(refresh, method, settings)
    stored = stored_facts(pack, method)
    origin = None if refresh is None else refresh.fingerprint
    if stored is not None and _as_asked(stored, config, settings, origin):
        return False
    embedder = _embedder(model, config.device) if config.init == "text" else None
    embed_graph(pack, config, embedder, old=refresh, progress=progress)
    return True


def _as_asked(stored: Mapping[str, Any], config: GraphConfig, settings: Mapping[str, Any], origin: str | None) -> bool:
    """Whether stored vectors are those asked for; a setting that is not named may have any value."""
    own = config.model_dump(mode="json")
    same = all(stored["config"].get(key) == own[key] for key in settings)
    return same and (origin is None or stored.get("refreshed_from") == origin)


def _embedder(model: str, device: str = "auto") -> Embedder:
    from kgslm.embedding import TextEmbedder
    from kgslm.models import load_backbone

    return TextEmbedder(load_backbone(model, device=device))


def _opened(pack: KnowledgePack | Path | str) -> KnowledgePack:
    return pack if isinstance(pack, KnowledgePack) else KnowledgePack.open(pack)
