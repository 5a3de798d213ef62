"""What ``auto`` means: epochs and learning rate for a number of examples."""

from __future__ import annotations

import math
from dataclasses import dataclass

from kgslm.tuning.options import TrainOptions

_FEW = 1000


@dataclass(frozen=True, slots=True)
class Schedule:
    """epochs, and the peak learning rates of the adapter and of the head; both rise over the first tenth of the
    steps and fall to zero along a line."""

    epochs: int
    learning_rate: float
    head_learning_rate: float


def choose_schedule(
    options: TrainOptions, examples: int, *, has_dev: bool, few: tuple[int, float] = (3, 2e-4)
) -> Schedule:
    """The schedule for so many examples. few: epochs and learning rate of the task where examples are few.

    The head starts from the logistic regression on frozen vectors, which is hard to beat with a few hundred examples;
    there, a few gentle epochs refine it. With more data the adapter has more to learn and gets more steps. A
    development set ends training in time, so that it may start longer.
    """
    rate = options.learning_rate
    if rate == "auto":
        rate = few[1] if examples < _FEW else 1e-3
    return Schedule(_epochs(options, examples, few[0], has_dev=has_dev), rate, rate / 2)


def share_of_peak(step: int, steps: int) -> float:
    """The learning rate of a step, counted from 0, as a share of its peak: up over the first tenth, then to zero."""
    warm_up = max(1, steps // 10)
    return min((step + 1) / warm_up, max(0.0, (steps - step) / max(1, steps - warm_up)))


def _epochs(options: TrainOptions, examples: int, few: int, *, has_dev: bool) -> int:
    if options.epochs != "auto":
        return options.epochs
    epochs = few if examples < _FEW else max(3, min(10, math.ceil(30_000 / examples)))
    return 2 * epochs if has_dev else epochs
