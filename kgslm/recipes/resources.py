"""Files that come with kgslm: curated knowledge and configurations, in a checkout or inside the installed package."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import kgslm
from kgslm.errors import ConfigError


def shipped(kind: Literal["knowledge", "configs"], name: str) -> Path:
    """The path of a shipped file or folder. Raises ConfigError where this installation does not have it."""
    package = Path(kgslm.__file__).parent
    for folder in (package / f"_{kind}", package.parent / kind):
        if (folder / name).exists():
            return folder / name
    raise ConfigError(f"{kind}/{name}: not in this installation of kgslm")
