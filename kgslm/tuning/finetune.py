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
from kgslm.evaluation import classification_scores
from kgslm.evaluation.metrics import label_of
from kgslm.injection import EvidenceScorer, grounding_report
from kgslm.injection.fusion import GatedFusion
from kgslm.injection.injector import whole_text
from kgslm.injection.task_weights import learn_predicate_weights
from kgslm.packs import KnowledgePack
from kgslm.records import Example
from kgslm.tuning.assemble import Base, make_batcher, make_injector, make_network, make_tokeniser
from kgslm.tuning.batches import Item
from kgslm.tuning.contrast import contrast, draws
from kgslm.tuning.heads.probe import Floats, fit_probe
from kgslm.tuning.loop import Epoch, TrainingSet, Watch, train
from kgslm.tuning.model import KnowledgeModel
from kgslm.tuning.options import TrainOptions, Tuning
from kgslm.tuning.remembered import Trained, timed
from kgslm.tuning.schedule import Schedule, choose_schedule
from kgslm.tuning.study import Study
from kgslm.tuning.tasks.base import task_class
from kgslm.tuning.trust import cross_fitted_loss, cross_fitted_trust, out_of_fold
from kgslm.tuning.worth import cross_fitted_worth

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
    """Fine-tune a model::

        model = finetune("train.jsonl", Tuning(inject=Inject(evidence=EvidenceArm())), pack="packs/mesh")

    data, dev: data sets, examples, or files of the contract's form for the task. dev chooses the epoch to keep.
    unlabelled: further texts of the domain, for the concepts' idf. base: shared parts, from ``Base.load``, where many
    models are made; its pack and linker are then used. Raises DataError, ConfigError or ModelError.
    """
    start = time.perf_counter()
    tuning, watch = tuning or Tuning(), watch or Watch()
    kind = task_class(tuning.task)
    data, dev = as_dataset(data, read=kind.read), None if dev is None else as_dataset(dev, read=kind.read)
    learnt = kind.of(data)
    base = base or Base.load(tuning, _pack(pack) if tuning.inject.on else None)
    tokeniser = make_tokeniser(tuning, base)
    injector = make_injector(tuning.inject, base, learnt, tokeniser, [*data, *unlabelled])
    model = KnowledgeModel(
        backbone=base.backbone,
        network=make_network(tuning, base, learnt, injector.evidence),
        batcher=make_batcher(base, tuning.inject, tokeniser),
        injector=injector,
        task=learnt,
        tuning=tuning,
        pack=base.pack if tuning.inject.on else None,
        facts={},
    )
    examples = list(data)
    model = _weigh_context(_learn_context(model, examples), examples)
    _open_gate(model, examples)
    facts = {**_learn(model, examples, dev, watch), **learnt.remarks(data)}
    # A training that was taken up counts as long as it took when it was done.
    seconds = time.perf_counter() - start + (facts["step_seconds"] if facts["reused"] else 0.0)
    return replace(model, facts={**facts, "examples": len(data), "train_seconds": seconds})


def _learn_context(model: KnowledgeModel, examples: list[Example]) -> KnowledgeModel:
    """The model with predicates weighed by what they tell of the training labels."""
    arm, injector = model.tuning.inject.context, model.injector
    if arm is None or not arm.learn or injector.context is None or injector.linker is None:
        return model
    linked = injector.linker.link_many([whole_text(example) for example in examples])
    weights = learn_predicate_weights(
        [injector.context.known(text) for text in linked],
        [tuple(map(label_of, model.task.decided(example))) for example in examples],
        [example.origin for example in examples],
    )
    return replace(model, injector=replace(injector, context=injector.context.weighted(weights)))


def _open_gate(model: KnowledgeModel, examples: list[Example]) -> None:
    """Start the fusion's gate where training texts are told apart clearly better, out of fold, than when it is closed.

    Some hundred texts tell; more would cost as many passes over all of them.
    """
    arm, fusion = model.tuning.inject.embeddings, model.network.fusion
    if arm is None or arm.start == "closed" or not isinstance(fusion, GatedFusion):
        return
    chosen = np.sort(np.random.default_rng(model.tuning.train.seed).permutation(len(examples))[:_TEXTS_FOR_GATE])
    study = Study.of(model, [examples[row] for row in chosen])
    losses = []
    for openness in _GATES:
        fusion.open(openness)
        losses.append(cross_fitted_loss(_vectors(model, study.chosen_items), study.chosen_targets, study.fit))
    best = int(np.argmin(losses))
    fusion.open(_GATES[best] if losses[best] < _CLEARLY * losses[0] else 0.0)


def _weigh_context(model: KnowledgeModel, examples: list[Example]) -> KnowledgeModel:
    """The model without its context where that does not clearly help to tell the training texts apart."""
    if model.injector.context is None:
        return model
    plain = replace(model, injector=replace(model.injector, context=None))
    losses = []
    for way in (model, plain):
        study = Study.of(way, examples)
        losses.append(cross_fitted_loss(_vectors(way, study.chosen_items), study.chosen_targets, study.fit))
    return model if losses[0] < _CLEARLY * losses[1] else plain


