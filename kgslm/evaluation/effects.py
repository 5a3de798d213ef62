"""What a cell's knowledge did, against each of its controls: the difference, how sure it is, and a verdict.

A verdict asks two questions of a difference: does its interval, over texts and seeds, leave out zero, and is the p of
its permutation test, corrected for all comparisons of the report, below one minus the level? Where one says no, there
is *no difference* that was shown; and where an effect of a size that matters would not have been seen either, the
comparison is called underpowered rather than taken for proof that nothing is there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from kgslm.evaluation.cells import RANDOM_VECTORS, SHUFFLED, control_of, is_control
from kgslm.evaluation.intervals import Bootstrap, Interval, Resampled
from kgslm.evaluation.metrics import Labels, macro_f1
from kgslm.evaluation.permutation import Correction, Permutation, corrected

KINDS = ("none", SHUFFLED, RANDOM_VECTORS)
Verdict = Literal["helps", "no difference", "hurts"]
_POWER = 0.8


@dataclass(frozen=True, slots=True)
class Judging:
    """How differences are judged. smallest: the smallest difference in score, from 0 to 1, that would matter."""

    permutation: Permutation = field(default_factory=Permutation)
    correction: Correction = "holm"
    smallest: float = 0.02


@dataclass(frozen=True, slots=True)
class Effect:
    """The difference in macro-F1 of a cell to a control. Scores are from 0 to 1.

    kind: what the control is, one of KINDS. p, corrected_p: of the permutation test, alone and among all comparisons.
    detectable: the smallest effect that is found four times out of five, by the spread of the resamples.
    underpowered: nothing was shown, and an effect that would matter need not have been seen.
    """

    cell: str
    shots: int | str
    kind: str
    control: str
    difference: Interval
    p: float
    detectable: float
    corrected_p: float = 1.0
    verdict: Verdict = "no difference"
    underpowered: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "cell": self.cell,
            "shots": self.shots,
            "kind": self.kind,
            "control": self.control,
            **self.difference.as_dict(),
            "p": self.p,
            "corrected_p": self.corrected_p,
            "detectable": self.detectable,
            "verdict": self.verdict,
            "underpowered": self.underpowered,
        }


def effects_of(
    shots: int | str,
    scores: Mapping[str, Resampled],
    predicted: Mapping[str, Sequence[Labels]],
    gold: Labels,
    bootstrap: Bootstrap,
    tests: Judging,
) -> list[Effect]:
    """The effects of all cells with knowledge, not judged yet. scores, predicted: by cell; predictions by seed."""
    from scipy.stats import norm

    reach = float(norm.ppf(1 - (1 - bootstrap.level) / 2) + norm.ppf(_POWER))
    found = []
    for cell in scores:
        if is_control(cell):
            continue
        for kind in KINDS:
            control = control_of(cell, kind, list(scores))
            if control is None:
                continue
            difference = scores[cell] - scores[control]
            found.append(
                Effect(
                    cell=cell,
                    shots=shots,
                    kind=kind,
                    control=control,
                    difference=bootstrap.interval(difference),
                    p=tests.permutation.p_value(gold, predicted[cell], predicted[control], macro_f1),
                    detectable=reach * difference.spread(),
                )
            )
    return found


def judged(effects: Sequence[Effect], tests: Judging, level: float) -> list[Effect]:
    """The effects with corrected p-values and verdicts. effects: all of a report, for they are corrected together."""
    values = corrected([effect.p for effect in effects], tests.correction)
    return [_judge(effect, p, tests, level) for effect, p in zip(effects, values, strict=True)]


def _judge(effect: Effect, p: float, tests: Judging, level: float) -> Effect:
    verdict: Verdict = "no difference"
    if p <= 1 - level + 1e-12:
        verdict = "helps" if effect.difference.low > 0 else "hurts" if effect.difference.high < 0 else verdict
    missed = verdict == "no difference" and effect.detectable > tests.smallest
    return replace(effect, corrected_p=p, verdict=verdict, underpowered=missed)
