"""How graph vectors are learnt."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from kgslm.config import Config, parse_config
from kgslm.embedding.store import GraphMethod

_EVEN = ("complex", "rotate")


class GraphConfig(Config):
    """A model and how it learns.

    dim: numbers in the vector of a concept; a complex number counts as two.
    loss: ``1vsall``, ``kvsall``, ``negatives`` (as many as ``negatives`` says, shared by a batch), or ``auto``, which
    takes 1vsall where an epoch scores at most some billions of pairs.
    init: vectors start from the concepts' names and definitions (``text``) or by chance (``random``).
    epochs: at most; training stops after ``patience`` checks, one each ``check_every`` epochs, without a better rank of
    the facts held out for it. held_out: the share of facts set aside for that, and again as many to test on; 0 learns
    from all facts. penalty: weight of the N3 norm for distmult and complex. Concepts in a batch that do not fit into
    memory at once are scored in pieces.
    """

    method: GraphMethod = "complex"
    dim: int = Field(default=128, ge=2)
    loss: Literal["auto", "1vsall", "kvsall", "negatives"] = "auto"
    negatives: int = Field(default=512, ge=1)
    init: Literal["text", "random"] = "text"
    epochs: int = Field(default=100, ge=0)
    batch_size: int = Field(default=512, ge=1)
    learning_rate: float = Field(default=0.01, gt=0, le=10)
    penalty: float = Field(default=0.01, ge=0)
    held_out: float = Field(default=0.05, ge=0, lt=0.5)
    check_every: int = Field(default=5, ge=1)
    patience: int = Field(default=3, ge=1)
    seed: int = Field(default=0, ge=0)
    device: str = "auto"

    @model_validator(mode="after")
    def _pairs(self) -> Self:
        if self.method in _EVEN and self.dim % 2:
            raise ValueError(f"dim: {self.method} needs an even number, not {self.dim}")
        return self


def parse_graph_config(method: str, values: Mapping[str, Any]) -> GraphConfig:
    """A configuration from plain values. Raises ConfigError, one line, for an unknown key or a wrong value."""
    return parse_config({**values, "method": method}, GraphConfig, where="pack embed", base=Path())
