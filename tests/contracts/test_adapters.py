"""What every registered adapter promises."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from transformers import BertModel

from kgslm.config import parse_config
from kgslm.errors import ConfigError
from kgslm.tuning.adapters import ADAPTERS, Adapter
from kgslm.tuning.options import Tuning
from kgslm.tuning.split import top_of

Top = Callable[[], nn.Module]


@pytest.fixture(params=ADAPTERS.names())
def adapter(request: pytest.FixtureRequest) -> Adapter:
    made: Adapter = ADAPTERS.load(request.param)()
    assert made.kind == request.param
    return made


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


def test_a_configuration_names_it(adapter: Adapter) -> None:
    read = parse_config({"adapter": {"kind": adapter.kind}}, Tuning, where="c.yaml", base=Path()).adapter
    assert read == adapter
    assert Adapter.model_validate(adapter.model_dump()) == adapter
    with pytest.raises(ConfigError, match=r"^c\.yaml:adapter: unknown key 'kidn'; did you mean 'kind'\?$"):
        parse_config({"adapter": {"kind": adapter.kind, "kidn": 1}}, Tuning, where="c.yaml", base=Path())


def test_attached_it_changes_nothing_yet(adapter: Adapter, top: Top, states: tuple[Tensor, Tensor]) -> None:
    before = outputs(top(), states)
    assert torch.equal(outputs(adapter.attach(top()).eval(), states), before)


def test_only_its_own_parameters_are_trained(adapter: Adapter, top: Top, states: tuple[Tensor, Tensor]) -> None:
    model = top()
    own = {id(parameter) for parameter in model.parameters()}
    before = {name: parameter.clone() for name, parameter in model.named_parameters()}
    adapted = adapter.attach(model)
    parameters = trained(adapted)
    assert parameters
    assert own.isdisjoint(map(id, parameters))
    assert sum(parameter.numel() for parameter in parameters) < sum(value.numel() for value in before.values())

    optimiser = torch.optim.SGD(parameters, lr=1.0)
    for _ in range(2):
        optimiser.zero_grad()
        outputs(adapted, states).square()[..., 0].sum().backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    assert not torch.allclose(outputs(adapted.eval(), states), outputs(top(), states), atol=1e-3)
    for name, value in before.items():
        # Wrapping may put a part of its own between a layer and its weight.
        kept = [parameter for parameter in adapted.parameters() if id(parameter) in own]
        assert any(parameter.shape == value.shape and torch.equal(parameter, value) for parameter in kept), name


def test_saved_and_restored_it_gives_the_same_outputs(
    adapter: Adapter, top: Top, states: tuple[Tensor, Tensor], tmp_path: Path
) -> None:
    adapted = adapter.attach(top()).eval()
    disturb(adapted)
    expected = outputs(adapted, states)
    assert not torch.allclose(expected, outputs(top(), states), atol=1e-3)
    adapter.save(adapted, tmp_path / "adapter")
    restored = adapter.restore(top(), tmp_path / "adapter").eval()
    assert (outputs(restored, states) - expected).abs().max() < 1e-6
    size = sum(file.stat().st_size for file in (tmp_path / "adapter").rglob("*") if file.is_file())
    assert size < 3 * sum(parameter.numel() * 4 for parameter in trained(adapted)), "the backbone is saved along"


def test_the_seed_gives_the_same_adapter(adapter: Adapter, top: Top) -> None:
    made = []
    for _ in range(2):
        torch.manual_seed(11)
        made.append(trained(adapter.attach(top())))
    assert all(torch.equal(first, second) for first, second in zip(*made, strict=True))


def test_an_unknown_kind_comes_with_a_suggestion() -> None:
    with pytest.raises(ValueError, match="unknown kind 'loar'; did you mean 'lora'"):
        Adapter.model_validate({"kind": "loar"})
