"""A transformer cut in two: the lower layers, which stay frozen, and the upper ones, which are adapted.

What the lower part makes of a text never changes, so it is computed once for all epochs, seeds and arms.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import torch
from torch import Tensor, nn

from kgslm.errors import ModelError


class Bottom(nn.Module):
    """Token ids to the hidden states below layer ``layers``."""

    def __init__(self, model: Any, layers: int) -> None:
        super().__init__()
        self._typed = getattr(model.config, "type_vocab_size", 0) > 1
        self._model = _without_pooler(deepcopy(model))
        self._depth = layers
        _keep_layers(self._model, slice(0, max(layers, 1)))
        self._model.eval().requires_grad_(False)

    @torch.no_grad()
    def forward(self, ids: Tensor, mask: Tensor, types: Tensor) -> Tensor:
        """ids, mask, types: shape (batch, tokens), int64. Returns shape (batch, tokens, hidden)."""
        arguments: dict[str, Any] = {"input_ids": ids, "attention_mask": mask}
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
    top.requires_grad_(False)
    module: nn.Module = top
    return module


def depth(model: Any) -> int:
    """How many layers the transformer has."""
    return len(_layers(model)[1])


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
    model.config.use_cache = False


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
