from __future__ import annotations

import math

import pytest
import torch

from kgslm.embedding.graph.models import MODELS, GraphModel
from kgslm.embedding.graph.optimiser import Optimiser, RowAdam

# Two complex numbers a vector: the real parts, then the imaginary ones.
HEAD, OTHER, TAIL = [1.0, 2.0, 3.0, 4.0], [0.0, 0.0, 0.0, 0.0], [2.0, 1.0, 0.0, -1.0]
RELATION = [1.0, 0.0, -1.0, 2.0]
TURN = [math.pi / 2, math.pi]


def model(name: str) -> GraphModel:
    made = MODELS[name](3, 1, 4)
    with torch.no_grad():
        made.entities.weight.copy_(torch.tensor([HEAD, OTHER, TAIL]))
        made.relations.weight.copy_(torch.tensor([TURN if name == "rotate" else RELATION]))
    return made


# transe: h + r = 2 2 2 6; from t 0 1 2 7. distmult: h * r = 1 0 -3 8; times t: 2 + 0 + 0 - 8.
# complex: (1+3i)(1-1i) = 4+2i and (2+4i)(0+2i) = -8+4i; times the conjugates 2 and 1+1i: 8 + (-8-4).
# rotate: (1+3i) i = -3+1i and (2+4i)(-1) = -2-4i; from 2 and 1-1i: -5+1i and -3-3i.
@pytest.mark.parametrize(
    ("name", "score", "to_zero"),
    [
        ("transe", -math.sqrt(54), -math.sqrt(48)),
        ("distmult", -6, 0),
        ("complex", -4, 0),
        ("rotate", -math.sqrt(44), -math.sqrt(30)),
    ],
)
def test_scores_by_hand(name: str, score: float, to_zero: float) -> None:
    made, head, relation = model(name), torch.tensor([0]), torch.tensor([0])
    assert made.score(head, relation, torch.tensor([2])).item() == pytest.approx(score, rel=1e-6)
    scores = made.score_all_tails(head, relation)[0].tolist()
    assert scores[1:] == pytest.approx([to_zero, score], rel=1e-5, abs=1e-5)


def test_complex_numbers_as_pytorch_multiplies_them() -> None:
    def numbers(parts: torch.Tensor) -> torch.Tensor:
        return torch.complex(*parts.detach().chunk(2, dim=-1))

    torch.manual_seed(0)
    made = MODELS["complex"](5, 2, 6)
    heads, relations, tails = torch.tensor([0, 3]), torch.tensor([1, 0]), torch.tensor([4, 2])
    head, relation, tail = (
        numbers(made.entities(heads)),
        numbers(made.relations(relations)),
        numbers(made.entities(tails)),
    )
    expected = (head * relation * tail.conj()).sum(dim=1).real
    torch.testing.assert_close(made.score(heads, relations, tails), expected)
    cubes = head.abs().pow(3).sum()
    torch.testing.assert_close(made.size(made.entities(heads)), cubes)


@pytest.mark.parametrize("name", MODELS)
def test_nothing_is_scored_twice_differently(name: str) -> None:
    torch.manual_seed(0)
    made = MODELS[name](7, 3, 8)
    heads, relations, tails = torch.randint(7, (20,)), torch.randint(3, (20,)), torch.randint(7, (20,))
    every = made.score_all_tails(heads, relations)
    torch.testing.assert_close(made.score(heads, relations, tails), every.gather(1, tails[:, None])[:, 0])


@pytest.mark.parametrize("name", ["transe", "rotate"])
def test_a_distance_of_zero_has_a_gradient(name: str) -> None:
    made = MODELS[name](2, 1, 4)
    with torch.no_grad():
        made.entities.weight.zero_()
        made.relations.weight.zero_()
    made.score_all_tails(torch.tensor([0]), torch.tensor([0])).sum().backward()  # type: ignore[no-untyped-call]
    assert made.entities.weight.grad is not None
    assert bool(torch.isfinite(made.entities.weight.grad).all())


@pytest.mark.filterwarnings("ignore:Sparse invariant checks")
def test_row_adam_moves_rows_as_sparse_adam_does() -> None:
    tables = [torch.nn.Embedding(5, 3, sparse=True) for _ in range(2)]
    tables[1].load_state_dict(tables[0].state_dict())
    before = tables[0].weight.detach().clone()
    steps: tuple[Optimiser, ...] = (
        RowAdam(tables[0].parameters(), lr=0.1),
        torch.optim.SparseAdam(tables[1].parameters(), lr=0.1),
    )
    for rows in ([0, 2, 2], [2], [3, 0, 0]):
        for table, optimiser in zip(tables, steps, strict=True):
            optimiser.zero_grad()
            table(torch.tensor(rows)).pow(2).sum().backward()
            optimiser.step()
    torch.testing.assert_close(tables[0].weight, tables[1].weight)
    assert torch.equal(tables[0].weight[[1, 4]], before[[1, 4]])
