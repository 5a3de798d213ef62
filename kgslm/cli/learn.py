"""Commands that learn and measure: ``train``, ``predict``, ``upgrade``, ``evaluate`` and ``compare``."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kgslm.cli.console import console_for
from kgslm.cli.figures import EngineOption, JsonOption, ResumeOption, output_option, write_figures
from kgslm.cli.progress import Advance, progress_bar

if TYPE_CHECKING:
    from kgslm.evaluation import ClassificationScores
    from kgslm.recipes.compare import Run
    from kgslm.tuning.loop import Epoch

ConfigArgument = Annotated[Path, typer.Argument(metavar="CONFIG", help="A YAML configuration.")]
ModelArgument = Annotated[Path, typer.Argument(metavar="MODEL", help="A folder that train made.")]
SetOption = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change a key, such as train.seed=1.")
]
PackOption = Annotated[Path | None, typer.Option("--pack", help="The model's pack, where it has moved.")]


def train(
    config: ConfigArgument,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="MODEL", help="The folder to make.")],
    set_: SetOption = None,
    json: JsonOption = None,
) -> None:
    """Fine-tune a model that uses a pack's knowledge."""
    from kgslm.recipes.train import train as run
    from kgslm.tuning.loop import Watch

    with progress_bar("steps") as advance:
        watch = Watch(lambda _, total: advance(1, total), _say_epoch)
        model = run(config, output, watch=watch, overrides=tuple(set_ or ()))
    facts = model.facts
    _say(f"{facts['examples']:,} examples, {len(model.labels)} labels, {facts['train_seconds']:.1f} s; wrote {output}")
    if model.injector.evidence:
        grounded = facts["grounded_labels"]
        of_all = "" if grounded is None else f"{grounded} of {len(model.labels)} labels grounded, "
        taught = f", taught by {facts['taught']:,} texts without labels" if facts["taught"] else ""
        _say(f"{of_all}trust {facts['trust']:.2f}{taught}")
        if model.pack is not None and "grounding" in facts:
            _say_grounding(facts["grounding"])
    if "test" in facts:
        _say(
            f"test: accuracy {facts['test']['accuracy']:.3f}, macro-F1 {facts['test']['macro_f1']:.3f}, "
            f"micro-F1 {facts['test']['micro_f1']:.3f}"
        )
    write_figures({"labels": list(model.labels), **facts}, json)


def predict(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="A folder that train made; with --zero-shot a pack.")],
    data: Annotated[str, typer.Argument(metavar="DATA", help="JSONL {id, text}, CSV or TSV; - is standard input.")],
    output: Annotated[str, output_option("JSONL with predictions, or -.")],
    pack: PackOption = None,
    zero_shot: Annotated[
        bool, typer.Option("--zero-shot", help="Predict with a pack alone, without training.")
    ] = False,
    labels: Annotated[
        str | None,
        typer.Option(metavar="A,B|FILE", help="With --zero-shot: the labels, or a YAML file of label: concepts."),
    ] = None,
    calibrate: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="With --zero-shot: labelled texts that make the probabilities honest."),
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Say why: links, paths to the label and each arm's share.")
    ] = False,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Show the explanations of the first 200 texts.")
    ] = None,
    json: JsonOption = None,
) -> None:
    """Predict labels, and say why."""
    from kgslm.recipes.explain import Explain

    why = Explain(html) if explain or html else None
    if zero_shot != (labels is not None):
        raise typer.BadParameter("--zero-shot and --labels go together")
    if calibrate is not None and not zero_shot:
        raise typer.BadParameter("--calibrate is for --zero-shot; a trained model has learnt its probabilities")
    figures: dict[str, Any] = {}
    with progress_bar("texts") as advance:
        if labels is not None:
            from kgslm.injection import grounding_report
            from kgslm.recipes.zero_shot import calibrated, predict_zero_shot
            from kgslm.recipes.zero_shot import zero_shot as prepare

            classifier = prepare(model, labels)
            _say_grounding(grounding_report(classifier.pack, classifier.groundings))
            if calibrate is not None:
                classifier, calibration = calibrated(classifier, calibrate)
                figures = asdict(calibration)
                _say("calibration error {ece_before:.3f} before, {ece_after:.3f} after".format(**figures))
            count = predict_zero_shot(classifier, data, output, explain=why, progress=advance)
        else:
            from kgslm.recipes.train import predict as run
            from kgslm.tuning.model import KnowledgeModel

            count = run(KnowledgeModel.load(model, pack=pack), data, output, explain=why, progress=advance)
    _say(f"{count:,} texts")
    write_figures({"texts": count, **({"calibration": figures} if figures else {})}, json)


