"""``kgslm train`` and ``kgslm predict``: from a configuration to a model to predictions."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from kgslm.artifacts import read_manifest
from kgslm.packs import KnowledgePack
from tests.commands import Cli, figures, refused, rows
from tests.recipes.conftest import TEST, Task


def manifest(folder: Path) -> dict[str, Any]:
    return read_manifest(folder, "model", 1)


def test_train_writes_a_model_and_its_figures(cli: Cli, task: Task) -> None:
    run = cli("train", task.configure(), "-o", task.out, "--json", task.folder / "figures.json")
    assert (run.status, run.out) == (0, "")
    said = run.err.splitlines()
    assert said[0].startswith("epoch 1/2  loss ")
    assert said[2].startswith("12 examples, 2 labels, ")
    assert said[2].endswith(f"wrote {task.out}")
    assert said[3].startswith("2 of 2 labels grounded, trust ")
    assert said[4] == "test: accuracy 1.000, macro-F1 1.000, micro-F1 1.000"
    written = json.loads((task.folder / "figures.json").read_text(encoding="utf-8"))
    assert written["labels"] == ["heart disease", "infection"]
    assert (written["examples"], written["epochs"], written["learning_rate"]) == (12, 2, 0.01)
    assert written["test"]["accuracy"] == 1.0
    assert manifest(task.out)["training"] == {key: value for key, value in written.items() if key != "labels"}


def test_predictions_have_the_contracts_form(cli: Cli, task: Task) -> None:
    cli("train", task.configure(), "-o", task.out)
    output = task.folder / "predictions.jsonl.gz"
    assert figures(cli("predict", task.out, task.test, "-o", output, "--json", "-")) == {"texts": 6}
    predicted = rows(output)
    assert [row["id"] for row in predicted] == ["b0", "b1", "b2", "b3", "b4", "b5"]
    for row, (label, _) in zip(predicted, TEST, strict=True):
        assert list(row) == ["id", "label", "scores"]
        assert list(row["scores"]) == ["heart disease", "infection"]
        assert sum(row["scores"].values()) == pytest.approx(1, abs=1e-5)
        assert row["label"] == max(row["scores"], key=row["scores"].__getitem__) == label


def test_labels_are_not_needed_to_predict_and_empty_texts_are_fine(
    cli: Cli, task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli("train", task.configure(), "-o", task.out)
    path = task.write("new.jsonl", [{"text": ""}, {"id": 9, "text": "fever " * 300}, {"text": "\u05d0 😀"}])
    with path.open(encoding="utf-8") as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        run = cli("predict", task.out, "-", "-o", "-")
    assert (run.status, run.err) == (0, "3 texts\n")
    assert [json.loads(line)["id"] for line in run.out.splitlines()] == ["1", "9", "3"]


def test_an_empty_text_may_be_learnt_from(cli: Cli, task: Task) -> None:
    task.write("train.jsonl", [*rows(task.folder / "train.jsonl"), {"text": "", "label": "infection"}])
    assert figures(cli("train", task.configure(), "-o", task.out, "--json", "-"))["examples"] == 13


def test_csv_and_fields_by_other_names(cli: Cli, task: Task) -> None:
    lines = [f'{row["id"]},{row["label"]},"{row["text"]}"\n' for row in rows(task.folder / "train.jsonl")]
    (task.folder / "train.csv").write_text("id,topic,body\n" + "".join(lines), encoding="utf-8")
    config = task.configure(data={"train": "train.csv", "text": "body", "label": "topic"})
    run = figures(cli("train", config, "-o", task.out, "--json", "-"))
    assert (run["examples"], run["labels"]) == (12, ["heart disease", "infection"])


def test_set_changes_keys_of_the_configuration(cli: Cli, task: Task) -> None:
    cli("train", task.configure(), "-o", task.out)
    settings = ["train.seed=1", "inject.embeddings=false", "adapter={kind: lora, rank: 2}", "train.learning_rate=5e-4"]
    changes = [part for setting in settings for part in ("--set", setting)]
    run = cli("train", task.configure(), "-o", task.folder / "other", *changes)
    assert run.status == 0, run.err
    first, second = manifest(task.out), manifest(task.folder / "other")
    assert (first["tuning"]["train"]["seed"], second["tuning"]["train"]["seed"]) == (0, 1)
    assert (first["tuning"]["adapter"]["rank"], second["tuning"]["adapter"]["rank"]) == (8, 2)
    assert second["tuning"]["inject"]["embeddings"] is None
    assert second["tuning"]["train"]["learning_rate"] == 5e-4
    assert first["files"]["network.safetensors"] != second["files"]["network.safetensors"]


def test_training_twice_gives_the_same_weights(cli: Cli, task: Task) -> None:
    for name in ("one", "two"):
        cli("train", task.configure(), "-o", task.folder / name)
    one, two = (manifest(task.folder / name)["files"] for name in ("one", "two"))
    assert one["network.safetensors"] == two["network.safetensors"]
    assert one["adapter/adapter_model.safetensors"] == two["adapter/adapter_model.safetensors"]


def test_without_arms_no_pack_is_opened(cli: Cli, task: Task) -> None:
    assert cli("train", task.configure(inject=None, pack=None), "-o", task.out).status == 0
    assert manifest(task.out)["pack"] is None
    assert cli("predict", task.out, task.test, "-o", task.folder / "p.jsonl").status == 0


def test_a_part_of_the_training_file_as_development_data(cli: Cli, task: Task) -> None:
    data = {"train": "train.jsonl", "dev": 0.34, "test": 0.17}
    run = cli("train", task.configure(data=data), "-o", task.out, "--json", "-")
    written = figures(run)
    # Of six texts a label, one is set aside for the test; of the other five, two for development.
    assert written["test"]["texts"] == 2
    assert written["examples"] == 6
    assert 0 <= written["best_dev_score"] <= 1
    assert "dev F1 " in run.err


def test_texts_without_labels_are_taught_by_the_evidence(cli: Cli, task: Task) -> None:
    texts = [
        {"id": f"u{n}", "text": text} for n, text in enumerate(["cardiac pain", "lung infection", "fever", "rash"])
    ]
    task.write("more.jsonl", [*texts, *rows(task.test)])
    data = {**task.settings["data"], "unlabelled": ["more.jsonl"]}
    arms = {"evidence": True}
    written = figures(cli("train", task.configure(data=data, inject=arms), "-o", task.out, "--json", "-"))
    assert written["trust"] > 0
    assert written["taught"] == 4, "texts of the test part are left out"
    off = task.configure(data=data, inject={"evidence": {"teach": False}})
    assert figures(cli("train", off, "-o", task.out, "--json", "-"))["taught"] == 0
    plain = task.configure(data=data, inject=None)
    assert figures(cli("train", plain, "-o", task.out, "--json", "-"))["taught"] == 0
    missing = task.configure(data={**data, "unlabelled": ["none.jsonl"]})
    assert "none.jsonl" in refused(cli("train", missing, "-o", task.out))


def test_several_labels_a_text(cli: Cli, task: Task) -> None:
    train = [
        {"id": row["id"], "text": row["text"], "labels": [row["label"], "any"]}
        for row in rows(task.folder / "train.jsonl")
    ]
    task.write("train.jsonl", [*train, {"id": "none", "text": "the skin of the breast", "labels": []}])
    task.write("test.jsonl", ({"id": f"b{n}", "text": text, "labels": [label]} for n, (label, text) in enumerate(TEST)))
    plain = task.configure(train={**task.settings["train"], "contrast": 0})
    written = figures(cli("train", plain, "-o", task.out, "--json", "-"))
    assert written["labels"] == ["any", "heart disease", "infection"]
    assert written["test"]["accuracy"] == 0.0
    output = task.folder / "p.jsonl"
    assert cli("predict", task.out, task.test, "-o", output).status == 0
    for row, (label, _) in zip(rows(output), TEST, strict=True):
        assert list(row) == ["id", "labels", "scores"]
        assert row["labels"] == [name for name, score in row["scores"].items() if score >= 0.5] == ["any", label]
    scores = figures(cli("evaluate", task.out, task.test, "--json", "-"))
    assert scores == figures(cli("evaluate", "--predictions", output, task.test, "--json", "-")) == written["test"]


def test_the_second_text_of_a_pair_counts(cli: Cli, task: Task) -> None:
    texts = {"heart disease": "aspirin treats it", "infection": "penicillin drug"}
    for name in ("train.jsonl", "test.jsonl"):
        task.write(name, [{**row, "claim": texts[row["label"]]} for row in rows(task.folder / name)])
    data = {"train": "train.jsonl", "text_pair": "claim"}
    assert cli("train", task.configure(data=data), "-o", task.out).status == 0
    pairs = [{"id": claim, "text": "a", "claim": claim} for claim in texts.values()]
    output = task.folder / "p.jsonl"
    cli("predict", task.out, task.write("pairs.jsonl", pairs), "-o", output)
    first, second = (row["scores"]["infection"] for row in rows(output))
    assert abs(first - second) > 1e-3


def test_augmentation_adds_to_what_is_learnt(cli: Cli, task: Task) -> None:
    config = task.configure(augment=[{"method": "synonym", "factor": 1}], inject=None)
    written = figures(cli("train", config, "-o", task.out, "--json", "-"))
    assert 12 < written["examples"] <= 24
    assert manifest(task.out)["pack"] is None


def test_a_model_beside_the_configuration_opens_from_anywhere(
    cli: Cli, task: Task, tiny_encoder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(tiny_encoder, task.folder / "encoder")
    task.configure(model="encoder")
    (task.folder / "elsewhere").mkdir()
    monkeypatch.chdir(task.folder)
    assert cli("train", "task.yaml", "-o", "out").status == 0
    monkeypatch.chdir(task.folder / "elsewhere")
    assert cli("predict", "../out", task.test, "-o", "p.jsonl").status == 0


def test_a_pack_that_moved_is_named(cli: Cli, task: Task, toy_pack: KnowledgePack) -> None:
    pack = task.folder / "pack"
    shutil.copytree(toy_pack.path, pack)
    assert cli("train", task.configure(pack="pack"), "-o", task.out).status == 0
    shutil.move(pack, task.folder / "moved")
    predict = ("predict", task.out, task.test, "-o", task.folder / "p.jsonl")
    assert refused(cli(*predict)) == f"{task.out}: its pack toy 1 is not at ../pack; name it with --pack"
    assert cli(*predict, "--pack", task.folder / "moved").status == 0
    assert cli("evaluate", task.out, task.test, "--pack", task.folder / "moved").status == 0
