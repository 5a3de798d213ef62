"""Python objects as sources: networkx graphs and pandas frames, without a file between."""

from __future__ import annotations

import hashlib
import io
import json
import os
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, ClassVar

from kgslm.errors import ConfigError
from kgslm.packs.files import SourceFile
from kgslm.packs.items import Finding, Item
from kgslm.packs.sources import SourceConfig


class MemorySource(SourceConfig):
    """Base of sources that are objects; ``items`` reads them.

    The checksum in the manifest is that of the items: the same content gives the same one, in whatever order a graph
    was made.
    """

    own_place: ClassVar[bool] = True

    @property
    def title(self) -> str:
        """The kind of object, as messages show it in the place of a file."""
        return self.kind

    @contextmanager
    def files_and_findings(self, allow_download: bool = False) -> Iterator[tuple[list[SourceFile], list[Finding]]]:
        """One file that stands for the object in the checksum."""
        yield [SourceFile(self.title, self._digests)], []

    def place(self, allow_download: bool = False) -> Path:
        """Nowhere: no file can lie there."""
        return Path(os.devnull, "memory")

    def read(self, files: Sequence[SourceFile] = ()) -> Iterator[Item]:
        """What the object says. Raises PackError where it holds what is no text."""
        return self.items()

    @abstractmethod
    def items(self) -> Iterator[Item]:
        """What the object says; each kind of object has its own."""

    def _digests(self) -> IO[bytes]:
        digests = (hashlib.sha256(json.dumps(item).encode()).digest() for item in self.items())
        return io.BytesIO(b"".join(sorted(digests)))


def source_from_object(value: object) -> SourceConfig:
    """The source that a networkx graph or a pandas frame is. Raises ConfigError for anything else."""
    known = {(cls.__module__.partition(".")[0], cls.__name__) for cls in type(value).__mro__}
    if ("networkx", "Graph") in known:
        from kgslm.packs.readers.network import NetworkxSource

        return NetworkxSource(graph=value)
    if ("pandas", "DataFrame") in known:
        from kgslm.packs.readers.frame import FrameSource

        return FrameSource(frame=value)
    if isinstance(value, SourceConfig):
        return value
    raise ConfigError(
        f"sources: a {type(value).__name__} is no source; give a path, kind=path, a source such as CsvSource, "
        "a networkx graph or a pandas frame"
    )
