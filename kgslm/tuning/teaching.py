"""What the evidence says of texts without labels, taught to the head.

With a few labelled texts the head knows little, and the evidence much of what it does not. Both together label further
texts, softly, and the head is fitted again on these beside the labelled ones; it then knows in words what the evidence
knows in concepts, and so says something of texts in which no concept is linked (self-training with a teacher that sees
more, after Xie et al. 2020). Where the evidence is not trusted there is nothing to teach: a head that learns from its
own soft labels stays as it is.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import expit, softmax

from kgslm.injection.injector import whole_text
from kgslm.records import Example
from kgslm.tuning.heads.probe import Likely, fit_probe
from kgslm.tuning.model import KnowledgeModel
from kgslm.tuning.schedule import are_few
from kgslm.tuning.study import Study

_TEXTS = 2000
"""Unlabelled texts that are used; with 500 there was nearly as much to learn."""
_WEIGHT = 8.0
"""What all unlabelled texts weigh together, in weights of the labelled ones; none weighs more than a labelled one."""


def teach(model: KnowledgeModel, study: Study, examples: Sequence[Example], unlabelled: Sequence[Example]) -> int:
    """Fit the head again in place; returns how many unlabelled texts it has learnt from.

    Only where ``examples`` are few: with many, training has made more of the head than a regression does.
    """
    arm, network = model.tuning.inject.evidence, model.network
    if arm is None or not arm.teach or not network.trust.any() or network.worth is not None:
        return 0
    texts = _drawn(examples, unlabelled, model.tuning.train.seed)
    if not texts or not are_few(len(examples)):
        return 0
    items = model.prepare(texts)
    labelled, vectors = model.vectors(study.chosen_items), model.vectors(items)
    logits = model.infer(items, network).astype(float)
    said = expit(logits) if model.multi_label else softmax(logits, axis=1)
    likely = Likely(vectors, said, min(1.0, _WEIGHT * len(labelled) / len(vectors)))
    probe = fit_probe(labelled, study.chosen_targets, multi_label=model.multi_label, likely=likely)
    network.head.start_from(probe)
    return len(texts)


def _drawn(examples: Sequence[Example], unlabelled: Sequence[Example], seed: int) -> list[Example]:
    """Some of the texts without labels that are no training texts."""
    known = set(map(whole_text, examples))
    texts = [text for text in unlabelled if whole_text(text) not in known]
    rows = np.random.default_rng(seed).permutation(len(texts))[:_TEXTS]
    return [texts[row] for row in np.sort(rows)]
