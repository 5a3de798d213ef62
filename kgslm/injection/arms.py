"""The three arms as the ``inject`` part of a configuration."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from kgslm.config import Config
from kgslm.embedding.store import Method
from kgslm.embedding.text import Embedder
from kgslm.injection.evidence import EvidenceScorer, Flagged
from kgslm.injection.grounding import Grounding, ground_labels
from kgslm.injection.likeness import Likeness
from kgslm.injection.opposites import label_flips
from kgslm.packs import KnowledgePack
from kgslm.records import LinkedText

Fusion = Literal["add", "scale_shift", "attention"]


class ContextArm(Config):
    """Definitions and facts of the linked concepts, verbalised beside the text.

    max_facts: sentences a text. max_tokens: the budget of the context, on top of the text's own. relevance: how facts
    are compared with the text: ``lexical``, by shared words; ``embedding``, by the backbone's vectors, which costs as
    much as one more pass; ``none``. allow, deny: predicates of the pack, or ``DEFINITION``, that alone are told of,
    and that are not. learn: weigh predicates by how well they tell the labels apart in the training examples.
    positions: of the context: ``behind`` the text, or ``mention``: each sentence takes the positions that follow the
    mention that it is about, where the backbone can be told positions. pool: whether the text's vector is the mean of
    its own tokens alone (``text``) or of those of the context too (``all``).
    """

    max_facts: int = Field(default=6, ge=1)
    max_tokens: int = Field(default=64, ge=4)
    relevance: Literal["none", "lexical", "embedding"] = "lexical"
    allow: list[str] = Field(default_factory=list)
    deny: list[str] = Field(default_factory=list)
    learn: bool = True
    positions: Literal["behind", "mention"] = "behind"
    pool: Literal["text", "all"] = "text"


class EmbeddingsArm(Config):
    """Entity vectors fused at the mentions' tokens.

    vectors: where they come from. ``text``: names and definitions through the backbone; the others are made before,
    by ``kgslm pack embed``. layer: how many of the backbone's layers lie below the fusion; they stay frozen. None
    means half of them. fusion: what is done with a mention's vectors: ``add``, ``scale_shift`` or ``attention`` over
    its candidates; see ``kgslm.injection.fusion``. candidates: how many concepts a mention may stand for, at most.
    align: how vectors are brought into the backbone's space before training: ``ridge`` or ``procrustes``, fitted on
    names of the pack; ``none``, which suits vectors that the backbone made itself; ``auto``, which is ``ridge``.
    start: ``closed``: training opens the fusion's gate from nothing; ``fitted``: the gate starts where the training
    texts are told apart best, out of fold, and the fusion is left out where the vectors do not help clearly; ``auto``:
    fitted with a few hundred examples, closed with more. ``scale_shift`` has no gate and always starts from nothing.
    """

    vectors: Method = "text"
    layer: int | None = Field(default=None, ge=0)
    fusion: Fusion = "add"
    candidates: int = Field(default=4, ge=1)
    align: Literal["auto", "ridge", "procrustes", "none"] = "auto"
    start: Literal["auto", "closed", "fitted"] = "auto"


class EvidenceArm(Config):
    """Scores for the labels from the graph.

    labels: ``auto`` finds the concept that each label names; or, by label, concept ids, tree numbers, categories or
    names; labels of pairs of texts may stand for ``pair:agrees``, ``pair:differs`` and ``pair:absent``.
    label_names: what a label such as ``C14`` is called, for ``auto``. descriptions: a sentence on what a label means.
    likeness: how much like a concept's name and definition a label that is no name must be, in [0, 1], to stand for
    that concept; null leaves such labels without one.
    predicates: relations that make a text's concept count for a label whose concepts it is connected with, such as
    ``TREATS``. flagged: mentions that the text denies, holds for possible, tells of the past or of someone else
    ``count`` as others do, are left aside (``ignore``), or are weighed by themselves (``separate``). opposites: a
    denied mention counts for the label of its opposite, where the pack has one. teach: the head is fitted once more
    with what the trusted evidence says of texts without labels, where there are any.
    """

    labels: Literal["auto"] | dict[str, list[str]] = "auto"
    label_names: dict[str, str] = Field(default_factory=dict)
    descriptions: dict[str, str] = Field(default_factory=dict)
    likeness: float | None = Field(default=0.55, gt=0, le=1)
    predicates: list[str] = Field(default_factory=list)
    flagged: Flagged = "count"
    opposites: bool = True
    teach: bool = True

    @field_validator("labels", mode="before")
    @classmethod
    def _one_is_a_list(cls, value: Any) -> Any:
        if isinstance(value, dict):
            return {label: [given] if isinstance(given, str) else given for label, given in value.items()}
        return value

    def ground(
        self, pack: KnowledgePack, labels: Iterable[str], embedder: Embedder | None = None
    ) -> tuple[Grounding, ...]:
        """What each label stands for. embedder: judges likeness; None judges it by common words alone.

        Raises ConfigError where a given concept or a predicate is not in the pack.
        """
        likeness = None if self.likeness is None else Likeness(pack, embedder, self.likeness)
        return ground_labels(pack, labels, self.labels, self.label_names, self.descriptions, self.predicates, likeness)

    def scorer(
        self, pack: KnowledgePack, groundings: Sequence[Grounding], texts: Iterable[LinkedText]
    ) -> EvidenceScorer:
        """The scorer of grounded labels. texts: what the concepts' idf is taken from."""
        flips = label_flips(pack, groundings) if self.opposites else {}
        return EvidenceScorer.fit(groundings, texts, self.flagged, flips)


class Inject(Config):
    """Which arms are on; one that is left out or ``false`` is off, ``true`` means its defaults."""

    context: ContextArm | None = None
    embeddings: EmbeddingsArm | None = None
    evidence: EvidenceArm | None = None

    @model_validator(mode="before")
    @classmethod
    def _switch(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        return {name: {} if arm is True else arm for name, arm in data.items() if arm is not False}

    @property
    def on(self) -> tuple[str, ...]:
        """The names of the arms that are on."""
        return tuple(name for name in ("context", "embeddings", "evidence") if getattr(self, name) is not None)

    def only(self, *arms: str) -> Inject:
        """The same configuration with these arms alone; one that was off is switched on with its defaults."""
        return Inject.model_validate({arm: (getattr(self, arm) or _ARMS[arm]()).model_dump() for arm in arms})


_ARMS: dict[str, type[Config]] = {"context": ContextArm, "embeddings": EmbeddingsArm, "evidence": EvidenceArm}