def _learn(model: KnowledgeModel, examples: list[Example], dev: Dataset | None, watch: Watch) -> dict[str, Any]:
    """Head, adapter and fusion, then trust; returns facts for people."""
    options = model.tuning.train
    study = Study.of(model, examples)
    frozen = _vectors(model, study.chosen_items)
    probe = fit_probe(frozen, study.chosen_targets, multi_label=model.multi_label)
    model.network.head.start_from(probe)
    lean = _learn_trust(model, study, examples, frozen)
    schedule = choose_schedule(
        options, len(examples), has_dev=dev is not None, few=(model.task.few_epochs, model.task.few_rate)
    )
    training = TrainingSet(
        items=study.items,
        targets=[torch.from_numpy(rows) for rows in study.targets],
        order=lambda epoch: _order(study.items, in_order(examples, seed=options.seed, epoch=epoch)),
        multi_label=model.multi_label,
        smoothing=options.label_smoothing,
        dev_score=_dev_score(model, dev) if dev is not None else None,
    )
    done = _train(model, study, training, schedule, watch)
    if model.network.trust.any() or lean.any():
        # Both were learnt beside the probe's logits; training has sharpened or softened them since.
        learnt = _spread(model.infer(study.chosen_items, model.network.text_logits))
        model.network.rescale(learnt / _spread(probe.logits(frozen)), torch.from_numpy(lean))
    return {
        "step_seconds": done.seconds,
        "reused": done.reused,
        "tokens": _tokens(study, training, done.epochs, options),
        "parameters": sum(parameter.numel() for parameter in model.network.trained()),
        "epochs": schedule.epochs,
        "learning_rate": schedule.learning_rate,
        "trust": float(model.network.trust[0].mean()),
        "gate": None if model.network.fusion is None else model.network.fusion.openness(),
        "context": None if model.tuning.inject.context is None else float(model.injector.context is not None),
        **_evidence_facts(model),
        "best_dev_score": done.best_dev_score,
    }


def _train(model: KnowledgeModel, study: Study, training: TrainingSet, schedule: Schedule, watch: Watch) -> Trained:
    """Train, or take up what the same training came to before; never one that was chosen on development data."""
    options, network = model.tuning.train, model.network

    def learn() -> list[Epoch]:
        if options.contrast:
            contrast(network, model.batcher, training, options, model.backbone.compute)
            vectors = _vectors(model, study.chosen_items)
            network.head.start_from(fit_probe(vectors, study.chosen_targets, multi_label=model.multi_label))
        return train(network, model.batcher, training, options, schedule, model.backbone.compute, watch)

    if network.memory is None or training.dev_score is not None:
        return timed(learn)
    return network.memory.trained(network, model.batcher, training, (options, schedule), learn)


def _tokens(study: Study, training: TrainingSet, epochs: int, options: TrainOptions) -> int:
    """How many tokens all steps have read."""
    lengths = [sum(len(window.ids) for window in item.windows) for item in study.items]
    drawn = sum(lengths[row] for rows in draws(training.targets, options) for row in rows)
    return epochs * sum(lengths) + drawn


def _order(items: Sequence[Item], texts: Sequence[int]) -> list[int]:
    """Positions of items in the order of their texts."""
    rank = {text: place for place, text in enumerate(texts)}
    return sorted(range(len(items)), key=lambda number: (rank[items[number].text], number))


def _learn_trust(model: KnowledgeModel, study: Study, examples: list[Example], frozen: Floats) -> Floats:
    """Set the network's trust and, where the evidence is features, what they are worth.

    Returns what is added to the logits of each output so that the task's figure is best out of fold, shape (outputs,).
    """
    network, targets = model.network, study.chosen_targets
    read = [item.evidence for item in study.chosen_items if item.evidence is not None]
    evidence = np.concatenate(read).astype(float) if read else None
    logits, shift = None, np.zeros(targets.shape[1])
    if evidence is not None and network.worth is None:
        scores = evidence.reshape(len(evidence), -1, targets.shape[1])
        network.trust_in(torch.from_numpy(cross_fitted_trust(frozen, targets, scores, study.fit)))
    elif evidence is not None and network.worth is not None:
        worth = cross_fitted_worth(frozen, targets, evidence, study.fit)
        network.worth.copy_(torch.from_numpy(worth.weights))
        network.trust.fill_(worth.trust)
        logits, shift = worth.logits, worth.shift
    if not model.task.leans:
        return shift
    if logits is None:
        logits = out_of_fold(frozen, targets, study.fit)
    return shift + model.task.lean(examples, study.chosen_items, logits)


def _dev_score(model: KnowledgeModel, dev: Dataset) -> Callable[[], float]:
    examples, task = list(dev), model.task
    items = model.prepare(examples)
    gold = [task.decided(example) for example in examples]

    def score() -> float:
        found = task.predictions(examples, items, model.infer(items, model.network))
        return task.figure(classification_scores(gold, [task.decided(prediction) for prediction in found]))

    return score


def _vectors(model: KnowledgeModel, items: list[Item]) -> Floats:
    """The units' vectors as the network is now, shape (units, features)."""
    return model.infer(items, model.network.pooled).astype(float)


def _spread(logits: Any) -> float:
    """How far logits lie from their mean over the labels, root mean square."""
    centred = logits - logits.mean(axis=1, keepdims=True)
    return float(np.sqrt((centred**2).mean())) or 1.0


def _evidence_facts(model: KnowledgeModel) -> dict[str, Any]:
    """How many labels are grounded, how each was, and the mean trust in each channel."""
    evidence = model.injector.evidence
    if evidence is None or model.pack is None:
        return {"grounded_labels": 0}
    if not isinstance(evidence, EvidenceScorer):
        return {"grounded_labels": evidence.grounded}
    trust = model.network.trust.mean(dim=1).tolist()
    return {
        "grounded_labels": evidence.grounded,
        "grounding": grounding_report(model.pack, evidence.groundings),
        "trust_by_channel": dict(zip(evidence.channels, trust, strict=False)),
    }


def _pack(pack: KnowledgePack | Path | str | None) -> KnowledgePack | None:
    return pack if pack is None or isinstance(pack, KnowledgePack) else KnowledgePack.open(pack)
