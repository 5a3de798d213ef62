"""The vectors of a pack's concepts from its relations, made and kept in the pack's folder."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kgslm.embedding.concepts import embed_concepts
from kgslm.embedding.graph.config import GraphConfig, parse_graph_config
from kgslm.embedding.graph.propagate import RESTART, STEPS, propagate
from kgslm.embedding.graph.text_start import place_by_text, reduce_text
from kgslm.embedding.graph.triples import PackGraph, Triples
from kgslm.embedding.store import Vectors, load_part, load_vectors, save_vectors, stored_facts
from kgslm.embedding.text import Embedder
from kgslm.errors import ConfigError

if TYPE_CHECKING:
    from kgslm.embedding.graph.train import Start, Trained
    from kgslm.packs import KnowledgePack

Progress = Callable[[int], None]


def embed_text_graph(pack: KnowledgePack, embedder: Embedder, progress: Progress | None = None) -> dict[str, Any]:
    """Make and store ``text+graph`` vectors. Returns their facts. Raises PackError where the pack has no relations."""
    graph = PackGraph.read(pack)
    text = embed_concepts(pack, embedder, progress=progress)
    vectors = _whole(pack, graph, propagate(text[graph.rows], graph.triples))
    facts = {"method": "text+graph", **_text_facts(embedder), "restart": RESTART, "steps": STEPS}
    save_vectors(pack, "text+graph", facts, vectors)
    return facts


def embed_graph(
    pack: KnowledgePack,
    config: GraphConfig,
    embedder: Embedder | None,
    *,
    old: KnowledgePack | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Learn and store vectors; returns their facts, the ranks of held-out facts among them.

    embedder: what reads names and definitions, needed for ``init: text``. old: an earlier build whose vectors of this
    method are kept as they are, to the last bit, while those of new concepts and predicates are learnt beside them.
    Raises PackError, ConfigError or ModelError.
    """
    from kgslm.embedding.graph.train import Parts, train_graph

    graph = PackGraph.read(pack)
    text = _text(pack, graph, config, embedder, progress)
    start = _first(config, text) if old is None else _refreshed(config, graph, pack, old, text)
    facts = graph.triples.only(_moving(graph.triples, start))
    parts = Parts.of(facts, config, graph.triples)
    trained = train_graph(parts, config if len(parts.train) else _without_epochs(config), start, progress)
    vectors = trained.entities
    if text is not None:
        unseen = _unseen(parts.train, start)
        if unseen.any() and not unseen.all():
            vectors = vectors.copy()
            vectors[unseen] = place_by_text(text, vectors, ~unseen)
    stored = _facts(config, graph, trained, parts.train, start)
    stored |= {} if old is None else {"refreshed_from": old.fingerprint}
    stored |= {} if embedder is None or text is None else _text_facts(embedder)
    save_vectors(pack, config.method, stored, _whole(pack, graph, vectors), relations=trained.relations)
    return stored


def config_of(pack: KnowledgePack, method: str) -> dict[str, Any]:
    """The configuration of stored vectors. Raises ConfigError where there are none of this build of the pack."""
    load_vectors(pack, method)
    return dict((stored_facts(pack, method) or {})["config"])


def refresh_config(old: KnowledgePack, method: str, values: dict[str, Any]) -> GraphConfig:
    """The configuration of an earlier build's vectors with ``values`` over it. Raises ConfigError."""
    before = config_of(old, method)
    config = parse_graph_config(method, {**before, **values})
    if config.dim != before["dim"]:
        raise ConfigError(f"dim: the vectors of {old.path} have {before['dim']} numbers; leave dim out to refresh them")
    return config


def _text(
    pack: KnowledgePack,
    graph: PackGraph,
    config: GraphConfig,
    embedder: Embedder | None,
    progress: Progress | None,
) -> Vectors | None:
    if config.init == "random":
        return None
    if embedder is None:
        raise ConfigError("init: text needs an encoder; give one or take init: random")
    text: Vectors = np.asarray(embed_concepts(pack, embedder, progress=progress)[graph.rows])
    return text


