"""Fine-tuning: from labelled examples and a pack to a model that knows both."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from kgslm.data.classification import Dataset, as_dataset
from kgslm.data.sampling import in_order
from kgslm.errors import DataError
from kgslm.evaluation import classification_scores
from kgslm.injection import grounding_report
from kgslm.injection.fusion import GatedFusion
from kgslm.injection.injector import whole_text
from kgslm.injection.task_weights import learn_predicate_weights
from kgslm.packs import KnowledgePack
from kgslm.records import Example
from kgslm.tuning.assemble import Base, make_batcher, make_injector, make_network, make_tokeniser
from kgslm.tuning.batches import Item
from kgslm.tuning.heads.classification import target_matrix
from kgslm.tuning.heads.probe import Floats, fit_probe
from kgslm.tuning.loop import Epoch, TrainingSet, Watch, train
from kgslm.tuning.model import KnowledgeModel
from kgslm.tuning.options import Tuning
from kgslm.tuning.remembered import Trained, timed
from kgslm.tuning.schedule import Schedule, choose_schedule
from kgslm.tuning.trust import CrossFit, cross_fitted_loss, cross_fitted_trust

_GATES = (0.0, 0.1, 0.2, 0.4, 0.7)
_TEXTS_FOR_GATE = 400
_CLEARLY = 0.97
"""What a loss must fall to for a difference to count: out of fold it varies by as much where texts are few."""


def finetune(
    data: Dataset | Sequence[Example] | Path | str,
    tuning: Tuning | None = None,
    *,
    pack: KnowledgePack | Path | str | None = None,
    dev: Dataset | Sequence[Example] | Path | str | None = None,
    unlabelled: Iterable[Example] = (),
    base: Base | None = None,
    watch: Watch | None = None,
) -> KnowledgeModel:
    """Fine-tune a classifier::

        model = finetune("train.jsonl", Tuning(inject=Inject(evidence=EvidenceArm())), pack="packs/mesh")

    data, dev: data sets, examples, or files of the contract's classification form. dev chooses the epoch to keep.
    unlabelled: further texts of the domain, for the concepts' idf. base: shared parts, from ``Base.load``, where many
    models are made; its pack and linker are then used. Raises DataError, ConfigError or ModelError.
    """
    start = time.perf_counter()
    tuning, watch = tuning or Tuning(), watch or Watch()
    data, dev = as_dataset(data), None if dev is None else as_dataset(dev)
    labels = data.labels
    if len(labels) < 2:
        raise DataError(f"training needs at least two labels; the data has {', '.join(labels) or 'none'}")
    base = base or Base.load(tuning, _pack(pack) if tuning.inject.on else None)
    tokeniser = make_tokeniser(tuning, base)
    injector = make_injector(tuning.inject, base, labels, tokeniser, [*data, *unlabelled])
    model = KnowledgeModel(
        backbone=base.backbone,
        network=make_network(tuning, base, labels),
        batcher=make_batcher(base, tuning.inject, tokeniser),
        injector=injector,
        labels=labels,
        multi_label=data.multi_label,
        tuning=tuning,
        pack=base.pack if tuning.inject.on else None,
        facts={},
    )
    targets = target_matrix([example.labels for example in data], model.labels)
    model = _weigh_context(_learn_context(model, data), data, targets)
    _open_gate(model, data, targets)
    facts = _learn(model, data, targets, dev, watch)
    # A training that was taken up counts as long as it took when it was done.
    seconds = time.perf_counter() - start + (facts["step_seconds"] if facts["reused"] else 0.0)
    return replace(model, facts={**facts, "examples": len(data), "train_seconds": seconds})


def _learn_context(model: KnowledgeModel, data: Dataset) -> KnowledgeModel:
    """The model with predicates weighed by what they tell of the training labels."""
    arm, injector = model.tuning.inject.context, model.injector
    if arm is None or not arm.learn or injector.context is None or injector.linker is None:
        return model
    linked = injector.linker.link_many([whole_text(example) for example in data])
    weights = learn_predicate_weights(
        [injector.context.known(text) for text in linked],
        [example.labels for example in data],
        [example.origin for example in data],
    )
    return replace(model, injector=replace(injector, context=injector.context.weighted(weights)))


def _open_gate(model: KnowledgeModel, data: Dataset, targets: Any) -> None:
    """Start the fusion's gate where training texts are told apart clearly better, out of fold, than when it is closed.

    Some hundred texts tell; more would cost as many passes over all of them.
    """
    arm, fusion = model.tuning.inject.embeddings, model.network.fusion
    if arm is None or arm.start == "closed" or not isinstance(fusion, GatedFusion):
        return
    chosen = np.sort(np.random.default_rng(model.tuning.train.seed).permutation(len(data))[:_TEXTS_FOR_GATE])
    sample = data.keep([list(data)[row] for row in chosen])
    items = model.prepare(list(sample))
    losses = []
    for openness in _GATES:
        fusion.open(openness)
        losses.append(cross_fitted_loss(_vectors(model, items), targets[chosen], _cross_fit(model, sample)))
    best = int(np.argmin(losses))
    fusion.open(_GATES[best] if losses[best] < _CLEARLY * losses[0] else 0.0)


def _weigh_context(model: KnowledgeModel, data: Dataset, targets: Any) -> KnowledgeModel:
    """The model without its context where that does not clearly help to tell the training texts apart."""
    if model.injector.context is None:
        return model
    plain = replace(model, injector=replace(model.injector, context=None))
    losses = [
        cross_fitted_loss(_vectors(way, way.prepare(list(data))), targets, _cross_fit(model, data))
        for way in (model, plain)
    ]
    return model if losses[0] < _CLEARLY * losses[1] else plain


def _learn(model: KnowledgeModel, data: Dataset, targets: Any, dev: Dataset | None, watch: Watch) -> dict[str, Any]:
    """Head, adapter and fusion, then trust; returns facts for people."""
    options = model.tuning.train
    examples = list(data)
    items = model.prepare(examples)
    frozen = _vectors(model, items)
    probe = fit_probe(frozen, targets, multi_label=model.multi_label)
    model.network.head.start_from(probe)
    trust = _trust(model, items, frozen, targets, _cross_fit(model, data))
    schedule = choose_schedule(options, len(examples), has_dev=dev is not None)
    training = TrainingSet(
        items=items,
        targets=torch.from_numpy(targets),
        order=lambda epoch: in_order(examples, seed=options.seed, epoch=epoch),
        multi_label=model.multi_label,
        smoothing=options.label_smoothing,
        dev_score=_dev_score(model, dev) if dev is not None else None,
    )
    model.network.trust_in(torch.from_numpy(trust))
    done = _train(model, training, schedule, watch)
    if trust.any():
        # Trust was learnt beside the probe's logits; training has sharpened or softened them since.
        model.network.trust.mul_(_spread(model.infer(items, model.network.text_logits)) / _spread(probe.logits(frozen)))
    return {
        "step_seconds": done.seconds,
        "reused": done.reused,
        "tokens": done.epochs * sum(len(window.ids) for item in items for window in item.windows),
        "parameters": sum(parameter.numel() for parameter in model.network.trained()),
        "epochs": schedule.epochs,
        "learning_rate": schedule.learning_rate,
        "trust": float(model.network.trust[0].mean()),
        "gate": None if model.network.fusion is None else model.network.fusion.openness(),
        "context": None if model.tuning.inject.context is None else float(model.injector.context is not None),
        **_evidence_facts(model),
        "best_dev_score": done.best_dev_score,
    }


def _train(model: KnowledgeModel, training: TrainingSet, schedule: Schedule, watch: Watch) -> Trained:
    """Train, or take up what the same training came to before; never one that was chosen on development data."""
    options, network = model.tuning.train, model.network

    def learn() -> list[Epoch]:
        return train(network, model.batcher, training, options, schedule, model.backbone.compute, watch)

    if network.memory is None or training.dev_score is not None:
        return timed(learn)
    return network.memory.trained(network, model.batcher, training, (options, schedule), learn)


def _cross_fit(model: KnowledgeModel, data: Dataset) -> CrossFit:
    return CrossFit(model.multi_label, [example.origin for example in data], model.tuning.train.seed)


def _trust(model: KnowledgeModel, items: list[Item], frozen: Floats, targets: Any, fit: CrossFit) -> Floats:
    """Shape (channels, labels)."""
    if model.injector.evidence is None:
        return np.zeros((1, 1))
    evidence = np.stack([item.evidence for item in items if item.evidence is not None]).astype(float)
    return cross_fitted_trust(frozen, targets, evidence, fit)


def _dev_score(model: KnowledgeModel, dev: Dataset) -> Callable[[], float]:
    items = model.prepare(list(dev))
    gold = [example.labels for example in dev]

    def score() -> float:
        return classification_scores(gold, model.choose(model.infer(items, model.network))).macro_f1

    return score


def _vectors(model: KnowledgeModel, items: list[Item]) -> Floats:
    """The texts' pooled vectors as the network is now, shape (texts, hidden)."""
    return model.infer(items, model.network.pooled).astype(float)


def _spread(logits: Any) -> float:
    """How far logits lie from their mean over the labels, root mean square."""
    centred = logits - logits.mean(axis=1, keepdims=True)
    return float(np.sqrt((centred**2).mean())) or 1.0


def _evidence_facts(model: KnowledgeModel) -> dict[str, Any]:
    """How many labels are grounded, how each was, and the mean trust in each channel."""
    scorer = model.injector.evidence
    if scorer is None or model.pack is None:
        return {"grounded_labels": 0}
    trust = model.network.trust.mean(dim=1).tolist()
    return {
        "grounded_labels": sum(bool(grounding.concepts) for grounding in scorer.groundings),
        "grounding": grounding_report(model.pack, scorer.groundings),
        "trust_by_channel": dict(zip(scorer.channels, trust, strict=False)),
    }


def _pack(pack: KnowledgePack | Path | str | None) -> KnowledgePack | None:
    return pack if pack is None or isinstance(pack, KnowledgePack) else KnowledgePack.open(pack)
