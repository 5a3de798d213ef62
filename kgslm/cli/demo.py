"""``kgslm demo``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kgslm.cli.console import console_for
from kgslm.cli.figures import JsonOption, write_figures

if TYPE_CHECKING:
    from rich.console import Console

    from kgslm.recipes.demo import DemoResult


def demo(
    domain: Annotated[str, typer.Argument(metavar="[medical]", help="Which domain.")] = "medical",
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FOLDER", help="Default: build/demo/DOMAIN.")
    ] = None,
    set_: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change a key of the comparison.")
    ] = None,
    json: JsonOption = None,
) -> None:
    """Walk from a knowledge source to a measured gain and cited answers, in minutes."""
    from kgslm.recipes.demo import demo as run

    console = console_for(json)
    result = run(domain, output, say=lambda line: console.print(line), overrides=set_ or ())
    _print_result(console, result)
    answers = [{"question": answer.question, "answer": answer.text, "found": answer.found} for answer in result.answers]
    summary = {key: result.summary[key] for key in ("cells", "summary")}
    write_figures({"seconds": result.seconds, "folder": str(result.folder), "answers": answers, **summary}, json)


def _print_result(console: Console, result: DemoResult) -> None:
    from kgslm.cli.ask import print_answer
    from kgslm.evaluation import console_table, verdict

    for answer in result.answers:
        console.print()
        print_answer(console, answer)
    console.print()
    console.print(console_table(result.summary))
    for line in verdict(result.summary):
        console.print(line)
    folder = result.folder
    console.print(f"\nDone in {result.seconds / 60:.1f} minutes. The report: {folder / 'report' / 'report.html'}")
    console.print("What to try next:")
    for command in (
        f'kgslm ask {folder / "index"} "Which drugs treat hypertension?"',
        f"kgslm pack show {folder / 'pack'} metformin",
        f"kgslm compare configs/icd10_chapters.yaml -o {folder / 'report-all'} --set compare.shots=[4,16,64]",
        "kgslm pack build --source YOUR_ONTOLOGY -o build/mine    # OBO, RDF, SKOS, CSV or a glossary",
    ):
        console.print(f"  {command}", soft_wrap=True)


COMMANDS: list[Callable[..., Any]] = [demo]
