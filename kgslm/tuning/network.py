"""The trained part of a model: fusion, adapted layers, head and trust, as one module."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from kgslm.injection.fusion import EntityFusion
from kgslm.tuning.batches import Batch
from kgslm.tuning.heads import ClassificationHead, pooled_mean

if TYPE_CHECKING:
    from kgslm.tuning.remembered import Memory


class Network(nn.Module):
    """``head(pool(layers(fuse(hidden)))) + trust * evidence``.

    trust: a buffer, not a parameter; it is cross-fitted, see ``kgslm.tuning.trust``. Without fusion and with trust 0
    this is the plain model. memory: of vectors that were computed before, None for none.
    """

    trust: Tensor

    def __init__(
        self,
        layers: nn.Module,
        head: ClassificationHead,
        fusion: EntityFusion | None = None,
        memory: Memory | None = None,
    ) -> None:
        super().__init__()
        self.memory = memory
        self.layers = layers
        self.head = head
        self.fusion = fusion
        self.register_buffer("trust", torch.zeros(()))

    def pooled(self, batch: Batch) -> Tensor:
        """The texts' vectors, shape (batch, hidden); outside training from the memory, where there is one."""
        if self.memory is None or self.training or torch.is_grad_enabled():
            return self._pooled(batch)
        return self.memory.pooled(self, batch, self._pooled)

    def _pooled(self, batch: Batch) -> Tensor:
        hidden = batch.hidden
        if self.fusion is not None and batch.vectors is not None:
            hidden = self.fusion(hidden, batch.vectors, batch.concept_index)
        states = self.layers(inputs_embeds=hidden, attention_mask=batch.mask).last_hidden_state
        return pooled_mean(states, batch.text_mask)

    def text_logits(self, batch: Batch) -> Tensor:
        """Logits from the text alone, without evidence, shape (batch, labels)."""
        logits: Tensor = self.head(self.pooled(batch))
        return logits

    def forward(self, batch: Batch) -> Tensor:
        """Logits, shape (batch, labels)."""
        logits = self.text_logits(batch)
        if batch.evidence is None:
            return logits
        return logits + self.trust * batch.evidence

    def own_state(self) -> dict[str, Any]:
        """What is trained outside the adapter: head, fusion and trust."""
        return {name: value for name, value in self.state_dict().items() if not name.startswith("layers.")}

    def trained(self) -> list[nn.Parameter]:
        """All parameters that are trained."""
        return [parameter for parameter in self.parameters() if parameter.requires_grad]
