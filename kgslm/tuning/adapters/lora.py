"""Adapters of low rank: LoRA and its variants, AdaLoRA, VeRA."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import Field
from torch import nn

from kgslm.tuning.adapters.peft_kind import PeftAdapter


class LoraAdapter(PeftAdapter):
    """Low-rank updates (Hu et al. 2021).

    rank: of the update. alpha: the update is scaled by alpha / rank; None means twice the rank.
    dropout: on the adapter's input while training, in [0, 1). rslora: scale by alpha / sqrt(rank) instead, for high
    ranks (Kalajdzievski 2023). dora: learn each weight's size apart from its direction (Liu et al. 2024); slower.
    start: ``zero``, or ``pissa``: from the weight's own largest singular vectors (Meng et al. 2024); the outputs then
    start the same but for rounding.
    """

    kind: Literal["lora"] = "lora"
    rank: int = Field(default=8, ge=1)
    alpha: float | None = Field(default=None, gt=0)
    dropout: float = Field(default=0.05, ge=0, lt=1)
    rslora: bool = False
    dora: bool = False
    start: Literal["zero", "pissa"] = "zero"

    def peft_config(self, model: nn.Module) -> Any:
        """See ``PeftAdapter``."""
        from peft import LoraConfig

        return LoraConfig(
            r=self.rank,
            lora_alpha=self.alpha or 2 * self.rank,
            lora_dropout=self.dropout,
            target_modules=self.targets,
            use_rslora=self.rslora,
            use_dora=self.dora,
            init_lora_weights="pissa" if self.start == "pissa" else True,
            bias="none",
        )


class AdaLoraAdapter(PeftAdapter):
    """Low-rank updates whose ranks go to the layers that need them (Zhang et al. 2023).

    rank: the mean rank at the end. start_rank: of every layer at the beginning; None means half as much again.
    alpha: the scale of the update; None means twice the rank. dropout: as for LoRA.
    """

    kind: Literal["adalora"] = "adalora"
    rank: int = Field(default=8, ge=1)
    start_rank: int | None = Field(default=None, ge=1)
    alpha: float | None = Field(default=None, gt=0)
    dropout: float = Field(default=0.05, ge=0, lt=1)

    def peft_config(self, model: nn.Module) -> Any:
        """See ``PeftAdapter``."""
        from peft import AdaLoraConfig

        start = self.start_rank or self.rank + (self.rank + 1) // 2
        return AdaLoraConfig(
            target_r=self.rank,
            init_r=max(start, self.rank),
            lora_alpha=self.alpha or 2 * self.rank,
            lora_dropout=self.dropout,
            target_modules=self.targets,
            # Placeholders until the loop tells how long it will run.
            total_step=10,
            tinit=1,
            tfinal=1,
        )

    def save(self, adapted: Any, folder: Path) -> None:
        """Write it with all ranks: what was taken away is zero. peft cannot read every set of cut ones again."""
        config = adapted.peft_config["default"]
        kept, config.rank_pattern = config.rank_pattern, None
        super().save(adapted, folder)
        config.rank_pattern = kept

    def begin(self, adapted: Any, steps: int) -> None:
        """Ranks fall over the middle of the training: not in its first tenth nor its last third."""
        config = adapted.peft_config["default"]
        config.total_step, config.tinit, config.tfinal = steps, steps // 10, steps // 3
        config.deltaT = max(1, steps // 50)

    def stepped(self, adapted: Any, step: int) -> None:
        """Take ranks away from the layers whose updates matter least; the gradients are still there."""
        adapted.base_model.update_and_allocate(step)


class VeraAdapter(PeftAdapter):
    """Shared random matrices, scaled by learnt vectors (Kopiczko et al. 2024): few parameters.

    rank: of the random matrices, which are drawn by ``key``. dropout: as for LoRA.
    """

    kind: Literal["vera"] = "vera"
    rank: int = Field(default=128, ge=1)
    dropout: float = Field(default=0.0, ge=0, lt=1)
    key: int = Field(default=0, ge=0)

    def peft_config(self, model: nn.Module) -> Any:
        """See ``PeftAdapter``."""
        from peft import VeraConfig

        return VeraConfig(
            r=self.rank,
            vera_dropout=self.dropout,
            target_modules=self.targets,
            projection_prng_key=self.key,
            # Not drawn again when loaded: another version of torch may draw otherwise.
            save_projection=True,
        )
