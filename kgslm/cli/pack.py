"""``kgslm pack ...``."""

from __future__ import annotations

import typer

app = typer.Typer(help="Build and look into knowledge packs.", no_args_is_help=True)
