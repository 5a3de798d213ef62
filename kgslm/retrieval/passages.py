"""From packs and documents to passages: short, quotable pieces of text with exact places.

The id of a passage is its document's id (for a pack: the concept's id), or that id, ``#`` and what tells the passages
of one document apart: ``start-end`` for a document; ``TREATS``, ``^TREATS`` (read from the object) or ``TREATS.2`` (the
second part of a long list) for facts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kgslm.packs.provenance import base_key
from kgslm.packs.verbalise import Wording, join_names, pack_wording, sentence
from kgslm.records import IS_A, Concept, Document, Passage
from kgslm.retrieval.sentences import sentence_spans

if TYPE_CHECKING:
    from kgslm.packs import KnowledgePack

LIST_LENGTH = 12
"""Names in one sentence at most; longer lists are split over several passages."""
ALSO_CALLED = "is also called"
"""How a definition introduces exact synonyms."""
MIN_WORDS, MAX_WORDS = 100, 180
"""Words of a passage of a document: closed after a paragraph from the first on, at a sentence before the second."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A passage on its way into an index. gist: what it is about in a few words; equal for the parts of a long list."""

    passage: Passage
    gist: str


def document_of(passage_id: str) -> str:
    """The id of the document or concept that a passage belongs to."""
    document, mark, _ = passage_id.rpartition("#")
    return document if mark else passage_id


def fact_of(passage_id: str) -> tuple[str, bool] | None:
    """``(predicate, inverse)`` where the passage states facts of a pack, else None."""
    _, mark, rest = passage_id.rpartition("#")
    if not mark or re.fullmatch(r"\d+-\d+", rest):
        return None
    return re.sub(r"\.\d+$", "", rest).removeprefix("^"), rest.startswith("^")


def pack_passages(pack: KnowledgePack) -> Iterator[Draft]:
    """For each live concept its definition, names and broader concepts, then its facts in both directions.

    A concept of which nothing but the name is known has no passage.
    """
    facts = _Facts(pack)
    for concept in pack.concepts():
        definition = _definition(pack, facts, concept)
        if definition is not None:
            yield definition
        yield from facts.passages(concept)


def document_passages(documents: Iterable[Document], source: str) -> Iterator[Draft]:
    """Documents cut at paragraphs and sentences, each piece with its exact place; a short document stays whole."""
    for document in documents:
        spans = passage_spans(document.text)
        whole = len(spans) == 1 and "#" not in document.id
        for start, end in spans:
            id_ = document.id if whole else f"{document.id}#{start}-{end}"
            text = document.text[start:end]
            yield Draft(Passage(id_, text, document.id, source), text)


def passage_spans(text: str) -> list[tuple[int, int]]:
    """Spans of 100 to 180 words that end at sentences and overlap by one; one span for a short text."""
    stripped = text.strip()
    if not stripped:
        return []
    start = text.index(stripped[0])
    if _words(stripped) <= MAX_WORDS:
        return [(start, start + len(stripped))]
    return _packed(text, [piece for span in sentence_spans(text) for piece in _pieces(text, *span)])


def _packed(text: str, sentences: list[tuple[int, int]]) -> list[tuple[int, int]]:
    counts = [_words(text[start:end]) for start, end in sentences]
    spans: list[tuple[int, int]] = []
    first, words = 0, 0
    for index, count in enumerate(counts):
        if index > first and words + count > MAX_WORDS:
            spans.append((sentences[first][0], sentences[index - 1][1]))
            # The last sentence again, where it leaves room: what it introduces may stand in the next one.
            first = index - 1 if index - 1 > first and counts[index - 1] + count <= MAX_WORDS else index
            words = sum(counts[first:index])
        words += count
        last = index + 1 == len(counts)
        if not last and words >= MIN_WORDS and "\n\n" in text[sentences[index][1] : sentences[index + 1][0]]:
            spans.append((sentences[first][0], sentences[index][1]))
            first, words = index + 1, 0
    if first < len(sentences):
        spans.append((sentences[first][0], sentences[-1][1]))
    return spans


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """A sentence, or its parts of at most 180 words where it is longer (tables, lists without full stops)."""
    words = [match.span() for match in re.finditer(r"\S+", text[start:end])]
    for index in range(0, len(words), MAX_WORDS):
        part = words[index : index + MAX_WORDS]
        yield start + part[0][0], start + part[-1][1]


def _words(text: str) -> int:
    return len(text.split())


