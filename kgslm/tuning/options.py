"""How to learn: the part of a configuration that every task shares."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator

from kgslm.config import Config
from kgslm.errors import unknown
from kgslm.injection import Inject
from kgslm.tuning.adapters import Adapter, LoraAdapter
from kgslm.tuning.tasks.names import TASKS


class TrainOptions(Config):
    """The loop. ``auto`` is chosen by the number of training examples; see ``kgslm.tuning.schedule``.

    contrast: steps before training in which texts of one label are drawn together and others apart; ``auto`` is some
    dozens for a few examples of whole texts, and none otherwise or with 0 epochs.
    patience: epochs without a better development score before training stops. seed: of sampling order, initial
    weights and dropout. device: ``auto``, ``cpu``, ``cuda``, ``cuda:1`` or ``mps``. precision: of matrix products:
    ``float32``, ``bfloat16``, or ``auto``: bfloat16 on a GPU that has it; weights stay float32 in any case.
    gradient_checkpointing: compute the layers' states again when they are needed, which takes a third more time and
    a fraction of the memory.
    """

    epochs: int | Literal["auto"] = "auto"
    batch_size: int = Field(default=16, ge=1)
    learning_rate: float | Literal["auto"] = "auto"
    patience: int = Field(default=3, ge=1)
    seed: int = Field(default=0, ge=0)
    weight_decay: float = Field(default=0.01, ge=0)
    contrast: int | Literal["auto"] = "auto"
    label_smoothing: float = Field(default=0.1, ge=0, lt=1)
    device: str = "auto"
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    gradient_checkpointing: bool = False

    @field_validator("epochs", "contrast")
    @classmethod
    def _not_negative(cls, value: Any) -> Any:
        if value != "auto" and value < 0:
            raise ValueError("a number from 0, or auto")
        return value

    @field_validator("learning_rate")
    @classmethod
    def _positive(cls, value: Any) -> Any:
        if value != "auto" and not 0 < value < 1:
            raise ValueError("a learning rate lies between 0 and 1, such as 5e-4")
        return value


class Tuning(Config):
    """Backbone, knowledge, adapter and loop of one model.

    task: what it learns to say of a text. max_length: tokens of a text, special ones included. windows: into how many
    overlapping windows of that length a longer text is cut; their states are pooled together. Beyond the last, or where
    there is one, a text loses its end; where words or pairs are labelled, there are as many windows as it takes.
    """

    task: str = "classification"
    model: str = "all-MiniLM-L6-v2"
    max_length: int = Field(default=128, ge=8)
    windows: int = Field(default=1, ge=1)
    inject: Inject = Inject()
    adapter: Adapter = LoraAdapter()
    train: TrainOptions = TrainOptions()

    @field_validator("task")
    @classmethod
    def _known_task(cls, value: str) -> str:
        if value not in TASKS:
            raise ValueError(unknown("task", value, TASKS.names()))
        return value
