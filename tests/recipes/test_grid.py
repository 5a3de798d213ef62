"""The grid of a comparison: controls, parts of the test texts, interruption, and processes side by side."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from kgslm.data.classification import Dataset
from kgslm.tuning.finetune import finetune
from kgslm.tuning.model import KnowledgeModel
from kgslm.tuning.options import Tuning
from tests.commands import Cli, figures
from tests.recipes.conftest import Task
from tests.recipes.test_compare import report, without_seconds

GRID = {"shots": [2, "all"], "seeds": [0], "cells": ["none", "evidence", "shuffled(evidence)"], "bootstrap": 100}


class Stops:
    """Trains as ever, but is interrupted before training number ``at``."""

    def __init__(self, at: int | None) -> None:
        self.at = at
        self.trained = 0

    def __call__(self, data: Dataset, tuning: Tuning, **more: Any) -> KnowledgeModel:
        if self.trained == self.at:
            raise KeyboardInterrupt
        self.trained += 1
        return finetune(data, tuning, **more)


@pytest.fixture
def training(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Set how trainings go: ``training(at)`` interrupts at that one and returns what counts them."""

    def set_(at: int | None = None) -> Stops:
        stops = Stops(at)
        monkeypatch.setattr("kgslm.recipes.grid.finetune", stops)
        return stops

    return set_


def journal(task: Task) -> Path:
    return task.folder / ".out.resume"


def test_an_interrupted_comparison_is_gone_on_with(cli: Cli, task: Task, training: Any) -> None:
    config = task.configure(compare=GRID)
    whole = task.folder / "whole"
    assert cli("compare", config, "-o", whole).status == 0
    training(4)
    assert cli("compare", config, "-o", task.out).status == 130
    assert not task.out.exists()
    assert len((journal(task) / "part.jsonl").read_text(encoding="utf-8").splitlines()) == 4
    counts = training()
    run = cli("compare", config, "-o", task.out)
    assert "note: 4 of 6 trainings are taken up from an interrupted comparison\n5/6: evidence, all shots" in run.err
    assert counts.trained == 2
    assert without_seconds(report(task.out)) == without_seconds(report(whole))
    assert not journal(task).exists()


