"""Commands on texts: ``kgslm link`` and ``kgslm augment``."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from kgslm.cli.figures import EngineOption, JsonOption, ResumeOption, output_option, output_target, write_figures
from kgslm.cli.progress import progress_bar
from kgslm.cli.settings import values_of

if TYPE_CHECKING:
    from kgslm.augmentation import AugmentReport
    from kgslm.evaluation.links import GoldScores
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
    language: Annotated[str, typer.Option(help="Of names and texts, such as en, de, es or zh.")] = "en",
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="A setting of the linker, such as overlap=nested."),
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes; by default 1, with ray one for each core.")
    ] = None,
    engine: EngineOption = "local",
    resume: ResumeOption = None,
    html: Annotated[
        str | None,
        typer.Option(metavar="FILE|-", help="Show the texts with their concepts on a page.", callback=output_target),
    ] = None,
    shown: Annotated[int, typer.Option(min=1, help="Documents on the page, at most.")] = 200,
    json: JsonOption = None,
) -> None:
    """Find the concepts of a pack in documents."""
    from kgslm.evaluation.link_page import LinkPage
    from kgslm.linking import LinkerSpec
    from kgslm.linking.settings import parse_settings
    from kgslm.packs import KnowledgePack
    from kgslm.recipes.link import LinkRun, link_file

    given = mentions == "given"
    chosen = LinkerSpec(linker, parse_settings(values_of(settings, "overlap=nested")), language)
    opened = KnowledgePack.open(pack)
    page = LinkPage(opened, given=given, gold=gold, shown=shown)
    with progress_bar("documents") as advance:
        run = LinkRun(
            workers=workers or (os.cpu_count() or 1 if engine == "ray" else 1),
            engine=engine,
            resume=resume,
            progress=advance,
            failed=lambda failure: _note(str(failure)),
            say=lambda words: _note(f"note: {words}"),
            seen=page.add if html else lambda text: None,
        )
        report = link_file(opened, documents, output, linker=chosen, given=given, gold=gold, run=run)
    if html:
        page.write(html, report.figures(), report.gold, title=f"{Path(documents).name}: linked with {opened.name}")
    _say(_link_lines(report, given), output, json, html)
    write_figures(report.figures(), json)
    if report.failed:
        raise typer.Exit(1)


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


def _link_lines(report: LinkReport, given: bool) -> list[str]:
    lines = [
        f"{report.links:,} links to {report.concepts:,} concepts in {report.documents:,} documents "
        f"({report.characters / 1e6:.2f} MB of text, {report.seconds:.1f} s)"
    ]
    if report.resumed:
        lines.append(f"{report.resumed:,} documents had been linked by an interrupted run")
    if report.failed:
        lines.append(f"{report.failed:,} documents could not be linked; they have no links and say why in 'error'")
    if report.nil:
        lines.append(f"{report.nil:,} given mentions have no concept (NIL)")
    return lines + (_gold_lines(report.gold, given) if report.gold else [])


def _gold_lines(gold: GoldScores, given: bool) -> list[str]:
    from kgslm.evaluation.link_errors import error_rows

    lines = [
        f"{name:9} P {score.precision:.3f}  R {score.recall:.3f}  F1 {score.f1:.3f}"
        for name, score in (("mention", gold.mention), ("document", gold.document))
    ]
    if gold.accuracy is not None:
        lines.append(f"Acc@1     {gold.accuracy:.3f} of {gold.entities:,} mentions")
    for row in error_rows(gold.errors, given):
        lines.append(f"{row['count']:9,} {'  ' * row['depth']}{row['words']}")
        for it in row["examples"]:
            predicted = f" -> {it['predicted']}" if it["predicted"] else ""
            lines.append(
                " ".join(f"{'':12}{it['document']}: “{it['surface']}”{predicted}, gold {it['gold']}".splitlines())
            )
    return lines


def _note(line: str) -> None:
    """Tell something while a command works."""
    sys.stderr.write(f"{' '.join(line.split())}\n")


def _say(lines: list[str], *targets: str | None) -> None:
    """Print a summary; to standard error where standard output carries data."""
    stream = sys.stderr if "-" in targets else sys.stdout
    stream.write("".join(f"{line}\n" for line in lines))


COMMANDS: list[Callable[..., Any]] = [link, augment]
