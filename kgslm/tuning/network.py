"""The trained part of a model: fusion, adapted layers, head and trust, as one module."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from kgslm.injection.fusion import EntityFusion
from kgslm.tuning.adapters import Adapter
from kgslm.tuning.batches import Batch
from kgslm.tuning.heads import ClassificationHead, pooled_mean
from kgslm.tuning.split import checkpoint_layers

if TYPE_CHECKING:
    from kgslm.tuning.remembered import Memory


class Network(nn.Module):
    """``head(pool(layers(fuse(hidden)))) + trust * evidence``, summed over the channels of the evidence.

    trust: shape (channels, labels), or (1, 1) for the same of all; a buffer, not a parameter: it is cross-fitted, see
    ``kgslm.tuning.trust``. Without fusion and with trust 0 this is the plain model. adapter: what made ``layers``
    trainable; it is told of the training's steps. memory: of vectors that were computed before, None for none.
    """

    trust: Tensor

    def __init__(
        self,
        layers: nn.Module,
        head: ClassificationHead,
        fusion: EntityFusion | None,
        adapter: Adapter,
        memory: Memory | None = None,
    ) -> None:
        super().__init__()
        self.memory = memory
        self.layers = layers
        self.head = head
        self.fusion = fusion
        self._adapter = adapter
        self.register_buffer("trust", torch.zeros(1, 1))

    def begin(self, steps: int, *, gradient_checkpointing: bool = False) -> None:
        """Told before training how many steps there will be."""
        self._adapter.begin(self.layers, steps)
        if gradient_checkpointing:
            checkpoint_layers(self.layers)

    def stepped(self, step: int) -> None:
        """Told after every step of training, from 1 on."""
        self._adapter.stepped(self.layers, step)

    def states(self, batch: Batch) -> Tensor:
        """The last layer's states, shape (rows, tokens, hidden)."""
        hidden = self.fused(batch)
        # Only where a text has positions of its own: not every model can be told them.
        positions = {} if batch.positions is None else {"position_ids": batch.positions}
        states: Tensor = self.layers(inputs_embeds=hidden, attention_mask=batch.mask, **positions).last_hidden_state
        return states

    def fused(self, batch: Batch) -> Tensor:
        """The frozen states with what the fusion adds, shape (rows, tokens, hidden)."""
        if self.fusion is None or batch.mentioned is None:
            return batch.hidden
        hidden: Tensor = self.fusion(batch.hidden, batch.mentioned)
        return hidden

    def pooled(self, batch: Batch) -> Tensor:
        """The texts' vectors, shape (texts, hidden): the mean state of the tokens of all windows of a text.

        Outside training they come from the memory, where there is one.
        """
        if self.memory is None or self.training or torch.is_grad_enabled():
            return self._pooled(batch)
        return self.memory.pooled(self, batch, self._pooled)

    def _pooled(self, batch: Batch) -> Tensor:
        return pooled_mean(self.states(batch), batch.text_mask, batch.texts)

    def text_logits(self, batch: Batch) -> Tensor:
        """Logits from the text alone, without evidence, shape (texts, labels)."""
        logits: Tensor = self.head(self.pooled(batch))
        return logits

    def forward(self, batch: Batch) -> Tensor:
        """Logits, shape (texts, labels)."""
        logits = self.text_logits(batch)
        if batch.evidence is None:
            return logits
        return logits + (self.trust * batch.evidence).sum(dim=1)

    def trust_in(self, trust: Tensor) -> None:
        """Set the trust, shape (channels, labels)."""
        self.trust = trust.to(self.trust)

    def own_state(self) -> dict[str, Any]:
        """What is trained outside the adapter: head, fusion and trust."""
        return {name: value for name, value in self.state_dict().items() if not name.startswith("layers.")}

    def trained(self) -> list[nn.Parameter]:
        """All parameters that are trained."""
        return [parameter for parameter in self.parameters() if parameter.requires_grad]
