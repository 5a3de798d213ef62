"""Link a file of documents, and say how well where the documents carry the answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from kgslm.data.jsonl import jsonl_writer, read_documents, read_jsonl, record_id, text_field
from kgslm.data.spans import read_spans
from kgslm.errors import DataError, LinkError
from kgslm.linking import LINKERS, Linker
from kgslm.packs import KnowledgePack
from kgslm.records import Link, LinkedText

_BATCH_DOCUMENTS = 1_000
_NO_CONCEPT = frozenset({"", "-1", "NIL", "CUI-less"})
"""How corpora write that a mention has no concept in the vocabulary."""

Record = dict[str, Any]


@dataclass(frozen=True)
class Score:
    """Precision, recall and F1 in [0, 1], 0 where there is nothing to divide by."""

    precision: float
    recall: float
    f1: float

    @classmethod
    def of(cls, hits: int, predicted: int, gold: int) -> Score:
        """From counts."""
        return cls(
            hits / predicted if predicted else 0.0,
            hits / gold if gold else 0.0,
            2 * hits / (predicted + gold) if predicted + gold else 0.0,
        )


@dataclass(frozen=True)
class GoldScores:
    """mention: span and concept; document: the set of concepts of each document; both over all documents together.

    accuracy: the share of given mentions with the right concept or rightly NIL (Acc@1); None where mentions were
    not given. entities: gold entities, those without a concept included.
    """

    mention: Score
    document: Score
    accuracy: float | None
    entities: int


@dataclass(frozen=True)
class LinkReport:
    """What a run did. links: mentions with a concept; nil: given mentions without."""

    documents: int
    characters: int
    links: int
    nil: int
    concepts: int
    seconds: float
    gold: GoldScores | None = None

    def figures(self) -> dict[str, Any]:
        """Plain data for ``--json``."""
        return asdict(self)


def link_file(
    pack: KnowledgePack,
    documents: Path | str,
    output: Path | str,
    *,
    linker: Linker | str = "dictionary",
    given: bool = False,
    gold: bool = False,
    progress: Callable[[int], None] | None = None,
) -> LinkReport:
    """Link every document and write it with its ``links``; other fields are carried through.

    given: link the document's own ``mentions`` (or, with ``gold``, its ``entities``) and find no others.
    gold: compare with the ``entities`` of each document; ids are read through the pack's alternative and replaced
    ids, and of several ids in one entity (``A|B``, ``A+B``) one must be found.
    progress: called with the number of documents done since the last call.
    Raises DataError with file and line for a bad document.
    """
    start = time.perf_counter()
    chosen = LINKERS.load(linker).from_pack(pack) if isinstance(linker, str) else linker
    tally = _Tally()
    scorer = _Scorer(pack, given) if gold else None
    with jsonl_writer(output) as writer:
        for batch in _batches(_read(documents)):
            for (where, record), linked in zip(batch, _link(chosen, batch, given, gold), strict=True):
                if scorer:
                    scorer.add(linked, gold_entities(record, where))
                tally.add(linked)
                writer.write({**record, "links": [link_record(link) for link in linked.links]})
            if progress:
                progress(len(batch))
    return LinkReport(
        documents=tally.documents,
        characters=tally.characters,
        links=tally.links,
        nil=tally.nil,
        concepts=len(tally.concepts),
        seconds=time.perf_counter() - start,
        gold=scorer.scores() if scorer else None,
    )


def link_record(link: Link) -> Record:
    """A link as the data contract writes it."""
    return asdict(link)


def gold_entities(record: Mapping[str, Any], where: str) -> list[tuple[int, int, frozenset[str]]]:
    """(start, end, concept ids) of a document's ``entities``; no ids for a mention without a concept."""
    entities = []
    for place, entity in read_spans(record, "entities", where):
        if "id" not in entity:
            raise DataError(f"{place}: the field 'id' is missing; write null for a mention without a concept")
        text = "" if entity["id"] is None else str(entity["id"])
        ids = frozenset(part for raw in text.replace("+", "|").split("|") if (part := raw.strip()) not in _NO_CONCEPT)
        entities.append((entity["start"], entity["end"], ids))
    return entities


