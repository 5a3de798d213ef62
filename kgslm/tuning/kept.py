"""Which arms are kept: with a few examples, those that clearly help, out of fold, to tell the training texts apart.

What cannot be shown to help there costs more than it brings: shuffled knowledge does not come through, and the model is
then the one without it, to the last bit.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kgslm.evaluation.metrics import label_of
from kgslm.injection import EmbeddingsArm
from kgslm.injection.fusion import GatedFusion
from kgslm.injection.injector import whole_text
from kgslm.injection.task_weights import learn_predicate_weights
from kgslm.records import Example
from kgslm.tuning.model import KnowledgeModel
from kgslm.tuning.schedule import are_few
from kgslm.tuning.study import Study
from kgslm.tuning.trust import cross_fitted_loss

_GATES = (0.1, 0.2, 0.4, 0.7)
_TEXTS_FOR_GATE = 400
_CLEARLY = 0.97
"""What a loss must fall to for a difference to count: out of fold it varies by as much where texts are few."""


def keep_what_helps(model: KnowledgeModel, examples: list[Example]) -> KnowledgeModel:
    """The untrained model without the arms that do not help; its context weighed, and its fusion as open as is best."""
    return _weigh_embeddings(_weigh_context(_learn_context(model, examples), examples), examples)


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


def _weigh_context(model: KnowledgeModel, examples: list[Example]) -> KnowledgeModel:
    """The model without its context where that does not clearly help to tell the training texts apart."""
    if model.injector.context is None:
        return model
    plain = replace(model, injector=replace(model.injector, context=None))
    loss, plain_loss = (_loss(way, Study.of(way, examples)) for way in (model, plain))
    return model if loss < _CLEARLY * plain_loss else plain


def _weigh_embeddings(model: KnowledgeModel, examples: list[Example]) -> KnowledgeModel:
    """The model with its fusion's gate where texts are told apart best; without its fusion where that is hardly better.

    Some hundred texts tell; more would cost as many passes over all of them.
    """
    arm, network = model.tuning.inject.embeddings, model.network
    if arm is None or not isinstance(network.fusion, GatedFusion) or not _is_fitted(arm, examples):
        return model
    chosen = np.sort(np.random.default_rng(model.tuning.train.seed).permutation(len(examples))[:_TEXTS_FOR_GATE])
    study = Study.of(model, [examples[row] for row in chosen])
    closed, losses = _loss(model, study), {}
    for openness in _GATES:
        network.fusion.open(openness)
        losses[openness] = _loss(model, study)
    best = min(losses, key=losses.__getitem__)
    if losses[best] < _CLEARLY * closed:
        network.fusion.open(best)
        return model
    network.fusion = None
    return replace(model, injector=replace(model.injector, candidates=0), batcher=replace(model.batcher, entities=None))


def _is_fitted(arm: EmbeddingsArm, examples: list[Example]) -> bool:
    return arm.start == "fitted" or (arm.start == "auto" and are_few(len(examples)))


def _loss(model: KnowledgeModel, study: Study) -> float:
    """How badly the texts of a study are told apart, out of fold, by the network as it is."""
    return cross_fitted_loss(model.vectors(study.chosen_items), study.chosen_targets, study.fit)
