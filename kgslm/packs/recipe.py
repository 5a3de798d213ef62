"""pack.yaml: what a pack is made of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import Field, SerializeAsAny

from kgslm.config import Config, expand_environment, parse_config, read_yaml
from kgslm.errors import ConfigError, unknown
from kgslm.packs.files import is_archive, title_of
from kgslm.packs.policies import Policies
from kgslm.packs.sniff import sniff
from kgslm.packs.sources import READERS, SourceConfig, package_path, source_class
from kgslm.packs.verbalise import Wording

RECIPE = "pack.yaml"


class PredicateWording(Config):
    """How a predicate reads; see ``kgslm.packs.verbalise.Wording``.

    forward: between subject and objects (``lowers the risk of``). inverse: between object and subjects; empty where
    there is no such sentence. cues: further words of questions that ask for it.
    """

    forward: str = Field(min_length=1)
    inverse: str = ""
    cues: str = ""

    def wording(self) -> Wording:
        """What the pack keeps."""
        return Wording(self.forward, self.inverse, self.cues)


class PackRecipe(Config):
    """A pack's name, version and sources.

    prefixes: namespaces by which all sources shorten their ids. prefix_synonyms: other spellings of a prefix, such as
    ``MSH: MESH``; all ids get the one spelling. policies: what to do about what is wrong; a source may have its own.
    wordings: how predicates read in sentences, by predicate, where they do not read well by themselves.
    """

    name: str
    version: str = ""
    description: str = ""
    prefixes: dict[str, str] = Field(default_factory=dict)
    prefix_synonyms: dict[str, str] = Field(default_factory=dict)
    policies: Policies = Policies()
    wordings: dict[str, PredicateWording] = Field(default_factory=dict)
    sources: tuple[SerializeAsAny[SourceConfig], ...]


def load_recipe(path: Path) -> PackRecipe:
    """Read a recipe file, or the ``pack.yaml`` of a folder.

    A folder without one, or an archive, gives all files that tell their kind, as does a source without ``kind``.
    Raises ConfigError with file and key, PackError where a source without ``kind`` does not tell it.
    """
    if path.is_dir() and (path / RECIPE).is_file():
        path = path / RECIPE
    elif path.is_dir() or is_archive(path):
        return PackRecipe(name=title_of(path), sources=_sources({"path": str(path)}, str(path), Path()))
    data = read_yaml(path)
    raw = data.pop("sources", None)
    if not isinstance(raw, list) or not raw:
        raise ConfigError(f"{path}:sources: a list of sources is needed, each with kind and path")
    sources = [
        source
        for number, entry in enumerate(raw)
        for source in _sources(entry, f"{path}:sources.{number}", path.parent)
    ]
    return parse_config({**data, "sources": sources}, PackRecipe, where=str(path), base=path.parent)


def sources_from_text(text: str) -> tuple[SourceConfig, ...]:
    """``kind=path`` or ``path``, as on the command line. Raises ConfigError for an unknown kind."""
    kind, equals, path = text.partition("=")
    if not equals or (kind not in READERS and Path(text).exists()):
        kind, path = "", text
    elif kind not in READERS:
        raise ConfigError(f"--source {text}: {unknown('kind', kind, READERS.names())}")
    data = {"path": path, **({"kind": kind} if kind else {})}
    return _sources(data, f"--source {text}", Path())


def _sources(entry: Any, where: str, base: Path) -> tuple[SourceConfig, ...]:
    """The source of an entry; without a kind, one for every file whose content tells it."""
    if not isinstance(entry, dict):
        raise ConfigError(f"{where}: a mapping with kind and path is needed")
    entry = expand_environment(entry, where)
    if entry.get("kind") is not None:
        return (_source(entry, where, base),)
    path, package = entry.get("path"), entry.get("package")
    if not isinstance(path, str):
        raise ConfigError(f"{where}.kind: is needed; choose from {', '.join(READERS.names())}")
    root = package_path(package) if isinstance(package, str) else base
    place = root / Path(path).expanduser()
    kinds, unread = sniff(place)
    if len(kinds) == 1 and not unread:
        return (_source({**entry, "kind": next(iter(kinds.values()))}, where, base),)
    for key in ("key", "sha256"):
        if key in entry:
            raise ConfigError(f"{where}.kind: is needed beside {key}, as {path} holds several files")
    parts = [_source({**entry, "kind": kind, "path": _below(file, root)}, where, base) for file, kind in kinds.items()]
    parts[0].leave_unread(unread)
    return tuple(parts)


def _source(entry: dict[str, Any], where: str, base: Path) -> SourceConfig:
    kind = entry["kind"]
    if str(kind) not in READERS:
        raise ConfigError(f"{where}.kind: {unknown('kind', str(kind), READERS.names())}")
    return parse_config(entry, source_class(kind), where=where, base=base)


def _below(file: str, root: Path) -> str:
    """The path of a file as a recipe in the folder ``root`` gives it."""
    path = Path(file)
    return str(path.relative_to(root)) if path.is_relative_to(root) else file
