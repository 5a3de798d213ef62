"""The two ends: nothing of the backbone is trained, or all of the layers above the frozen ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from safetensors.torch import load_file, save_file
from torch import nn

from kgslm.errors import ModelError
from kgslm.tuning.adapters.base import Adapter

_WEIGHTS = "layers.safetensors"


class NoAdapter(Adapter):
    """The backbone stays as it is; the head and, where it is on, the fusion are trained alone."""

    kind: Literal["none"] = "none"

    def attach(self, model: nn.Module) -> nn.Module:
        """Freeze ``model``."""
        return model.requires_grad_(False)

    def restore(self, model: nn.Module, folder: Path) -> nn.Module:
        """Nothing was saved."""
        return model.requires_grad_(False)

    def save(self, adapted: Any, folder: Path) -> None:
        """Leave an empty folder, so that every model's has the same parts."""
        folder.mkdir(parents=True, exist_ok=True)


class FullAdapter(Adapter):
    """All weights of the layers above the frozen ones are trained and saved."""

    kind: Literal["full"] = "full"

    def attach(self, model: nn.Module) -> nn.Module:
        """Unfreeze ``model``."""
        return model.requires_grad_(True)

    def restore(self, model: nn.Module, folder: Path) -> nn.Module:
        """Put the saved weights into ``model``. Raises ModelError where they do not fit."""
        try:
            model.load_state_dict(load_file(str(folder / _WEIGHTS)))
        except (OSError, RuntimeError) as error:
            reason = str(error).strip().splitlines()[0]
            raise ModelError(f"{folder}: the weights do not fit the backbone ({reason[:200]})") from error
        return model.requires_grad_(False)

    def save(self, adapted: Any, folder: Path) -> None:
        """Write ``layers.safetensors``."""
        folder.mkdir(parents=True, exist_ok=True)
        # Copies: weights that two layers share are one tensor, which safetensors refuses to write twice.
        weights = {name: value.detach().cpu().clone().contiguous() for name, value in adapted.state_dict().items()}
        save_file(weights, str(folder / _WEIGHTS))
