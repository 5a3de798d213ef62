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
from kgslm.injection import EvidenceScorer, grounding_report
from kgslm.models.device import few_threads
from kgslm.packs import KnowledgePack
from kgslm.records import Example
from kgslm.tuning.assemble import Base, make_batcher, make_injector, make_network, make_tokeniser
from kgslm.tuning.batches import Item
from kgslm.tuning.contrast import contrast, draws
from kgslm.tuning.heads.probe import Floats, fit_probe
from kgslm.tuning.kept import keep_what_helps
from kgslm.tuning.loop import Epoch, TrainingSet, Watch, train
from kgslm.tuning.model import KnowledgeModel
from kgslm.tuning.options import TrainOptions, Tuning
from kgslm.tuning.remembered import Trained, timed
from kgslm.tuning.schedule import Schedule, choose_schedule
from kgslm.tuning.split import checkpoint_layers
from kgslm.tuning.study import Study
from kgslm.tuning.tasks.base import task_class
from kgslm.tuning.teaching import teach
from kgslm.tuning.trust import cross_fitted_trust, out_of_fold
from kgslm.tuning.worth import cross_fitted_worth


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
    unlabelled: further texts of the domain, for the concepts' idf and for what the evidence teaches by them. base:
    shared parts, from ``Base.load``, where many models are made; its pack and linker are then used. Raises DataError,
    ConfigError or ModelError.
    """
    start = time.perf_counter()
    tuning, watch = tuning or Tuning(), watch or Watch()
    kind = task_class(tuning.task)
    data, dev = as_dataset(data, read=kind.read), None if dev is None else as_dataset(dev, read=kind.read)
    learnt = kind.of(data)
    base = base or Base.load(tuning, _pack(pack) if tuning.inject.on else None)
    tokeniser = make_tokeniser(tuning, base)
    further = list(unlabelled)
    injector = make_injector(tuning.inject, base, learnt, tokeniser, [*data, *further])
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
    model = keep_what_helps(model, examples)
    facts = {**_learn(model, examples, dev, further, watch), **learnt.remarks(data)}
    # A training that was taken up counts as long as it took when it was done.
    seconds = time.perf_counter() - start + (facts["step_seconds"] if facts["reused"] else 0.0)
    return replace(model, facts={**facts, "examples": len(data), "train_seconds": seconds})


def _learn(
    model: KnowledgeModel, examples: list[Example], dev: Dataset | None, unlabelled: list[Example], watch: Watch
) -> dict[str, Any]:
    """Head, adapter and fusion, then trust, then what evidence teaches; returns facts for people."""
    options, network = model.tuning.train, model.network
    study = Study.of(model, examples)
    frozen = model.vectors(study.chosen_items)
    probe = fit_probe(frozen, study.chosen_targets, multi_label=model.multi_label)
    network.head.start_from(probe)
    lean = _learn_trust(model, study, examples, frozen)
    schedule = choose_schedule(options, len(examples), has_dev=dev is not None, few=model.task.few)
    training = TrainingSet(
        items=study.items,
        targets=[torch.from_numpy(rows) for rows in study.targets],
        order=lambda epoch: _order(study.items, in_order(examples, seed=options.seed, epoch=epoch)),
        multi_label=model.multi_label,
        smoothing=options.label_smoothing,
        dev_score=_dev_score(model, dev) if dev is not None else None,
    )
    done = _train(model, study, training, schedule, watch)
    if network.trust.any() or lean.any():
        # Both were learnt beside the probe's logits; training has sharpened or softened them since.
        learnt = _spread(model.infer(study.chosen_items, network.text_logits))
        network.rescale(learnt / _spread(probe.logits(frozen)), torch.from_numpy(lean))
    return {
        "step_seconds": done.seconds,
        "reused": done.reused,
        "tokens": _tokens(study, training, done.epochs, (options, schedule)),
        "parameters": sum(parameter.numel() for parameter in network.trained()),
        "epochs": schedule.epochs,
        "contrast": schedule.contrast,
        "learning_rate": schedule.learning_rate,
        "best_dev_score": done.best_dev_score,
        "taught": teach(model, study, examples, unlabelled),
        **_arm_facts(model),
    }


def _train(model: KnowledgeModel, study: Study, training: TrainingSet, schedule: Schedule, watch: Watch) -> Trained:
    """Train, or take up what the same training came to before; never one that was chosen on development data."""
    options, network = model.tuning.train, model.network
    compute, steps = model.backbone.compute, schedule.contrast + training.steps(options, schedule)

    def learn() -> list[Epoch]:
        if options.gradient_checkpointing:
            checkpoint_layers(network.layers)
        if schedule.contrast:
            contrast(network, model.batcher, training, (options, schedule), compute, watch.part(0, steps))
            vectors = model.vectors(study.chosen_items)
            network.head.start_from(fit_probe(vectors, study.chosen_targets, multi_label=model.multi_label))
        told = watch.part(schedule.contrast, steps)
        return train(network, model.batcher, training, options, schedule, compute, told)

    with few_threads(_largest_product(model, study.items), compute.device):
        if network.memory is None or training.dev_score is not None:
            return timed(learn)
        return network.memory.trained(network, model.batcher, training, (options, schedule), learn)


def _largest_product(model: KnowledgeModel, items: Sequence[Item]) -> int:
    """About how many multiplications the widest layer of a usual step takes."""
    tokens = sum(len(window.ids) for item in items for window in item.windows) / len(items)
    return int(model.tuning.train.batch_size * tokens * 4 * model.backbone.hidden_size**2)


def _tokens(study: Study, training: TrainingSet, epochs: int, plan: tuple[TrainOptions, Schedule]) -> int:
    """How many tokens all steps have read."""
    lengths = [sum(len(window.ids) for window in item.windows) for item in study.items]
    drawn = sum(lengths[row] for rows in draws(training, *plan) for row in rows)
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


def _spread(logits: Any) -> float:
    """How far logits lie from their mean over the labels, root mean square."""
    centred = logits - logits.mean(axis=1, keepdims=True)
    return float(np.sqrt((centred**2).mean())) or 1.0


def _arm_facts(model: KnowledgeModel) -> dict[str, Any]:
    """What came of each arm: how far it is trusted, open or kept; how many labels are grounded, and how each was."""
    arms, network, evidence = model.tuning.inject, model.network, model.injector.evidence
    facts: dict[str, Any] = {
        "trust": float(network.trust[0].mean()),
        "gate": None if arms.embeddings is None else 0.0 if network.fusion is None else network.fusion.openness(),
        "context": None if arms.context is None else float(model.injector.context is not None),
        "grounded_labels": 0 if evidence is None else evidence.grounded,
    }
    if model.pack is not None and isinstance(evidence, EvidenceScorer):
        facts["grounding"] = grounding_report(model.pack, evidence.groundings)
        facts["trust_by_channel"] = dict(zip(evidence.channels, network.trust.mean(dim=1).tolist(), strict=False))
    return facts


def _pack(pack: KnowledgePack | Path | str | None) -> KnowledgePack | None:
    return pack if pack is None or isinstance(pack, KnowledgePack) else KnowledgePack.open(pack)
