"""Models that score facts: how well does an entity fit as the tail of a head and a relation?

Each turns head and relation into a query, a vector as wide as an entity's, and compares that with tails. One matrix
product then scores a batch against all entities. Complex numbers are pairs of real ones, first all real and then all
imaginary parts, which PyTorch multiplies faster than its own complex type.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Protocol

import torch
from torch import Tensor, nn

INIT = 0.1
"""Standard deviation of the numbers of an untrained vector."""

_TINY = 1e-12


class ScoringModel(Protocol):
    """What evaluation needs of a model. Higher scores are better."""

    def score(self, heads: Tensor, relations: Tensor, tails: Tensor) -> Tensor:
        """The score of each fact. All of shape (facts,), numbers as int64."""
        ...

    def score_all_tails(self, heads: Tensor, relations: Tensor) -> Tensor:
        """Shape (batch, entities): the score of every entity as the tail."""
        ...


class GraphModel(nn.Module, ABC):
    """A table of entities, a table of relations, and how they make a query.

    dim: numbers in the vector of an entity. sparse: gradients for the rows of a batch only, which pays where a step
    touches few of many entities.
    """

    relation_share: ClassVar[float] = 1.0
    """Numbers in the vector of a relation, as a share of an entity's."""

    def __init__(self, entities: int, relations: int, dim: int, *, sparse: bool = False) -> None:
        super().__init__()
        self.entities = nn.Embedding(entities, dim, sparse=sparse)
        self.relations = nn.Embedding(relations, int(dim * self.relation_share), sparse=sparse)
        nn.init.normal_(self.entities.weight, std=INIT)
        nn.init.normal_(self.relations.weight, std=INIT)

    @abstractmethod
    def query(self, heads: Tensor, relations: Tensor) -> Tensor:
        """From vectors of heads, shape (batch, dim), and of relations to what tails are compared with, (batch, dim)."""

    @abstractmethod
    def compare(self, queries: Tensor, tails: Tensor) -> Tensor:
        """Score each query with each tail: shapes (batch, dim) and (tails, dim) give (batch, tails)."""

    @abstractmethod
    def compare_pairs(self, queries: Tensor, tails: Tensor) -> Tensor:
        """Score each query with its own tail: two of shape (batch, dim) give (batch,)."""

    @abstractmethod
    def size(self, vectors: Tensor) -> Tensor:
        """The sum of the cubed sizes of all numbers, to be kept small (N3 norm, Lacroix et al. 2018)."""

    def score(self, heads: Tensor, relations: Tensor, tails: Tensor) -> Tensor:
        """See ``ScoringModel``."""
        return self.compare_pairs(self._queries(heads, relations), self.entities(tails))

    def score_all_tails(self, heads: Tensor, relations: Tensor) -> Tensor:
        """See ``ScoringModel``."""
        return self.compare(self._queries(heads, relations), self.entities.weight)

    def _queries(self, heads: Tensor, relations: Tensor) -> Tensor:
        return self.query(self.entities(heads), self.relations(relations))


class _Product(GraphModel):
    """Tails are compared by the dot product."""

    def compare(self, queries: Tensor, tails: Tensor) -> Tensor:
        return queries @ tails.T

    def compare_pairs(self, queries: Tensor, tails: Tensor) -> Tensor:
        return (queries * tails).sum(dim=-1)

    def size(self, vectors: Tensor) -> Tensor:
        return _cubes(vectors, vectors.detach().abs())


class DistMult(_Product):
    """``sum(h * r * t)`` (Yang et al. 2015)."""

    def query(self, heads: Tensor, relations: Tensor) -> Tensor:
        """See ``GraphModel``."""
        return heads * relations


class ComplEx(_Product):
    """``Re(sum(h * r * conj(t)))`` over complex numbers (Trouillon et al. 2016)."""

    def query(self, heads: Tensor, relations: Tensor) -> Tensor:
        """See ``GraphModel``."""
        return _multiply(heads, *relations.chunk(2, dim=-1))

    def size(self, vectors: Tensor) -> Tensor:
        """See ``GraphModel``; a complex number's size is its modulus."""
        moduli = torch.hypot(*vectors.detach().chunk(2, dim=-1))
        return _cubes(vectors, torch.cat([moduli, moduli], dim=-1))


class _Distance(GraphModel):
    """Tails are compared by the Euclidean distance, negated: scores are at most 0."""

    def compare(self, queries: Tensor, tails: Tensor) -> Tensor:
        # |q - t|^2 = |q|^2 + |t|^2 - 2 q.t, so that no (batch, tails, dim) is ever made.
        squares = tails.square().sum(dim=-1) - 2 * (queries @ tails.T)
        return -(squares + queries.square().sum(dim=-1, keepdim=True)).clamp_min(_TINY).sqrt()

    def compare_pairs(self, queries: Tensor, tails: Tensor) -> Tensor:
        return -(queries - tails).square().sum(dim=-1).clamp_min(_TINY).sqrt()

    def size(self, vectors: Tensor) -> Tensor:
        return vectors.new_zeros(())


class TransE(_Distance):
    """``-|h + r - t|`` (Bordes et al. 2013)."""

    def query(self, heads: Tensor, relations: Tensor) -> Tensor:
        """See ``GraphModel``."""
        return heads + relations


class RotatE(_Distance):
    """``-|h * r - t|`` over complex numbers, where r is a rotation, stored as angles (Sun et al. 2019)."""

    relation_share = 0.5

    def __init__(self, entities: int, relations: int, dim: int, *, sparse: bool = False) -> None:
        super().__init__(entities, relations, dim, sparse=sparse)
        nn.init.uniform_(self.relations.weight, -math.pi, math.pi)

    def query(self, heads: Tensor, relations: Tensor) -> Tensor:
        """See ``GraphModel``."""
        return _multiply(heads, relations.cos(), relations.sin())


MODELS: Mapping[str, type[GraphModel]] = {
    "transe": TransE,
    "distmult": DistMult,
    "complex": ComplEx,
    "rotate": RotatE,
}


def _multiply(numbers: Tensor, real: Tensor, imaginary: Tensor) -> Tensor:
    """Complex products. numbers: shape (batch, dim), real parts first; real, imaginary: shape (batch, dim / 2)."""
    own_real, own_imaginary = numbers.chunk(2, dim=-1)
    return torch.cat([own_real * real - own_imaginary * imaginary, own_real * imaginary + own_imaginary * real], dim=-1)


def _cubes(numbers: Tensor, sizes: Tensor) -> Tensor:
    """The sum of the cubed sizes. sizes: of each number, or of the complex one that it is a part of; the same shape."""
    cubes: Tensor = _Cubes.apply(numbers, sizes)  # type: ignore[no-untyped-call]
    return cubes


class _Cubes(torch.autograd.Function):
    """With its gradient written out: what autograd makes of it takes as long as the rest of a small step."""

    @staticmethod
    def forward(context: Any, numbers: Tensor, sizes: Tensor) -> Tensor:
        """See ``_cubes``."""
        third = sizes * numbers
        context.save_for_backward(third)
        return torch.dot(third.flatten(), numbers.flatten())

    @staticmethod
    def backward(context: Any, gradient: Tensor) -> tuple[Tensor, None]:
        """Of the numbers; the sizes follow from them."""
        [third] = context.saved_tensors
        return 3 * gradient * third, None
