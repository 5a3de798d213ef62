"""The whole walk on real input: pack, labelled text, comparison, index, cited answers."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from kgslm.errors import ConfigError, unknown
from kgslm.packs import build_pack
from kgslm.recipes.ask import index_files
from kgslm.recipes.compare import CompareRun, Run, compare
from kgslm.recipes.icd10 import write_parts
from kgslm.recipes.resources import shipped
from kgslm.recipes.task import TaskConfig, read_task
from kgslm.records import Answer
from kgslm.serving import Answerer


@dataclass(frozen=True)
class Domain:
    """What a demo shows. text: writes train.jsonl and test.jsonl into a folder and returns how many texts each has."""

    pack: str
    config: str
    about_text: str
    text: Callable[[Path], dict[str, int]]
    questions: tuple[str, ...]


DOMAINS = {
    "medical": Domain(
        pack="medical/pack.yaml",
        config="icd10_chapters.yaml",
        about_text="ICD-10-CM titles and inclusion terms, each with its chapter",
        text=write_parts,
        questions=(
            "What does metformin treat?",
            "Which drugs are contraindicated in pregnancy?",
            "What is atrial fibrillation?",
            "Who won the football world cup in 1998?",
        ),
    )
}

_SECONDS = {"pack": 20, "text": 10, "compare": 240, "index": 60, "answers": 20}
"""What the steps take on two slow cores; corrected by what the steps so far have taken here."""


@dataclass(frozen=True)
class DemoResult:
    """Where everything is, and what came out. summary: the content of ``report.json``."""

    folder: Path
    summary: dict[str, Any]
    answers: tuple[Answer, ...]
    seconds: float


def demo(
    domain: str = "medical",
    folder: Path | None = None,
    *,
    say: Callable[[str], None] = print,
    overrides: Sequence[str] = (),
) -> DemoResult:
    """Run the demo of a domain. folder: where to put everything, ``build/demo/<domain>`` by default.

    overrides: ``key=value`` changes of the comparison's configuration. Raises ConfigError for a domain without a
    demo, MissingExtra where an optional package is not installed.
    """
    if domain not in DOMAINS:
        raise ConfigError(f"demo: {unknown('domain', domain, DOMAINS)}")
    chosen = DOMAINS[domain]
    folder = folder or Path("build/demo") / domain
    task = _task(chosen, folder, overrides)  # a mistake in an override is told before any work is done
    clock = _Clock(say)
    clock.start("pack", f"Building the {domain} knowledge pack")
    built = build_pack(shipped("knowledge", chosen.pack), folder / "pack")
    counted = ", ".join(f"{built.counts[what]:,} {what}" for what in ("concepts", "names", "relations"))
    say(f"  {counted} in {folder / 'pack'}")
    clock.start("text", f"Reading labelled text: {chosen.about_text}")
    counts = chosen.text(folder / "data")
    say(f"  {counts['train']:,} to learn from, {counts['test']:,} to test on; no category is on both sides")
    clock.start("compare", "Training with knowledge, without it, and with shuffled knowledge")
    summary = _compare(task, folder, clock)
    clock.start("index", "Indexing definitions and facts for questions")
    indexed = index_files(folder / "index", pack=folder / "pack", dense="names")
    say(f"  {indexed.passages:,} passages in {folder / 'index'}")
    clock.start("answers", "Answering questions, each with its sources or not at all")
    answerer = Answerer.open(folder / "index")
    answers = tuple(answerer.ask(question) for question in chosen.questions)
    return DemoResult(folder, summary, answers, clock.elapsed())


def _task(domain: Domain, folder: Path, overrides: Sequence[str]) -> TaskConfig:
    here = folder.absolute()
    places = (
        f"data.train={here / 'data' / 'train.jsonl'}",
        f"data.test={here / 'data' / 'test.jsonl'}",
        f"pack={here / 'pack'}",
    )
    return read_task(shipped("configs", domain.config), (*places, *overrides))


def _compare(task: TaskConfig, folder: Path, clock: _Clock) -> dict[str, Any]:
    numbers = count(1)

    def progress(done: int, total: int, run: Run) -> None:
        clock.within("compare", done / total)
        clock.say(
            f"  {next(numbers):2}/{total}  {run.cell}, {run.shots} examples a class, seed {run.seed}{clock.left()}"
        )

    how = CompareRun(workers=None)
    return compare(task, folder / "report", progress=progress, run=how)


class _Clock:
    """Announces steps and says how long is left."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.say = say
        self._begin = time.perf_counter()
        self._expected_so_far = 0.0
        self._step = 0

    def start(self, step: str, title: str) -> None:
        """Announce a step."""
        steps = list(_SECONDS)
        self._step = steps.index(step)
        self._expected_so_far = sum(_SECONDS[earlier] for earlier in steps[: self._step])
        self.say(f"[{self._step + 1}/{len(steps)}] {title}{self.left()}")

    def within(self, step: str, share: float) -> None:
        """Note how much of a step is done, in [0, 1]."""
        before = sum(_SECONDS[earlier] for earlier in list(_SECONDS)[: self._step])
        self._expected_so_far = before + share * _SECONDS[step]

    def left(self) -> str:
        """`` (about 3 min left)``."""
        total = sum(_SECONDS.values())
        # The first steps say little about this machine, so the expectation weighs in like half a minute of experience.
        pace = (self.elapsed() + 30) / (self._expected_so_far + 30)
        seconds = pace * (total - self._expected_so_far)
        return f" (about {seconds / 60:.0f} min left)" if seconds >= 90 else f" (about {max(seconds, 5):.0f} s left)"

    def elapsed(self) -> float:
        """Seconds since the demo began."""
        return time.perf_counter() - self._begin
