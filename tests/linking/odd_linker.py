"""A linker for tests of what goes wrong, registered as ``odd``: some texts are slow, fail or end the process.

It may not import what only tests have: other processes load it by its entry point alone.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from kgslm.linking.dictionary import DictionaryLinker
from kgslm.packs import KnowledgePack
from kgslm.records import Link, LinkedText


class OddLinker:
    """Links as the dictionary linker. ODD_LOG: a file to which the first word of every text is added."""

    def __init__(self, inner: DictionaryLinker) -> None:
        self._inner = inner

    @classmethod
    def from_pack(cls, pack: KnowledgePack) -> OddLinker:
        return cls(DictionaryLinker.from_pack(pack))

    def link(self, text: str) -> LinkedText:
        if "CRASH" in text:
            raise RuntimeError("cannot read\nthis")
        if "EXIT" in text:
            os._exit(7)
        if "SLOW" in text:
            time.sleep(0.005)
        if log := os.environ.get("ODD_LOG"):
            with Path(log).open("a", encoding="utf-8") as file:
                file.write(f"{text.split()[0]}\n")
        return self._inner.link(text)

    def link_many(self, texts: Iterable[str]) -> Iterator[LinkedText]:
        return map(self.link, texts)

    def link_mention(self, text: str, start: int, end: int) -> Link:
        self.link(text)
        return self._inner.link_mention(text, start, end)
