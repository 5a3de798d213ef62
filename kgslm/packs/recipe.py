"""pack.yaml: what a pack is made of."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import Field, SerializeAsAny

from kgslm.config import Config, expand_environment, parse_config, read_yaml
from kgslm.errors import ConfigError, PackError, unknown
from kgslm.packs.files import source_files
from kgslm.packs.sniff import sniff, sniff_file
from kgslm.packs.sources import READERS, SourceConfig, package_path, source_class

RECIPE = "pack.yaml"


class PackRecipe(Config):
    """A pack's name, version and sources. prefixes: namespaces by which all sources shorten their ids."""

    name: str
    version: str = ""
    description: str = ""
    prefixes: dict[str, str] = Field(default_factory=dict)
    sources: tuple[SerializeAsAny[SourceConfig], ...]


def load_recipe(path: Path) -> PackRecipe:
    """Read a recipe file, or the ``pack.yaml`` of a folder; a folder without one gives all files that tell their kind.

    Raises ConfigError with file and key, PackError where a source without ``kind`` does not tell it.
    """
    if path.is_dir():
        inside = path / RECIPE
        if not inside.is_file():
            return PackRecipe(name=path.resolve().name, sources=tuple(_folder_sources(path)))
        path = inside
    data = read_yaml(path)
    raw = data.pop("sources", None)
    if not isinstance(raw, list) or not raw:
        raise ConfigError(f"{path}:sources: a list of sources is needed, each with kind and path")
    sources = [_source(entry, f"{path}:sources.{number}", path.parent) for number, entry in enumerate(raw)]
    return parse_config({**data, "sources": sources}, PackRecipe, where=str(path), base=path.parent)


def source_from_text(text: str) -> SourceConfig:
    """``kind=path`` or ``path``, as on the command line. Raises ConfigError for an unknown kind."""
    kind, equals, path = text.partition("=")
    if not equals or (kind not in READERS.names() and Path(text).exists()):
        kind, path = "", text
    elif kind not in READERS.names():
        raise ConfigError(f"--source {text}: {unknown('kind', kind, READERS.names())}")
    data = {"path": path, **({"kind": kind} if kind else {})}
    return _source(data, f"--source {text}", Path())


def _source(entry: Any, where: str, base: Path) -> SourceConfig:
    if not isinstance(entry, dict):
        raise ConfigError(f"{where}: a mapping with kind and path is needed")
    entry = expand_environment(entry, where)
    kind = entry.get("kind")
    if kind is None:
        entry["kind"] = kind = _sniffed(entry, where, base)
    if kind not in READERS.names():
        raise ConfigError(f"{where}.kind: {unknown('kind', str(kind), READERS.names())}")
    return parse_config(entry, source_class(kind), where=where, base=base)


def _sniffed(entry: dict[str, Any], where: str, base: Path) -> str:
    path, package = entry.get("path"), entry.get("package")
    if not isinstance(path, str):
        raise ConfigError(f"{where}.kind: is needed; choose from {', '.join(READERS.names())}")
    place = package_path(package) if isinstance(package, str) else base
    return sniff(place / Path(path).expanduser())


def _folder_sources(folder: Path) -> Sequence[SourceConfig]:
    found = []
    with source_files(folder) as files:
        for file in files:
            kind = sniff_file(file)
            if kind is not None:
                found.append(_source({"kind": kind, "path": file.name}, file.name, Path()))
    if not found:
        raise PackError(f"{folder}: no {RECIPE} in it and no file whose content tells its kind")
    return found