@dataclass
class _Tally:
    documents: int = 0
    characters: int = 0
    links: int = 0
    nil: int = 0
    concepts: set[str] = field(default_factory=set)

    def add(self, linked: LinkedText) -> None:
        self.documents += 1
        self.characters += len(linked.text)
        self.links += len(linked.concepts)
        self.nil += len(linked.links) - len(linked.concepts)
        self.concepts.update(linked.concepts)


class _Scorer:
    """Counts hits over documents."""

    def __init__(self, pack: KnowledgePack, given: bool) -> None:
        self._pack = pack
        self._given = given
        self._resolved: dict[str, str] = {}
        self._mention = [0, 0, 0]
        self._document = [0, 0, 0]
        self._right = self._entities = 0

    def add(self, linked: LinkedText, entities: list[tuple[int, int, frozenset[str]]]) -> None:
        gold: dict[tuple[int, int], set[str]] = {}
        for start, end, ids in entities:
            gold.setdefault((start, end), set()).update(self._resolve(ids))
        found = {(link.start, link.end): link.concept for link in linked.links}
        concepts = {span: self._resolve([concept]) for span, concept in found.items() if concept is not None}
        hits = sum(not ids.isdisjoint(gold.get(span, ())) for span, ids in concepts.items())
        _add(self._mention, hits, len(concepts), sum(map(bool, gold.values())))
        gold_ids, found_ids = _union(gold.values()), _union(concepts.values())
        _add(self._document, len(gold_ids & found_ids), len(found_ids), len(gold_ids))
        nil = sum(not ids and found.get(span) is None for span, ids in gold.items())
        self._right += hits + nil
        self._entities += len(gold)

    def scores(self) -> GoldScores:
        accuracy = self._right / self._entities if self._given and self._entities else None
        return GoldScores(Score.of(*self._mention), Score.of(*self._document), accuracy, self._entities)

    def _resolve(self, ids: Iterable[str]) -> set[str]:
        """Current ids; what the pack does not know stays as it is."""
        for id_ in ids:
            if id_ not in self._resolved:
                self._resolved[id_] = self._pack.concept(id_).id if id_ in self._pack else id_
        return {self._resolved[id_] for id_ in ids}


def _add(counts: list[int], *more: int) -> None:
    for index, count in enumerate(more):
        counts[index] += count


def _union(sets: Iterable[set[str]]) -> set[str]:
    return set().union(*sets)


def _read(path: Path | str) -> Iterator[tuple[str, Record]]:
    if str(path).endswith((".txt", ".txt.gz", ".md", ".md.gz")):
        for document in read_documents(path):
            yield f"{path}:1", {"id": document.id, "text": document.text}
        return
    for where, record in read_jsonl(path):
        yield where, {**record, "id": record_id(record, where), "text": text_field(record, "text", where)}


def _batches(records: Iterable[tuple[str, Record]]) -> Iterator[list[tuple[str, Record]]]:
    batch: list[tuple[str, Record]] = []
    for record in records:
        batch.append(record)
        if len(batch) == _BATCH_DOCUMENTS:
            yield batch
            batch = []
    yield batch


def _link(linker: Linker, batch: list[tuple[str, Record]], given: bool, gold: bool) -> Iterable[LinkedText]:
    if not given:
        return linker.link_many(record["text"] for _, record in batch)
    return (_link_given(linker, record, where, gold) for where, record in batch)


def _link_given(linker: Linker, record: Record, where: str, gold: bool) -> LinkedText:
    key = "entities" if gold and "mentions" not in record else "mentions"
    links = []
    for place, mention in read_spans(record, key, where):
        try:
            links.append(linker.link_mention(record["text"], mention["start"], mention["end"]))
        except LinkError as error:
            raise DataError(f"{place}: {error}") from error
    return LinkedText(record["text"], tuple(sorted(links, key=lambda link: (link.start, link.end))), record["id"])
