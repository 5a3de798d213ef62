"""From a configuration to the parts of a model, before it has learnt anything."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
from torch import nn

from kgslm.caching import Cache
from kgslm.embedding.cached import CachedEmbedder
from kgslm.embedding.text import TextEmbedder
from kgslm.errors import ConfigError
from kgslm.injection import ContextWriter, EvidenceScorer, Inject, ground_labels
from kgslm.injection.entities import EntityVectors, entity_vectors
from kgslm.injection.fusion import EntityFusion
from kgslm.injection.injector import Injector, whole_text
from kgslm.linking import Linker
from kgslm.linking.dictionary import DictionaryLinker
from kgslm.models import Backbone, load_backbone
from kgslm.packs import KnowledgePack
from kgslm.records import Example
from kgslm.tuning.batches import Batcher
from kgslm.tuning.frozen import FrozenStates
from kgslm.tuning.heads import ClassificationHead
from kgslm.tuning.network import Network
from kgslm.tuning.options import Tuning
from kgslm.tuning.remembered import Memory
from kgslm.tuning.split import depth, top_of
from kgslm.tuning.tokens import Tokeniser


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
        layers = frozen_layers(tuning.inject, backbone)
        entities = None
        if pack is not None:
            linker = linker or DictionaryLinker.from_pack(pack)
            source = tuning.inject.embeddings.vectors if tuning.inject.embeddings else "text"
            embedder = TextEmbedder(backbone, max_length=64, precise=True)
            entities = entity_vectors(pack, source, embedder if cache is None else CachedEmbedder(embedder, cache))
        memory = None if cache is None else Memory(cache, backbone, layers, tuning)
        return cls(backbone, FrozenStates(backbone, layers, cache=cache), pack, linker, entities, memory)


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
    inject: Inject, base: Base, labels: tuple[str, ...], tokeniser: Tokeniser, texts: Iterable[Example] = ()
) -> Injector:
    """The arms that are on. texts: what the evidence arm takes its idf from; their labels are not looked at."""
    if not inject.on:
        return Injector()
    if base.pack is None or base.linker is None:
        raise ConfigError(f"inject.{inject.on[0]}: this needs a pack; name one with pack: PATH")
    context = evidence = None
    if inject.context:
        context = ContextWriter(
            base.pack,
            tokeniser.count,
            max_facts=inject.context.max_facts,
            max_tokens=inject.context.max_tokens,
        )
    if inject.evidence:
        groundings = ground_labels(base.pack, labels, inject.evidence.labels, inject.evidence.label_names)
        evidence = EvidenceScorer.fit(groundings, base.linker.link_many([whole_text(example) for example in texts]))
    return Injector(base.linker, context, evidence, embeddings=inject.embeddings is not None)


def make_tokeniser(tuning: Tuning, backbone: Backbone) -> Tokeniser:
    """The backbone's tokenizer with the configured budgets."""
    context = tuning.inject.context.max_tokens if tuning.inject.context else 0
    return Tokeniser(backbone.tokenizer, backbone.max_positions, tuning.max_length, context)


def make_batcher(base: Base, inject: Inject, tokeniser: Tokeniser) -> Batcher:
    """The batcher; concept vectors come along where the embeddings arm is on."""
    return Batcher(tokeniser, base.frozen, base.backbone.device, base.entities if inject.embeddings else None)


def make_network(tuning: Tuning, base: Base, labels: Sequence[str], layers: nn.Module | None = None) -> Network:
    """The untrained network, its weights drawn by the seed. layers: already adapted layers of a saved model."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(tuning.train.seed)
        if layers is None:
            layers = tuning.adapter.attach(top_of(base.backbone.model, base.frozen.layers))
        # Drawn after the adapter, so that every arm starts from the same adapter.
        head = ClassificationHead(base.backbone.hidden_size, len(labels))
        fusion = None
        if tuning.inject.embeddings and base.entities is not None:
            fusion = EntityFusion(base.entities.dim, base.backbone.hidden_size)
    return Network(layers, head, fusion, base.memory).to(base.backbone.device)
