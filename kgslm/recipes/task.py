"""A training or comparison configuration, and the data that it names."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationInfo, field_validator

from kgslm.augmentation import AugmentConfig
from kgslm.config import Config, ConfigPath, load_config
from kgslm.data.classification import Dataset, Fields
from kgslm.data.sampling import drop_rare_labels, split_off
from kgslm.errors import ConfigError
from kgslm.evaluation.cells import ARMS, read_cell
from kgslm.injection import Inject
from kgslm.injection.injector import whole_text
from kgslm.packs import KnowledgePack
from kgslm.records import Example
from kgslm.tuning.options import Tuning
from kgslm.tuning.tasks.base import task_class


class DataFiles(Config):
    """Where the examples are.

    dev, test: a file, or the fraction of the training file to set aside. unlabelled: files of further texts of the
    domain, from which the evidence arm learns. text, label, text_pair: fields.
    min_count: labels with fewer training examples are left out, in every part.
    """

    train: ConfigPath
    dev: float | ConfigPath | None = None
    test: float | ConfigPath | None = None
    unlabelled: list[ConfigPath] = Field(default=[])
    text: str = "text"
    label: str = "label"
    text_pair: str = "text_pair"
    min_count: int = Field(default=1, ge=1)

    @field_validator("dev", "test")
    @classmethod
    def _is_a_share(cls, value: Any) -> Any:
        if isinstance(value, float) and not 0 < value < 1:
            raise ValueError("a file or a fraction between 0 and 1")
        return value


class CompareOptions(Config):
    """The grid.

    shots: labelled examples a class, or texts where spans or relations are learnt, or ``all``.
    cells: ``none``, arms alone or joined by ``+``, ``all``; and controls:
    ``shuffled(CELL)`` with the pack's concepts permuted, ``random-vectors(CELL)`` with random vectors of equal norm in
    the embeddings arm. ``shuffled`` alone is that of ``all``, ``random-vectors`` alone that of ``embeddings``.
    test_limit: a fixed sample of the test file. bootstrap: resamples for the intervals. permutations: swaps drawn by
    each permutation test. correction: of p-values for the number of comparisons, ``holm`` or ``benjamini-hochberg``.
    smallest_effect: points of macro-F1, from 0 to 100, that would matter; where less than that could have been missed,
    a comparison that shows nothing is called underpowered.
    """

    shots: list[int | Literal["all"]] = Field(default=[4, 16])
    seeds: list[int] = Field(default=[0, 1, 2])
    cells: list[str] = Field(default=["none", *ARMS, "all", "shuffled"])
    test_limit: int | None = Field(default=None, ge=1)
    bootstrap: int = Field(default=1000, ge=100)
    permutations: int = Field(default=10_000, ge=100)
    correction: Literal["holm", "benjamini-hochberg"] = "holm"
    smallest_effect: float = Field(default=2.0, gt=0, le=100)

    @field_validator("shots")
    @classmethod
    def _some_shots(cls, value: list[int | str]) -> list[int | str]:
        if not value or any(isinstance(shots, int) and shots < 1 for shots in value):
            raise ValueError("numbers of examples a class from 1, or all")
        return list(dict.fromkeys(value))

    @field_validator("seeds")
    @classmethod
    def _some_seeds(cls, value: list[int]) -> list[int]:
        if not value or min(value) < 0:
            raise ValueError("at least one seed, none below 0")
        return list(dict.fromkeys(value))

    @field_validator("cells")
    @classmethod
    def _known_cells(cls, value: list[str]) -> list[str]:
        if not value:
            raise ValueError("at least one cell")
        return list(dict.fromkeys(read_cell(cell).name for cell in value))


class TaskConfig(Tuning):
    """A whole task: what to learn, from which data, with which knowledge. See the README for an example."""

    task: str
    data: DataFiles
    pack: ConfigPath | None = None
    augment: list[AugmentConfig] = Field(default=[])
    compare: CompareOptions = CompareOptions()

    @field_validator("inject", mode="before")
    @classmethod
    def _no_empty_arm(cls, value: Any) -> Any:
        if isinstance(value, dict):
            for arm, options in value.items():
                if options is None:
                    raise ValueError(f"{arm} has no value; write {arm}: true for its defaults, or leave it out")
        return value

    @field_validator("model")
    @classmethod
    def _model_beside_the_file(cls, value: str, info: ValidationInfo) -> str:
        folder = Path((info.context or {}).get("base", Path())) / value
        # The saved model keeps this name and may be opened from anywhere.
        return str(folder.absolute()) if folder.is_dir() else value

    def tuning(self, inject: Inject, seed: int) -> Tuning:
        """The part that fine-tuning needs, with other arms and another seed."""
        train = self.train.model_copy(update={"seed": seed})
        return Tuning.model_construct(
            task=self.task,
            model=self.model,
            max_length=self.max_length,
            windows=self.windows,
            inject=inject,
            adapter=self.adapter,
            train=train,
        )

    def open_pack(self) -> KnowledgePack:
        """The pack. Raises ConfigError where none is named, PackError where it cannot be opened."""
        if self.pack is None:
            raise ConfigError("pack: knowledge is asked for, but no pack is named; add pack: PATH")
        return KnowledgePack.open(self.pack)


def read_task(path: Path, overrides: tuple[str, ...] = ()) -> TaskConfig:
    """Read a configuration file; see ``load_config``."""
    return load_config(path, TaskConfig, overrides)


@contextmanager
def in_file(config: TaskConfig | Path | str) -> Iterator[None]:
    """Put the configuration's file before what the block finds wrong with its keys."""
    try:
        yield
    except ConfigError as error:
        if isinstance(config, TaskConfig):
            raise
        raise ConfigError(f"{config}:{error}") from error


def read_parts(files: DataFiles, task: str = "classification") -> dict[str, Dataset]:
    """The parts ``train``, ``dev`` and ``test``, those that are named.

    task: its name, for how files are read. Raises DataError, or ConfigError where no example is left for a part.
    """
    fields = _fields(files)
    read = task_class(task).read
    parts = {"train": read(files.train, fields)}
    for name, given in (("test", files.test), ("dev", files.dev)):
        if isinstance(given, Path):
            parts[name] = read(given, fields)
    kept = drop_rare_labels(parts["train"], files.min_count)
    if kept is not parts["train"]:
        parts = {name: _only(part, kept.labels) for name, part in parts.items()}
    # Set aside after the rare labels are gone, the test part first, so that dev does not change it.
    for name, given in (("test", files.test), ("dev", files.dev)):
        if isinstance(given, float):
            parts["train"], parts[name] = split_off(parts["train"], given)
    for name, part in parts.items():
        if not len(part):
            raise ConfigError(f"data.{name}: no example is left for it; give more examples or a smaller min_count")
    return parts


def read_unlabelled(files: DataFiles, parts: dict[str, Dataset], task: str = "classification") -> list[Example]:
    """The further texts, but those that are in a part of the data. Raises DataError."""
    fields = _fields(files)
    known = {whole_text(example) for part in parts.values() for example in part}
    texts = (text for path in files.unlabelled for text in task_class(task).read(path, fields, labelled=False))
    return [text for text in texts if whole_text(text) not in known]


def _fields(files: DataFiles) -> Fields:
    return Fields(files.text, files.label, files.text_pair)


def _only(data: Dataset, labels: tuple[str, ...]) -> Dataset:
    """The examples that have one of ``labels``, without their other labels."""
    kept = []
    for example in data:
        own = tuple(label for label in example.labels if label in labels)
        if own or not example.labels:
            kept.append(replace(example, labels=own))
    return data.keep(kept)
