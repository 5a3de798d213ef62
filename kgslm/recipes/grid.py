"""The cells of a comparison: what they share, and how one of them is trained."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

from kgslm.caching import Cache, code_version
from kgslm.data.classification import Dataset
from kgslm.data.sampling import sample, without_texts_of
from kgslm.errors import ConfigError, DataError
from kgslm.evaluation import SHUFFLED, Cell, CellResult, Decision, read_cell
from kgslm.evaluation.cells import ARMS, RANDOM_VECTORS
from kgslm.injection import Inject
from kgslm.injection.control import RandomVectors
from kgslm.linking import Linker, LinkerSpec
from kgslm.linking.memory import RememberingLinker, link_space
from kgslm.models.device import one_thread
from kgslm.packs import KnowledgePack
from kgslm.recipes.peak import PeakMemory
from kgslm.recipes.task import TaskConfig, read_parts, read_unlabelled
from kgslm.recipes.train import augmented
from kgslm.records import Example
from kgslm.tuning.assemble import Base
from kgslm.tuning.finetune import finetune
from kgslm.tuning.model import KnowledgeModel
from kgslm.tuning.tasks.base import Task, task_class

Shots = int | Literal["all"]
_LINKER = LinkerSpec()
_TIMED = 16
"""Test texts by which the time of a prediction is measured."""


@dataclass(frozen=True, slots=True)
class Run:
    """One training of the grid."""

    cell: str
    shots: Shots
    seed: int

    def __str__(self) -> str:
        return f"cell {self.cell}, {self.shots} shots, seed {self.seed}"


def runs_of(task: TaskConfig) -> list[Run]:
    """All trainings. Those of one cell stand together: side by side they are different ones, and what they came to is
    there when another cell trains the same network."""
    options = task.compare
    return [Run(cell, shots, seed) for shots in options.shots for cell in options.cells for seed in options.seeds]


def arms_of(task: TaskConfig, cell: Cell) -> Inject:
    """The arms of a cell: ``all`` has those of the configuration, or all three where it has none."""
    if cell.arms == "none":
        return Inject()
    if cell.arms == "all":
        return task.inject if task.inject.on else Inject().only(*ARMS)
    return task.inject.only(*cell.arms.split("+"))


@dataclass(frozen=True)
class Material:
    """Data and pack of a grid.

    left_out: training examples that are not learnt from, for their text is tested. unlabelled: texts whose labels
    nobody looks at: those of the training part, for runs that learn from few of its labels, and further ones.
    """

    task: TaskConfig
    train_data: Dataset
    left_out: int
    test_data: Dataset
    pack: KnowledgePack | None
    unlabelled: tuple[Example, ...] = ()

    @classmethod
    def open(cls, task: TaskConfig) -> Material:
        """Read and check. Raises ConfigError, DataError or PackError."""
        parts = read_parts(task.data, task.task)
        if "test" not in parts:
            raise ConfigError("data.test: compare needs a test part; name a file or a fraction of the training file")
        train_data = without_texts_of(parts["train"], parts["test"])
        if not train_data.examples:
            raise DataError("data.test: every training text is also a test text; nothing is left to learn from")
        cells = [read_cell(cell) for cell in task.compare.cells]
        injected = any(arms_of(task, cell).on for cell in cells)
        pack = task.open_pack() if injected or task.augment else None
        arms = arms_of(task, read_cell("all"))
        if pack is not None and arms.evidence is not None:
            # A label that cannot be grounded is told now, not after the first trainings.
            task_class(task.task).of(train_data).check_evidence(arms.evidence, pack)
        for cell in cells:
            if cell.control == RANDOM_VECTORS and arms_of(task, cell).embeddings is None:
                raise ConfigError(f"compare.cells: {cell.name}: inject has no embeddings arm; add embeddings: true")
        left_out = len(parts["train"]) - len(train_data)
        test_data = sample(parts["test"], task.compare.test_limit)
        unlabelled = (*train_data, *read_unlabelled(task.data, parts, task.task))
        return cls(task, train_data, left_out, test_data, pack, unlabelled)

    @property
    def kind(self) -> type[Task]:
        """What is learnt."""
        return task_class(self.task.task)

    @cached_property
    def linker(self) -> Linker | None:
        """The pack's linker, with a memory on disk; None without a pack."""
        if self.pack is None:
            return None
        return RememberingLinker(_LINKER.load(self.pack), link_space(Cache(), _LINKER, self.pack))

    def drawn(self, run: Run) -> Dataset:
        """The examples of a run, before augmentation."""
        return self.kind.draw(self.train_data, None if run.shots == "all" else run.shots, seed=run.seed)

    def about(self) -> dict[str, Any]:
        """What an auditor asks."""
        task, pack = self.task, self.pack
        return {
            "task": task.task,
            "model": task.model,
            "max_length": task.max_length,
            "adapter": task.adapter.model_dump(mode="json"),
            "train": task.train.model_dump(mode="json"),
            "inject": arms_of(task, read_cell("all")).model_dump(mode="json"),
            "augment": [entry.model_dump(mode="json") for entry in task.augment],
            "data": {
                "train": {
                    "file": task.data.train.name,
                    "examples": len(self.train_data),
                    "left_out_as_tested": self.left_out,
                },
                # A run learns from those of them that are not its examples.
                "unlabelled": len(self.unlabelled),
                "test": {"examples": len(self.test_data), "labels": len(self.test_data.labels)},
            },
            "pack": None
            if pack is None
            else {"name": pack.name, "version": pack.version, "fingerprint": pack.fingerprint},
            "seeds": task.compare.seeds,
            "code": code_version(),
        }


