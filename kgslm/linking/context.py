"""The context linker: what the dictionary, parts of words and an encoder propose, weighed by what speaks for each.

Candidates come from the dictionary, from n-grams and from the vectors of names; a small network gives each, and NIL, a
probability; the other concepts of the document then raise those that they agree with.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from kgslm.errors import KgslmError, LinkError
from kgslm.linking.coherence import Graph, Scored, evidence_of, reweighed
from kgslm.linking.context_store import Parts, is_outdated, make_embedder, open_parts, save_parts, training_of
from kgslm.linking.dense import nearest_names
from kgslm.linking.dictionary import DictionaryLinker
from kgslm.linking.features import Described, Query
from kgslm.linking.free_text import Finder
from kgslm.linking.ngrams import Floats, Ints, stems
from kgslm.linking.protocol import ENGLISH
from kgslm.linking.readings import Reading, definitions_of, readings
from kgslm.linking.settings import DEFAULT_SETTINGS, LinkSettings
from kgslm.records import Candidate, Link, LinkedText

if TYPE_CHECKING:
    from kgslm.embedding import Embedder
    from kgslm.packs import KnowledgePack

_SHOWN = 16
_LONGEST = 120
"""Characters of a mention that is compared part by part; a longer one is cut there."""
_REMEMBERED = 20_000
_FAR = 1_000_000
_LEAST = 0.0001
"""The score of a candidate is never 0, which is NIL's."""

_AT_ONCE = 256
"""Mentions, and texts without any, that the encoder reads together."""

Span = tuple[int, int]
_Item = TypeVar("_Item")


