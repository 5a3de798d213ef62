"""Adapters that turn the weights by orthogonal matrices: OFT and HRA."""

from __future__ import annotations

import math
from typing import Any, Literal

from pydantic import Field
from torch import nn

from kgslm.tuning.adapters.peft_kind import PeftAdapter


class OftAdapter(PeftAdapter):
    """One rotation for each block of a layer's input (Qiu et al. 2023).

    block: the largest block's width; the widest that divides all layers' inputs is taken. dropout: of whole blocks
    while training, in [0, 1).
    """

    kind: Literal["oft"] = "oft"
    block: int = Field(default=16, ge=2)
    dropout: float = Field(default=0.0, ge=0, lt=1)

    def peft_config(self, model: nn.Module) -> Any:
        """See ``PeftAdapter``."""
        from peft import OFTConfig

        return OFTConfig(
            r=0,
            oft_block_size=_block(self.block, self.linear_widths(model)),
            module_dropout=self.dropout,
            target_modules=self.targets,
        )


class HraAdapter(PeftAdapter):
    """A chain of Householder reflections (Yuan et al. 2024). rank: how many, an even number."""

    kind: Literal["hra"] = "hra"
    rank: int = Field(default=8, ge=2, multiple_of=2)

    def peft_config(self, model: nn.Module) -> Any:
        """See ``PeftAdapter``."""
        from peft import HRAConfig

        return HRAConfig(r=self.rank, target_modules=self.targets)


def _block(wanted: int, widths: list[int]) -> int:
    """The largest divisor of all widths that is at most ``wanted``."""
    common = math.gcd(*widths)
    return max(size for size in range(1, wanted + 1) if common % size == 0)
