"""Adapters of very few parameters: IA3, FourierFT and the layer norms."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field
from torch import nn

from kgslm.tuning.adapters.peft_kind import PeftAdapter


class Ia3Adapter(PeftAdapter):
    """One learnt scale for each output of a layer (Liu et al. 2022)."""

    kind: Literal["ia3"] = "ia3"

    def peft_config(self, model: nn.Module) -> Any:
        """See ``PeftAdapter``."""
        from peft import IA3Config

        return IA3Config(target_modules=self.targets, feedforward_modules=[])


class FourierAdapter(PeftAdapter):
    """An update that is sparse in its spectrum (Gao et al. 2024).

    frequencies: learnt coefficients a layer. scale: of the update. seed: of which frequencies.
    """

    kind: Literal["fourierft"] = "fourierft"
    frequencies: int = Field(default=500, ge=1)
    scale: float = Field(default=100.0, gt=0)
    seed: int = Field(default=0, ge=0)

    def peft_config(self, model: nn.Module) -> Any:
        """See ``PeftAdapter``."""
        from peft import FourierFTConfig

        return FourierFTConfig(
            n_frequency=self.frequencies,
            scaling=self.scale,
            random_loc_seed=self.seed,
            init_weights=True,
            target_modules=self.targets,
        )


class NormAdapter(PeftAdapter):
    """The layer norms alone (Zhao et al. 2023); ``targets`` may name others than all of them."""

    kind: Literal["ln_tuning"] = "ln_tuning"

    def peft_config(self, model: nn.Module) -> Any:
        """See ``PeftAdapter``."""
        from peft import LNTuningConfig

        named = [name for name, module in model.named_modules() if "norm" in type(module).__name__.lower()]
        return LNTuningConfig(target_modules=named if self.targets == "all-linear" else self.targets)