def _first(config: GraphConfig, text: Vectors | None) -> Start:
    from kgslm.embedding.graph.train import Start

    return Start(None if text is None else reduce_text(text, config.dim, seed=config.seed))


def _refreshed(
    config: GraphConfig, graph: PackGraph, pack: KnowledgePack, old: KnowledgePack, text: Vectors | None
) -> Start:
    """Old rows at their place; new concepts where their words put them, new relations drawn."""
    from kgslm.embedding.graph.train import Start

    before, relations_before = load_vectors(old, config.method), load_part(old, config.method, "relations")
    rows = {id_: row for row, id_ in enumerate(old.ids)}
    origin = np.array([rows.get(pack.ids[row], -1) for row in graph.rows.tolist()])
    entities = np.asarray(before[origin])
    fixed = (origin >= 0) & entities.any(axis=1)
    if not fixed.any():
        raise ConfigError(f"{old.path}: shares no concept with {pack.path}; leave --refresh out")
    if text is not None and not fixed.all():
        entities[~fixed] = place_by_text(text, entities, fixed)
    elif not fixed.all():
        dice = np.random.default_rng(config.seed)
        entities[~fixed] = dice.standard_normal(entities[~fixed].shape) * entities[fixed].std()
    relations, fixed_relations = _old_relations(config, graph, old, relations_before)
    return Start(entities, relations, fixed, fixed_relations)


def _old_relations(
    config: GraphConfig, graph: PackGraph, old: KnowledgePack, before: Vectors
) -> tuple[Vectors, NDArray[np.bool_]]:
    predicates = list((stored_facts(old, config.method) or {})["predicates"])
    origin = np.array([predicates.index(name) if name in predicates else -1 for name in graph.predicates])
    fixed = np.tile(origin >= 0, 2)
    dice = np.random.default_rng(config.seed)
    relations = (dice.standard_normal((len(fixed), before.shape[1])) * before.std()).astype(np.float32)
    relations[fixed] = before[np.concatenate([origin, origin + len(predicates)])[fixed]]
    return relations, fixed


def _moving(facts: Triples, start: Start) -> NDArray[np.bool_]:
    """The facts from which something can be learnt: about a concept or predicate that is not fixed."""
    if start.fixed_entities is None or start.fixed_relations is None:
        return np.ones(len(facts), dtype=bool)
    heads, relations, tails = facts.array.T
    still = start.fixed_entities[heads] & start.fixed_entities[tails] & start.fixed_relations[relations]
    moving: NDArray[np.bool_] = ~still
    return moving


def _unseen(facts: Triples, start: Start) -> NDArray[np.bool_]:
    """Concepts that no fact told anything about."""
    unseen = np.ones(facts.entities, dtype=bool)
    unseen[facts.array[:, [0, 2]].ravel()] = False
    if start.fixed_entities is not None:
        unseen &= ~start.fixed_entities
    return unseen


def _without_epochs(config: GraphConfig) -> GraphConfig:
    return config.model_copy(update={"epochs": 0})


def _facts(config: GraphConfig, graph: PackGraph, trained: Trained, learnt: Triples, start: Start) -> dict[str, Any]:
    fixed = start.fixed_entities
    return {
        "method": config.method,
        "config": config.model_dump(mode="json"),
        "predicates": list(graph.predicates),
        "concepts": graph.triples.entities,
        "new_concepts": graph.triples.entities - (0 if fixed is None else int(fixed.sum())),
        "facts": len(learnt),
        "epochs": trained.epochs,
        "best_epoch": trained.best_epoch,
        "valid": trained.valid.as_dict(),
        "test": trained.test.as_dict(),
        "seconds": round(trained.seconds, 2),
    }


def _text_facts(embedder: Embedder) -> dict[str, str]:
    return {"model": embedder.name, "model_fingerprint": embedder.fingerprint}


def _whole(pack: KnowledgePack, graph: PackGraph, vectors: Vectors) -> Vectors:
    """A row for each row of the pack, zeros for obsolete concepts."""
    whole = np.zeros((len(pack.ids), vectors.shape[1]), dtype=np.float32)
    whole[graph.rows] = vectors
    return whole
