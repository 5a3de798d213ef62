"""The three arms as the ``inject`` part of a configuration."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from kgslm.config import Config
from kgslm.embedding.store import Method


class ContextArm(Config):
    """Definitions and facts of the linked concepts, verbalised behind the text.

    max_facts: sentences a text. max_tokens: the budget of the context, on top of the text's own.
    """

    max_facts: int = Field(default=6, ge=1)
    max_tokens: int = Field(default=64, ge=4)


class EmbeddingsArm(Config):
    """Entity vectors fused at the mentions' tokens.

    vectors: where they come from. ``text``: names and definitions through the backbone; the others are made before,
    by ``kgslm pack embed``. layer: how many of the backbone's layers lie below the fusion; they stay frozen. None
    means half of them.
    """

    vectors: Method = "text"
    layer: int | None = Field(default=None, ge=0)


class EvidenceArm(Config):
    """Scores for the labels from the graph.

    labels: ``auto`` finds the concept that each label names; or, by label, concept ids, tree numbers or categories.
    label_names: what a label such as ``C14`` is called, for ``auto``.
    """

    labels: Literal["auto"] | dict[str, list[str]] = "auto"
    label_names: dict[str, str] = Field(default_factory=dict)

    @field_validator("labels", mode="before")
    @classmethod
    def _one_is_a_list(cls, value: Any) -> Any:
        if isinstance(value, dict):
            return {label: [given] if isinstance(given, str) else given for label, given in value.items()}
        return value


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