def test_anything_else_starts_afresh(cli: Cli, task: Task, training: Any) -> None:
    def again(config: Path, *options: str) -> tuple[int, str]:
        training(2)
        assert cli("compare", task.configure(compare=GRID), "-o", task.out, "--no-resume").status == 130
        counts = training()
        run = cli("compare", config, "-o", task.out, *options)
        assert run.status == 0 or "--resume" in options, run.err
        return counts.trained, run.err

    def changed(**changes: Any) -> Path:
        return task.configure("changed.yaml", **{"compare": GRID, **changes})

    assert again(changed())[0] == 4
    # Another cell or another number of resamples changes nothing about the trainings that are done.
    assert again(changed(compare={**GRID, "bootstrap": 200, "cells": ["none", "evidence"]}))[0] == 2
    trained, said = again(changed(max_length=24))
    assert trained == 6
    assert "starting anew" in said
    assert again(changed(train={**task.settings["train"], "epochs": 1}))[0] == 6
    assert again(changed(inject={"evidence": {"labels": {"infection": ["T:2"], "heart disease": ["T:4"]}}}))[0] == 6
    trained, said = again(changed(max_length=24), "--resume")
    assert trained == 0
    assert "leave out --resume to start anew" in said
    assert again(changed(), "--no-resume")[0] == 6
    task.test.write_text(task.test.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    training(2)
    assert cli("compare", changed(), "-o", task.out).status == 130
    task.test.write_text(task.test.read_text(encoding="utf-8").replace("pneumonia", "asthma"), encoding="utf-8")
    counts = training()
    assert cli("compare", changed(), "-o", task.out).status == 0
    assert counts.trained == 6


def test_other_code_starts_afresh(cli: Cli, task: Task, training: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    config = task.configure(compare=GRID)
    training(2)
    assert cli("compare", config, "-o", task.out).status == 130
    monkeypatch.setattr("kgslm.recipes.compare.code_version", lambda: "another")
    counts = training()
    assert cli("compare", config, "-o", task.out).status == 0
    assert counts.trained == 6


def test_controls_of_single_arms(cli: Cli, task: Task) -> None:
    cells = ["none", "embeddings", "random-vectors", "shuffled(embeddings)", "context+evidence", "random-vectors(all)"]
    config = task.configure(compare={**GRID, "shots": [2], "cells": [*cells, "random-vectors(embeddings)"]})
    written = figures(cli("compare", config, "-o", task.out, "--json", "-"))
    assert [row["cell"] for row in written["summary"]] == cells
    controls = {(it["cell"], it["kind"]): it["control"] for it in written["effects"]}
    assert controls["embeddings", "random-vectors"] == "random-vectors"
    assert controls["embeddings", "shuffled"] == "shuffled(embeddings)"
    assert ("context+evidence", "shuffled") not in controls
    for row in written["cells"]:
        assert row["costs"]["parameters"] > 0
        assert row["costs"]["tokens"] > 0
        assert row["train_seconds"] == pytest.approx(row["costs"]["prepare_seconds"] + row["costs"]["step_seconds"])
    more = {row["cell"]: row["costs"]["parameters"] for row in written["summary"]}
    assert more["embeddings"] == more["random-vectors"] > more["none"]
    unknown = task.configure(compare={**GRID, "cells": ["shuffled(evidense)"]})
    run = cli("compare", unknown, "-o", task.out)
    assert run.status == 2
    assert "compare.cells: cell 'shuffled(evidense)': unknown cell 'evidense'" in run.err
    config = task.configure(inject={"evidence": True}, compare={**GRID, "cells": ["random-vectors(all)"]})
    assert "inject has no embeddings arm" in cli("compare", config, "-o", task.out).err


def test_parts_of_the_test_texts(cli: Cli, task: Task) -> None:
    config = task.configure(compare={**GRID, "shots": ["all"]})
    written = figures(cli("compare", config, "-o", task.out, "--json", "-"))
    texts = {(row["slicing"], row["slice"]): row["texts"] for row in written["slices"] if row["cell"] == "evidence"}
    # The six test texts have 1, 1, 2 (with "pain" unknown: 1), 1, 1 and 2 links; see the toy pack.
    assert sum(texts["links", part] for part in ("0", "1-2", "3-5", "6+")) == 6
    assert texts["links", "0"] == 0
    assert texts["links", "1-2"] == 6
    seen = [texts["concepts seen", part] for part in ("none of them", "some of them", "all of them")]
    assert sum(seen) == 6
    assert seen[2] >= 4
    assert {row["vs_none"] for row in written["slices"]} == {None}  # fewer than ten texts
    assert "Where it helps" in (task.out / "report.md").read_text(encoding="utf-8")


def command(config: Path, out: Path, *options: str) -> list[str]:
    return [
        sys.executable,
        "-c",
        "from kgslm.cli import main; main()",
        "compare",
        str(config),
        "-o",
        str(out),
        *options,
    ]


@pytest.mark.slow
@pytest.mark.parametrize("options", [("--workers", "2"), ("--engine", "ray", "--workers", "2")])
def test_processes_make_no_difference(task: Task, options: tuple[str, ...], cli: Cli) -> None:
    if "ray" in options:
        pytest.importorskip("ray")
    config = task.configure(compare={**GRID, "cells": ["none", "context", "embeddings", "evidence", "all", "shuffled"]})
    alone, together = task.folder / "alone", task.folder / "together"
    assert cli("compare", config, "-o", alone, "--workers", 1).status == 0
    subprocess.run(command(config, together, *options), check=True, env={**os.environ, "KGSLM_CACHE": str(task.folder)})
    assert without_seconds(report(together)) == without_seconds(report(alone))


@pytest.mark.slow
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_killed_comparison_is_gone_on_with(task: Task, cli: Cli, workers: str) -> None:
    config = task.configure(compare={**GRID, "seeds": list(range(20))})
    process = subprocess.Popen(command(config, task.out, "--workers", workers), stderr=subprocess.DEVNULL)
    part = journal(task) / "part.jsonl"
    while not part.is_file() or part.read_bytes().count(b"\n") < 3:
        time.sleep(0.02)
        assert process.poll() is None
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    kept = part.read_bytes().count(b"\n")
    assert 3 <= kept < 120
    # A line that was cut short is trained again.
    part.write_bytes(part.read_bytes() + b'{"run": {"cell": "none"')
    run = cli("compare", config, "-o", task.out, "--workers", 1)
    assert f"{kept} of 120 trainings are taken up" in run.err
    whole = task.folder / "whole"
    assert cli("compare", config, "-o", whole, "--workers", 1).status == 0
    assert without_seconds(report(task.out)) == without_seconds(report(whole))
    assert json.loads((whole / "report.json").read_text(encoding="utf-8"))["test"]["texts"] == 6
