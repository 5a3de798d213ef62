"""Labels without a labelled example: what the graph says of a text, and what its labels' own names teach.

The names of the concepts that lie under a label are short texts of that label. A classifier learns from them in the
encoder's space, and its log-probabilities are added to the evidence of the concepts that the text itself names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

from kgslm.embedding.text import Embedder
from kgslm.errors import ConfigError, DataError
from kgslm.evaluation.calibration import expected_calibration_error
from kgslm.injection import EvidenceArm, EvidenceScorer, Grounding
from kgslm.injection.evidence import CONCEPTS, RELATIONS
from kgslm.injection.injector import second_at, whole_text
from kgslm.injection.label_paths import link_shares
from kgslm.linking import Linker
from kgslm.packs import KnowledgePack
from kgslm.records import Example, Explanation, LabelDecision, LinkedText, Prediction
from kgslm.tuning.explain import evidence_shares
from kgslm.tuning.frozen import Progress
from kgslm.tuning.heads.probe import one_row_a_class
from kgslm.tuning.model import as_examples

_NAMES_OF_LABEL = 200
_NAMES_OF_CONCEPT = 4
_POWERS = (-3.0, 3.0)
_EVIDENCE, _NAMES = {CONCEPTS: 4.0, RELATIONS: 1.0}, 0.5
"""How much each side counts, the evidence by channel. Chosen on the training part of OHSUMED with MeSH, where they also
make the probabilities about as high as they are right."""


@dataclass(frozen=True)
class ZeroShotClassifier:
    """A classifier of single labels that has seen no labelled text.

    groundings: what each label stands for. weight, bias: of the names' classifier, shape (labels, dim) and (labels,).
    temperature: what logits are divided by.
    """

    labels: tuple[str, ...]
    pack: KnowledgePack
    arm: EvidenceArm
    groundings: tuple[Grounding, ...]
    linker: Linker
    embedder: Embedder
    weight: NDArray[np.float64]
    bias: NDArray[np.float64]
    temperature: float = 1.0
    multi_label: bool = False
    facts: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def from_pack(
        cls,
        pack: KnowledgePack,
        labels: Sequence[str],
        embedder: Embedder,
        linker: Linker,
        arm: EvidenceArm | None = None,
    ) -> ZeroShotClassifier:
        """Ground the labels and learn from the names under them.

        arm: how labels are grounded; by default each label, or its name, is looked up in the pack. Raises ConfigError
        for fewer than two labels, and for labels of which the pack has nothing.
        """
        arm = arm or EvidenceArm()
        labels = tuple(dict.fromkeys(labels))
        if len(labels) < 2:
            raise ConfigError("labels: at least two are needed")
        groundings = arm.ground(pack, labels, embedder)
        unknown = [grounding.label for grounding in groundings if not grounding.members]
        if unknown:
            raise ConfigError(
                f"labels.{unknown[0]}: the pack {pack.name} has nothing of this name; say which concepts it stands for"
                + (f" (and {len(unknown) - 1} more)" if len(unknown) > 1 else "")
            )
        weight, bias = _taught(pack, groundings, embedder)
        return cls(labels, pack, arm, groundings, linker, embedder, weight, bias)

    def logits(self, examples: Sequence[Example], progress: Progress | None = None) -> NDArray[np.float64]:
        """Shape (texts, labels). The concepts' idf is that of these texts, so give many at once."""
        read = self._read(examples, progress)
        return read.evidence + read.names

    def predict(self, texts: Iterable[str | Example], progress: Progress | None = None) -> list[Prediction]:
        """The label of each text, with probabilities, in order; see ``KnowledgeModel.predict``."""
        examples = as_examples(texts)
        if not examples:
            return []
        scores = softmax(self.logits(examples, progress), axis=1)
        return [
            Prediction(example.id, (self.labels[int(row.argmax())],), dict(zip(self.labels, row.tolist(), strict=True)))
            for example, row in zip(examples, scores, strict=True)
        ]

    def explain(self, texts: Iterable[str | Example], progress: Progress | None = None) -> Iterator[Explanation]:
        """Why each label was chosen: what the evidence and what the labels' names brought, exactly; in order."""
        examples = as_examples(texts)
        if not examples:
            return
        read = self._read(examples, progress)
        for row, example in enumerate(examples):
            logits = read.evidence[row] + read.names[row]
            label = int(logits.argmax())
            dealt = evidence_shares(read.scorer, read.linked[row], second_at(example), self._trust(read.scorer))
            links = link_shares(self.pack, read.scorer, read.linked[row].links, dealt[:, label].tolist(), label)
            shares = {"names": float(read.names[row, label]), "evidence": float(read.evidence[row, label])}
            score = float(softmax(logits)[label])
            decision = LabelDecision(self.labels[label], True, score, float(logits[label]), 0.0, shares, 0.0, links)
            yield Explanation(example.id, whole_text(example), (decision,))

    def calibrated(self, examples: Iterable[Example]) -> tuple[ZeroShotClassifier, Calibration]:
        """The same classifier with the temperature that makes labelled texts likeliest (Guo et al. 2017).

        Which label is likeliest never changes. Raises DataError where no text has exactly one of the labels.
        """
        known = [example for example in examples if len(example.labels) == 1 and example.labels[0] in self.labels]
        if not known:
            raise DataError(f"calibration: no text has one of the labels {', '.join(self.labels)}")
        right = np.array([self.labels.index(example.labels[0]) for example in known])
        logits = self.logits(known) * self.temperature

        def loss(power: float) -> float:
            return float(-log_softmax(logits / np.exp(power), axis=1)[np.arange(len(right)), right].mean())

        found = float(np.exp(minimize_scalar(loss, bounds=_POWERS, method="bounded").x))
        before, after = (
            expected_calibration_error(softmax(logits / heat, axis=1), right) for heat in (self.temperature, found)
        )
        return replace(self, temperature=found), Calibration(len(known), found, before, after)

    def _read(self, examples: Sequence[Example], progress: Progress | None) -> _Read:
        texts = [whole_text(example) for example in examples]
        linked = list(self.linker.link_many(texts))
        scorer = self.arm.scorer(self.pack, self.groundings, linked)
        scores = scorer.score(linked, [second_at(example) for example in examples])
        vectors = self.embedder.embed(texts, progress=progress)
        names = _NAMES * log_softmax(vectors @ self.weight.T + self.bias, axis=1)
        evidence = (self._trust(scorer) * scores).sum(axis=1)
        return _Read(linked, scorer, evidence, np.asarray(names / self.temperature))

    def _trust(self, scorer: EvidenceScorer) -> NDArray[np.float64]:
        """The trust of each channel, shape (channels, 1)."""
        return np.array([[_EVIDENCE.get(channel, 0.0)] for channel in scorer.channels]) / self.temperature


