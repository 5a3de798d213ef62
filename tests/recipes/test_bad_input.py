"""Bad configurations, data and places: one line with file and key, and nothing half-written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kgslm.errors import DataError
from kgslm.packs import Origin, PackBuilder, SourceConcept
from tests.commands import Cli, refused, rows
from tests.recipes.conftest import Task


@pytest.mark.parametrize("command", ["train", "compare"])
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"adapter": {"rnak": 4}}, "task.yaml:adapter: unknown key 'rnak'; did you mean 'rank'?"),
        ({"adapter": {"kind": "lorra"}}, "task.yaml:adapter: unknown kind 'lorra'; did you mean 'lora'?"),
        ({"adapter": "lora"}, "task.yaml:adapter: a mapping of keys to values was expected"),
        ({"tran": {}}, "task.yaml: unknown key 'tran'; did you mean 'train'?"),
        ({"inject": {"contxt": True}}, "task.yaml:inject: unknown key 'contxt'; did you mean 'context'?"),
        ({"train": {"epochs": "three"}}, "task.yaml:train.epochs: Input should be a valid integer or 'auto'"),
        ({"train": {"learning_rate": 5}}, "task.yaml:train.learning_rate: a learning rate lies between 0 and 1, such"),
        ({"max_length": 4}, "task.yaml:max_length: Input should be greater than or equal to 8"),
        ({"task": "clasification"}, "task.yaml:task: unknown task 'clasification'; did you mean"),
        ({"data": None}, "task.yaml:data: Field required"),
        ({"augment": [{"method": "synonim"}]}, "task.yaml:augment.0: augmenters: unknown name 'synonim'; did you mean"),
        ({"data": {"train": "train.jsonl", "dev": 2}}, "task.yaml:data.dev: a file or a fraction between 0 and 1"),
        ({"data": {"train": "a", "dev": [1]}}, "task.yaml:data.dev: Input should be a valid number or a path"),
        ({"data": {"train": "gone.jsonl"}}, "gone.jsonl: cannot be read: No such file or directory"),
        ({"pack": "gone"}, "gone: no such folder; a pack was expected there"),
        ({"pack": "."}, "{folder}: not a pack: it has no manifest.json"),
        ({"pack": None}, "task.yaml:pack: knowledge is asked for, but no pack is named; add pack: PATH"),
        (
            {"inject": {"evidence": {"labels": {"infection": "T:99"}}}},
            "task.yaml:inject.evidence.labels.infection: 'T:99' is no concept, tree number, category or name of the",
        ),
        ({"inject": {"embeddings": {"layer": 4}}}, "task.yaml:inject.embeddings.layer: 4 leaves nothing to train; the"),
        ({"compare": {"cells": ["nonne"]}}, "task.yaml:compare.cells: unknown cell 'nonne'; did you mean 'none'?"),
        ({"compare": {"cells": ["all+context"]}}, "task.yaml:compare.cells: unknown cell 'all'; choose from context, "),
        ({"compare": {"shots": [0]}}, "task.yaml:compare.shots: numbers of examples a class from 1, or all"),
        ({"compare": {"shots": ["al"]}}, "task.yaml:compare.shots.0: Input should be a valid integer or 'all'"),
        ({"compare": {"seeds": []}}, "task.yaml:compare.seeds: at least one seed, none below 0"),
    ],
)
def test_a_bad_configuration_is_one_line(
    command: str, changes: dict[str, Any], said: str, cli: Cli, task: Task
) -> None:
    if command == "compare" and "data" in changes:
        changes = {"data": changes["data"] and {"test": "test.jsonl", **changes["data"]}}
    before = sorted(task.folder.iterdir())
    config = task.configure(**changes)
    error = refused(cli(command, config, "-o", task.out)).replace(f"{task.folder}/", "")
    assert error.startswith(said.format(folder=task.folder)), error
    assert sorted(task.folder.iterdir()) == sorted([*before, config])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("task: classification\ntask: classification\n", "task.yaml:2: not valid YAML: the key 'task' is repeated"),
        ("task: [classification\n", "task.yaml:2: not valid YAML: "),
        ("- task\n", "task.yaml:1: a mapping of keys to values was expected"),
        ("", "task.yaml:task: Field required (and 1 more)"),
        ("pack: ${KGSLM_NOWHERE}/mesh\n", "task.yaml: the environment variable KGSLM_NOWHERE is not set"),
    ],
)
def test_a_bad_yaml_file_is_told_by_line(text: str, said: str, cli: Cli, task: Task) -> None:
    config = task.configure()
    config.write_text(text, encoding="utf-8")
    assert refused(cli("train", config, "-o", task.out)).startswith(f"{task.folder}/{said}")


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("train.seed", "--set train.seed: write key=value, such as train.seed=1"),
        ("train.seed=-1", "{config}:train.seed: Input should be greater than or equal to 0"),
        ("trian.seed=1", "{config}: unknown key 'trian'; did you mean 'train'?"),
        ("task.seed=1", "--set task.seed=1: 'task' is a value, not a group of keys"),
        ("train.seed=[1", "--set train.seed=[1: the value is not valid YAML"),
    ],
)
def test_a_bad_setting_is_one_line(setting: str, said: str, cli: Cli, task: Task) -> None:
    config = task.configure()
    assert refused(cli("train", config, "-o", task.out, "--set", setting)) == said.format(config=config)


def test_compare_needs_a_test_part(cli: Cli, task: Task) -> None:
    config = task.configure(data={"train": "train.jsonl"})
    said = "data.test: compare needs a test part; name a file or a fraction of the training file"
    assert refused(cli("compare", config, "-o", task.out)) == f"{config}:{said}"
    task.write("train.jsonl", [{"text": f"t{n}", "label": n} for n in range(4)])
    config = task.configure(data={"train": "train.jsonl", "test": 0.5})
    assert refused(cli("compare", config, "-o", task.out)).startswith(f"{config}:data.test: no example is left for it")


@pytest.mark.parametrize(
    ("name", "line", "said"),
    [
        ("train.jsonl", "{", "train.jsonl:13: not valid JSON"),
        ("test.jsonl", '{"text": 5}', "test.jsonl:7: no label; the field 'label' or 'labels' is needed"),
        ("test.jsonl", '{"label": "x"}', "test.jsonl:7: the field 'text' is missing; the line has label"),
        ("train.jsonl", '{"id": "a0", "text": "", "label": "x"}', "train.jsonl:13: the id 'a0' is already used at "),
    ],
)
def test_bad_data_is_told_by_line(name: str, line: str, said: str, cli: Cli, task: Task) -> None:
    with (task.folder / name).open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    for command in ("train", "compare"):
        assert refused(cli(command, task.configure(), "-o", task.out)).startswith(f"{task.folder}/{said}")
    assert not task.out.exists()


def test_one_label_alone_cannot_be_learnt(cli: Cli, task: Task) -> None:
    task.write("train.jsonl", rows(task.folder / "train.jsonl")[:6])
    run = cli("train", task.configure(), "-o", task.out)
    assert refused(run) == "training needs at least two labels; the data has heart disease"


def test_a_model_opens_with_its_own_pack_alone(cli: Cli, task: Task) -> None:
    cli("train", task.configure(), "-o", task.out)
    builder = PackBuilder("other", version="2")
    builder.add(Origin("terms"), [SourceConcept("X:1", "fever")])
    builder.write(task.folder / "other")
    output = task.folder / "p.jsonl"
    for command in (("predict", task.out, task.test, "-o", output), ("evaluate", task.out, task.test)):
        error = refused(cli(*command, "--pack", task.folder / "other"))
        assert error.startswith(f"{task.out}: trained with the pack toy 1 (")
        assert "not with other 2 (" in error
        assert error.endswith("open it with its own pack, or see kgslm upgrade")
    assert not output.exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"text": "fever"}\n{"text": ', ":2: not valid JSON"),
        (b'{"text": "\xff"}\n', ":1: not UTF-8 text"),
        (rb'{"text": "\udead"}' + b"\n", ":1: half a character"),
        (b"", ": the file has no examples"),
    ],
)
def test_bad_texts_to_predict_leave_the_old_output(content: bytes, said: str, cli: Cli, task: Task) -> None:
    cli("train", task.configure(), "-o", task.out)
    data, output = task.folder / "new.jsonl", task.folder / "p.jsonl"
    data.write_bytes(content)
    output.write_text("old\n", encoding="utf-8")
    before = sorted(task.folder.iterdir())
    assert refused(cli("predict", task.out, data, "-o", output)).startswith(f"{data}{said}")
    assert output.read_text(encoding="utf-8") == "old\n"
    assert sorted(task.folder.iterdir()) == before


def never(*_: Any, **__: Any) -> None:
    raise AssertionError("long work was started")


@pytest.mark.parametrize(
    ("command", "kind", "work"),
    [
        ("train", "model", "kgslm.recipes.train.finetune"),
        ("compare", "report", "kgslm.recipes.grid.finetune"),
        ("predict", "", "kgslm.tuning.model.KnowledgeModel.logits"),
    ],
)
def test_an_output_that_is_in_the_way_is_told_before_the_work(
    command: str, kind: str, work: str, cli: Cli, task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = task.configure()
    cli("train", config, "-o", task.folder / "model")
    inputs = (task.folder / "model", task.test) if command == "predict" else (config,)
    monkeypatch.setattr(work, never)
    thesis = task.out / "thesis.txt"
    thesis.parent.mkdir()
    thesis.write_text("years of work", encoding="utf-8")
    what = f"the folder is not empty and is no {kind}" if kind else "a folder is in the way"
    assert refused(cli(command, *inputs, "-o", task.out)) == f"{task.out}: {what}; choose another output"
    if kind:
        assert refused(cli(command, *inputs, "-o", thesis)) == f"{thesis}: a file is in the way; choose another output"
    assert thesis.read_text(encoding="utf-8") == "years of work"


def test_a_place_that_cannot_be_written_is_one_line(cli: Cli, task: Task) -> None:
    cli("train", task.configure(), "-o", task.out)
    error = refused(cli("predict", task.out, task.test, "-o", task.test / "p.jsonl"))
    assert error == f"{task.test}: a file is in the way; choose another output"


@pytest.mark.parametrize(
    ("command", "error"),
    [("train", DataError("in the middle")), ("train", RuntimeError("a bug")), ("compare", DataError("in the middle"))],
)
def test_an_error_in_the_middle_leaves_the_old_output_or_none(
    command: str, error: Exception, cli: Cli, task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    config = task.configure()
    last = {"train": "kgslm.tuning.checkpoint.write_manifest", "compare": "kgslm.evaluation.report.write_manifest"}
    for existed in (False, True):
        with monkeypatch.context() as patch:
            patch.setattr(last[command], fail)
            before = snapshot(task.folder)
            if isinstance(error, DataError):
                run = cli(command, config, "-o", task.out)
                assert run.status == 2
                assert run.err.endswith("error: in the middle\n")
            else:
                with pytest.raises(RuntimeError, match="a bug"):
                    cli(command, config, "-o", task.out)
            # What compare has trained is kept for the next try, beside the output.
            after = {path: data for path, data in snapshot(task.folder).items() if ".out.resume" not in str(path)}
            assert after == before
        assert task.out.exists() is existed
        assert cli(command, config, "-o", task.out).status == 0
    assert not (task.folder / ".out.resume").exists()
    assert json.loads((task.out / "manifest.json").read_text(encoding="utf-8"))["kind"]


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(file): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_debug_shows_the_traceback(cli: Cli, task: Task) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        cli("train", task.configure(data={"train": "gone.jsonl"}), "-o", task.out, "--debug")