def upgrade(
    model: ModelArgument,
    pack: Annotated[Path, typer.Argument(metavar="PACK", help="A later build of the model's pack.")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="MODEL", help="The folder to make.")],
    json: JsonOption = None,
) -> None:
    """Move a model to a later build of its pack, without training: new concepts count at once."""
    from kgslm.tuning.model import KnowledgeModel

    moved = KnowledgeModel.load(model, pack=pack, later=True)
    moved.save(output)
    assert moved.pack is not None
    build = f"{moved.pack.name} {moved.pack.version}".strip()
    _say(f"{build}, {len(moved.pack.ids):,} concepts; wrote {output}")
    write_figures({"pack": {"name": moved.pack.name, "fingerprint": moved.pack.fingerprint}}, json)


def evaluate(
    arguments: Annotated[list[str], typer.Argument(metavar="[MODEL] DATA", help="A model folder and labelled data.")],
    predictions: Annotated[
        Path | None, typer.Option("--predictions", metavar="FILE", help="Score these instead of a model's.")
    ] = None,
    pack: PackOption = None,
    json: JsonOption = None,
) -> None:
    """Score a model, or a file of predictions, on labelled data."""
    from kgslm.recipes.train import evaluate as run
    from kgslm.recipes.train import read_predictions, task_of_predictions
    from kgslm.tuning.model import KnowledgeModel

    if len(arguments) != (1 if predictions else 2):
        raise typer.BadParameter("give MODEL DATA, or --predictions FILE DATA")
    task = "classification" if predictions is None else task_of_predictions(predictions)
    scored = (
        KnowledgeModel.load(arguments[0], pack=pack) if predictions is None else read_predictions(predictions, task)
    )
    with progress_bar("texts") as advance:
        scores = run(scored, arguments[-1], where=str(predictions or arguments[0]), progress=advance, task=task)
    _print_scores(scores, json)
    write_figures(scores.as_dict(), json)


def compare(
    config: ConfigArgument,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="REPORT", help="The folder to make.")],
    set_: SetOption = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes that train side by side; by default by cores and trainings.")
    ] = None,
    engine: EngineOption = "local",
    resume: ResumeOption = None,
    json: JsonOption = None,
) -> None:
    """Measure what the knowledge bought, against no knowledge and shuffled knowledge."""
    from kgslm.evaluation import console_table, verdict
    from kgslm.recipes.compare import CompareRun
    from kgslm.recipes.compare import compare as run

    how = CompareRun(workers, engine, resume, lambda words: _say(f"note: {words}"))
    with progress_bar("trainings") as advance:
        summary = run(config, output, overrides=tuple(set_ or ()), progress=_said(advance), run=how)
    console = console_for(json)
    console.print(console_table(summary))
    for line in verdict(summary):
        console.print(line)
    console.print(f"wrote {output / 'report.html'}")
    write_figures(summary, json)


def _said(advance: Advance) -> Callable[[int, int, Run], None]:
    """Moves the bar and, off a terminal, says where the grid is."""
    start = time.monotonic()
    calls: list[int] = []

    def say(done: int, total: int, run: Run) -> None:
        advance(done - (calls[-1] if calls else 0), total)
        calls.append(done)
        if not sys.stderr.isatty():
            fresh = done - calls[0]
            seconds = (time.monotonic() - start) / fresh * (total - done) if fresh else 0
            left = f", about {seconds / 60:.0f} min left" if seconds >= 90 else f", about {seconds:.0f} s left"
            left = left if fresh else ""
            _say(f"{calls[0] + len(calls)}/{total}: {run.cell}, {run.shots} shots, seed {run.seed}{left}")

    return say


def _say_epoch(epoch: Epoch) -> None:
    if epoch.number == 0 and epoch.dev_score is None:
        return
    loss = "" if epoch.number == 0 else f"  loss {epoch.loss:.4f}"
    dev = "" if epoch.dev_score is None else f"  dev F1 {epoch.dev_score:.3f}"
    _say(f"epoch {epoch.number}/{epoch.of}{loss}{dev}")


def _say_grounding(report: Iterable[dict[str, Any]]) -> None:
    """What was not looked up by name, and what was not found; what was given or is a name speaks for itself."""
    for entry in report:
        if not entry["how"]:
            _say(f"label {entry['label']}: nothing in the pack; evidence does not speak for it")
        elif entry["how"] == "likeness":
            names = ", ".join(concept["name"] for concept in entry["concepts"])
            _say(f"label {entry['label']}: {names} ({entry['why']})")


def _print_scores(scores: ClassificationScores, json: str | None) -> None:
    from kgslm.evaluation import scores_table

    console_for(json).print(scores_table(scores))


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")


COMMANDS: list[Callable[..., Any]] = [train, predict, upgrade, evaluate, compare]
