"""Another name of the same concept in the place of a linked mention."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property, lru_cache
from typing import Literal

from pydantic import Field

from kgslm.augmentation.articles import article_edits
from kgslm.augmentation.casing import Casing
from kgslm.augmentation.protocol import NOTHING_TO_CHANGE, AugmentConfig, Augmenter, Draft, Source
from kgslm.augmentation.spans import Edit, apply_edits, cuts
from kgslm.linking import Linker
from kgslm.packs import KnowledgePack
from kgslm.records import Link

_KINDS = ("preferred", "exact")
_SENTENCE_END = re.compile(r"(?:\A|[.!?:]\s+|\n)\s*[\"'(\[]*\Z")
_ROUNDS = 100


class SynonymConfig(AugmentConfig):
    """Replace linked mentions by other names of their concept.

    share: the chance of each mention to be replaced; at least one is.
    """

    method: Literal["synonym"] = "synonym"
    share: float = Field(default=0.7, gt=0, le=1)

    def augmenter(self, pack: KnowledgePack, linker: Linker) -> Augmenter:
        """Build it."""
        return SynonymAugmenter(pack, linker, share=self.share)


class SynonymAugmenter:
    """Replaces mentions by preferred or exact names that the linker reads as the same concept and no other.

    Names that differ in case, number or word order alone are no variation, and names with a comma ("Abdomen, Acute")
    are not how people write.
    """

    rounds = _ROUNDS

    def __init__(self, pack: KnowledgePack, linker: Linker, *, share: float = 0.7) -> None:
        self._pack = pack
        self._linker = linker
        self._share = share
        self._names = lru_cache(maxsize=100_000)(self._unambiguous_names)

    def drafts(self, sources: Sequence[Source], round_: int) -> list[Draft | str]:
        """Each source with some of its mentions under another name."""
        return [self._draft(source) for source in sources]

    def _draft(self, source: Source) -> Draft | str:
        choices = [
            (link, names)
            for link in source.linked.links
            if not cuts((link.start, link.end), source.entities) and (names := self._other_names(link))
        ]
        if not choices:
            return NOTHING_TO_CHANGE
        chosen = [choice for choice in choices if source.rng.random() < self._share] or [source.rng.choice(choices)]
        edits: list[Edit] = []
        for link, names in chosen:
            before = source.text[: link.start]
            name = self._casing.fit(
                source.rng.choice(names), link.surface, opens_sentence=bool(_SENTENCE_END.search(before[-4:]))
            )
            edits += [*article_edits(source.text, link.start, name), Edit(link.start, link.end, name)]
        return Draft(*apply_edits(source.text, edits, source.entities))

    def _other_names(self, link: Link) -> list[str]:
        """Names to put in the place of a mention; those of the same number, where there are some."""
        if link.concept is None or len(link.candidates) > 1 or link.negated:
            return []
        words = _word_set(link.surface)
        names = [name for name in self._names(link.concept) if _word_set(name) != words]
        alike = [name for name in names if name.endswith("s") == link.surface.endswith("s")]
        return alike or names

    def _unambiguous_names(self, concept: str) -> tuple[str, ...]:
        if concept not in self._pack:
            return ()
        names = [name for name, kind in self._pack.names_of(concept) if kind in _KINDS and "," not in name]
        return tuple(name for name in dict.fromkeys(names) if self._is_only(name, concept))

    def _is_only(self, name: str, concept: str) -> bool:
        links = self._linker.link(name).links
        return len(links) == 1 and links[0].surface == name and [it.concept for it in links[0].candidates] == [concept]

    @cached_property
    def _casing(self) -> Casing:
        return Casing(name for _, name, _ in self._pack.names())


def _word_set(name: str) -> frozenset[str]:
    """The words of a name without the endings of their number."""
    return frozenset(word.rstrip("s") for word in re.findall(r"\w+", name.lower()))
