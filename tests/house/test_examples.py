"""The examples and the commands of the README do what they say."""

from __future__ import annotations

import re
import runpy
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"

# What each example must print. The figures of trained models are left open.
EXPECTED = {
    "build_and_link": ["'concepts': 60", "payment disputes   -> chargeback", "SWIFT code         -> bic"],
    "ask_a_pack": ["path: L:2 -SECURED_BY-> L:4 <-ESTIMATES- L:5", "added: (('L:6'", "the same from Turtle: True"],
    "augment_examples": ["Dispute: 'payment dispute'", "t2 synonym", "kept 8"],
    "finetune_with_evidence": ["5 of 5 labels grounded", "'DRIP' is Dividend reinvestment", "predicted: investments"],
    "tag_entities": ["without  knowledge, trust 0.00: [", "with     knowledge, trust", "'SWIFT code'"],
    "compare_knowledge": ["none      macro-F1", "evidence  macro-F1", "shuffled  macro-F1"],
    "ask_with_citations": ["[chargeback, 0-96, from bank", "3 p.m. on working days", "not found in the sources"],
}
SLOW = {"compare_knowledge"}


def _marked(names: list[str]) -> list[Any]:
    return [pytest.param(name, marks=[pytest.mark.slow] if name in SLOW else []) for name in names]


def test_every_example_is_run() -> None:
    assert {path.stem for path in EXAMPLES.glob("*.py")} == set(EXPECTED)


@pytest.mark.parametrize("name", _marked(list(EXPECTED)))
def test_example(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    runpy.run_path(str(EXAMPLES / f"{name}.py"), run_name="__main__")
    printed = capsys.readouterr().out
    for words in EXPECTED[name]:
        assert words in printed


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with the examples in it, as the README takes for granted."""
    shutil.copytree(EXAMPLES, tmp_path / "examples", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.slow
def test_the_quick_start_of_the_readme(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = _blocks("python")[:1]
    exec(compile(code, "README.md", "exec"), {"__name__": "readme"})
    lines = capsys.readouterr().out.splitlines()
    assert (lines[0], lines[-1]) == ("chargeback 4 20", "investments")


@pytest.mark.slow
def test_the_walk_of_the_readme(checkout: Path, cli: Callable[..., Any]) -> None:
    walk = next(block for block in _blocks("sh") if "kgslm pack build" in block)
    commands = [line.partition("  #")[0].strip() for line in walk.splitlines() if line.startswith("kgslm ")]
    assert [command.split()[1] for command in commands if "pack" not in command.split()[1]] == [
        *("link", "augment", "train", "predict", "evaluate", "compare", "index", "ask")
    ]
    for command in commands:
        run = cli(*shlex.split(command)[1:])
        assert run.status == 0, f"{command}\n{run.err}"
    assert [line.rstrip() for line in run.out.splitlines()[1:]] == _blocks("text")[0].splitlines()


def test_the_configuration_of_the_readme_is_read(tmp_path: Path) -> None:
    from kgslm.recipes.task import read_task

    file = tmp_path / "task.yaml"
    file.write_text(next(block for block in _blocks("yaml") if block.startswith("task:")), encoding="utf-8")
    task = read_task(file)
    assert task.inject.on == ("context", "embeddings", "evidence")
    assert task.compare.test_limit == 800


def test_the_recipe_of_the_readme_is_read(tmp_path: Path) -> None:
    from kgslm.packs.recipe import load_recipe
    from kgslm.packs.sources import SourceConfig

    file = tmp_path / "pack.yaml"
    file.write_text(next(block for block in _blocks("yaml") if block.startswith("name:")), encoding="utf-8")
    (tmp_path / "terms.yaml").write_text("- term: Fever\n", encoding="utf-8")
    assert [source.kind for source in load_recipe(file).sources] == ["obo", "csv", "csv", "glossary"]
    # Every key that all sources share has its row.
    table = (ROOT / "README.md").read_text(encoding="utf-8")
    assert all(f"`{key}`" in table for key in SourceConfig.model_fields)


def test_every_key_of_a_table_has_its_row_in_the_readme() -> None:
    from kgslm.packs.readers.table import Columns, CsvSource
    from kgslm.packs.sources import SourceConfig

    text = (ROOT / "README.md").read_text(encoding="utf-8")
    keys = {*CsvSource.model_fields, *Columns.model_fields} - set(SourceConfig.model_fields)
    assert all(f"`{key}`" in text for key in keys)


def _blocks(language: str) -> list[str]:
    """The code blocks of the README in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```", (ROOT / "README.md").read_text(encoding="utf-8"), re.M | re.S)
