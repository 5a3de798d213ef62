"""From a configuration to the parts of a model, before it has learnt anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import torch
from torch import nn

from kgslm.caching import Cache
from kgslm.embedding.cached import CachedEmbedder
from kgslm.embedding.text import Embedder, TextEmbedder
from kgslm.errors import ConfigError
from kgslm.injection import ContextArm, ContextWriter, Inject
from kgslm.injection.context import Budget
from kgslm.injection.entities import EntityVectors, entity_vectors
from kgslm.injection.entity_map import FittedMap
from kgslm.injection.facts import FactBook
from kgslm.injection.fusion import EntityFusion, make_fusion
from kgslm.injection.injector import Evidence, Injector
from kgslm.injection.relevance import EmbeddedRelevance, LexicalRelevance, Relevance
from kgslm.linking import Linker
from kgslm.linking.dictionary import DictionaryLinker
from kgslm.models import Backbone, load_backbone
from kgslm.packs import KnowledgePack
from kgslm.records import Example
from kgslm.tuning.alignment import fit_entity_map
from kgslm.tuning.batches import Batcher
from kgslm.tuning.frozen import FrozenStates
from kgslm.tuning.network import Network
from kgslm.tuning.options import Tuning
from kgslm.tuning.remembered import Memory
from kgslm.tuning.split import check_cut, depth, looks_ahead, takes_positions, top_of
from kgslm.tuning.tasks.base import Task
from kgslm.tuning.tokens import Layout, Tokeniser


@dataclass(frozen=True)
class Base:
    """What models of one backbone share: its frozen part and, where there is a pack, linker and concept vectors.

    Make it once for many models (``Base.load``): what it has computed for one it does not compute for the next.
    linker: None means the pack's dictionary linker; the shuffled control passes its own. memory: of trainings.
    """

    backbone: Backbone
    frozen: FrozenStates
    pack: KnowledgePack | None = None
    linker: Linker | None = None
    entities: EntityVectors | None = None
    memory: Memory | None = None

    @classmethod
    def load(
        cls,
        tuning: Tuning,
        pack: KnowledgePack | None = None,
        linker: Linker | None = None,
        cache: Cache | None = None,
    ) -> Base:
        """Load the backbone that ``tuning`` names and cut it.

        cache: where hidden states, vectors made from words and whole trainings are kept for other runs; None keeps
        states and vectors in memory.
        Raises ModelError, MissingExtra or ConfigError.
        """
        backbone = load_backbone(tuning.model, device=tuning.train.device)
        backbone = replace(backbone, compute=backbone.compute.within(tuning.train.precision))
        layers = frozen_layers(tuning.inject, backbone)
        check_cut(backbone.model, layers)
        entities = None
        if pack is not None:
            linker = linker or DictionaryLinker.from_pack(pack)
            source = tuning.inject.embeddings.vectors if tuning.inject.embeddings else "text"
            entities = entity_vectors(pack, source, _embedder(backbone, cache))
        memory = None if cache is None else Memory(cache, backbone, layers, tuning)
        return cls(backbone, FrozenStates(backbone, layers, cache=cache), pack, linker, entities, memory)

    @cached_property
    def looks_ahead(self) -> bool:
        """Whether the backbone's tokens see what stands behind them."""
        return looks_ahead(self.backbone.model)

    @cached_property
    def embedder(self) -> Embedder:
        """The backbone's vectors of short texts, such as names, definitions and facts."""
        return _embedder(self.backbone)

    @cached_property
    def embedded_relevance(self) -> Relevance:
        """Compares facts with texts by the backbone's vectors."""
        return EmbeddedRelevance(self.embedder)


def frozen_layers(inject: Inject, backbone: Backbone) -> int:
    """How many layers stay frozen: those below the fusion; half of the backbone unless the arm says otherwise.

    It is the same with and without the arm, so that a control has as many trained parameters as what it controls.
    """
    layers = depth(backbone.model)
    asked = inject.embeddings.layer if inject.embeddings else None
    if asked is not None and asked >= layers:
        raise ConfigError(f"inject.embeddings.layer: {asked} leaves nothing to train; the model has {layers} layers")
    return layers // 2 if asked is None else asked


