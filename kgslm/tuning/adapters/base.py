"""What every adapter kind can do, and the kinds by name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from torch import nn

from kgslm.config import Config
from kgslm.registry import Registry

ADAPTERS = Registry("kgslm.adapters", {"lora": "kgslm.tuning.adapters.lora:LoraAdapter"})
"""Kind to a subclass of ``Adapter``."""


class Adapter(Config):
    """A configuration that attaches itself to a transformer; ``kind`` is its name in ``ADAPTERS``."""

    kind: str

    def attach(self, model: nn.Module) -> nn.Module:
        """Wrap ``model`` so that only the adapter's parameters are trained. The outputs stay what they were."""
        raise TypeError(f"{type(self).__name__} does not say how to attach")

    def restore(self, model: nn.Module, folder: Path) -> nn.Module:
        """Wrap ``model`` with the adapter that ``save`` wrote into ``folder``."""
        raise TypeError(f"{type(self).__name__} does not say how to restore")

    def save(self, adapted: Any, folder: Path) -> None:
        """Write the adapter's parameters into ``folder``."""
        raise TypeError(f"{type(self).__name__} does not say how to save")
