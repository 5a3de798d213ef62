"""Worker processes that do batches side by side; results come in the order of the batches.

Each worker holds one batch at a time, and only a bounded number of batches is underway or waits for its turn, so that
memory does not grow with the stream. A worker that dies is replaced, and its batch is done again item by item: only
the item that kills it fails.
"""

from __future__ import annotations

import multiprocessing
import pickle
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import takewhile
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from typing import Any

from kgslm.bulk.work import Item, Result, Task, attempt, describe
from kgslm.errors import KgslmError

_READY = "ready"
_WINDOW = 4
"""Batches for each worker that may be underway or done and waiting for an earlier one."""
_PATIENCE = 5.0
"""Seconds that a worker has to end by itself."""


def pooled(
    task: Task[Item, Result], batches: Iterable[Sequence[Item]], workers: int, *, ordered: bool = True
) -> Iterator[Result]:
    """Do all batches in ``workers`` processes, at least 1. Close the iterator to end the processes early.

    ordered: results in the order of the batches; False: each as soon as it is there. Raises KgslmError where the task
    cannot be sent to a process or cannot be prepared there.
    """
    pool = WorkerPool(task, workers)
    try:
        yield from pool.run(batches, ordered=ordered)
        pool.close(_PATIENCE)
    finally:
        pool.close()


@dataclass(eq=False)
class _Job:
    """A batch: what is left of it, in pieces, and the results so far."""

    pieces: deque[Sequence[Any]]
    results: list[Any] = field(default_factory=list)

    @property
    def done(self) -> bool:
        return not self.pieces


class _Worker:
    """A process and the job it does, if any."""

    def __init__(self, payload: bytes) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs, payload), daemon=True)
        with _undisturbed():
            self.process.start()
        theirs.close()  # so that the death of the process ends the connection
        self.ready = False
        self.job: _Job | None = None

    def send(self) -> None:
        """Hand over the next piece of the job. A worker that is dead is noticed at the next ``receive``."""
        if self.ready and self.job:
            try:
                self.connection.send(self.job.pieces[0])
            except OSError:
                return

    def receive(self) -> Any:
        """The next message; None where the process has died."""
        try:
            return self.connection.recv()
        except (EOFError, OSError):
            return None

    def farewell(self) -> str:
        """How the process ended."""
        self.connection.close()
        self.process.join(_PATIENCE)
        code = self.process.exitcode
        if code is not None and code < 0:
            return f"killed by {signal.Signals(-code).name}"
        return f"exit status {code}"


class WorkerPool:
    """Processes that have prepared one task. They start with the first batch and stay until ``close``."""

    def __init__(self, task: Task[Any, Any], workers: int) -> None:
        self._task = task
        try:
            self._payload = pickle.dumps(task)
        except (pickle.PicklingError, TypeError, AttributeError) as error:
            raise KgslmError(
                f"workers: this cannot be sent to other processes ({describe(error)}); use one worker"
            ) from error
        self._workers: list[_Worker] = []
        self._count = workers

    def run(self, batches: Iterable[Sequence[Any]], *, ordered: bool = True) -> Iterator[Any]:
        """The results, in order or each as soon as it is there; one ``run`` at a time."""
        source = iter(batches)
        first = next(source, None)
        if first is None:
            return
        if not self._workers:
            # The first worker makes what all share, such as a lexicon, and tells whether the task can be prepared.
            self._workers = [_Worker(self._payload)]
            self._handle(self._workers[0])
            self._workers += [_Worker(self._payload) for _ in range(self._count - 1)]
        underway = deque([self._assign(first)])
        more = True
        while more or underway:
            while more and len(underway) < _WINDOW * self._count and self._is_any_free():
                batch = next(source, None)
                more = batch is not None
                if batch is not None:
                    underway.append(self._assign(batch))
            for job in _finished(underway, ordered=ordered):
                underway.remove(job)
                yield from job.results
            self._listen()

    def close(self, patience: float = 0) -> None:
        """End all processes, by force those that have not ended after ``patience`` seconds."""
        workers, self._workers = self._workers, []
        for worker in workers:
            worker.connection.close()
        for worker in workers:
            worker.process.join(patience)
            if worker.process.is_alive():
                worker.process.terminate()
                worker.process.join(_PATIENCE)
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()

    def _is_any_free(self) -> bool:
        return any(worker.job is None for worker in self._workers)

    def _assign(self, batch: Sequence[Any]) -> _Job:
        worker = next(worker for worker in self._workers if worker.job is None)
        worker.job = _Job(deque([batch]))
        worker.send()
        return worker.job

    def _listen(self) -> None:
        """Wait for a message of a worker with a job, and take what has come."""
        busy = {worker.connection: worker for worker in self._workers if worker.job}
        for connection in wait(list(busy)) if busy else ():
            self._handle(busy[connection])  # type: ignore[index]

    def _handle(self, worker: _Worker) -> None:
        message = worker.receive()
        if message is None:
            self._replace(worker)
        elif message == _READY:
            worker.ready = True
            worker.send()
        elif isinstance(message, str):
            raise KgslmError(message)
        elif worker.job:
            worker.job.pieces.popleft()
            worker.job.results += message
            self._go_on(worker)

    def _replace(self, worker: _Worker) -> None:
        """Put a new process in the place of one that has died; find out which item has killed it."""
        how = worker.farewell()
        if not worker.ready or not worker.job:
            raise KgslmError(f"workers: a worker process ended while it was getting ready ({how}); is memory short?")
        piece = worker.job.pieces.popleft()
        if len(piece) > 1:
            worker.job.pieces.extendleft([item] for item in reversed(piece))
        else:
            worker.job.results.append(self._task.fail(piece[0], f"the worker process ended ({how})"))
        fresh = _Worker(self._payload)
        fresh.job = worker.job
        self._workers[self._workers.index(worker)] = fresh
        if fresh.job.done:
            fresh.job = None

    @staticmethod
    def _go_on(worker: _Worker) -> None:
        if worker.job and worker.job.done:
            worker.job = None
        worker.send()


def _finished(underway: Iterable[_Job], *, ordered: bool) -> list[_Job]:
    """The jobs whose results can be handed out."""
    if ordered:
        return list(takewhile(lambda job: job.done, underway))
    return [job for job in underway if job.done]


def _serve(connection: Connection[Any, Any], payload: bytes) -> None:
    """What a worker process does: prepare, then batches until the other end closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what an interrupt ends
    try:
        task = pickle.loads(payload)
        task.prepare()
    except Exception as error:
        connection.send(describe(error))
        return
    try:
        connection.send(_READY)
        while True:
            connection.send(attempt(task, connection.recv()))
    except (EOFError, OSError):
        return


@contextmanager
def _undisturbed() -> Iterator[None]:
    """A process started here never sees Ctrl-C, not even while it starts."""
    mask: Callable[..., Any] | None = getattr(signal, "pthread_sigmask", None)
    if mask is None or threading.current_thread() is not threading.main_thread():
        yield
        return
    resource_tracker.ensure_running()  # starting it would lift the mask
    before = mask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        mask(signal.SIG_SETMASK, before)
