"""A task on batches of items, and what happens where one item makes it fail."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol, TypeVar

from kgslm.errors import KgslmError

_LONGEST_ERROR = 300

Item = TypeVar("Item")
ItemIn = TypeVar("ItemIn", contravariant=True)
Result = TypeVar("Result")
ResultOut = TypeVar("ResultOut", covariant=True)


class Task(Protocol[ItemIn, ResultOut]):
    """What is done to batches. Engines pickle it into every process before ``prepare`` is called there, once."""

    def prepare(self) -> None:
        """Open what the task needs. A KgslmError ends the run with its message."""
        ...

    def run(self, items: Sequence[ItemIn]) -> ResultOut:
        """Do all items of a batch, or raise: then each is tried alone."""
        ...

    def fail(self, item: ItemIn, error: str) -> ResultOut:
        """What stands for an item that cannot be done. error: what happened, in one line."""
        ...


def attempt(task: Task[Item, Result], items: Sequence[Item]) -> list[Result]:
    """The results of a batch in order: one, or, where something fails, one for each item."""
    try:
        return [task.run(items)]
    except Exception as error:
        if len(items) == 1:
            return [task.fail(items[0], describe(error))]
    return [result for item in items for result in attempt(task, [item])]


def inline(task: Task[Item, Result], batches: Iterable[Sequence[Item]]) -> Iterator[Result]:
    """Do all batches in this process."""
    task.prepare()
    for batch in batches:
        yield from attempt(task, batch)


def batched(
    items: Iterable[Item], size: Callable[[Item], int], *, most_items: int, most_size: int
) -> Iterator[list[Item]]:
    """Lists of items, each of at most ``most_items``; one is full as soon as its sizes add up to ``most_size``."""
    batch: list[Item] = []
    total = 0
    for item in items:
        batch.append(item)
        total += size(item)
        if len(batch) >= most_items or total >= most_size:
            yield batch
            batch, total = [], 0
    if batch:
        yield batch


def describe(error: BaseException) -> str:
    """An error in one line of bounded length; the type is left out where the message was made for users."""
    text = " ".join(str(error).split())
    if not isinstance(error, KgslmError):
        text = f"{type(error).__name__}: {text}" if text else type(error).__name__
    return text if len(text) <= _LONGEST_ERROR else f"{text[:_LONGEST_ERROR]} ..."
