"""What all adapter kinds of peft share: wrapping, writing, reading."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, field_validator
from torch import nn

from kgslm.errors import ModelError
from kgslm.tuning.adapters.base import Adapter

Targets = Literal["all-linear"] | list[str]


class PeftAdapter(Adapter):
    """An adapter of peft. A kind says only how its options become peft's (``peft_config``).

    targets: which layers of the trained part are adapted: ``all-linear``, or endings of their names, such as
    ``[query, value]``.
    """

    targets: Targets = Field(default="all-linear")

    @field_validator("targets")
    @classmethod
    def _some_target(cls, value: Targets) -> Targets:
        if not value:
            raise ValueError("all-linear or at least one ending of a layer's name")
        return value

    def peft_config(self, model: nn.Module) -> Any:
        """peft's configuration for ``model``."""
        raise TypeError(f"{type(self).__name__} does not say how peft is configured")

    def attach(self, model: nn.Module) -> nn.Module:
        """Wrap ``model``. Raises ModelError where peft finds nothing to adapt."""
        from peft import get_peft_model

        config = self.peft_config(model)
        try:
            with _quiet():
                adapted: nn.Module = get_peft_model(model, config)
        except (ValueError, TypeError) as error:
            reason = str(error).strip().splitlines()[0]
            raise ModelError(f"adapter {self.kind}: it does not fit the model: {reason[:200]}") from error
        return adapted

    def restore(self, model: nn.Module, folder: Path) -> nn.Module:
        """Wrap ``model`` with saved parameters."""
        from peft import PeftModel

        with _quiet():
            adapted: nn.Module = PeftModel.from_pretrained(model, str(folder), local_files_only=True)
        return adapted

    def save(self, adapted: Any, folder: Path) -> None:
        """Write ``adapter_config.json`` and ``adapter_model.safetensors``."""
        # Left to itself peft asks the hub whether the vocabulary has changed.
        adapted.save_pretrained(str(folder), save_embedding_layers=False)
        (folder / "README.md").unlink(missing_ok=True)

    def linear_widths(self, model: nn.Module) -> list[int]:
        """The input widths of all linear layers, for kinds that cut them into blocks."""
        return sorted({module.in_features for module in model.modules() if isinstance(module, nn.Linear)} or {1})


@contextmanager
def _quiet() -> Iterator[None]:
    with warnings.catch_warnings():
        # peft asks transformers for an attribute that has been renamed.
        warnings.simplefilter("ignore", FutureWarning)
        # What it finds out by itself and sets right, and layer norms, which it does not know by class.
        warnings.filterwarnings("ignore", message="fan_in_fan_out is set to|Unsupported layer type")
        yield