@dataclass(frozen=True)
class Grid:
    """What all trainings in one process share."""

    material: Material
    base: Base
    shuffled: Linker | None

    @classmethod
    def open(cls, material: Material) -> Grid:
        """Load the backbone. Raises ModelError or ConfigError."""
        # Every cell is cut at the layer of the fusion, whether it fuses or not.
        widest = material.task.tuning(arms_of(material.task, read_cell("all")), 0)
        pack, linker = material.pack, material.linker
        shuffled = None if pack is None or linker is None else material.kind.shuffled(linker, pack)
        return cls(material, Base.load(widest, pack, linker, Cache()), shuffled)

    def train(self, run: Run) -> dict[str, Any]:
        """Train one cell and predict the test part; plain data for ``result_of``."""
        task, cell, peak = self.material.task, read_cell(run.cell), PeakMemory()
        test = list(self.material.test_data)
        base, tuning = self._base(cell), task.tuning(arms_of(task, cell), run.seed)
        # One thread a training, so that its figures do not depend on how many run beside it.
        with one_thread(base.backbone.device):
            drawn = augmented(task, self.material.drawn(run), self.material.pack)
            model = finetune(drawn, tuning, unlabelled=self.material.unlabelled, base=base)
            seconds = model.facts["train_seconds"]
            predictions = model.predict(test)
            costs = {
                "prepare_seconds": seconds - model.facts["step_seconds"],
                "step_seconds": model.facts["step_seconds"],
                "tokens": model.facts["tokens"],
                "parameters": model.facts["parameters"],
                "peak_mb": peak.megabytes(),
                "inference_ms": self._inference_ms(model, cell),
            }
        return {
            "predicted": [self.material.kind.decided(prediction) for prediction in predictions],
            "train_seconds": seconds,
            "details": _details(model.facts),
            "costs": costs,
            "frozen_layers": base.frozen.layers,
        }

    def _base(self, cell: Cell) -> Base:
        if cell.control == SHUFFLED:
            return replace(self.base, linker=self.shuffled)
        if cell.control == RANDOM_VECTORS and self.base.entities is not None:
            return replace(self.base, entities=RandomVectors(self.base.entities))
        return self.base

    def _inference_ms(self, model: KnowledgeModel, cell: Cell) -> float:
        """Milliseconds a text with nothing remembered but what the pack itself says."""
        injector = model.injector
        if injector.linker is not None and self.material.pack is not None:
            plain: Linker = _LINKER.load(self.material.pack)
            shuffled = self.material.kind.shuffled(plain, self.material.pack) if cell.control == SHUFFLED else plain
            injector = replace(injector, linker=shuffled)
        forgetful = self.base.frozen.forgetful()
        bare = replace(model, injector=injector, batcher=replace(model.batcher, frozen=forgetful))
        texts = list(self.material.test_data)[:_TIMED]
        model.network.memory = None
        start = time.perf_counter()
        bare.predict(texts)
        return 1000 * (time.perf_counter() - start) / len(texts)


@dataclass(frozen=True)
class Done:
    """A run with its plain data, or what went wrong."""

    run: Run
    record: dict[str, Any] = field(default_factory=dict)
    error: str = ""


@dataclass
class GridTask:
    """The grid as a task for worker processes, one run a batch."""

    task: TaskConfig
    _grid: Grid | None = field(default=None, compare=False)

    def prepare(self) -> None:
        """Open data, pack and backbone."""
        self._grid = self._grid or Grid.open(Material.open(self.task))

    def run(self, items: Sequence[Run]) -> Done:
        """Train one run."""
        assert self._grid is not None
        [run] = items
        return Done(run, self._grid.train(run))

    def fail(self, item: Run, error: str) -> Done:
        """A run that could not be trained."""
        return Done(item, error=error)

    def __reduce__(self) -> tuple[Any, ...]:
        return GridTask, (self.task,)


def result_of(run: Run, record: dict[str, Any], material: Material) -> CellResult:
    """A run's result from its plain data."""
    test_data = material.test_data
    return CellResult(
        cell=run.cell,
        shots=run.shots,
        seed=run.seed,
        train_seconds=record["train_seconds"],
        ids=tuple(example.id for example in test_data),
        gold=tuple(material.kind.decided(example) for example in test_data),
        predicted=tuple(tuple(map(_decision, found)) for found in record["predicted"]),
        details=record["details"],
        costs=record["costs"],
    )


def _decision(plain: Any) -> Decision:
    """JSON has lists for tuples."""
    return tuple(plain) if isinstance(plain, list) else plain


def _details(facts: dict[str, Any]) -> dict[str, float | str]:
    shown = {key: facts.get(key) for key in ("trust", "taught", "gate", "context", "grounded_labels")}
    return {**{key: value for key, value in shown.items() if value is not None}, "texts": facts["examples"]}
