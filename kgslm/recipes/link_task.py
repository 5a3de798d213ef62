"""What is done to each document that is linked: read, link, write as a line, count."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any, NamedTuple

from kgslm.data.documents import document_records
from kgslm.data.spans import read_spans
from kgslm.evaluation.link_errors import gold_entities
from kgslm.evaluation.links import LinkCounts, LinkScorer
from kgslm.linking import Linker, LinkerSpec, MentionsLinker
from kgslm.packs import KnowledgePack
from kgslm.records import Link, LinkedText

_FIRST_FAILURES = 10

Record = dict[str, Any]


class Item(NamedTuple):
    """A document of the input. where: its file and line."""

    where: str
    record: Record


@dataclass(frozen=True, slots=True)
class Failure:
    """A document that could not be linked. place: its file and line. error: what happened, in one line."""

    document: str
    place: str
    error: str

    def __str__(self) -> str:
        return f"{self.place}: document {self.document!r}: {self.error}"


@dataclass
class Account:
    """What is counted while documents are linked; accounts of parts of a stream add up.

    links: mentions with a concept. nil: given mentions without. gold: None without gold entities.
    """

    documents: int = 0
    characters: int = 0
    links: int = 0
    nil: int = 0
    concepts: set[str] = field(default_factory=set)
    failed: int = 0
    failures: list[Failure] = field(default_factory=list)
    gold: LinkCounts | None = None

    def add(self, record: Mapping[str, Any], scorer: LinkScorer | None) -> None:
        """Count a linked document."""
        linked = [link["concept"] for link in record["links"] if link["concept"] is not None]
        self.documents += 1
        self.characters += len(record["text"])
        self.links += len(linked)
        self.nil += len(record["links"]) - len(linked)
        self.concepts.update(linked)
        if self.gold and scorer:
            scorer.add(self.gold, record)

    def fail(self, failure: Failure) -> None:
        """Count a document that could not be linked; it is counted by ``add`` as well."""
        self.failed += 1
        if len(self.failures) < _FIRST_FAILURES:
            self.failures.append(failure)

    def merge(self, later: Account) -> None:
        """Add what was counted in later documents."""
        for name in ("documents", "characters", "links", "nil", "failed"):
            setattr(self, name, getattr(self, name) + getattr(later, name))
        self.concepts |= later.concepts
        self.failures = (self.failures + later.failures)[:_FIRST_FAILURES]
        if self.gold and later.gold:
            self.gold.merge(later.gold)


@dataclass(frozen=True)
class Linked:
    """Documents as lines of the output, with line ends, and what is counted in them."""

    text: str
    account: Account


class LinkTask:
    """Links batches of documents, in this process or in others, where the pack is opened again by its path.

    linker: what to load, or a linker. given: link the document's own ``mentions`` (or, with ``gold``, its
    ``entities``). gold: compare with ``entities``.
    """

    def __init__(self, pack: KnowledgePack, linker: Linker | LinkerSpec, given: bool, gold: bool) -> None:
        self.pack = pack
        self.given = given
        self.gold = gold
        self._source = linker
        self._linker: Linker | None = None if isinstance(linker, LinkerSpec) else linker
        self._scorer = LinkScorer(pack, given) if gold else None

    def __getstate__(self) -> dict[str, Any]:
        opened = None if isinstance(self._source, LinkerSpec) else self._source
        return {**self.__dict__, "_linker": opened, "_scorer": None}

    def prepare(self) -> None:
        """Load the linker."""
        if self._linker is None and isinstance(self._source, LinkerSpec):
            self._linker = self._source.load(self.pack)
        if self.gold:
            self._scorer = LinkScorer(self.pack, self.given)

    def check(self, item: Item) -> Item:
        """Raise DataError, with file and line, where the document lacks what its linking needs."""
        if self.gold:
            gold_entities(item.record, item.where)
        if self.given:
            self._mentions(item)
        return item

    def run(self, items: Sequence[Item]) -> Linked:
        """Link documents."""
        lines, account = [], self.account()
        for item, linked in zip(items, self._link(items), strict=True):
            record = {**item.record, "links": [link_record(link) for link in linked.links]}
            account.add(record, self._scorer)
            lines.append(_line(record))
        return Linked("".join(lines), account)

    def fail(self, item: Item, error: str) -> Linked:
        """A document that cannot be linked stays in its place, without links and with the error."""
        record = {**item.record, "links": [], "error": error}
        account = self.account()
        self._count(item, record, account)
        return Linked(_line(record), account)

    def account(self) -> Account:
        """An empty account."""
        return Account(gold=LinkCounts(self.given) if self.gold else None)

    def recall(self, item: Item, line: str) -> Linked | None:
        """A line of an earlier run, counted; None where it is not about this document."""
        try:
            record = json.loads(line)
        except ValueError:
            return None
        if not isinstance(record, dict) or "links" not in record or _input(record) != _input(item.record):
            return None
        account = self.account()
        self._count(item, record, account)
        return Linked(f"{line}\n", account)

    def _count(self, item: Item, record: Record, account: Account) -> None:
        account.add(record, self._scorer)
        if "error" in record and record["error"] != item.record.get("error"):
            account.fail(Failure(record["id"], item.where, record["error"]))

    def _mentions(self, item: Item) -> list[tuple[int, int]]:
        key = "entities" if self.gold and "mentions" not in item.record else "mentions"
        return [(mention["start"], mention["end"]) for _, mention in read_spans(item.record, key, item.where)]

    def _link(self, items: Sequence[Item]) -> Iterator[LinkedText]:
        assert self._linker is not None
        if not self.given:
            return iter(self._linker.link_many(item.record["text"] for item in items))
        return map(_given, items, self._link_given(self._linker, items))

    def _link_given(self, linker: Linker, items: Sequence[Item]) -> Iterator[list[Link]]:
        documents = ((item.record["text"], self._mentions(item)) for item in items)
        if isinstance(linker, MentionsLinker):
            return linker.link_mentions_many(documents)
        return ([linker.link_mention(text, start, end) for start, end in spans] for text, spans in documents)


def _given(item: Item, links: list[Link]) -> LinkedText:
    ordered = sorted(links, key=lambda link: (link.start, link.end))
    return LinkedText(item.record["text"], tuple(ordered), item.record["id"])


def read_items(path: Path | str) -> Iterator[Item]:
    """Stream the documents of a file, or of standard input. Raises DataError with file and line."""
    for where, record in document_records(path):
        yield Item(where, record)


def link_record(link: Link) -> Record:
    """A link as the data contract writes it."""
    record: Record = _plain(link)
    return record


def _plain(value: Any) -> Any:
    """As ``dataclasses.asdict``, without its copies."""
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if is_dataclass(value):
        kind = type(value)
        if kind not in _FIELDS:
            _FIELDS[kind] = tuple(it.name for it in fields(value))
        return {name: _plain(getattr(value, name)) for name in _FIELDS[kind]}
    return value


_FIELDS: dict[type, tuple[str, ...]] = {}


def _line(record: Record) -> str:
    return json.dumps(record, ensure_ascii=False) + "\n"


def _input(record: Record) -> str:
    """What a linked document and its document have in common."""
    return json.dumps({key: value for key, value in record.items() if key not in ("links", "error")})
