"""``kgslm cache``: what can be made again, how much room it takes, and how to be rid of it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from kgslm.cli.figures import JsonOption, write_figures

app = typer.Typer(name="cache", help="What can be made again: see it, clear it.", no_args_is_help=True)


@app.command()
def info(json: JsonOption = None) -> None:
    """Show where the cache is and what it holds."""
    from dataclasses import asdict

    from kgslm.caching import Cache, cache_folder, usage

    parts = usage()
    limit = Cache().limit
    if json != "-":
        typer.echo(f"{cache_folder()}; what it keeps for comparisons takes up to {limit / 1e9:.1f} GB (KGSLM_CACHE_GB)")
        for part in parts:
            used = f", last used {datetime.fromtimestamp(part.used):%Y-%m-%d %H:%M}" if part.used else ""
            typer.echo(f"  {part.name:<10} {part.size / 1e6:10,.1f} MB in {part.files:,} files{used}")
    figures = {"folder": str(cache_folder()), "limit": limit, "parts": [asdict(part) for part in parts]}
    write_figures(figures, json)


@app.command()
def clear(
    parts: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PART ...]", help="By default what it keeps for comparisons; others as info names them."
        ),
    ] = None,
    json: JsonOption = None,
) -> None:
    """Delete what the cache holds; it is made again when it is needed."""
    from kgslm.caching import clear as run

    freed = run(*(parts or ()))
    if json != "-":
        typer.echo(f"{freed / 1e6:,.1f} MB cleared")
    write_figures({"freed": freed}, json)
