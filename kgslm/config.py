"""YAML files read into strict, frozen pydantic models.

Unknown and repeated keys are fatal and come with a suggestion; ``${NAME}`` in a string is the environment variable
NAME, ``${NAME:-other}`` has a default; relative paths are relative to the file that names them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, TypeVar

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError, ValidationInfo, model_validator
from pydantic_core import ErrorDetails

from kgslm.errors import ConfigError, unknown


class Config(BaseModel):
    """Base of every configuration model: frozen, no unknown keys, defaults checked."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        validate_default=True,
        coerce_numbers_to_str=True,
        arbitrary_types_allowed=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _refuse_unknown_keys(cls, data: Any) -> Any:
        if isinstance(data, Mapping):
            known = [field.alias or name for name, field in cls.model_fields.items()]
            for key in data:
                if key not in known:
                    raise ValueError(unknown("key", str(key), known))
        return data


def _resolve(path: Path, info: ValidationInfo) -> Path:
    base = (info.context or {}).get("base", Path())
    return Path(base) / path.expanduser()


ConfigPath = Annotated[Path, AfterValidator(_resolve)]
"""A path of a configuration file; relative ones count from the folder of that file."""

Model = TypeVar("Model", bound=BaseModel)


def load_config(path: Path, model: type[Model], overrides: Sequence[str] = ()) -> Model:
    """Read a YAML file into ``model``. overrides: ``key.sub=value`` texts, each value read as YAML.

    Raises ConfigError, one line that names the file and the key or line.
    """
    data = read_yaml(path)
    for override in overrides:
        _override(data, override)
    return parse_config(data, model, where=str(path), base=path.parent)


def parse_config(data: Any, model: type[Model], *, where: str, base: Path) -> Model:
    """Check plain data against ``model``. where: the name for error messages. base: what relative paths count from."""
    data = expand_environment(data, where)
    try:
        return model.model_validate(data, context={"base": base})
    except ValidationError as error:
        messages: dict[str, list[str]] = {}
        for fault in error.errors():
            messages.setdefault(_place(fault, data), []).append(_words(fault))
        place, first = next(iter(messages.items()))
        rest = f" (and {len(messages) - 1} more)" if len(messages) > 1 else ""
        raise ConfigError(f"{where}:{place + ': ' if place else ' '}{_either(first)}{rest}") from error


def _either(messages: list[str]) -> str:
    return " or ".join(dict.fromkeys(messages)).replace(" or Input should be ", " or ")


def _place(fault: ErrorDetails, data: Any) -> str:
    """The dotted key. Where a value may be of several types, pydantic puts the type behind the key; it is cut off."""
    if fault["type"] == "missing":
        return ".".join(map(str, fault["loc"]))
    place = []
    for part in fault["loc"]:
        try:
            data = data[part]
        except (LookupError, TypeError):
            break
        place.append(str(part))
    return ".".join(place)


def _words(fault: ErrorDetails) -> str:
    if fault["type"] in ("model_type", "dict_type"):
        return "a mapping of keys to values was expected"
    if fault["type"] == "path_type":
        return "Input should be a path"
    return fault["msg"].removeprefix("Value error, ").partition(", unable to parse")[0]


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a YAML mapping. Raises ConfigError with the line of what cannot be read."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 text (byte {error.start})") from error
    try:
        data = yaml.load(text, Loader=_Loader)  # a SafeLoader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f":{mark.line + 1}" if mark else ""
        raise ConfigError(f"{path}{line}: not valid YAML: {error.problem}") from error
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}: not valid YAML: {' '.join(str(error).split())}") from error
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise ConfigError(f"{path}:1: a mapping of keys to values was expected")
    return data


def expand_environment(data: Any, where: str) -> Any:
    """Replace ``${NAME}`` and ``${NAME:-default}`` in every string. Raises ConfigError where NAME is not set."""
    if isinstance(data, dict):
        return {key: expand_environment(value, where) for key, value in data.items()}
    if isinstance(data, list):
        return [expand_environment(value, where) for value in data]
    if isinstance(data, str):
        return _VARIABLE.sub(lambda match: _variable(match, where), data)
    return data


_VARIABLE = re.compile(r"\$\{(\w+)(?::-([^}]*))?\}")


def _variable(match: re.Match[str], where: str) -> str:
    name, default = match.groups()
    value = os.environ.get(name, default)
    if value is None:
        raise ConfigError(f"{where}: the environment variable {name} is not set")
    return value


def _override(data: dict[str, Any], override: str) -> None:
    key, equals, value = override.partition("=")
    if not equals or not key:
        raise ConfigError(f"--set {override}: write key=value, such as train.seed=1")
    *path, last = key.strip().split(".")
    for part in path:
        child = data.setdefault(part, {})
        if not isinstance(child, dict):
            raise ConfigError(f"--set {override}: {part!r} is a value, not a group of keys")
        data = child
    try:
        data[last] = yaml.load(value, Loader=_Loader)
    except yaml.YAMLError as error:
        raise ConfigError(f"--set {override}: the value is not valid YAML") from error


class _Loader(yaml.SafeLoader):
    """SafeLoader that reads ``5e-4`` as the number it is (YAML 1.2) and refuses repeated keys."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if isinstance(key, str | int | float) and key in seen:
                raise yaml.MarkedYAMLError(None, None, f"the key {key!r} is repeated", key_node.start_mark)
            if isinstance(key, str | int | float):
                seen.add(key)
        return super().construct_mapping(node, deep)


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?[0-9][0-9_]*(\.[0-9_]*)?[eE][-+]?[0-9]+$"),
    list("-+0123456789"),
)
