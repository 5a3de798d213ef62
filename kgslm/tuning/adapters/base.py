"""What every adapter kind can do, and the kinds by name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ModelWrapValidatorHandler, model_validator
from torch import nn

from kgslm.config import Config
from kgslm.errors import unknown
from kgslm.registry import Registry

ADAPTERS = Registry(
    "kgslm.adapters",
    {
        "lora": "kgslm.tuning.adapters.lora:LoraAdapter",
        "adalora": "kgslm.tuning.adapters.lora:AdaLoraAdapter",
        "vera": "kgslm.tuning.adapters.lora:VeraAdapter",
        "loha": "kgslm.tuning.adapters.products:LohaAdapter",
        "lokr": "kgslm.tuning.adapters.products:LokrAdapter",
        "oft": "kgslm.tuning.adapters.rotations:OftAdapter",
        "hra": "kgslm.tuning.adapters.rotations:HraAdapter",
        "ia3": "kgslm.tuning.adapters.scales:Ia3Adapter",
        "fourierft": "kgslm.tuning.adapters.scales:FourierAdapter",
        "ln_tuning": "kgslm.tuning.adapters.scales:NormAdapter",
        "none": "kgslm.tuning.adapters.plain:NoAdapter",
        "full": "kgslm.tuning.adapters.plain:FullAdapter",
    },
)
"""Kind to a subclass of ``Adapter``."""


class Adapter(Config):
    """A configuration that attaches itself to a transformer; ``kind`` is its name in ``ADAPTERS``, LoRA by default."""

    kind: str

    @model_validator(mode="wrap")
    @classmethod
    def _class_of_kind(cls, data: Any, handler: ModelWrapValidatorHandler[Adapter]) -> Adapter:
        if cls is not Adapter or not isinstance(data, Mapping):
            return handler(data)
        kind = str(data.get("kind", "lora"))
        if kind not in ADAPTERS.names():
            raise ValueError(unknown("kind", kind, ADAPTERS.names()))
        chosen: type[Adapter] = ADAPTERS.load(kind)
        return chosen.model_validate(data)

    def attach(self, model: nn.Module) -> nn.Module:
        """Wrap ``model`` so that only the adapter's parameters are trained. The outputs stay what they were, at most
        rounded otherwise."""
        raise TypeError(f"{type(self).__name__} does not say how to attach")

    def restore(self, model: nn.Module, folder: Path) -> nn.Module:
        """Wrap ``model`` with the adapter that ``save`` wrote into ``folder``."""
        raise TypeError(f"{type(self).__name__} does not say how to restore")

    def save(self, adapted: Any, folder: Path) -> None:
        """Write the adapter's parameters into ``folder``."""
        raise TypeError(f"{type(self).__name__} does not say how to save")

    def begin(self, adapted: Any, steps: int) -> None:
        """Told before the first step of training how many there will be."""

    def stepped(self, adapted: Any, step: int) -> None:
        """Told after every step, from 1 on; the step's gradients are still there."""
