"""Entity vectors into hidden states at the mentions' tokens, in one of three ways.

Each starts as an exact no-op: an untrained fusion changes nothing, to the last bit.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from kgslm.injection.entity_map import EntityMap

_PROJECTION = 64
_SENTINEL = -2.0


@dataclass(frozen=True)
class Mentioned:
    """What the texts of a batch mention.

    vectors: shape (concepts, vector), the concepts of the batch. candidates: shape (mentions, candidates), int64; 0
    means none, n row n - 1 of ``vectors``. weights: the same shape, float32: the linker's scores, each row summing to
    one. index: shape (batch, tokens), int64; 0 means no mention, n mention n - 1.
    """

    vectors: Tensor
    candidates: Tensor
    weights: Tensor
    index: Tensor


class EntityFusion(nn.Module):
    """Changes the states of mentions' tokens by the vectors of what they may stand for; other tokens stay as they are.

    align: from entity vectors to the backbone's space; what comes out is scaled to unit length, and what is added to
    a state is scaled to the state's own norm, so that it does not depend on the other texts of a batch.
    """

    def __init__(self, vector_size: int, hidden_size: int) -> None:
        super().__init__()
        self.align = EntityMap(vector_size, hidden_size)

    def forward(self, hidden: Tensor, known: Mentioned) -> Tensor:
        """hidden: shape (batch, tokens, hidden). Returns the same shape."""
        places = known.index.nonzero(as_tuple=True)
        if not len(places[0]):
            return hidden
        units = nn.functional.normalize(self.align(known.vectors), dim=-1)
        table = torch.cat([units.new_zeros(1, units.shape[1]), units])
        mentions = known.index[places] - 1
        states = hidden[places]
        changed = self.fuse(states, table[known.candidates[mentions]], known.weights[mentions])
        return hidden.index_put(places, changed.to(hidden.dtype))

    def fuse(self, states: Tensor, options: Tensor, weights: Tensor) -> Tensor:
        """The new states of mentions' tokens.

        states: shape (tokens, hidden). options: shape (tokens, candidates, hidden), unit vectors, or zeros where a
        mention has fewer candidates. weights: shape (tokens, candidates), 0 there.
        """
        raise TypeError(f"{type(self).__name__} does not say how to fuse")

    def openness(self) -> float:
        """How much the fusion does, 0 for nothing; for people."""
        raise TypeError(f"{type(self).__name__} does not say how open it is")


class GatedFusion(EntityFusion):
    """A fusion behind one gate, ``tanh`` of a parameter that starts at zero."""

    def __init__(self, vector_size: int, hidden_size: int) -> None:
        super().__init__(vector_size, hidden_size)
        self.gate = nn.Parameter(torch.zeros(()))

    def openness(self) -> float:
        """See ``EntityFusion``; in (-1, 1)."""
        return torch.tanh(self.gate).item()

    @torch.no_grad()
    def open(self, openness: float) -> None:
        """Set the gate. openness: in (-1, 1)."""
        self.gate.copy_(torch.atanh(torch.tensor(openness)))

    def _through_gate(self, states: Tensor, vectors: Tensor) -> Tensor:
        changed: Tensor = states + torch.tanh(self.gate) * states.norm(dim=-1, keepdim=True) * vectors
        return changed


class AddFusion(GatedFusion):
    """Adds the mean of the candidates' vectors, weighted by the linker's scores."""

    def fuse(self, states: Tensor, options: Tensor, weights: Tensor) -> Tensor:
        """See ``EntityFusion``."""
        return self._through_gate(states, _mixed(options, weights))


class AttentionFusion(GatedFusion):
    """Adds what the token's state chooses among the candidates; a learnt sentinel stands for "none of these".

    The linker's scores are the prior of the choice; before training the state has no say in it. After Peters et al.
    2019 (KnowBert) and Luo et al. 2024 (KnowLA).
    """

    def __init__(self, vector_size: int, hidden_size: int) -> None:
        super().__init__(vector_size, hidden_size)
        size = min(_PROJECTION, hidden_size)
        self.query = nn.Linear(hidden_size, size, bias=False)
        self.key = nn.Linear(hidden_size, size, bias=False)
        self.sentinel = nn.Parameter(torch.zeros(size))
        self.sentinel_prior = nn.Parameter(torch.tensor(_SENTINEL))
        nn.init.zeros_(self.query.weight)

    def fuse(self, states: Tensor, options: Tensor, weights: Tensor) -> Tensor:
        """See ``EntityFusion``."""
        query = self.query(nn.functional.layer_norm(states, states.shape[-1:]))
        fit = torch.einsum("tq,tcq->tc", query, self.key(options)) + weights.log()
        none = query @ self.sentinel + self.sentinel_prior
        shares = torch.cat([fit, none[:, None].to(fit.dtype)], dim=1).softmax(dim=1)
        return self._through_gate(states, _mixed(options, shares[:, :-1]))


class ScaleShiftFusion(EntityFusion):
    """Scales and shifts the state by what the candidates' mean vector says. After Kang et al. 2022 (KALA).

    Both are linear maps of the vector that start at zero.
    """

    def __init__(self, vector_size: int, hidden_size: int) -> None:
        super().__init__(vector_size, hidden_size)
        self.scale = nn.Linear(hidden_size, hidden_size, bias=False)
        self.shift = nn.Linear(hidden_size, hidden_size, bias=False)
        nn.init.zeros_(self.scale.weight)
        nn.init.zeros_(self.shift.weight)

    def openness(self) -> float:
        """The mean root square of what is done to a unit vector."""
        return float(torch.cat([self.scale.weight, self.shift.weight]).detach().square().sum(dim=0).mean().sqrt())

    def fuse(self, states: Tensor, options: Tensor, weights: Tensor) -> Tensor:
        """See ``EntityFusion``."""
        vectors = _mixed(options, weights)
        moved: Tensor = states * (1 + self.scale(vectors)) + self.shift(vectors) * states.norm(dim=-1, keepdim=True)
        return moved


def make_fusion(kind: str, vector_size: int, hidden_size: int) -> EntityFusion:
    """The untrained fusion that ``EmbeddingsArm.fusion`` names."""
    kinds: dict[str, type[EntityFusion]] = {
        "add": AddFusion,
        "scale_shift": ScaleShiftFusion,
        "attention": AttentionFusion,
    }
    return kinds[kind](vector_size, hidden_size)


def _mixed(options: Tensor, weights: Tensor) -> Tensor:
    mixed: Tensor = torch.einsum("tch,tc->th", options, weights.to(options.dtype))
    return mixed
