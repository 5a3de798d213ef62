"""Commands on texts: ``kgslm link`` and ``kgslm augment``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from kgslm.cli.figures import JsonOption, output_option, write_figures
from kgslm.cli.progress import progress_bar

if TYPE_CHECKING:
    from kgslm.augmentation import AugmentReport
    from kgslm.recipes.link import LinkReport


def link(
    pack: Annotated[Path, typer.Argument(help="The pack whose concepts are looked for.")],
    documents: Annotated[str, typer.Argument(metavar="DOCS", help="JSONL {id, text}, a .txt file, or -.")],
    output: Annotated[str, output_option("JSONL with links, or -.")],
    linker: Annotated[str, typer.Option(help="The linker to use.")] = "dictionary",
    mentions: Annotated[
        Literal["find", "given"], typer.Option(help="given: link each document's own mentions, [{start, end}].")
    ] = "find",
    gold: Annotated[bool, typer.Option("--gold", help="Compare with each document's entities.")] = False,
    json: JsonOption = None,
) -> None:
    """Find the concepts of a pack in documents."""
    from kgslm.packs import KnowledgePack
    from kgslm.recipes.link import link_file

    given = mentions == "given"
    opened = KnowledgePack.open(pack)
    with progress_bar("documents") as advance:
        report = link_file(opened, documents, output, linker=linker, given=given, gold=gold, progress=advance)
    _say(_link_lines(report), output, json)
    write_figures(report.figures(), json)


def augment(
    data: Annotated[str, typer.Argument(metavar="DATA", help="JSONL, CSV or TSV: id, text, label(s), entities; or -.")],
    output: Annotated[str, output_option("JSONL: originals, then new ones; or -.")],
    pack: Annotated[Path, typer.Option(help="The pack whose concepts are kept.")],
    method: Annotated[
        str, typer.Option(metavar="NAME[,NAME]", help="synonym, words, characters or back-translation.")
    ] = "synonym",
    factor: Annotated[int, typer.Option(min=1, max=100, help="New examples of each example by each method.")] = 1,
    seed: Annotated[int, typer.Option(help="The same seed gives the same examples.")] = 0,
    model: Annotated[
        str | None, typer.Option(metavar="MODEL,BACK", help="Two MarianMT models for back-translation.")
    ] = None,
    json: JsonOption = None,
) -> None:
    """Make more training examples that keep their concepts."""
    from kgslm.packs import KnowledgePack
    from kgslm.recipes.augment import augment_file, parse_methods

    methods = parse_methods(method, factor, model)
    opened = KnowledgePack.open(pack)
    with progress_bar("examples") as advance:
        report = augment_file(opened, data, output, methods, seed=seed, progress=advance)
    _say(_augment_lines(report), output, json)
    write_figures(report.figures(), json)


def _augment_lines(report: AugmentReport) -> list[str]:
    lines = [f"{len(report.examples) - report.kept:,} examples, {report.kept:,} new ones kept"]
    for name, counts in report.methods.items():
        dropped = [f"{count:,} {reason}" for reason, count in counts.items() if reason != "kept"]
        lines.append(f"{name}: {counts.get('kept', 0):,} kept; dropped: {', '.join(dropped) or 'none'}")
    return lines


def _link_lines(report: LinkReport) -> list[str]:
    lines = [
        f"{report.links:,} links to {report.concepts:,} concepts in {report.documents:,} documents "
        f"({report.characters / 1e6:.2f} MB of text, {report.seconds:.1f} s)"
    ]
    if report.nil:
        lines.append(f"{report.nil:,} given mentions have no concept (NIL)")
    if report.gold:
        for name, score in (("mention", report.gold.mention), ("document", report.gold.document)):
            lines.append(f"{name:9} P {score.precision:.3f}  R {score.recall:.3f}  F1 {score.f1:.3f}")
        if report.gold.accuracy is not None:
            lines.append(f"Acc@1     {report.gold.accuracy:.3f} of {report.gold.entities:,} mentions")
    return lines


def _say(lines: list[str], *targets: str | None) -> None:
    """Print a summary; to standard error where standard output carries data."""
    stream = sys.stderr if "-" in targets else sys.stdout
    stream.write("".join(f"{line}\n" for line in lines))


COMMANDS: list[Callable[..., Any]] = [link, augment]
