"""Names for parts: ``name -> "module:attribute"``, imported at first use.

Code passes objects; names exist for YAML and the command line. A room keeps one ``Registry`` for each of its
extension points. Other packages add to it through an entry point of the same group::

    [project.entry-points."kgslm.readers"]
    mesh-xml = "my_package.mesh:MeshXmlReader"
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from kgslm.errors import ConfigError, unknown


class Registry:
    """The named parts of one extension point.

    group: the entry-point group, such as ``kgslm.readers``. builtin: name to ``"module:attribute"``.
    """

    def __init__(self, group: str, builtin: Mapping[str, str]) -> None:
        self.group = group
        self._builtin = dict(builtin)

    def names(self) -> list[str]:
        """All known names, the built-in ones first."""
        return [*self._builtin, *sorted(set(self._plugins()) - set(self._builtin))]

    def __contains__(self, name: object) -> bool:
        """Whether the name is known; other packages are asked only where it is not built in."""
        return name in self._builtin or name in self._plugins()

    def load(self, name: str) -> Any:
        """The part called ``name``. Raises ConfigError, with a suggestion, where there is none."""
        if name in self._builtin:
            module, _, attribute = self._builtin[name].partition(":")
            return getattr(import_module(module), attribute)
        plugins = self._plugins()
        if name in plugins:
            return plugins[name].load()
        raise ConfigError(f"{self.group.removeprefix('kgslm.')}: {unknown('name', name, self.names())}")

    def _plugins(self) -> dict[str, EntryPoint]:
        return {point.name: point for point in entry_points(group=self.group)}
