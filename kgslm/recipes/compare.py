"""What the knowledge bought: the same training with and without it, and with shuffled knowledge."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from kgslm.artifacts import check_replaceable, sha256_file
from kgslm.bulk import LineOutput, journal, on_ray, pooled
from kgslm.caching import code_version
from kgslm.embedding.store import vectors_checksum
from kgslm.errors import KgslmError
from kgslm.evaluation import Bootstrap, CellResult, Judging, Permutation, read_cell, summarise, write_report
from kgslm.evaluation.report import KIND as REPORT
from kgslm.models import pick_device
from kgslm.models.loading import weights_fingerprint
from kgslm.recipes.grid import Done, GridTask, Material, Run, arms_of, result_of, runs_of
from kgslm.recipes.slices import slicings_of
from kgslm.recipes.task import TaskConfig, in_file, read_task

__all__ = ["CompareRun", "Run", "compare"]

_MOST_WORKERS = 4
_LEAST_RUNS = 6
"""Trainings for each process that is started unasked."""


def _ignore(_: Any) -> None:
    """For what nobody wants to be told."""


@dataclass(frozen=True)
class CompareRun:
    """How a grid is trained; the figures are the same but for seconds and memory.

    workers: processes; 1 is this one alone, None as many as there are cores, up to four and not for a handful of
    trainings or on a GPU, which they would have to share. engine: ``ray`` for Ray with ``workers`` actors.
    resume: go on with what an interrupted run of the same configuration, data, pack and code has left; True: or raise
    KgslmError; False: start anew. say: called with notes.
    """

    workers: int | None = 1
    engine: Literal["local", "ray"] = "local"
    resume: bool | None = None
    say: Callable[[str], None] = field(default=_ignore)


def compare(
    config: TaskConfig | Path | str,
    output: Path | str | None = None,
    *,
    overrides: tuple[str, ...] = (),
    progress: Callable[[int, int, Run], None] | None = None,
    run: CompareRun | None = None,
) -> dict[str, Any]:
    """Train every cell of a configuration's grid and summarise; with ``output``, also write the report folder.

    All cells of one number of shots and one seed learn from the same examples in the same order, with as many steps
    and an adapter of the same size. progress: called before each training with (trainings done, trainings in all,
    the next one). Returns the content of ``report.json``. Raises ConfigError, DataError, PackError or ModelError.
    """
    if output is not None:
        check_replaceable(Path(output), REPORT)
    run = run or CompareRun()
    if run.workers is not None and run.workers < 1:
        raise KgslmError(f"workers: at least 1 is needed, not {run.workers}")
    task = config if isinstance(config, TaskConfig) else read_task(Path(config), overrides)
    with in_file(config):
        material = Material.open(task)
        with _journal(material, output, run) as lines:
            records = _trained(material, lines, run, progress or (lambda *_: None))
            summary = _summary(material, records)
            if output is not None:
                about = {**material.about(), "frozen_layers": next(iter(records.values()))["frozen_layers"]}
                name = "" if isinstance(config, TaskConfig) else f": {Path(config).stem}"
                write_report(Path(output), summary, title=f"What the knowledge bought{name}", about=about)
    return summary


def _summary(material: Material, records: Mapping[Run, dict[str, Any]]) -> dict[str, Any]:
    options, runs = material.task.compare, runs_of(material.task)
    results: list[CellResult] = [result_of(run, records[run], material) for run in runs]
    tests = Judging(Permutation(options.permutations), options.correction, options.smallest_effect / 100)
    bootstrap = Bootstrap(resamples=options.bootstrap)
    return summarise(results, bootstrap, tests=tests, slicings=slicings_of(material, runs))


def _trained(
    material: Material, lines: LineOutput, run: CompareRun, progress: Callable[[int, int, Run], None]
) -> dict[Run, dict[str, Any]]:
    """The plain data of every run, those of an interrupted comparison first."""
    runs = runs_of(material.task)
    kept = dict(_read(line) for line in lines.kept())
    done = {one: record for one, record in kept.items() if one in runs}
    if done:
        run.say(f"{len(done)} of {len(runs)} trainings are taken up from an interrupted comparison")

    left = [one for one in runs if one not in kept]
    if not left:
        return done

    def batches() -> Iterator[list[Run]]:
        for one in left:
            progress(len(done), len(runs), one)
            yield [one]

    with closing(_results(material, batches(), run)) as results:
        for result in results:
            if result.error:
                raise KgslmError(f"{result.run}: {result.error}")
            lines.write(json.dumps({"run": asdict(result.run), **result.record}) + "\n")
            done[result.run] = result.record
    return done


def _results(material: Material, batches: Iterator[Sequence[Run]], run: CompareRun) -> Any:
    """A generator of ``Done``, each as soon as it is there."""
    task = GridTask(material.task)
    workers = run.workers or _workers(material.task)
    if run.engine == "ray":
        return on_ray(task, batches, workers, ordered=False)
    if workers == 1:
        return _here(task, batches)
    return pooled(task, batches, workers, ordered=False)


def _workers(task: TaskConfig) -> int:
    """As many as pay: each loads a backbone and a pack before it trains."""
    if pick_device(task.train.device).device.type != "cpu":
        return 1
    affinity = getattr(os, "sched_getaffinity", None)
    cores = len(affinity(0)) if affinity else os.cpu_count() or 1
    return max(1, min(cores, _MOST_WORKERS, len(runs_of(task)) // _LEAST_RUNS))


def _here(task: GridTask, batches: Iterator[Sequence[Run]]) -> Iterator[Done]:
    """In this process, where an error keeps its type and its traceback."""
    task.prepare()  # what is wrong is told before the first training is
    for batch in batches:
        yield task.run(batch)


def _read(line: str) -> tuple[Run, dict[str, Any]]:
    record = json.loads(line)
    return Run(**record.pop("run")), record


class _Forgetful:
    """For a comparison that leaves nothing on the disk."""

    def kept(self) -> Iterator[str]:
        return iter(())

    def write(self, text: str) -> None:
        pass


def _journal(material: Material, output: Path | str | None, run: CompareRun) -> AbstractContextManager[LineOutput]:
    if output is None:
        return nullcontext(_Forgetful())
    return journal(output, _job(material), resume=run.resume, say=run.say)


def _job(material: Material) -> dict[str, Any]:
    """All that a training depends on besides its cell, shots and seed."""
    task, pack = material.task, material.pack
    config = task.model_dump(mode="json", exclude={"compare": True, "pack": True, "data": {"train", "dev", "test"}})
    files = {name: getattr(task.data, name) for name in ("train", "dev", "test")}
    arms = arms_of(task, read_cell("all"))
    stored = arms.embeddings.vectors if arms.embeddings else "text"
    return {
        "config": {**config, "test_limit": task.compare.test_limit},
        "data": {name: sha256_file(file) if isinstance(file, Path) else file for name, file in files.items()},
        "pack": None if pack is None else pack.fingerprint,
        "vectors": None if pack is None or stored == "text" else vectors_checksum(pack, stored),
        "model": weights_fingerprint(task.model),
        "code": code_version(),
        "libraries": {name: version(name) for name in ("numpy", "peft", "torch", "transformers")},
    }
