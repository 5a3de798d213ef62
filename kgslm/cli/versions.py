"""``kgslm pack diff``, ``merge``, ``subset``, ``export`` and ``query``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kgslm.cli.console import console_for, print_table
from kgslm.cli.figures import JsonOption, output_option, write_figures
from kgslm.cli.pack import PackArgument, counted

if TYPE_CHECKING:
    from rich.console import Console

_SHOWN = 10

NewPack = Annotated[Path, typer.Option("-o", "--output", metavar="PACK", help="The folder to make.")]


def diff(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="A pack.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="A later build of it.")],
    json: JsonOption = None,
) -> None:
    """Say what changed: concepts, names and relations."""
    from kgslm.packs import KnowledgePack
    from kgslm.packs.diff import diff_packs

    found = diff_packs(KnowledgePack.open(old), KnowledgePack.open(new))
    console = console_for(json)
    if not found:
        console.print("the packs say the same")
    for what, count in found.counts().items():
        if count:
            console.print(f"{what.replace('_', ' ')}: {count:,}")
            _print_changes(console, getattr(found, what))
    write_figures(found.figures(), json)


def merge(
    first: Annotated[Path, typer.Argument(metavar="A", help="A pack; where both disagree it goes first.")],
    second: Annotated[Path, typer.Argument(metavar="B", help="Another pack.")],
    output: NewPack,
    by_xref: Annotated[bool, typer.Option(help="Unite concepts by cross-references too.")] = False,
    name: Annotated[str, typer.Option(help="Name of the new pack; by default both names.")] = "",
    json: JsonOption = None,
) -> None:
    """Make one pack of two, and report where they disagree."""
    from kgslm.packs import KnowledgePack
    from kgslm.packs.merge import merge_packs

    packs = KnowledgePack.open(first), KnowledgePack.open(second)
    report = merge_packs(*packs, output, name=name, by_xref=by_xref)
    console = console_for(json)
    console.print(f"{report.build.name}: {counted(report.build.counts)}")
    console.print(f"{report.by_id:,} concepts met by id, {report.by_xref:,} by cross-reference")
    rows = [[it.concept, it.reason, it.first, it.second] for it in report.conflicts[: 2 * _SHOWN]]
    print_table(console, f"{len(report.conflicts):,} conflicts" if rows else "", ("concept", "on", "A", "B"), rows)
    if len(report.conflicts) > len(rows):
        console.print(f"... and {len(report.conflicts) - len(rows):,} more; --json lists all")
    console.print(f"wrote {output}", soft_wrap=True)
    write_figures(report.figures(), json)


def subset(
    pack: PackArgument,
    output: NewPack,
    root: Annotated[list[str] | None, typer.Option(metavar="ID", help="It and all below it.")] = None,
    category: Annotated[list[str] | None, typer.Option(help="Concepts of this category.")] = None,
    prefix: Annotated[list[str] | None, typer.Option(help="Ids with this prefix, such as HP.")] = None,
    source: Annotated[list[str] | None, typer.Option(metavar="KEY", help="What this source says.")] = None,
    with_ancestors: Annotated[bool, typer.Option(help="Take along all above the chosen concepts.")] = False,
    json: JsonOption = None,
) -> None:
    """Make a smaller pack: concepts that meet all criteria, each by any of its values."""
    from kgslm.packs import KnowledgePack
    from kgslm.packs.subset import Choice, subset_pack

    choice = Choice(root or (), category or (), prefix or (), source or (), with_ancestors)
    report = subset_pack(KnowledgePack.open(pack), choice, output)
    console = console_for(json)
    console.print(f"{report.name}: {counted(report.counts)}")
    console.print(f"wrote {output}", soft_wrap=True)
    write_figures(report.figures(), json)


def export(
    pack: PackArgument,
    format_: Annotated[str, typer.Option("--format", metavar="ttl|obo|csv|graphml|jsonl", help="The format.")],
    output: Annotated[Path, output_option("The file to write; - for standard output.")] = Path("-"),
    allow_licence: Annotated[
        list[str] | None,
        typer.Option(metavar="LICENCE", help="Leave out what no source under this licence says; may be repeated."),
    ] = None,
    json: JsonOption = None,
) -> None:
    """Write a pack in another format, which pack build reads back."""
    from kgslm.packs import KnowledgePack
    from kgslm.packs.exports import export_pack

    counts = export_pack(KnowledgePack.open(pack), format_, output, allow_licence or ())
    console = console_for("-" if str(output) == "-" else json)
    console.print(f"wrote {counted(counts)} to {output}", soft_wrap=True)
    write_figures({"path": str(output), "format": format_, "counts": counts}, json)


def query(
    pack: PackArgument,
    sparql: Annotated[str, typer.Option(metavar="FILE|-", help="A file with the query; - for standard input.")],
    json: JsonOption = None,
) -> None:
    """Ask a pack a SPARQL query."""
    from kgslm.packs import KnowledgePack
    from kgslm.recipes.packs import ask_sparql

    answer = ask_sparql(KnowledgePack.open(pack), sparql)
    console = console_for(json)
    if answer.text:
        console.print(answer.text, soft_wrap=True)
    else:
        print_table(console, "", answer.variables, answer.rows)
        console.print(f"{len(answer.rows):,} rows")
    write_figures({"variables": list(answer.variables), "rows": [list(row) for row in answer.rows]}, json)


COMMANDS = (diff, merge, subset, export, query)


def _print_changes(console: Console, changes: tuple[tuple[str, ...], ...]) -> None:
    for change in changes[:_SHOWN]:
        id_, *rest = change
        shown: list[Any] = [it or "nothing" for it in rest]
        console.print(f"  {id_}  {' -> '.join(shown)}", soft_wrap=True)
    if len(changes) > _SHOWN:
        console.print(f"  ... and {len(changes) - _SHOWN:,} more; --json lists all")
