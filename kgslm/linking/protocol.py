"""What every linker can do, and the linkers by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol, runtime_checkable

from kgslm.records import Link, LinkedText
from kgslm.registry import Registry


@runtime_checkable
class Linker(Protocol):
    """Finds the concepts of a pack in text. The result depends on the text and the pack alone."""

    def link(self, text: str) -> LinkedText:
        """Find mentions and their concepts; no two links overlap."""
        ...

    def link_many(self, texts: Iterable[str]) -> Iterator[LinkedText]:
        """Stream the links of many texts, in order; the same as ``link`` on each."""
        ...

    def link_mention(self, text: str, start: int, end: int) -> Link:
        """The concept of one given mention; ``concept`` is None where no concept fits (NIL).

        Raises LinkError where ``start:end`` is not a span of the text.
        """
        ...


LINKERS = Registry("kgslm.linkers", {"dictionary": "kgslm.linking.dictionary:DictionaryLinker"})
"""Classes with ``from_pack(pack)`` that give a ``Linker``."""
