"""What ``auto`` means: epochs and learning rate for a number of examples."""

from __future__ import annotations

import math
from dataclasses import dataclass

from kgslm.tuning.options import TrainOptions

_FEW = 1000


@dataclass(frozen=True, slots=True)
class Few:
    """What suits a task where examples are few. rate: the adapter's learning rate. contrast: steps."""

    epochs: int = 3
    rate: float = 2e-4
    contrast: int = 0


@dataclass(frozen=True, slots=True)
class Schedule:
    """epochs, and the peak learning rates of the adapter and of the head; both rise over the first tenth of the
    steps and fall to zero along a line. contrast: steps before; see ``kgslm.tuning.contrast``."""

    epochs: int
    learning_rate: float
    head_learning_rate: float
    contrast: int = 0


def choose_schedule(options: TrainOptions, examples: int, *, has_dev: bool, few: Few | None = None) -> Schedule:
    """The schedule for so many examples. few: what suits the task where examples are few.

    The head starts from the logistic regression on frozen vectors, which is hard to beat with a few hundred examples;
    there, a few gentle epochs refine it. With more data the adapter has more to learn and gets more steps. A
    development set ends training in time, so that it may start longer.
    """
    few = few or Few()
    rate, contrast = options.learning_rate, options.contrast
    if rate == "auto":
        rate = few.rate if are_few(examples) else 1e-3
    if contrast == "auto":
        contrast = few.contrast if are_few(examples) and options.epochs != 0 else 0
    return Schedule(_epochs(options, examples, few.epochs, has_dev=has_dev), rate, rate / 2, contrast)


def are_few(examples: int) -> bool:
    """Whether there are so few training examples that what is learnt must be shown to help first."""
    return examples < _FEW


def share_of_peak(step: int, steps: int) -> float:
    """The learning rate of a step, counted from 0, as a share of its peak: up over the first tenth, then to zero."""
    warm_up = max(1, steps // 10)
    return min((step + 1) / warm_up, max(0.0, (steps - step) / max(1, steps - warm_up)))


def _epochs(options: TrainOptions, examples: int, few: int, *, has_dev: bool) -> int:
    if options.epochs != "auto":
        return options.epochs
    epochs = few if are_few(examples) else max(3, min(10, math.ceil(30_000 / examples)))
    return 2 * epochs if has_dev else epochs
