"""``kgslm pack ...``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kgslm.cli.console import console_for, print_table
from kgslm.cli.figures import JsonOption, write_figures
from kgslm.cli.progress import progress_bar

if TYPE_CHECKING:
    from rich.console import Console

    from kgslm.packs import BuildReport
    from kgslm.recipes.packs import ConceptView

app = typer.Typer(help="Build and look into knowledge packs.", no_args_is_help=True)

PackArgument = Annotated[Path, typer.Argument(metavar="PACK", help="A folder that pack build made.")]
_SHOWN = 10


@app.command()
def build(
    output: Annotated[Path, typer.Option("-o", "--output", metavar="PACK", help="The folder to make.")],
    recipe: Annotated[
        Path | None,
        typer.Argument(
            metavar="[RECIPE|FOLDER]", help="pack.yaml, a folder with one, or a folder or archive of sources."
        ),
    ] = None,
    source: Annotated[
        list[str] | None, typer.Option("--source", metavar="KIND=PATH", help="Add a source; KIND= may be left out.")
    ] = None,
    allow_download: Annotated[bool, typer.Option(help="Fetch sources at a URL.")] = False,
    json: JsonOption = None,
) -> None:
    """Build a pack from ontologies, thesauri, tables and glossaries."""
    from kgslm.packs import build_pack

    with progress_bar("items read") as advance:
        report = build_pack(recipe, output, source or (), allow_download=allow_download, progress=advance)
    _print_build(console_for(json), report)
    write_figures(report.figures(), json)


@app.command()
def info(pack: PackArgument, json: JsonOption = None) -> None:
    """Say what a pack holds, from which sources and under which licences."""
    from rich.text import Text

    from kgslm.packs import KnowledgePack
    from kgslm.recipes.packs import describe

    facts = describe(KnowledgePack.open(pack))
    console = console_for(json)
    head = Text.assemble((facts["name"], "bold"), f" {facts['version']}  {facts['description']}")
    console.print(head, soft_wrap=True)
    console.print(f"fingerprint {facts['fingerprint']}")
    console.print(counted(facts["counts"]))
    rows = [
        [*(source[key] for key in ("key", "kind", "licence", "path")), *_kept(source)] for source in facts["sources"]
    ]
    heads = ("source", "kind", "licence", "from", "concepts", "names", "relations")
    print_table(console, "Sources", heads, rows)
    for title, numbers in (("Categories", facts["categories"]), ("Predicates", facts["predicates"])):
        most = sorted(numbers.items(), key=lambda item: (-item[1], item[0]))
        print_table(
            console, title, (title.lower(), "count"), [[name, f"{count:,}"] for name, count in most[: 2 * _SHOWN]]
        )
        if len(most) > 2 * _SHOWN:
            console.print(f"... and {len(most) - 2 * _SHOWN:,} more")
    write_figures(facts, json)


@app.command()
def show(
    pack: PackArgument,
    concept: Annotated[str, typer.Argument(metavar="CONCEPT", help="An id, a tree number or a name.")],
    json: JsonOption = None,
) -> None:
    """Show a concept: names, definition, place in the hierarchy, relations."""
    from kgslm.packs import KnowledgePack
    from kgslm.recipes.packs import look_up, view

    opened = KnowledgePack.open(pack)
    found = view(opened, look_up(opened, concept))
    _print_concept(console_for(json), found)
    write_figures(found.figures(), json)


@app.command()
def search(
    pack: PackArgument,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="Words that a name holds, in any order.")],
    top: Annotated[int, typer.Option(min=1, help="At most this many concepts.")] = 20,
    json: JsonOption = None,
) -> None:
    """Find concepts by a part of a name."""
    from kgslm.packs import KnowledgePack
    from kgslm.packs.search import search_names

    hits = search_names(KnowledgePack.open(pack), text, top)
    console = console_for(json)
    if hits:
        print_table(console, "", ("id", "name", "matched", "kind"), [list(hit) for hit in hits])
    else:
        console.print(f"no name holds {text!r}")
    write_figures({"query": text, "hits": [hit._asdict() for hit in hits]}, json)


@app.command()
def validate(
    pack: PackArgument,
    limit: Annotated[int, typer.Option(min=0, help="Show at most this many places of a finding.")] = 5,
    json: JsonOption = None,
) -> None:
    """Compare every file of a pack with its checksum, and list what the build found in the sources, with policies."""
    from kgslm.recipes.packs import validate as check

    facts = check(pack)
    console = console_for(json)
    console.print(f"whole: {facts['files']} files agree with their checksums, fingerprint {facts['fingerprint']}")
    for source, reasons in facts["findings"].items():
        for reason, found in reasons.items():
            head = f"{source}: {found['count']:,} {reason} ({found['policy']})"
            console.print(head, soft_wrap=True)
            for line in found["places"][:limit]:
                console.print(f"  {line}", soft_wrap=True)
            more = found["count"] - min(limit, len(found["places"]))
            if more:
                console.print(f"  ... and {more:,} more")
    write_figures(facts, json)


@app.command()
def train(
    pack: PackArgument,
    mentions: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="Labelled mentions: JSONL {id, text, entities: [{start, end, id}]}, PubTator."
        ),
    ] = None,
    model: Annotated[str, typer.Option(help="The encoder.")] = "all-MiniLM-L6-v2",
    minutes: Annotated[float, typer.Option(min=0, help="Training of the adapter; 0: the encoder as it is.")] = 6.0,
    steps: Annotated[
        int | None, typer.Option(min=1, help="Steps instead of minutes: the same result on a slow machine.")
    ] = None,
    retrain: Annotated[bool, typer.Option("--retrain", help="Make another adapter where the pack has one.")] = False,
    seed: Annotated[int, typer.Option(help="Of all that is drawn.")] = 0,
    json: JsonOption = None,
) -> None:
    """Train what --linker context uses: an adapter on the pack's names, and a ranker; kept in the pack's folder."""
    from kgslm.embedding.alignment import AlignmentOptions
    from kgslm.packs import KnowledgePack
    from kgslm.recipes.pack_train import train_pack

    options = AlignmentOptions(minutes=minutes, steps=steps, seed=seed) if minutes or steps else None
    console = console_for(json)
    with progress_bar("names embedded") as advance:
        report = train_pack(
            KnowledgePack.open(pack),
            mentions=mentions,
            model=model,
            options=options,
            retrain=retrain,
            progress=advance,
            say=console.print,
        )
    if report.adapter:
        steps_done, seconds = report.adapter["steps"], report.adapter["seconds"]
        console.print(f"adapter: {steps_done:,} steps in {seconds:.0f} s, loss {report.adapter['loss']:.3f}")
    if report.mentions:
        console.print(f"{report.mentions:,} mentions ({report.nil:,} NIL); {report.unknown:,} more are not in the pack")
    console.print(f"{report.names:,} names; ready for --linker context after {report.seconds:.0f} s")
    write_figures(report.figures(), json)


def counted(counts: dict[str, int]) -> str:
    """The counts of a pack in words."""
    return (
        f"{counts['concepts']:,} concepts ({counts['obsolete']:,} obsolete ones beside them), "
        f"{counts['names']:,} names, {counts['relations']:,} relations"
    )


def _kept(source: dict[str, Any]) -> list[str]:
    return [f"{source[unit]['kept']:,}" for unit in ("concepts", "names", "relations")]


def _print_build(console: Console, report: BuildReport) -> None:
    console.print(f"{report.name}: {counted(report.counts)} in {report.seconds:.1f} s")
    columns = ("read", "kept", "merged", "filtered", "skipped")
    rows = [
        [source.key, unit, *(f"{getattr(tally, column):,}" for column in columns)]
        for source in report.sources
        for unit, tally in (("concepts", source.concepts), ("names", source.names), ("relations", source.relations))
        if tally.read
    ]
    print_table(console, "", ("source", "what", *columns), rows)
    for source in report.sources:
        for reason, count in source.reasons.items():
            if reason != "filtered":
                text = f"{source.key}: {count:,} {reason}, such as {source.examples[reason][0]}"
                console.print(text, soft_wrap=True)
    console.print(f"wrote {report.path}", soft_wrap=True)


def _print_concept(console: Console, found: ConceptView) -> None:
    concept = found.concept
    lines = [f"{concept.id}  {concept.name}" + ("  (obsolete)" if concept.obsolete else "")]
    lines += [concept.definition] if concept.definition else []
    lines += [f"{kind}: {'; '.join(names)}" for kind, names in found.names.items() if kind != "preferred"]
    for label, values in (("categories", concept.categories), ("tree", concept.tree), ("same as", concept.xrefs)):
        lines += [f"{label}: {', '.join(values)}"] if values else []
    lines += [f"parent: {id_} {name}" for id_, name in found.parents]
    further = found.ancestors[len(found.parents) :]
    lines += ["above: " + " < ".join(f"{id_} {name}" for id_, name in further)] if further else []
    lines.append(f"children: {found.children:,}, all below: {found.descendants:,}")
    for related in found.related:
        names = [f"{name} ({id_})" for id_, name in related.concepts[:_SHOWN]]
        more = len(related.concepts) - len(names)
        lines.append(f"{related.phrase}: {'; '.join(names)}" + (f"; and {more:,} more" if more else ""))
    lines.append(f"sources: {', '.join(concept.sources)}")
    for line in lines:
        console.print(line, soft_wrap=True)
