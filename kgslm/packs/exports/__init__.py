"""A pack in other formats, each of which is read back to an equal pack by the reader of the same name."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

from kgslm.artifacts import text_output
from kgslm.packs.contents import Selection, licensed, rebuild
from kgslm.packs.pack import KnowledgePack
from kgslm.registry import Registry

Exporter: TypeAlias = Callable[[KnowledgePack], Iterator[str]]
"""Gives the text of the file piece by piece."""

EXPORTERS = Registry(
    "kgslm.exporters",
    {
        "ttl": "kgslm.packs.exports.ttl:ttl",
        "obo": "kgslm.packs.exports.obo:obo",
        "csv": "kgslm.packs.exports.table:table",
        "graphml": "kgslm.packs.exports.graphml:graphml",
        "jsonl": "kgslm.packs.exports.jsonl:jsonl",
    },
)


def export_pack(pack: KnowledgePack, format_: str, output: Path, allow_licences: Sequence[str] = ()) -> dict[str, int]:
    """Write a pack as one file, ``-`` for standard output; returns how many concepts, names and relations it holds.

    allow_licences: leave out everything that only sources under other licences, or under none, say; see
    ``contents.licensed``. Raises ConfigError for an unknown format, PackError for a licence that no source has.
    """
    exporter: Any = EXPORTERS.load(format_)
    with _allowed(pack, allow_licences) as part, text_output(output) as file:
        file.writelines(exporter(part))
        counts: dict[str, int] = part.manifest["counts"]
        return counts


@contextmanager
def _allowed(pack: KnowledgePack, licences: Sequence[str]) -> Iterator[KnowledgePack]:
    if not licences:
        yield pack
        return
    with tempfile.TemporaryDirectory() as folder:
        # A pack of its own and not a filter in each format: what is not in it cannot be written.
        part = Path(folder) / "part"
        rebuild(pack, Selection(sources=licensed(pack, list(licences))), part)
        yield KnowledgePack.open(part)
