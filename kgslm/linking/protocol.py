"""What every linker can do, and the linkers by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from kgslm.linking.settings import DEFAULT_SETTINGS, LinkSettings
from kgslm.records import Link, LinkedText
from kgslm.registry import Registry

if TYPE_CHECKING:
    from kgslm.packs import KnowledgePack


@runtime_checkable
class Linker(Protocol):
    """Finds the concepts of a pack in text. The result depends on the text and the pack alone."""

    def link(self, text: str) -> LinkedText:
        """Find mentions and their concepts; links overlap only where their names share words."""
        ...

    def link_many(self, texts: Iterable[str]) -> Iterator[LinkedText]:
        """Stream the links of many texts, in order; the same as ``link`` on each."""
        ...

    def link_mention(self, text: str, start: int, end: int) -> Link:
        """The concept of one given mention; ``concept`` is None where no concept fits (NIL).

        Raises LinkError where ``start:end`` is not a span of the text.
        """
        ...


@runtime_checkable
class MentionsLinker(Linker, Protocol):
    """A linker that is given all mentions of a text at once, and lets them speak for each other."""

    def link_mentions(self, text: str, spans: Sequence[tuple[int, int]]) -> list[Link]:
        """One link a mention, in their order. Raises LinkError where a span is not one of the text."""
        ...

    def link_mentions_many(self, documents: Iterable[tuple[str, Sequence[tuple[int, int]]]]) -> Iterator[list[Link]]:
        """Stream the links of many texts with their spans; the same as ``link_mentions`` on each."""
        ...


ENGLISH = "en"
LINKERS = Registry(
    "kgslm.linkers",
    {
        "dictionary": "kgslm.linking.dictionary:DictionaryLinker",
        "context": "kgslm.linking.context:ContextLinker",
    },
)
"""Classes with ``from_pack(pack)`` that give a ``Linker``; ``settings`` and ``language`` are given where they are not
the defaults."""


@dataclass(frozen=True)
class LinkerSpec:
    """A linker by its name, before there is a pack. language: of the names and texts, an ISO 639 code."""

    name: str = "dictionary"
    settings: LinkSettings = DEFAULT_SETTINGS
    language: str = ENGLISH

    def load(self, pack: KnowledgePack) -> Linker:
        """The linker of a pack. Raises ConfigError for an unknown name, LinkError for an unknown language."""
        options: dict[str, Any] = {}
        if self.settings != DEFAULT_SETTINGS:
            options["settings"] = self.settings
        if self.language != ENGLISH:
            options["language"] = self.language
        linker: Linker = LINKERS.load(self.name).from_pack(pack, **options)
        return linker

    def identity(self, pack: KnowledgePack) -> dict[str, Any]:
        """All that the links of a text depend on besides the text and the code, as plain values.

        Raises ConfigError for an unknown linker, LinkError where it has to be trained first and is not.
        """
        defaults = asdict(DEFAULT_SETTINGS)
        facts: dict[str, Any] = {
            "pack": pack.fingerprint,
            "linker": self.name,
            "settings": {name: value for name, value in asdict(self.settings).items() if value != defaults[name]},
            "language": self.language,
        }
        training = getattr(LINKERS.load(self.name), "training_of", None)
        return {**facts, "training": training(pack)} if training else facts
