"""``kgslm pack embed``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from kgslm.artifacts import check_file
from kgslm.cli.console import console_for, print_table
from kgslm.cli.figures import JsonOption, write_figures
from kgslm.cli.pack import PackArgument
from kgslm.cli.progress import progress_bar
from kgslm.cli.settings import values_of

if TYPE_CHECKING:
    from rich.console import Console

    from kgslm.recipes.embed import Embedded


def embed(
    pack: PackArgument,
    method: Annotated[
        str, typer.Option(metavar="text|text+graph|transe|distmult|complex|rotate", help="How vectors are made.")
    ] = "complex",
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="A setting of training, such as epochs=50; may be repeated."),
    ] = None,
    refresh: Annotated[
        Path | None, typer.Option(metavar="OLD_PACK", help="Keep the vectors of an earlier build; learn new ones only.")
    ] = None,
    near: Annotated[str, typer.Option(metavar="CONCEPT", help="Show what lies nearest to an id or a name.")] = "",
    top: Annotated[int, typer.Option(min=1, max=1000, help="At most this many neighbours.")] = 10,
    map_: Annotated[
        Path | None, typer.Option("--map", metavar="FILE", help="Draw a map: FILE.png and FILE.html.")
    ] = None,
    projection: Annotated[Literal["pca", "tsne"], typer.Option(help="How the map is flattened.")] = "pca",
    model: Annotated[str, typer.Option(help="The encoder of names and definitions.")] = "all-MiniLM-L6-v2",
    json: JsonOption = None,
) -> None:
    """Give the concepts of a pack vectors, from their words, their relations or both; kept in the pack."""
    from kgslm.evaluation.vector_map import map_files
    from kgslm.packs import KnowledgePack
    from kgslm.recipes.embed import embed_pack
    from kgslm.recipes.packs import look_up

    # What is wrong with the looking at it is told before the work.
    opened = KnowledgePack.open(pack)
    concept = look_up(opened, near) if near else ""
    for path in map_files(map_) if map_ is not None else ():
        check_file(path)
    with progress_bar("texts and epochs") as advance:
        found = embed_pack(
            opened, method, settings=values_of(settings, "epochs=50"), refresh=refresh, model=model, progress=advance
        )
    console = console_for(json)
    _print(console, found)
    figures: dict[str, Any] = found.figures()
    if near:
        hits = found.near(concept, top)
        figures["near"] = [{"id": id_, "name": name, "cosine": cosine} for id_, name, cosine in hits]
        rows = [[id_, name, f"{cosine:.3f}"] for id_, name, cosine in hits]
        print_table(console, f"near {near}", ("id", "name", "cosine"), rows)
    if map_ is not None:
        figures["map"] = [str(path) for path in found.draw(map_, how=projection)]
        console.print(f"wrote {', '.join(figures['map'])}", soft_wrap=True)
    write_figures(figures, json)


def _print(console: Console, found: Embedded) -> None:
    figures = found.figures()
    how = f"made in {found.seconds:.1f} s" if found.made else "already there"
    concepts = f"{figures['concepts']:,} concepts, {figures['dim']} numbers each"
    console.print(f"{found.method}: {concepts}, {how}; {found.path}", soft_wrap=True)
    if "epochs" not in figures:
        return
    new = f", {figures['new_concepts']:,} concepts new" if "refreshed_from" in figures else ""
    console.print(
        f"{figures['epochs']} epochs over {figures['facts']:,} facts, the best was {figures['best_epoch']}{new}"
    )
    if not figures["test"]["queries"]:
        console.print("no fact could be held out to test on: every one is the only one of its concept or predicate")
        return
    for part, name in (("valid", "stopped on"), ("test", "tested on")):
        scores = figures[part]
        console.print(
            f"{name} {scores['queries']:,} held-out answers: MRR {scores['mrr']:.3f}, hits@1 {scores['hits_1']:.3f}, "
            f"hits@3 {scores['hits_3']:.3f}, hits@10 {scores['hits_10']:.3f}"
        )


COMMANDS = (embed,)