class ContextLinker:
    """Links given mentions to concepts of a pack, whatever they are called there, or to none.

    In running text it finds the mentions that the dictionary finds and those of names that labelled mentions taught,
    chooses among their concepts, and leaves out what is not likely to mean any of them.
    """

    def __init__(
        self,
        pack: KnowledgePack,
        parts: Parts,
        encoder: Callable[[], Embedder],
        dictionary: DictionaryLinker,
        remake: Callable[[], ContextLinker],
    ) -> None:
        """encoder: called once, when a vector is first needed. remake: makes the same linker in another process."""
        self.pack = pack
        self.parts = parts
        self.dictionary = dictionary
        self._remake = remake
        self._encoder = encoder
        self._embedder: Embedder | None = None
        self._finder = Finder(dictionary, parts.findable, dictionary.settings)
        self._graph = Graph(pack, parts.evidence.rows)
        self._described: dict[tuple[Any, ...], Described] = {}
        self._near: dict[str, tuple[Floats, Ints]] = {}

    @classmethod
    def from_pack(
        cls, pack: KnowledgePack, *, settings: LinkSettings = DEFAULT_SETTINGS, language: str = ENGLISH
    ) -> ContextLinker:
        """The linker that ``kgslm pack train`` has made; without that, one of the default encoder as it is.

        Its tables are built once and kept in the pack's folder, where that is writable. settings, language: of the
        dictionary. Raises MissingExtra where the package of the encoder is not installed; LinkError where the trained
        encoder has changed, or where mentions taught a linker that cannot be used any more.
        """
        dictionary = DictionaryLinker.from_pack(pack, settings=settings, language=language)
        remake = partial(cls.from_pack, pack, settings=settings, language=language)
        opened = open_parts(pack)
        if opened is not None:
            parts, fingerprint = opened
            return cls(pack, parts, lambda: _same_encoder(pack, parts, fingerprint), dictionary, remake)
        if is_outdated(pack):
            raise LinkError(
                f"{pack.path}: what labelled mentions taught its context linker is of another version of kgslm, or of "
                "another build of the pack; run kgslm pack train with --mentions again"
            )
        from kgslm.linking.teaching import teach

        embedder, adapter = make_embedder(pack)
        parts = teach(pack, embedder, (), adapter=adapter).parts
        with suppress(OSError, KgslmError):  # a pack that others own can be used all the same
            save_parts(pack, parts, (), embedder)
        return cls(pack, parts, lambda: embedder, dictionary, remake)

    @classmethod
    def training_of(cls, pack: KnowledgePack) -> str:
        """What tells one training of the pack's linker from another; empty where it was not trained yet."""
        return training_of(pack)

    def __reduce__(self) -> tuple[Callable[[], ContextLinker], tuple[()]]:
        return self._remake, ()

    def link(self, text: str) -> LinkedText:
        """Find mentions; their concepts are those that the context speaks for."""
        return next(self.link_many([text]))

    def link_many(self, texts: Iterable[str]) -> Iterator[LinkedText]:
        """Stream the links of many texts, in order."""
        for batch in _batched(self._finder.link_many(texts), lambda it: len(it.links)):
            read = [self._read(it.text, [(link.start, link.end) for link in it.links]) for it in batch]
            self._nearest(reading.text for document in read for own in document for reading in own)
            yield from map(self._rescored, batch, read)

    def link_mention(self, text: str, start: int, end: int) -> Link:
        """The concept of one given mention; the mentions that the dictionary finds around it are its context.

        Raises LinkError where ``start:end`` is not a span of the text.
        """
        _check(text, start, end)
        around = [(it.start, it.end) for it in self.dictionary.link(text).links if it.end <= start or it.start >= end]
        return self.link_mentions(text, [(start, end), *around])[0]

    def link_mentions(self, text: str, spans: Sequence[Span]) -> list[Link]:
        """One link a given mention, in their order; the mentions are each other's context.

        Raises LinkError where a span is not one of the text.
        """
        return next(self.link_mentions_many([(text, spans)]))

    def link_mentions_many(self, documents: Iterable[tuple[str, Sequence[Span]]]) -> Iterator[list[Link]]:
        """Stream the links of many texts with their spans, in order; the encoder reads the mentions of many at once."""
        for batch in _batched(documents, lambda it: len(it[1])):
            read = [self._read(text, spans) for text, spans in batch]
            self._nearest(reading.text for document in read for own in document for reading in own)
            for (text, spans), own in zip(batch, read, strict=True):
                found = [self.dictionary.link_mention(text, start, end) for start, end in spans]
                scored = self._scored(text, own, [self._rows(link) for link in found])
                yield [self._link(link, it) for link, it in zip(found, scored, strict=True)]

    @staticmethod
    def _read(text: str, spans: Sequence[Span]) -> list[tuple[Reading, ...]]:
        for start, end in spans:
            _check(text, start, end)
        definitions = definitions_of(text) if spans else {}
        return [readings(text[start:end][:_LONGEST], definitions) for start, end in spans]

    def _rows(self, link: Link) -> tuple[int, ...]:
        """The rows of the dictionary's candidates."""
        rows = self.parts.evidence.rows
        return tuple(rows[it.concept] for it in link.candidates[:_SHOWN] if it.concept in rows)

    def _scored(
        self, text: str, read: Sequence[tuple[Reading, ...]], listed: Sequence[tuple[int, ...]]
    ) -> list[Scored]:
        words = frozenset(stems(text[:_FAR])) if any(read) else frozenset()
        near = self._nearest([reading.text for own in read for reading in own])
        first = []
        for own, rows in zip(read, listed, strict=True):
            described = self._describe(own, rows, near).within(words)
            shares, nil = self.parts.ranker.probabilities(described.values)
            first.append(Scored(own[0].text, described.concepts, shares, nil))
        evidence = evidence_of(first, self._graph)
        return [reweighed(it, own, self.parts.weights) for it, own in zip(first, evidence, strict=True)]

    def _describe(
        self, own: tuple[Reading, ...], rows: tuple[int, ...], near: Mapping[str, tuple[Floats, Ints]]
    ) -> Described:
        key = (own, rows)
        if key not in self._described:
            if len(self._described) >= _REMEMBERED:
                self._described.clear()
            self._described[key] = self.parts.evidence.describe(Query(own, listed=rows), near)
        return self._described[key]

    def _nearest(self, texts: Iterable[str]) -> Mapping[str, tuple[Floats, Ints]]:
        """Each text with its vector and the rows of the names nearest to it; remembered."""
        missing = [text for text in dict.fromkeys(texts) if text not in self._near]
        if missing:
            if len(self._near) >= _REMEMBERED:
                self._near.clear()
                return self._nearest(texts)
            self._embedder = self._embedder or self._encoder()
            self._near.update(nearest_names(missing, self._embedder, self.parts.vectors))
        return self._near

    def _rescored(self, linked: LinkedText, read: Sequence[tuple[Reading, ...]]) -> LinkedText:
        if not linked.links:
            return linked
        listed = [self._rows(link) for link in linked.links]
        links = []
        for link, own, it in zip(linked.links, listed, self._scored(linked.text, read, listed), strict=True):
            kept = np.isin(it.concepts, [*own, *self._taught(it.text)])
            known = Scored(it.text, it.concepts[kept], it.shares[kept], 0.0)
            if known.shares.max(initial=0.0) >= self.dictionary.settings.least_probability:
                links.append(self._link(link, known) if kept.any() else link)
        return LinkedText(linked.text, tuple(links), linked.id)

    def _taught(self, surface: str) -> list[int]:
        """The rows of the concepts that labelled mentions gave to a surface."""
        rows = self.parts.evidence.rows
        return [rows[id_] for id_ in self.parts.evidence.memory.meant(surface) if id_ in rows]

    def _link(self, found: Link, scored: Scored) -> Link:
        """The dictionary's link, whose flags stay, with other candidates."""
        table = self.parts.evidence.table
        order = np.lexsort((scored.concepts, -scored.shares))[:_SHOWN].tolist()
        candidates = tuple(
            Candidate(table.ids[row], table.preferred[row], max(round(float(scored.shares[place]), 4), _LEAST))
            for place in order
            for row in (int(scored.concepts[place]),)
        )
        if not candidates or scored.nil >= candidates[0].score:
            return replace(found, concept=None, name="", score=0.0, candidates=())
        best = candidates[0]
        return replace(found, concept=best.concept, name=best.name, score=best.score, candidates=candidates)


def _batched(items: Iterable[_Item], mentions: Callable[[_Item], int]) -> Iterator[list[_Item]]:
    batch: list[_Item] = []
    weight = 0
    for item in items:
        batch.append(item)
        weight += max(1, mentions(item))
        if weight >= _AT_ONCE:
            yield batch
            batch, weight = [], 0
    if batch:
        yield batch


def _check(text: str, start: int, end: int) -> None:
    if not 0 <= start < end <= len(text):
        raise LinkError(f"{start}-{end} is not a span of a text of {len(text)} characters")


def _same_encoder(pack: KnowledgePack, parts: Parts, fingerprint: str) -> Embedder:
    embedder, _ = make_embedder(pack, parts.model, adapter=parts.adapter)
    if embedder.fingerprint != fingerprint:
        raise LinkError(f"{pack.path}: the encoder {parts.model} is not the one of the training; run kgslm pack train")
    return embedder