def _definition(pack: KnowledgePack, facts: _Facts, concept: Concept) -> Draft | None:
    exact = [name for name, kind in pack.names_of(concept.id)[1:] if kind == "exact" and _differs(name, concept.name)]
    loose = [name for name, kind in pack.names_of(concept.id)[1:] if kind != "exact" and _differs(name, concept.name)]
    definition = concept.definition.strip()
    parts = []
    if definition:
        named = definition.casefold().startswith(concept.name.casefold())
        parts.append(_closed(definition if named else f"{concept.name}: {definition}"))
    if exact:
        parts.append(sentence(concept.name, Wording(ALSO_CALLED), exact[:LIST_LENGTH]))
    if loose:
        parts.append(sentence(concept.name, Wording("is near in meaning to"), loose[:LIST_LENGTH]))
    if concept.parents:
        parents = [facts.names[pack.row(parent)] for parent in concept.parents]
        parts.append(sentence(concept.name, pack_wording(pack, IS_A), parents))
    if not parts:
        return None
    gist = f"{concept.name} ({join_names(exact[:3])})" if exact else concept.name
    passage = Passage(
        concept.id, " ".join(parts), concept.name, facts.source(facts.of_definition(concept)), (concept.id,)
    )
    return Draft(passage, gist)


_Group = tuple[str, bool, tuple[str, ...]]
"""Predicate, whether it is read backwards, sources."""


class _Facts:
    """The facts of a pack in words. is_a is read from the broader side only: definitions say the other side."""

    def __init__(self, pack: KnowledgePack) -> None:
        self._pack = pack
        self.names = list(pack.tables.name)
        self._citations = {
            source["key"]: source["key"] + (f" ({source['licence']})" if source["licence"] else "")
            for source in pack.manifest["sources"]
        }

    def source(self, keys: Iterable[str]) -> str:
        """Sources as a person would cite them: pack, sources and licences, and where these have it from.

        keys: of sources, each with ``#`` and its own source where the pack knows that.
        """
        split = [key.partition("#") for key in keys]
        details = ", ".join(dict.fromkeys(detail for _, _, detail in split if detail))
        cited = ", ".join(dict.fromkeys(self._citations.get(key, key) for key, _, _ in split))
        return f"{self._pack.name}: {cited}" + (f", after {details}" if details else "")

    def of_definition(self, concept: Concept) -> tuple[str, ...]:
        """The sources of the definition; of the concept where it has none."""
        return self._pack.value_sources(concept.id, "definitions").get(concept.definition, concept.sources)

    def passages(self, concept: Concept) -> Iterator[Draft]:
        """One passage for each predicate, direction, source and dozen of others."""
        numbers: dict[str, int] = {}
        for (predicate, inverse, _), found in self._groups(concept).items():
            words = self._wording(predicate)
            phrase = words.inverse if inverse and words.inverse else words.forward
            fact = f"{concept.id}#{'^' if inverse else ''}{predicate.replace('#', '%23')}"
            others = list(found)
            for start in range(0, len(others), LIST_LENGTH):
                part = others[start : start + LIST_LENGTH]
                number = numbers[fact] = numbers.get(fact, 0) + 1
                id_ = f"{fact}.{number}" if number > 1 else fact
                text = sentence(concept.name, words, [self._name(other) for other in part], inverse=inverse)
                source = self.source(key for other in part for key in found[other])
                yield Draft(Passage(id_, text, concept.name, source, (concept.id, *part)), f"{concept.name} {phrase}")

    def _groups(self, concept: Concept) -> dict[_Group, dict[str, tuple[str, ...]]]:
        """The other concepts of each group, each with the full keys of its sources."""
        groups: dict[_Group, dict[str, tuple[str, ...]]] = {}
        for relation in self._pack.neighbours(concept.id):
            words = self._wording(relation.predicate)
            other = relation.object if relation.subject == concept.id else relation.subject
            # A symmetric predicate reads the same from either end, and so makes one list.
            inverse = relation.subject != concept.id and words.forward != words.inverse
            if relation.predicate != IS_A or inverse:
                bases = tuple(dict.fromkeys(map(base_key, relation.sources)))
                groups.setdefault((relation.predicate, inverse, bases), {}).setdefault(other, relation.sources)
        return groups

    def _wording(self, predicate: str) -> Wording:
        return pack_wording(self._pack, predicate)

    def _name(self, concept: str) -> str:
        return self.names[self._pack.row(concept)]


def _differs(name: str, other: str) -> bool:
    return name.casefold() != other.casefold()


def _closed(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
