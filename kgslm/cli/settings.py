"""``--set NAME=VALUE``, which may be repeated."""

from __future__ import annotations

from collections.abc import Iterable


def values_of(settings: Iterable[str] | None, example: str) -> dict[str, str]:
    """The values by their names. Raises ConfigError for one without a name or a value; example: a right one."""
    from kgslm.errors import ConfigError

    values = {}
    for setting in settings or ():
        name, _, value = setting.partition("=")
        if not name or not value:
            raise ConfigError(f"--set {setting}: write key=value, such as {example}")
        values[name] = value
    return values