@dataclass(frozen=True, slots=True)
class Calibration:
    """What calibration did. ece_before, ece_after: expected calibration error on the texts that it was learnt from."""

    texts: int
    temperature: float
    ece_before: float
    ece_after: float


@dataclass(frozen=True)
class _Read:
    """Texts with what both sides say. evidence, names: parts of the logits, shape (texts, labels)."""

    linked: list[LinkedText]
    scorer: EvidenceScorer
    evidence: NDArray[np.float64]
    names: NDArray[np.float64]


def _taught(
    pack: KnowledgePack, groundings: Sequence[Grounding], embedder: Embedder
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Weight and bias of a classifier that tells the labels' names apart, each label as likely as the others."""
    from sklearn.linear_model import LogisticRegression

    names = [_names(pack, grounding) for grounding in groundings]
    vectors = embedder.embed([name for own in names for name in own])
    classes = np.repeat(np.arange(len(names)), [len(own) for own in names])
    model = LogisticRegression(C=1.0, max_iter=500, class_weight="balanced").fit(vectors, classes)
    return one_row_a_class(np.asarray(model.coef_, float), np.asarray(model.intercept_, float))


def _names(pack: KnowledgePack, grounding: Grounding) -> list[str]:
    """At most 200 names of the concepts under a label, those of the label's own concepts first, then a mixture."""
    own = [it for concept in grounding.concepts for it in _of_concept(pack, concept)]
    rest = [
        it for concept in sorted(grounding.members.difference(grounding.concepts)) for it in _of_concept(pack, concept)
    ]
    room = max(0, _NAMES_OF_LABEL - len(own))
    if len(rest) > room:
        rest = [rest[place] for place in np.random.default_rng(0).permutation(len(rest))[:room].tolist()]
    return [*own[:_NAMES_OF_LABEL], *rest]


def _of_concept(pack: KnowledgePack, id_: str) -> Iterator[str]:
    concept = pack.concept(id_)
    yield from (concept.name, *concept.synonyms)[:_NAMES_OF_CONCEPT]
