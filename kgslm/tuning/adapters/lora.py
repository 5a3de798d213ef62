"""Low-rank adaptation (Hu et al. 2021) through peft."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any, Literal

from pydantic import Field
from torch import nn

from kgslm.tuning.adapters.base import Adapter


class LoraAdapter(Adapter):
    """Low-rank updates of every linear layer of the trained part.

    rank: of the update. alpha: the update is scaled by alpha / rank; None means twice the rank.
    dropout: on the adapter's input while training, in [0, 1).
    """

    kind: Literal["lora"] = "lora"
    rank: int = Field(default=8, ge=1)
    alpha: float | None = Field(default=None, gt=0)
    dropout: float = Field(default=0.05, ge=0, lt=1)

    def attach(self, model: nn.Module) -> nn.Module:
        """Wrap ``model``; the update starts at zero."""
        from peft import LoraConfig, get_peft_model

        config = LoraConfig(
            r=self.rank,
            lora_alpha=self.alpha or 2 * self.rank,
            lora_dropout=self.dropout,
            target_modules="all-linear",
            bias="none",
        )
        with warnings.catch_warnings():
            # peft asks transformers for an attribute that has been renamed.
            warnings.simplefilter("ignore", FutureWarning)
            adapted: nn.Module = get_peft_model(model, config)
        return adapted

    def restore(self, model: nn.Module, folder: Path) -> nn.Module:
        """Wrap ``model`` with saved parameters."""
        from peft import PeftModel

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            adapted: nn.Module = PeftModel.from_pretrained(model, str(folder), local_files_only=True)
        return adapted

    def save(self, adapted: Any, folder: Path) -> None:
        """Write ``adapter_config.json`` and ``adapter_model.safetensors``."""
        # Left to itself peft asks the hub whether the vocabulary has changed.
        adapted.save_pretrained(str(folder), save_embedding_layers=False)
        (folder / "README.md").unlink(missing_ok=True)
