"""Adapters that build an update from products of small matrices: LoHa and LoKr."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field
from torch import nn

from kgslm.tuning.adapters.peft_kind import PeftAdapter


class LohaAdapter(PeftAdapter):
    """The element-wise product of two low-rank updates (Hyeon-Woo et al. 2022).

    rank: of each. alpha: the update is scaled by alpha / rank; None means the rank.
    """

    kind: Literal["loha"] = "loha"
    rank: int = Field(default=8, ge=1)
    alpha: int | None = Field(default=None, ge=1)

    def peft_config(self, model: nn.Module) -> Any:
        """See ``PeftAdapter``."""
        from peft import LoHaConfig

        return LoHaConfig(r=self.rank, alpha=self.alpha or self.rank, target_modules=self.targets)


class LokrAdapter(PeftAdapter):
    """The Kronecker product of two small updates (Yeh et al. 2023). rank, alpha: as for LoHa."""

    kind: Literal["lokr"] = "lokr"
    rank: int = Field(default=8, ge=1)
    alpha: int | None = Field(default=None, ge=1)

    def peft_config(self, model: nn.Module) -> Any:
        """See ``PeftAdapter``."""
        from peft import LoKrConfig

        return LoKrConfig(r=self.rank, alpha=self.alpha or self.rank, target_modules=self.targets)
