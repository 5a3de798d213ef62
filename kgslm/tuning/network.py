"""The trained part of a model: fusion, adapted layers, head and trust, as one module."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from kgslm.injection.fusion import EntityFusion
from kgslm.tuning.adapters import Adapter
from kgslm.tuning.batches import Batch
from kgslm.tuning.heads import Head

if TYPE_CHECKING:
    from kgslm.tuning.remembered import Memory


class Network(nn.Module):
    """``head(pool(layers(fuse(hidden)))) + trust * evidence``, summed over the channels of the evidence.

    trust: shape (channels, outputs), or (1, 1) for the same of all; a buffer, not a parameter: it is cross-fitted, see
    ``kgslm.tuning.trust``. Without fusion and with trust 0 this is the plain model. adapter: what made ``layers``
    trainable; it is told of the training's steps. worth: of each feature for each output, shape (outputs, features),
    where the evidence is features and not scores of the outputs; a buffer, learnt with trust. memory: of vectors that
    were computed before, None for none.
    """

    trust: Tensor
    worth: Tensor | None

    def __init__(
        self,
        layers: nn.Module,
        head: Head,
        fusion: EntityFusion | None,
        adapter: Adapter,
        worth: Tensor | None = None,
        memory: Memory | None = None,
    ) -> None:
        super().__init__()
        self.memory = memory
        self.layers = layers
        self.head = head
        self.fusion = fusion
        self._adapter = adapter
        self.register_buffer("trust", torch.zeros(1, 1))
        self.register_buffer("worth", worth)

    def begin(self, steps: int) -> None:
        """Told before training how many steps there will be."""
        self._adapter.begin(self.layers, steps)

    def stepped(self, step: int) -> None:
        """Told after every step of training, from 1 on."""
        self._adapter.stepped(self.layers, step)

    def states(self, batch: Batch) -> Tensor:
        """The last layer's states, shape (rows, tokens, hidden)."""
        return self._above(self.fused(batch), batch)

    def _above(self, hidden: Tensor, batch: Batch) -> Tensor:
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
        """The vectors of the units, which are texts or parts of texts, shape (units, features).

        Outside training they come from the memory, where there is one.
        """
        if self.memory is None or self.training or torch.is_grad_enabled():
            return self._pooled(batch)
        return self.memory.pooled(self, batch, self._pooled)

    def _pooled(self, batch: Batch) -> Tensor:
        hidden = self.fused(batch)
        return self.head.pool(hidden, self._above(hidden, batch), batch)

    def text_logits(self, batch: Batch) -> Tensor:
        """Logits from the text alone, without evidence, shape (units, outputs)."""
        logits: Tensor = self.head(self.pooled(batch))
        return logits

    def forward(self, batch: Batch) -> Tensor:
        """Logits, shape (units, outputs)."""
        logits = self.text_logits(batch)
        if batch.evidence is None:
            return logits
        if self.worth is not None:
            return logits + self.trust[0] * (batch.evidence @ self.worth.T)
        scores = batch.evidence.reshape(len(logits), -1, logits.shape[1])
        return logits + (self.trust * scores).sum(dim=1)

    def trust_in(self, trust: Tensor) -> None:
        """Set the trust, shape (channels, outputs) or (1, 1)."""
        self.trust = trust.to(self.trust)

    @torch.no_grad()
    def rescale(self, factor: float, lean: Tensor) -> None:
        """Multiply trust, and ``lean`` before it is added to the head's bias. lean: shape (outputs,)."""
        self.trust.mul_(factor)
        self.head.linear.bias.add_((factor * lean).to(self.head.linear.bias))

    def own_state(self) -> dict[str, Any]:
        """What is trained outside the adapter: head, fusion and trust."""
        return {name: value for name, value in self.state_dict().items() if not name.startswith("layers.")}

    def trained(self) -> list[nn.Parameter]:
        """All parameters that are trained."""
        return [parameter for parameter in self.parameters() if parameter.requires_grad]