def make_injector(
    inject: Inject, base: Base, task: Task, tokeniser: Tokeniser, texts: Sequence[Example] = ()
) -> Injector:
    """The arms that are on. texts: what the evidence arm learns of the domain from; their labels are not looked at."""
    if not inject.on:
        return Injector()
    if base.pack is None or base.linker is None:
        raise ConfigError(f"inject.{inject.on[0]}: this needs a pack; name one with pack: PATH")
    context = _context_writer(inject.context, base, base.pack, tokeniser) if inject.context else None
    evidence = None
    if inject.evidence:
        evidence = task.evidence(inject.evidence, base.pack, base.linker, texts, base.embedder)
    candidates = inject.embeddings.candidates if inject.embeddings else 0
    return Injector(base.linker, context, evidence, candidates)


def make_tokeniser(tuning: Tuning, base: Base) -> Tokeniser:
    """The backbone's tokenizer with the configured budgets."""
    backbone, context = base.backbone, tuning.inject.context
    layout = Layout(
        max_length=tuning.max_length,
        windows=tuning.windows,
        max_context=context.max_tokens if context else 0,
        context_first=context is not None and not base.looks_ahead,
        anchored=context is not None and context.positions == "mention" and takes_positions(backbone.model),
        pool_context=context is not None and context.pool == "all",
    )
    return Tokeniser(backbone.tokenizer, backbone.max_positions, layout)


def make_batcher(base: Base, inject: Inject, tokeniser: Tokeniser) -> Batcher:
    """The batcher; concept vectors come along where the embeddings arm is on."""
    return Batcher(tokeniser, base.frozen, base.backbone.device, base.entities if inject.embeddings else None)


def make_network(
    tuning: Tuning, base: Base, task: Task, evidence: Evidence | None, layers: nn.Module | None = None
) -> Network:
    """The untrained network, its weights drawn by the seed. layers: already adapted layers of a saved model."""
    saved = layers is not None
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(tuning.train.seed)
        if layers is None:
            layers = tuning.adapter.attach(top_of(base.backbone.model, base.frozen.layers))
        # Drawn after the adapter, so that every arm starts from the same adapter.
        head = task.head(base.backbone.hidden_size)
        fusion = _fusion(tuning.inject, base)
    if fusion is not None and not saved and (fitted := _fitted_map(tuning, base)) is not None:
        fusion.align.start_from(fitted)
    worth = None
    if evidence is not None and evidence.learnt:
        worth = torch.zeros(len(task.outputs), len(evidence.names))
    return Network(layers, head, fusion, tuning.adapter, worth, base.memory).to(base.backbone.device)


def _fusion(inject: Inject, base: Base) -> EntityFusion | None:
    if inject.embeddings is None or base.entities is None:
        return None
    return make_fusion(inject.embeddings.fusion, base.entities.dim, base.backbone.hidden_size)


def _fitted_map(tuning: Tuning, base: Base) -> FittedMap | None:
    arm = tuning.inject.embeddings
    if arm is None or arm.align == "none" or base.entities is None or base.pack is None:
        return None
    return fit_entity_map(arm.align, base.pack, base.entities, base.frozen, base.backbone)


def _context_writer(arm: ContextArm, base: Base, pack: KnowledgePack, tokeniser: Tokeniser) -> ContextWriter:
    relevance: dict[str, Relevance | None] = {"none": None, "lexical": LexicalRelevance()}
    return ContextWriter(
        pack,
        FactBook(pack, arm.allow, arm.deny),
        tokeniser.count,
        Budget(arm.max_facts, arm.max_tokens),
        base.embedded_relevance if arm.relevance == "embedding" else relevance[arm.relevance],
    )


def _embedder(backbone: Backbone, cache: Cache | None = None) -> Embedder:
    embedder = TextEmbedder(backbone, max_length=64, precise=True)
    return embedder if cache is None else CachedEmbedder(embedder, cache)
