"""A transformer cut in two: the lower layers, which stay frozen, and the upper ones, which are adapted.

What the lower part makes of a text never changes, so it is computed once for all epochs, seeds and arms.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from functools import partial
from inspect import signature
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from kgslm.errors import ModelError


class Bottom(nn.Module):
    """Token ids to the hidden states below layer ``layers``."""

    def __init__(self, model: Any, layers: int) -> None:
        super().__init__()
        self._typed = getattr(model.config, "type_vocab_size", 0) > 1
        self._first_position = _first_position(model)
        self._model = _without_pooler(deepcopy(model))
        self._depth = layers
        _keep_layers(self._model, slice(0, max(layers, 1)))
        self._model.eval().requires_grad_(False)

    @torch.no_grad()
    def forward(self, ids: Tensor, mask: Tensor, types: Tensor, positions: Tensor | None = None) -> Tensor:
        """ids, mask, types, positions: shape (batch, tokens), int64. Returns shape (batch, tokens, hidden).

        positions: None means 0, 1, 2, ...; others only where ``takes_positions`` says so.
        """
        arguments: dict[str, Any] = {"input_ids": ids, "attention_mask": mask}
        if positions is not None:
            arguments["position_ids"] = positions + self._first_position
        if self._typed:
            arguments["token_type_ids"] = types
        if self._depth == 0:
            states: Tensor = self._model(**arguments, output_hidden_states=True).hidden_states[0]
            return states
        caught: list[Tensor] = []
        _, layers = _layers(self._model)
        # The output of the last layer itself: some models normalise it before they return it.
        hook = layers[-1].register_forward_hook(lambda _, __, output: caught.append(_tensor(output)))
        try:
            self._model(**arguments)
        finally:
            hook.remove()
        return caught[0]


def top_of(model: Any, layers: int) -> nn.Module:
    """A copy of ``model`` without its embeddings and first ``layers`` layers; it reads ``inputs_embeds``."""
    top = _without_pooler(deepcopy(model))
    _keep_layers(top, slice(layers, None))
    if hasattr(top, "embeddings"):
        top.embeddings = _PassOn()
    if hasattr(top, "embeddings_project"):
        top.embeddings_project = nn.Identity()
    if isinstance(getattr(top, "wpe", None), nn.Embedding):
        # GPT-2 adds its positions to whatever it is given.
        top.wpe, top.drop = _Nothing(), nn.Identity()
    top.requires_grad_(False)
    module: nn.Module = top
    return module


def checkpoint_layers(top: nn.Module) -> None:
    """Let the layers of ``top`` compute their inner states again when gradients need them, instead of keeping them.

    transformers' own switch looks for the embeddings, which ``top`` does not have.
    """
    again = partial(checkpoint, use_reentrant=False)
    for module in top.modules():
        if hasattr(module, "gradient_checkpointing"):
            own: Any = module
            own.gradient_checkpointing, own._gradient_checkpointing_func = True, again


def depth(model: Any) -> int:
    """How many layers the transformer has."""
    return len(_layers(model)[1])


def takes_positions(model: Any) -> bool:
    """Whether the model can be told its tokens' positions."""
    return "position_ids" in signature(model.forward).parameters


@torch.no_grad()
def looks_ahead(model: Any) -> bool:
    """Whether a token's state depends on those behind it, as in an encoder."""
    first, second = (_whole(model, torch.tensor([ids])) for ids in ([1, 2, 3, 4], [1, 2, 3, 5]))
    return not torch.equal(first[0, 0], second[0, 0])


@torch.no_grad()
def check_cut(model: Any, layers: int) -> None:
    """Raises ModelError where the two parts together are not the model, so that it cannot be used here."""
    ids = torch.tensor([[1, 2, 3, 4]])
    mask = torch.ones_like(ids)
    whole = _whole(model, ids)
    device = whole.device
    hidden = Bottom(model, layers)(ids.to(device), mask.to(device), torch.zeros_like(ids).to(device))
    parts = top_of(model, layers).eval()(inputs_embeds=hidden, attention_mask=mask.to(device)).last_hidden_state
    if not torch.allclose(whole, parts, rtol=1e-3, atol=1e-3 * float(whole.abs().max())):
        raise ModelError(
            f"{type(model).__name__}: it cannot be cut at layer {layers}: it does more than run one layer after the "
            "other; use another model"
        )


def _whole(model: Any, ids: Tensor) -> Tensor:
    ids = ids.to(next(model.parameters()).device)
    states: Tensor = model(input_ids=ids, attention_mask=torch.ones_like(ids)).last_hidden_state
    return states


class _Nothing(nn.Module):
    """Stands where a model looks up its positions."""

    def forward(self, positions: Tensor) -> Tensor:
        return torch.zeros((), device=positions.device)


class _PassOn(nn.Module):
    """Stands where a model embeds its tokens: the hidden states are there already."""

    def forward(self, *arguments: Any, inputs_embeds: Tensor | None = None, **_: Any) -> Tensor:
        # Models hand the states over by name or as one of the arguments; there is no other float tensor among them.
        given = (inputs_embeds, *arguments)
        return next(value for value in given if isinstance(value, Tensor) and value.is_floating_point())


def _tensor(output: Any) -> Tensor:
    tensor: Tensor = output[0] if isinstance(output, tuple) else output
    return tensor


def _without_pooler(model: Any) -> Any:
    if getattr(model, "pooler", None) is not None:
        model.pooler = None
    return model


def _keep_layers(model: Any, kept: slice) -> None:
    name, layers = _layers(model)
    parent, _, attribute = name.rpartition(".")
    chosen = nn.ModuleList(list(layers)[kept])
    setattr(model.get_submodule(parent), attribute, chosen)
    # Some models count their layers by the configuration; a cache would count by each layer's old place.
    model.config.num_hidden_layers = len(chosen)
    if getattr(model.config, "layer_types", None):
        model.config.layer_types = model.config.layer_types[kept]
    model.config.use_cache = False


def _first_position(model: Any) -> int:
    """RoBERTa counts positions from behind that of padding."""
    for name, module in model.named_modules():
        if name.endswith("position_embeddings") and isinstance(module, nn.Embedding):
            return 0 if module.padding_idx is None else module.padding_idx + 1
    return 0


def _layers(model: Any) -> tuple[str, nn.ModuleList]:
    """The list of transformer layers, with its name."""
    wanted = model.config.num_hidden_layers
    for name, module in _module_lists(model):
        if len(module) == wanted:
            return name, module
    raise ModelError(f"{type(model).__name__}: its layers are not in one list, as kgslm needs them; use another model")


def _module_lists(model: nn.Module) -> Iterator[tuple[str, nn.ModuleList]]:
    for name, module in model.named_modules():
        if isinstance(module, nn.ModuleList):
            yield name, module
