"""YAML to checked, frozen configurations."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from pydantic import Field, ValidationError

from kgslm.config import Config, ConfigPath, load_config, read_yaml
from kgslm.errors import ConfigError
from kgslm.registry import Registry


class Inner(Config):
    rate: float = 0.1
    size: int | Literal["auto"] = "auto"


class Outer(Config):
    name: str = "x"
    file: ConfigPath | None = None
    inner: Inner = Inner()
    many: list[Inner] = Field(default=[])


def read(tmp_path: Path, text: str, *overrides: str) -> Outer:
    (tmp_path / "c.yaml").write_text(text, encoding="utf-8")
    return load_config(tmp_path / "c.yaml", Outer, overrides)


def test_values_paths_and_overrides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KGSLM_TEST", "here")
    config = read(tmp_path, "name: 7\nfile: a/b\ninner: {rate: 5e-4}\nmany: [{size: 3}]\n")
    assert config == Outer(name="7", file=tmp_path / "a/b", inner=Inner(rate=5e-4), many=[Inner(size=3)])
    assert read(tmp_path, "file: /a/b\n").file == Path("/a/b")
    assert read(tmp_path, "name: ${KGSLM_TEST}-${KGSLM_GONE:-there}\n").name == "here-there"
    assert read(tmp_path, "", "inner.rate=1e-3", "name=a=b", "inner.size=4") == Outer(
        name="a=b", inner=Inner(rate=1e-3, size=4)
    )
    with pytest.raises(ValidationError, match="frozen"):
        config.name = "y"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nme: x\n", "c.yaml: unknown key 'nme'; did you mean 'name'?"),
        ("inner: {rat: 1}\n", "c.yaml:inner: unknown key 'rat'; did you mean 'rate'?"),
        ("inner: {zzz: 1}\n", "c.yaml:inner: unknown key 'zzz'; choose from rate, size"),
        ("inner: 3\n", "c.yaml:inner: a mapping of keys to values was expected"),
        ("inner: {rate: fast}\n", "c.yaml:inner.rate: Input should be a valid number"),
        ("inner: {size: big}\n", "c.yaml:inner.size: Input should be a valid integer or 'auto'"),
        ("many: [{}, {size: big}]\n", "c.yaml:many.1.size: Input should be a valid integer or 'auto'"),
        ("name: [1]\ninner: {rate: x}\n", "c.yaml:name: Input should be a valid string (and 1 more)"),
        ("file: [1]\n", "c.yaml:file: Input should be a path"),
        ("name: x\nname: y\n", "c.yaml:2: not valid YAML: the key 'name' is repeated"),
        ("name: ${KGSLM_GONE}\n", "c.yaml: the environment variable KGSLM_GONE is not set"),
    ],
)
def test_what_is_wrong_is_said_by_file_and_key(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, text)
    assert str(caught.value) == f"{tmp_path}/{said}"


def test_files_that_cannot_be_read_are_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"gone\.yaml: cannot be read: No such file or directory$"):
        read_yaml(tmp_path / "gone.yaml")
    (tmp_path / "c.yaml").write_bytes(b"name: \xff\n")
    with pytest.raises(ConfigError, match=r"c\.yaml: not UTF-8 text \(byte 6\)$"):
        read_yaml(tmp_path / "c.yaml")
    (tmp_path / "c.yaml").write_text("a: \x00")
    with pytest.raises(ConfigError, match=r"c\.yaml: not valid YAML: "):
        read_yaml(tmp_path / "c.yaml")


def test_a_registry_loads_by_name_or_suggests_one() -> None:
    registry = Registry("kgslm.things", {"config": "kgslm.config:Config"})
    assert registry.names() == ["config"]
    assert registry.load("config") is Config
    with pytest.raises(ConfigError, match=r"^things: unknown name 'confg'; did you mean 'config'\?$"):
        registry.load("confg")
