"""Every configuration that is shipped is valid; the files that it names need not be there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kgslm.config import read_yaml
from kgslm.packs import load_recipe
from kgslm.recipes.task import read_task

ROOT = Path(__file__).parents[2]
SHIPPED = sorted(
    path.relative_to(ROOT).as_posix()
    for room in ("configs", "examples", "knowledge")
    for path in (ROOT / room).rglob("*.yaml")
)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_configuration_is_valid(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = ROOT / name
    for variable in re.findall(r"\$\{(\w+)", path.read_text(encoding="utf-8")):
        monkeypatch.setenv(variable, str(tmp_path))
    if "sources" in read_yaml(path):
        recipe = load_recipe(path)
        assert all(source.licence for source in recipe.sources), "an auditor asks for the licence of every source"
        return
    task = read_task(path)
    assert task.data.train.is_absolute()
    assert task.inject.on, "a shipped comparison shows what knowledge buys"


def test_there_is_something_to_check() -> None:
    assert {Path(name).parts[0] for name in SHIPPED} >= {"configs", "knowledge"}
