"""The embeddings arm: entity vectors added at the tokens of their mentions, through a gate that starts closed."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class EntityFusion(nn.Module):
    """``hidden + tanh(gate) * align(vector)`` at the tokens of a mention; other tokens are left as they are.

    The gate starts at zero, so that an untrained fusion changes nothing, to the last bit. Entity vectors made from
    text by the same backbone are aligned by a linear map that starts as the identity where the widths agree
    (after Poerner et al. 2020, E-BERT, which fits such a map) and scaled to the norm of the token's state.
    """

    def __init__(self, vector_size: int, hidden_size: int) -> None:
        super().__init__()
        self.align = nn.Linear(vector_size, hidden_size, bias=False)
        if vector_size == hidden_size:
            nn.init.eye_(self.align.weight)
        else:
            nn.init.orthogonal_(self.align.weight)
        self.gate = nn.Parameter(torch.zeros(()))

    def forward(self, hidden: Tensor, vectors: Tensor, concept_index: Tensor) -> Tensor:
        """Fuse.

        hidden: shape (batch, tokens, hidden). vectors: shape (concepts, vector), the concepts of the batch.
        concept_index: shape (batch, tokens), int64; 0 means no concept, n means row n - 1 of ``vectors``.
        """
        if not len(vectors):
            return hidden
        units = nn.functional.normalize(self.align(vectors), dim=-1)
        table = torch.cat([units.new_zeros(1, units.shape[1]), units])
        # Each token's own norm, so that what is added does not depend on the other texts of the batch.
        added: Tensor = torch.tanh(self.gate) * hidden.norm(dim=-1, keepdim=True) * table[concept_index]
        return hidden + added
