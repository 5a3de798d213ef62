from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from kgslm.embedding.graph import train
from kgslm.embedding.graph.config import GraphConfig, parse_graph_config
from kgslm.embedding.graph.losses import KvsAll, NegativeSampling, OneVsAll
from kgslm.embedding.graph.models import MODELS
from kgslm.embedding.graph.train import Parts, Start, Trained, train_graph
from kgslm.embedding.graph.triples import Triples
from kgslm.errors import ConfigError, ModelError

CPU = torch.device("cpu")
LOSSES = ["1vsall", "kvsall", "negatives"]


def ring(size: int = 8) -> Triples:
    """Each entity's next one, and the third after it."""
    rows = [[here, relation, (here + step) % size] for here in range(size) for relation, step in ((0, 1), (1, 3))]
    return Triples(np.array(rows), size, 2)


def learn(facts: Triples, start: Start | None = None, **options: Any) -> Trained:
    config = GraphConfig(**{"dim": 16, "held_out": 0, "batch_size": 4, "epochs": 30, "negatives": 8, **options})
    return train_graph(Parts(facts, facts, facts, facts), config, start)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("method", ["complex", "rotate"])
def test_a_small_graph_is_learnt_by_heart(method: str, loss: str) -> None:
    assert learn(ring(), method=method, loss=loss).test.mrr == 1.0


@pytest.mark.parametrize("method", MODELS)
def test_every_model_learns(method: str) -> None:
    facts = Triples(np.array([[0, 0, 1], [2, 0, 1], [3, 0, 1], [0, 1, 4], [2, 1, 4]]), 5, 2)
    untrained, trained = (learn(facts, method=method, epochs=epochs).test.mrr for epochs in (0, 30))
    assert trained > max(untrained, 0.9)


@pytest.mark.parametrize("loss", LOSSES)
def test_the_same_seed_gives_the_same_vectors(loss: str) -> None:
    torch.manual_seed(1)
    first = learn(ring(), loss=loss, epochs=3, seed=5)
    torch.manual_seed(2)
    second = learn(ring(), loss=loss, epochs=3, seed=5)
    assert first.entities.tobytes() == second.entities.tobytes()
    assert first.relations.tobytes() == second.relations.tobytes()
    assert learn(ring(), loss=loss, epochs=3, seed=6).entities.tobytes() != first.entities.tobytes()


def test_training_leaves_the_global_seed_alone() -> None:
    torch.manual_seed(0)
    expected = torch.rand(1)
    torch.manual_seed(0)
    learn(ring(), epochs=1, loss="negatives")
    assert torch.equal(torch.rand(1), expected)


def test_training_stops_when_nothing_gets_better() -> None:
    steps: list[int] = []
    trained = train_graph(
        Parts(ring(), ring(), ring(), ring()),
        GraphConfig(dim=16, batch_size=4, epochs=500, check_every=2, patience=2, init="random"),
        progress=steps.append,
    )
    # Once all is right, two more checks are made, and the first of the three is kept.
    assert trained.valid.mrr == 1.0
    assert trained.epochs == trained.best_epoch + 4 < 500
    assert sum(steps) == 500


def test_without_facts_to_stop_on_all_epochs_are_run() -> None:
    nothing = ring().only(np.zeros(16, dtype=bool))
    trained = train_graph(Parts(ring(), nothing, nothing, ring()), GraphConfig(dim=4, epochs=7))
    assert (trained.epochs, trained.best_epoch, trained.valid.queries) == (7, 7, 0)


@pytest.mark.parametrize("loss", LOSSES)
def test_fixed_rows_stay_to_the_last_bit(loss: str) -> None:
    dice = np.random.default_rng(0)
    entities = dice.standard_normal((8, 16)).astype(np.float32)
    relations = dice.standard_normal((4, 16)).astype(np.float32)
    fixed = np.array([True] * 5 + [False] * 3)
    start = Start(entities, relations, fixed, np.array([True, False, True, False]))
    trained = learn(ring(), start, loss=loss)
    assert trained.entities[:5].tobytes() == entities[:5].tobytes()
    assert (trained.entities[5:] != entities[5:]).all()
    assert trained.relations[[0, 2]].tobytes() == relations[[0, 2]].tobytes()
    assert (trained.relations[[1, 3]] != relations[[1, 3]]).any()


def test_a_batch_that_does_not_fit_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = learn(ring(), epochs=2, batch_size=16)
    monkeypatch.setattr(train, "CELLS", 30)  # three of 8 scores
    np.testing.assert_allclose(learn(ring(), epochs=2, batch_size=16).entities, whole.entities, atol=1e-5)


def test_training_that_runs_away_is_told() -> None:
    start = Start(np.full((8, 16), np.nan, dtype=np.float32))
    nothing = ring().only(np.zeros(16, dtype=bool))
    with pytest.raises(ModelError, match="choose a lower learning_rate"):
        train_graph(Parts(ring(), nothing, nothing, ring()), GraphConfig(dim=16, epochs=1), start)


def test_losses_by_hand() -> None:
    """Two entities with scores 0 and log 3 for head 0: softmax gives 1/4 and 3/4."""
    model = MODELS["distmult"](2, 1, 2)
    with torch.no_grad():
        model.entities.weight.copy_(torch.tensor([[1.0, 0.0], [float(np.log(3)), 0.0]]))
        model.relations.weight.copy_(torch.tensor([[1.0, 0.0]]))
        model.entities.weight[0, 0] = 0.0
    # Head 1 has query log 3: scores 0 and (log 3)^2.
    square = float(np.log(3)) ** 2
    expected = np.log(1 + np.exp(square))
    facts = Triples(np.array([[1, 0, 0], [1, 0, 1]]), 2, 1)
    both, one = torch.tensor([0, 1]), torch.tensor([0])
    assert OneVsAll(facts, CPU)(model, both).item() == pytest.approx(2 * expected - square, rel=1e-5)
    assert OneVsAll(facts, CPU, penalty=2.0)(model, one).item() == pytest.approx(
        expected + 2 * (np.log(3) ** 3 + 1), rel=1e-5
    )
    # KvsAll sees the pair once, half of the weight on each tail.
    assert len(KvsAll(facts, CPU)) == 1
    assert KvsAll(facts, CPU)(model, one).item() == pytest.approx(expected - square / 2, rel=1e-5)


def test_the_true_tail_is_no_wrong_answer() -> None:
    facts = Triples(np.array([[0, 0, 0]]), 1, 1)
    loss = NegativeSampling(facts, CPU, 5, torch.Generator().manual_seed(0))
    assert loss(MODELS["complex"](1, 1, 2), torch.tensor([0])).item() == pytest.approx(0)


def test_all_tails_are_scored_while_that_is_cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    config = GraphConfig()
    assert train._loss_name(config, ring(), CPU) == "1vsall"
    monkeypatch.setattr(train, "_ALL_TAILS", 100)
    assert train._loss_name(config, ring(), CPU) == "negatives"
    assert train._loss_name(config, ring(), torch.device("cuda")) == "1vsall"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"epoch": 3}, "unknown key 'epoch'; did you mean 'epochs'"),
        ({"epochs": "many"}, "pack embed:epochs: Input should be a valid integer"),
        ({"dim": 7}, "complex needs an even number, not 7"),
        ({"loss": "hinge"}, "pack embed:loss: Input should be 'auto', '1vsall'"),
    ],
)
def test_bad_settings_are_one_line(values: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError, match=words) as error:
        parse_graph_config("complex", values)
    assert "\n" not in str(error.value)
