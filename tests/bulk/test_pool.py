"""Worker processes: order, bounded memory, and what one bad item does."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from itertools import chain, count, islice
from pathlib import Path
from typing import Any

import pytest

from kgslm.bulk import Task, batched, inline, pooled
from kgslm.errors import KgslmError
from tests.bulk.tasks import DiesAtOnce, DiesOnce, Double, Refuses, Waits


def numbers(count: int, size: int) -> list[list[int]]:
    return [list(range(first, min(first + size, count))) for first in range(0, count, size)]


def flat(results: Iterator[list[str]]) -> list[str]:
    return list(chain.from_iterable(results))


def test_batches_are_full_by_number_or_by_size() -> None:
    sizes = [1, 1, 1, 5, 1, 9, 9]
    batches = list(batched(sizes, lambda size: size, most_items=3, most_size=6))
    assert batches == [[1, 1, 1], [5, 1], [9], [9]]
    assert list(batched([], len, most_items=3, most_size=6)) == []


@pytest.mark.parametrize("workers", [1, 3])
def test_results_come_in_order(workers: int) -> None:
    assert flat(pooled(Double(), numbers(50, 4), workers)) == [str(2 * number) for number in range(50)]
    assert flat(pooled(Double(), [], workers)) == []
    assert not multiprocessing.active_children()


def test_results_come_as_soon_as_they_are_there_where_their_order_does_not_matter(tmp_path: Path) -> None:
    results = flat(pooled(Waits(tmp_path / "mark"), numbers(6, 1), 2, ordered=False))
    assert sorted(results, key=int) == [str(2 * number) for number in range(6)]
    # The first one ended only when the fourth was done.
    assert results.index("0") >= 2


def test_only_the_item_that_raises_fails() -> None:
    expected = [str(2 * number) for number in range(20)]
    expected[7] = "7: ValueError: no 7 please"
    assert flat(inline(Double(raises=[7]), numbers(20, 5))) == expected
    assert flat(pooled(Double(raises=[7]), numbers(20, 5), 2)) == expected


def test_only_the_item_that_kills_its_process_fails() -> None:
    results = flat(pooled(Double(raises=[2], dies=[7, 8, 19]), numbers(20, 5), 2))
    failed = {number: result for number, result in enumerate(results) if result != str(2 * number)}
    died = "the worker process ended (exit status 3)"
    assert failed == {2: "2: ValueError: no 2 please", 7: f"7: {died}", 8: f"8: {died}", 19: f"19: {died}"}


def test_a_worker_that_was_killed_loses_nothing(tmp_path: Path) -> None:
    results = flat(pooled(DiesOnce(tmp_path / "mark"), numbers(20, 5), 2))
    assert (tmp_path / "mark").exists()
    assert results == [str(2 * number) for number in range(20)]


def test_a_stream_without_end_is_read_only_a_little_ahead() -> None:
    read = 0

    def endless() -> Iterator[list[int]]:
        nonlocal read
        for number in count():
            read = number
            yield [number]

    results: Any = pooled(Double(), endless(), 2)
    for place, result in enumerate(islice(results, 500)):
        assert result == [str(2 * place)]
        assert read - place <= 8
    results.close()
    assert not multiprocessing.active_children()


@pytest.mark.parametrize(
    ("task", "said"),
    [
        (Refuses(), r"^pack: it is gone$"),
        (DiesAtOnce(), r"^workers: a worker process ended while it was getting ready \(exit status 4\)"),
    ],
)
def test_what_cannot_be_prepared_ends_the_run(task: Task[int, list[str]], said: str) -> None:
    with pytest.raises(KgslmError, match=said):
        flat(pooled(task, numbers(4, 2), 2))
    assert not multiprocessing.active_children()


def test_what_cannot_be_sent_is_said() -> None:
    task = Double()
    task.prepare = lambda: None  # type: ignore[method-assign]
    with pytest.raises(KgslmError, match=r"^workers: this cannot be sent to other processes .*; use one worker$"):
        flat(pooled(task, numbers(4, 2), 2))


def test_an_error_of_the_source_ends_the_processes() -> None:
    def source() -> Iterator[list[int]]:
        yield [1]
        raise KgslmError("d.jsonl:2: bad")

    with pytest.raises(KgslmError, match="bad"):
        flat(pooled(Double(), source(), 2))
    assert not multiprocessing.active_children()
