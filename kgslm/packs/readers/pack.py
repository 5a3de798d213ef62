"""Another pack as a source, whose own sources and licences stay what they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import ClassVar, Literal

from kgslm.artifacts import MANIFEST
from kgslm.errors import PackError
from kgslm.packs.contents import items_of
from kgslm.packs.files import SourceFile, source_files
from kgslm.packs.items import Finding, Item
from kgslm.packs.pack import KnowledgePack
from kgslm.packs.policies import PASSED, Policies
from kgslm.packs.sources import SourceConfig


class PackSource(SourceConfig):
    """The folder of a built pack."""

    needs_licence: ClassVar[bool] = False

    kind: Literal["pack"] = "pack"
    policies: Policies = PASSED

    @contextmanager
    def files_and_findings(self, allow_download: bool = False) -> Iterator[tuple[list[SourceFile], list[Finding]]]:
        """The manifest, which has the checksums of all else."""
        with source_files(self.place(allow_download) / MANIFEST) as files:
            yield files, []

    def read(self, files: Sequence[SourceFile]) -> Iterator[Item]:
        """All that the pack says, source by source. Raises PackError where it is no whole pack."""
        if self.url:
            raise PackError(f"{self.url}: a pack at a URL cannot be read; fetch and unpack it first")
        return items_of(KnowledgePack.open(self.place()))
