"""Batches on Ray Data: the cores of this machine, or a cluster that this process is connected to.

Batches go out in rounds of bounded size, so that a stream without end needs no more memory than a round. Each round is
a Ray data set whose rows are batches; actors that have prepared the task once map them. What ends a process is found
out as by ``pooled``, inside the actor.
"""

from __future__ import annotations

import logging
import os
import pickle
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

from kgslm.bulk.pool import WorkerPool
from kgslm.bulk.work import Item, Result, Task, describe
from kgslm.errors import KgslmError, MissingExtra

_ROUND = 256
"""Batches of a round, for each worker."""


def on_ray(
    task: Task[Item, Result], batches: Iterable[Sequence[Item]], workers: int, *, ordered: bool = True
) -> Iterator[Result]:
    """Do all batches by ``workers`` actors, at least 1.

    ordered: results in the order of the batches; False: each as soon as it is there.

    Ray runs where it is initialised already, at the address in RAY_ADDRESS, else on this machine with ``workers``
    CPUs; only what was started here is shut down. Raises MissingExtra without Ray.
    """
    try:
        import ray.data
    except ImportError:
        raise MissingExtra("ray", "ray") from None
    source = iter(batches)
    first = next(source, None)
    if first is None:
        return
    task.prepare()  # tells what is wrong with it in a clear line, and makes what all share
    with _connected(ray, workers), _quiet(ray.data.DataContext.get_current()):
        todo: list[Sequence[Item]] = [first, *islice(source, _ROUND * workers - 1)]
        while todo:
            yield from _mapped(ray, task, todo, workers, ordered=ordered)
            todo = list(islice(source, _ROUND * workers))


@contextmanager
def _connected(ray: Any, workers: int) -> Iterator[None]:
    ours = not ray.is_initialized()
    if ours:
        try:
            if os.environ.get("RAY_ADDRESS"):
                ray.init(log_to_driver=False, logging_level=logging.CRITICAL)
            else:
                with _environment():
                    ray.init(
                        "local",
                        num_cpus=workers + 1,
                        include_dashboard=False,
                        log_to_driver=False,
                        logging_level=logging.CRITICAL,
                    )
        except Exception as error:
            raise KgslmError(f"ray: cannot be started or reached ({describe(error)}); use --workers instead") from error
    try:
        yield
    finally:
        if ours:
            ray.shutdown()


@contextmanager
def _quiet(context: Any) -> Iterator[None]:
    """Ray Data says nothing on standard error but what makes it fail."""
    log = logging.getLogger("ray.data")
    before = context.enable_progress_bars, log.level
    context.enable_progress_bars = False
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        context.enable_progress_bars = before[0]
        log.setLevel(before[1])


@contextmanager
def _environment() -> Iterator[None]:
    """Processes that Ray starts now import what this one can, and keep their notes to themselves.

    Ray's native parts write to the file of standard error, past ``sys.stderr``, even to say that they will be silent.
    """
    ours = {
        "PYTHONPATH": os.pathsep.join(path or os.getcwd() for path in sys.path),  # noqa: PTH109
        "RAY_BACKEND_LOG_LEVEL": "fatal",
    }
    before = {name: os.environ.get(name) for name in ours}
    os.environ.update(ours)
    sys.stderr.flush()
    shown, silent = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 2)
    try:
        yield
    finally:
        os.dup2(shown, 2)
        os.close(shown)
        os.close(silent)
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _mapped(
    ray: Any, task: Task[Any, Any], todo: Sequence[Sequence[Any]], workers: int, *, ordered: bool
) -> Iterator[Any]:
    """The results of a round; Ray may finish its batches in another order than theirs."""
    rows = [{"number": number, "batch": pickle.dumps(list(batch))} for number, batch in enumerate(todo)]
    mapped = ray.data.from_items(rows, override_num_blocks=len(rows)).map_batches(
        _Actor,
        fn_constructor_args=(pickle.dumps(task),),
        batch_size=1,
        num_cpus=1,
        compute=ray.data.ActorPoolStrategy(size=workers),
    )
    waiting: dict[int, list[Any]] = {}
    place = 0
    for row in mapped.iter_rows():
        if not ordered:
            yield from pickle.loads(row["results"])
            continue
        waiting[row["number"]] = pickle.loads(row["results"])
        while place in waiting:
            yield from waiting.pop(place)
            place += 1


class _Actor:
    """Prepares a task once and does rows, in a process of its own: an item that ends that one does not end Ray's."""

    def __init__(self, payload: bytes) -> None:
        self._pool = WorkerPool(pickle.loads(payload), 1)

    def __call__(self, rows: dict[str, Any]) -> dict[str, list[Any]]:
        results = [pickle.dumps(list(self._pool.run([pickle.loads(batch)]))) for batch in rows["batch"]]
        return {"number": list(rows["number"]), "results": results}
