"""Mentions in running text: those of the dictionary, and of names that only labelled mentions have taught."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from kgslm.linking.dictionary import DictionaryLinker
from kgslm.linking.ngrams import plain
from kgslm.linking.settings import DEFAULT_SETTINGS, LinkSettings
from kgslm.records import Link, LinkedText

TaughtName = tuple[str, str]
"""(concept id, name)."""

Labels = dict[tuple[int, int], frozenset[str]]
"""The concepts of each labelled span of a text; none for NIL."""

_TRUSTED = 0.5
"""The share of the places where a taught name stands that its labels must have."""


class Finder:
    """Links what the dictionary finds and what has been taught; of two that overlap the longer one stays."""

    def __init__(self, dictionary: DictionaryLinker, names: Sequence[TaughtName], settings: LinkSettings) -> None:
        """names: see ``worth_finding``. settings: of both."""
        self._dictionary = dictionary
        self._taught = of_names(names, settings, dictionary.lexicon.language) if names else None

    def link_many(self, texts: Iterable[str]) -> Iterator[LinkedText]:
        """Stream the links of many texts, in order."""
        if self._taught is None:
            yield from self._dictionary.link_many(texts)
            return
        for text in texts:
            # One text at a time, as both linkers read it.
            yield _merged(self._dictionary.link(text), self._taught.link(text).links)


def of_names(names: Iterable[TaughtName], settings: LinkSettings, language: str) -> DictionaryLinker:
    """A dictionary linker of taught names alone."""
    return DictionaryLinker.from_names([(id_, name, "exact") for id_, name in names], settings, language=language)


def worth_finding(texts: Iterable[tuple[str, Labels]], names: Sequence[TaughtName]) -> list[TaughtName]:
    """The names that mean their concept in most places of the labelled texts where they stand.

    What is labelled in one place and stands unlabelled in many others, such as "deficiency", is no name to look for.
    """
    linker = of_names(names, replace(DEFAULT_SETTINGS, assertions=False), "en")
    found: Counter[str] = Counter()
    right: Counter[tuple[str, str]] = Counter()
    for text, labels in texts:
        for link in linker.link(text).links:
            key = plain(link.surface)
            found[key] += 1
            right.update((key, id_) for id_ in labels.get((link.start, link.end), ()))
    return [(id_, name) for id_, name in names if right[plain(name), id_] > _TRUSTED * found[plain(name)]]


def _merged(linked: LinkedText, more: Sequence[Link]) -> LinkedText:
    """The links and others that are longer than what they overlap, or stand where nothing does."""
    if not more:
        return linked
    chosen = [link for link in more if all(_gives_way(it, link) for it in linked.links if _overlap(it, link))]
    kept = [link for link in linked.links if not any(_overlap(link, it) for it in chosen)]
    links = sorted([*kept, *chosen], key=lambda link: (link.start, -link.end))
    return LinkedText(linked.text, tuple(links), linked.id)


def _overlap(one: Link, other: Link) -> bool:
    return one.start < other.end and other.start < one.end


def _gives_way(link: Link, taught: Link) -> bool:
    return link.end - link.start < taught.end - taught.start
