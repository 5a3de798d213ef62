"""What every registered adapter promises."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from transformers import BertModel, GPT2Config, GPT2Model

from kgslm.config import parse_config
from kgslm.errors import ConfigError, ModelError
from kgslm.injection.fusion import AddFusion, Mentioned
from kgslm.tuning.adapters import ADAPTERS, Adapter, LoraAdapter
from kgslm.tuning.adapters.products import LohaAdapter
from kgslm.tuning.batches import Batch
from kgslm.tuning.heads import ClassificationHead
from kgslm.tuning.network import Network
from kgslm.tuning.options import Tuning
from kgslm.tuning.split import checkpoint_layers, top_of

Top = Callable[[], nn.Module]

CASES: dict[str, tuple[str, dict[str, Any]]] = {
    **{name: (name, {}) for name in ADAPTERS.names()},
    "lora, rslora": ("lora", {"rslora": True}),
    "lora, dora": ("lora", {"dora": True}),
    "lora, pissa": ("lora", {"start": "pissa"}),
    "lora of attention": ("lora", {"targets": ["query", "value"]}),
}
ALL_WEIGHTS = ("full",)
NOTHING = ("none",)


@dataclass(frozen=True)
class Case:
    adapter: Adapter
    options: dict[str, Any]


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> Case:
    kind, options = CASES[request.param]
    made: Adapter = ADAPTERS.load(kind)(**options)
    assert made.kind == kind
    return Case(made, options)


@pytest.fixture
def adapter(case: Case) -> Adapter:
    return case.adapter


@pytest.fixture
def top(tiny_encoder: Path) -> Top:
    """Gives the upper half of the tiny encoder, each time a fresh one, ready for inference."""
    whole = BertModel.from_pretrained(tiny_encoder)
    return lambda: top_of(whole, 2).eval()


@pytest.fixture(scope="module")
def states() -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(3)
    return torch.randn(2, 5, 32, generator=generator), torch.tensor([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]])


def outputs(model: nn.Module, states: tuple[Tensor, Tensor]) -> Tensor:
    hidden, mask = states
    result: Tensor = model(inputs_embeds=hidden, attention_mask=mask).last_hidden_state
    return result


def trained(model: nn.Module) -> list[nn.Parameter]:
    return [parameter for parameter in model.parameters() if parameter.requires_grad]


@torch.no_grad()
def disturb(model: nn.Module) -> None:
    """Stands for training: every trained parameter becomes something else."""
    generator = torch.Generator().manual_seed(5)
    for parameter in trained(model):
        parameter.add_(torch.randn(parameter.shape, generator=generator) * 0.3)


def network_of(adapter: Adapter, layers: nn.Module) -> Network:
    torch.manual_seed(7)
    fusion = AddFusion(32, 32)
    fusion.open(0.3)
    return Network(layers, ClassificationHead(32, 3), fusion, adapter)


def batch_of(states: tuple[Tensor, Tensor]) -> Batch:
    hidden, mask = states
    vectors = torch.randn(1, 32, generator=torch.Generator().manual_seed(4))
    index = torch.tensor([[0, 1, 1, 0, 0], [0, 0, 1, 0, 0]])
    known = Mentioned(vectors, torch.ones(1, 1, dtype=torch.long), torch.ones(1, 1), index)
    return Batch(hidden, mask, mask.float(), mentioned=known)


def train(network: Network, batch: Batch, steps: int) -> None:
    optimiser = torch.optim.AdamW(network.trained(), lr=0.02)
    network.begin(steps)
    network.train()
    for step in range(1, steps + 1):
        optimiser.zero_grad()
        loss = nn.functional.cross_entropy(network.text_logits(batch), torch.tensor([0, 2]))
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        network.stepped(step)
    network.eval()


def test_a_configuration_names_it(case: Case) -> None:
    adapter, data = case.adapter, {"kind": case.adapter.kind, **case.options}
    read = parse_config({"adapter": data}, Tuning, where="c.yaml", base=Path()).adapter
    assert read == adapter
    assert Adapter.model_validate(adapter.model_dump()) == adapter
    with pytest.raises(ConfigError, match=r"^c\.yaml:adapter: unknown key 'kidn'; did you mean 'kind'\?$"):
        parse_config({"adapter": {**data, "kidn": 1}}, Tuning, where="c.yaml", base=Path())


def test_attached_it_changes_nothing_yet(adapter: Adapter, top: Top, states: tuple[Tensor, Tensor]) -> None:
    before = outputs(top(), states)
    after = outputs(adapter.attach(top()).eval(), states)
    # What starts by taking the weights apart is rounded otherwise.
    assert torch.allclose(after, before, atol=1e-6 if adapter.kind in ("hra", "lora") else 0)
    if adapter == LoraAdapter():
        assert torch.equal(after, before)


def test_only_its_own_parameters_are_trained(adapter: Adapter, top: Top, states: tuple[Tensor, Tensor]) -> None:
    model = top()
    own = {id(parameter) for parameter in model.parameters()}
    before = {name: parameter.clone() for name, parameter in model.named_parameters()}
    adapted = adapter.attach(model)
    parameters = trained(adapted)
    if adapter.kind in ALL_WEIGHTS:
        assert {id(parameter) for parameter in parameters} == own
        return
    assert own.isdisjoint(map(id, parameters))
    assert sum(parameter.numel() for parameter in parameters) < sum(value.numel() for value in before.values())
    train(network_of(adapter, adapted), batch_of(states), 4)
    moved = not torch.allclose(outputs(adapted.eval(), states), outputs(top(), states), atol=1e-5)
    assert moved == (adapter.kind not in NOTHING)
    if adapter == LoraAdapter():
        for name, value in before.items():
            # Wrapping may put a part of its own between a layer and its weight.
            kept = [parameter for parameter in adapted.parameters() if id(parameter) in own]
            assert any(it.shape == value.shape and torch.equal(it, value) for it in kept), name


def test_trained_with_the_fusion_saved_and_restored_it_gives_the_same_logits(
    adapter: Adapter, top: Top, states: tuple[Tensor, Tensor], tmp_path: Path
) -> None:
    batch = batch_of(states)
    network = network_of(adapter, adapter.attach(top()))
    before = network.eval().text_logits(batch)
    train(network, batch, 8)
    expected = network.text_logits(batch)
    assert not torch.allclose(expected, before, atol=1e-3)
    adapter.save(network.layers, tmp_path / "adapter")
    restored = network_of(adapter, adapter.restore(top(), tmp_path / "adapter"))
    restored.load_state_dict(network.own_state(), strict=False)
    assert (restored.eval().text_logits(batch) - expected).abs().max() < 1e-6


def test_disturbed_saved_and_restored_it_gives_the_same_outputs(
    adapter: Adapter, top: Top, states: tuple[Tensor, Tensor], tmp_path: Path
) -> None:
    adapted = adapter.attach(top()).eval()
    disturb(adapted)
    expected = outputs(adapted, states)
    assert torch.allclose(expected, outputs(top(), states), atol=1e-3) == (adapter.kind in NOTHING)
    adapter.save(adapted, tmp_path / "adapter")
    restored = adapter.restore(top(), tmp_path / "adapter").eval()
    assert (outputs(restored, states) - expected).abs().max() < 1e-6
    if adapter == LoraAdapter():
        size = sum(file.stat().st_size for file in (tmp_path / "adapter").rglob("*") if file.is_file())
        assert size < 3 * sum(parameter.numel() * 4 for parameter in trained(adapted)), "the backbone is saved along"


def test_gradient_checkpointing_gives_the_same_step(adapter: Adapter, top: Top, states: tuple[Tensor, Tensor]) -> None:
    batch = batch_of(states)
    gradients = []
    for checkpointing in (False, True):
        torch.manual_seed(11)
        network = network_of(adapter, adapter.attach(top()))
        network.begin(4)
        if checkpointing:
            checkpoint_layers(network.layers)
        network.train()
        torch.manual_seed(12)
        network.text_logits(batch).square().sum().backward()  # type: ignore[no-untyped-call]
        gradients.append([parameter.grad for parameter in network.trained() if parameter.grad is not None])
    assert gradients[0]
    for plain, again in zip(*gradients, strict=True):
        assert torch.allclose(plain, again, rtol=1e-4, atol=1e-6)


def test_autocast_gives_about_the_same_logits(adapter: Adapter, top: Top, states: tuple[Tensor, Tensor]) -> None:
    batch = batch_of(states)
    network = network_of(adapter, adapter.attach(top())).eval()
    exact = network.text_logits(batch)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        rounded = network.text_logits(batch)
    assert (rounded.float() - exact).abs().max() < 0.05


def test_the_seed_gives_the_same_adapter(adapter: Adapter, top: Top) -> None:
    made = []
    for _ in range(2):
        torch.manual_seed(11)
        made.append(trained(adapter.attach(top())))
    assert all(torch.equal(first, second) for first, second in zip(*made, strict=True))


def test_an_unknown_kind_comes_with_a_suggestion() -> None:
    with pytest.raises(ValueError, match="unknown kind 'loar'; did you mean 'lora'"):
        Adapter.model_validate({"kind": "loar"})


def test_an_adapter_that_does_not_fit_the_model_says_so(top: Top) -> None:
    shape = {"vocab_size": 20, "n_embd": 32, "n_layer": 2, "n_head": 4, "bos_token_id": 1, "eos_token_id": 2}
    with pytest.raises(ModelError, match="adapter loha: it does not fit the model"):
        LohaAdapter().attach(top_of(GPT2Model(GPT2Config(**shape)), 1))
    with pytest.raises(ModelError, match="adapter lora: it does not fit the model"):
        LoraAdapter(targets=["nowhere"]).attach(top())
    with pytest.raises(ValueError, match="at least one ending"):
        LoraAdapter(targets=[])
