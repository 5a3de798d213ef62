"""What the knowledge bought: the same training with and without it, and with shuffled knowledge."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from kgslm.artifacts import check_replaceable
from kgslm.data.classification import Dataset
from kgslm.data.sampling import draw_shots, sample, without_texts_of
from kgslm.errors import ConfigError, DataError
from kgslm.evaluation import Bootstrap, CellResult, summarise, write_report
from kgslm.evaluation.report import KIND as REPORT
from kgslm.injection import Inject, ShuffledLinker, ground_labels
from kgslm.linking import Linker
from kgslm.linking.dictionary import DictionaryLinker
from kgslm.linking.memory import RememberingLinker
from kgslm.packs import KnowledgePack
from kgslm.recipes.task import ARMS, TaskConfig, in_file, read_parts, read_task
from kgslm.recipes.train import augmented
from kgslm.tuning.assemble import Base
from kgslm.tuning.finetune import finetune

Shots = int | Literal["all"]


@dataclass(frozen=True, slots=True)
class Run:
    """One training of the grid."""

    cell: str
    shots: Shots
    seed: int


def compare(
    config: TaskConfig | Path | str,
    output: Path | str | None = None,
    *,
    overrides: tuple[str, ...] = (),
    progress: Callable[[int, int, Run], None] | None = None,
) -> dict[str, Any]:
    """Train every cell of a configuration's grid and summarise; with ``output``, also write the report folder.

    All cells of one number of shots and one seed learn from the same examples in the same order, with as many steps
    and an adapter of the same size. progress: called before each training with (trainings done, trainings in all,
    the next one). Returns the content of ``report.json``. Raises ConfigError, DataError, PackError or ModelError.
    """
    if output is not None:
        check_replaceable(Path(output), REPORT)
    task = config if isinstance(config, TaskConfig) else read_task(Path(config), overrides)
    with in_file(config):
        grid = _Grid.open(task)
        runs = list(_runs(task))
        results = []
        for done, run in enumerate(runs):
            if progress:
                progress(done, len(runs), run)
            results.append(grid.train(run))
    summary = summarise(results, Bootstrap(resamples=task.compare.bootstrap))
    if output is not None:
        name = "" if isinstance(config, TaskConfig) else f": {Path(config).stem}"
        write_report(Path(output), summary, title=f"What the knowledge bought{name}", about=grid.about())
    return summary


@dataclass
class _Grid:
    """What all trainings share. left_out: training examples that are not learnt from, for their text is tested."""

    task: TaskConfig
    train_data: Dataset
    left_out: int
    test_data: Dataset
    pack: KnowledgePack | None
    base: Base
    shuffled: Linker | None

    @classmethod
    def open(cls, task: TaskConfig) -> _Grid:
        parts = read_parts(task.data)
        if "test" not in parts:
            raise ConfigError("data.test: compare needs a test part; name a file or a fraction of the training file")
        train_data = without_texts_of(parts["train"], parts["test"])
        if not train_data.examples:
            raise DataError("data.test: every training text is also a test text; nothing is left to learn from")
        injected = any(_inject(task, cell).on for cell in task.compare.cells)
        pack = task.open_pack() if injected or task.augment else None
        arms = _inject(task, "all")
        if pack is not None and arms.evidence is not None:
            # A label that cannot be grounded is told now, not after the first trainings.
            ground_labels(pack, train_data.labels, arms.evidence.labels, arms.evidence.label_names)
        linker = None if pack is None else RememberingLinker(DictionaryLinker.from_pack(pack))
        # Every cell is cut at the layer of the fusion, whether it fuses or not.
        widest = task.tuning(arms, 0)
        return cls(
            task=task,
            train_data=train_data,
            left_out=len(parts["train"]) - len(train_data),
            test_data=sample(parts["test"], task.compare.test_limit),
            pack=pack,
            base=Base.load(widest, pack, linker),
            shuffled=None if pack is None or linker is None else ShuffledLinker(linker, pack),
        )

    def train(self, run: Run) -> CellResult:
        """Train one cell and predict the test part."""
        start = time.perf_counter()
        shots = None if run.shots == "all" else run.shots
        drawn = augmented(self.task, draw_shots(self.train_data, shots, seed=run.seed), self.pack)
        base = replace(self.base, linker=self.shuffled) if run.cell == "shuffled" else self.base
        tuning = self.task.tuning(_inject(self.task, run.cell), run.seed)
        model = finetune(drawn, tuning, unlabelled=self.train_data, base=base)
        seconds = time.perf_counter() - start
        predictions = model.predict(list(self.test_data))
        return CellResult(
            cell=run.cell,
            shots=run.shots,
            seed=run.seed,
            train_seconds=seconds,
            ids=tuple(example.id for example in self.test_data),
            gold=tuple(example.labels for example in self.test_data),
            predicted=tuple(prediction.labels for prediction in predictions),
            details=_details(model.facts),
        )

    def about(self) -> dict[str, Any]:
        """What an auditor asks."""
        task = self.task
        return {
            "task": task.task,
            "model": task.model,
            "max_length": task.max_length,
            "frozen_layers": self.base.frozen.layers,
            "adapter": task.adapter.model_dump(mode="json"),
            "train": task.train.model_dump(mode="json"),
            "inject": _inject(task, "all").model_dump(mode="json"),
            "augment": [entry.model_dump(mode="json") for entry in task.augment],
            "data": {
                "train": {
                    "file": task.data.train.name,
                    "examples": len(self.train_data),
                    "left_out_as_tested": self.left_out,
                },
                "test": {"examples": len(self.test_data), "labels": len(self.test_data.labels)},
            },
            "pack": None
            if self.pack is None
            else {"name": self.pack.name, "version": self.pack.version, "fingerprint": self.pack.fingerprint},
            "seeds": task.compare.seeds,
        }


def _runs(task: TaskConfig) -> Iterator[Run]:
    for shots in task.compare.shots:
        for seed in task.compare.seeds:
            for cell in task.compare.cells:
                yield Run(cell, shots, seed)


def _inject(task: TaskConfig, cell: str) -> Inject:
    """The arms of a cell: ``all`` and ``shuffled`` have those of the configuration, or all three where it has none."""
    if cell == "none":
        return Inject()
    if cell in ("all", "shuffled"):
        return task.inject if task.inject.on else Inject().only(*ARMS)
    return task.inject.only(*cell.split("+"))


def _details(facts: dict[str, Any]) -> dict[str, float | str]:
    shown = {key: facts.get(key) for key in ("trust", "gate", "context", "grounded_labels")}
    return {**{key: value for key, value in shown.items() if value is not None}, "texts": facts["examples"]}
