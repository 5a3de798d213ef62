"""Links compared with gold entities: what became of every found, given and gold mention.

Classes of found mentions: ``right``; ``wrong_concept`` (the span is gold, the concept is not); ``overlapping`` (the
concept of a gold entity that the span overlaps); ``spurious``; ``missed``. Each found concept is in one of the first
four and each gold entity with a concept in one of the first three or in ``missed``.
Classes of given mentions: ``right``; ``wrong_concept``; ``nil`` (gold has a concept); ``not_nil`` (gold has none);
``right_nil``; ``not_gold`` (given, but no gold entity); ``missed`` (gold, but not given).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kgslm.data.spans import read_spans
from kgslm.errors import DataError

if TYPE_CHECKING:
    from kgslm.packs import KnowledgePack

_NO_CONCEPT = frozenset({"", "-1", "NIL", "CUI-less"})
"""How corpora write that a mention has no concept in the vocabulary."""
_EXAMPLES = 5
_MISSED = {
    "not_in_pack": "the concept is not in the pack",
    "unknown_name": "the pack does not know the concept by this name",
    "ambiguous": "the name is that of several concepts",
    "passed_over": "the pack has the name, but it was not taken",
}
FOUND: dict[str, tuple[str, dict[str, str]]] = {
    "right": ("right", {}),
    "wrong_concept": ("wrong concept, right span", {"among_candidates": "the right one was among the candidates"}),
    "overlapping": ("right concept, overlapping span", {}),
    "spurious": ("spurious", {}),
    "missed": ("missed", _MISSED),
}
GIVEN: dict[str, tuple[str, dict[str, str]]] = {
    "right": ("right", {}),
    "right_nil": ("rightly NIL", {}),
    "wrong_concept": ("wrong concept", {"among_candidates": "the right one was among the candidates"}),
    "nil": ("NIL though gold has a concept", _MISSED),
    "not_nil": ("concept though gold is NIL", {}),
    "not_gold": ("given, but not in gold", {}),
    "missed": ("in gold, but not given", {}),
}
"""Each class of mentions with its words, and the words of its parts."""

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one mention. start, end: its span, of the link where there is one.

    kind: one of the classes. part: of the class, or empty. predicted: the link's concept, None for none.
    gold: ids of the gold entity, as the pack knows them now. gold_span: where it stands, None where there is no such.
    """

    kind: str
    start: int
    end: int
    predicted: str | None = None
    gold: tuple[str, ...] = ()
    part: str = ""
    gold_span: Span | None = None


@dataclass
class ErrorClass:
    """How many mentions are of a class, the first five examples that differ, and the same of parts of the class.

    Examples have document, start, end, surface, predicted ({id, name} or None), gold (a list of {id, name}) and, where
    the gold entity stands elsewhere, gold_surface.
    """

    count: int = 0
    examples: list[dict[str, Any]] = field(default_factory=list)
    parts: dict[str, ErrorClass] = field(default_factory=dict)

    def add(self, example: Callable[[], dict[str, Any]]) -> None:
        """Count one mention; the example is made where there are too few of them."""
        self.count += 1
        if len(self.examples) < _EXAMPLES:
            self._take([example()])

    def merge(self, later: ErrorClass) -> None:
        """Add what was counted in later documents."""
        self.count += later.count
        self._take(later.examples)
        for name, part in later.parts.items():
            self.parts[name].merge(part)

    def _take(self, examples: Iterable[dict[str, Any]]) -> None:
        """Keep examples that show something else than those that there are: another surface or concept."""
        seen = {_shows(example) for example in self.examples}
        for example in examples:
            if len(self.examples) < _EXAMPLES and _shows(example) not in seen:
                seen.add(_shows(example))
                self.examples.append(example)


def _shows(example: Mapping[str, Any]) -> tuple[Any, ...]:
    predicted = example["predicted"]
    return example["surface"].lower(), predicted and predicted["id"], tuple(it["id"] for it in example["gold"])


def error_classes(given: bool) -> dict[str, ErrorClass]:
    """All classes, empty."""
    return {
        name: ErrorClass(parts={part: ErrorClass() for part in parts})
        for name, (_, parts) in (GIVEN if given else FOUND).items()
    }


def gold_entities(record: Mapping[str, Any], where: str) -> list[tuple[int, int, frozenset[str]]]:
    """(start, end, concept ids) of a document's ``entities``; no ids for a mention without a concept.

    Raises DataError that names the place of a bad entity.
    """
    entities = []
    for place, entity in read_spans(record, "entities", where):
        if "id" not in entity:
            raise DataError(f"{place}: the field 'id' is missing; write null for a mention without a concept")
        text = "" if entity["id"] is None else str(entity["id"])
        ids = frozenset(part for raw in text.replace("+", "|").split("|") if (part := raw.strip()) not in _NO_CONCEPT)
        entities.append((entity["start"], entity["end"], ids))
    return entities


class Judge:
    """Compares the links of documents with their entities. given: the mentions were given, not found."""

    def __init__(self, pack: KnowledgePack, given: bool) -> None:
        self._pack = pack
        self._given = given
        self._resolved: dict[str, str] = {}

    def gold(self, record: Mapping[str, Any], where: str = "") -> dict[Span, set[str]]:
        """The spans of the entities with their ids. Raises DataError as ``gold_entities``."""
        gold: dict[Span, set[str]] = {}
        for start, end, ids in gold_entities(record, where):
            gold.setdefault((start, end), set()).update(self.resolve(ids))
        return gold

    def verdicts(self, record: Mapping[str, Any], gold: Mapping[Span, set[str]]) -> Iterator[Verdict]:
        """What became of every mention of a linked document, links first."""
        links = {(link["start"], link["end"]): link for link in record["links"]}
        left = dict(gold)
        found = self._given_link if self._given else self._found_link
        for span in [span for span in links if span in left] + [span for span in links if span not in left]:
            verdict = found(record["text"], links[span], left)
            if verdict:
                yield verdict
        for (start, end), ids in left.items():
            if ids or self._given:
                part = "" if self._given else self._why(record["text"][start:end], ids)
                yield Verdict("missed", start, end, None, tuple(sorted(ids)), part, (start, end))

    def resolve(self, ids: Iterable[str]) -> set[str]:
        """Current ids; what the pack does not know stays as it is."""
        for id_ in ids:
            if id_ not in self._resolved:
                self._resolved[id_] = self._pack.concept(id_).id if id_ in self._pack else id_
        return {self._resolved[id_] for id_ in ids}

    def named(self, id_: str) -> dict[str, str]:
        """An id and the name that the pack has for it."""
        return {"id": id_, "name": self._pack.concept(id_).name if id_ in self._pack else ""}

    def example(self, record: Mapping[str, Any], verdict: Verdict) -> dict[str, Any]:
        """A mention for people and for ``--json``."""
        span, text = (verdict.start, verdict.end), record["text"]
        elsewhere = verdict.gold_span if verdict.gold_span != span else None
        return {
            "document": record["id"],
            "start": verdict.start,
            "end": verdict.end,
            "surface": text[slice(*span)],
            "predicted": None if verdict.predicted is None else self.named(verdict.predicted),
            "gold": [self.named(id_) for id_ in verdict.gold],
            **({"gold_surface": text[slice(*elsewhere)]} if elsewhere else {}),
        }

    def _found_link(self, _: str, link: Mapping[str, Any], left: dict[Span, set[str]]) -> Verdict | None:
        start, end, concept = link["start"], link["end"], link["concept"]
        if concept is None:
            return None
        same = self.resolve([concept])
        if left.get((start, end)):
            return self._same_span(link, left.pop((start, end)))
        for span, ids in left.items():
            if span[0] < end and start < span[1] and not same.isdisjoint(ids):
                del left[span]
                return Verdict("overlapping", start, end, concept, tuple(sorted(ids)), gold_span=span)
        return Verdict("spurious", start, end, concept)

    def _given_link(self, text: str, link: Mapping[str, Any], left: dict[Span, set[str]]) -> Verdict:
        start, end, concept = link["start"], link["end"], link["concept"]
        if (start, end) not in left:
            return Verdict("not_gold", start, end, concept)
        ids = left.pop((start, end))
        if ids and concept is not None:
            return self._same_span(link, ids)
        kind, part = ("not_nil" if concept is not None else "right_nil"), ""
        if ids:
            kind, part = "nil", self._why(text[start:end], ids)
        return Verdict(kind, start, end, concept, tuple(sorted(ids)), part, (start, end))

    def _same_span(self, link: Mapping[str, Any], ids: set[str]) -> Verdict:
        start, end, concept = link["start"], link["end"], link["concept"]
        kind, part = "right", ""
        if self.resolve([concept]).isdisjoint(ids):
            candidates = self.resolve([candidate["concept"] for candidate in link.get("candidates", ())])
            kind, part = "wrong_concept", "" if candidates.isdisjoint(ids) else "among_candidates"
        return Verdict(kind, start, end, concept, tuple(sorted(ids)), part, (start, end))

    def _why(self, surface: str, ids: set[str]) -> str:
        """Why a gold entity may have got no link."""
        if not any(id_ in self._pack for id_ in ids):
            return "not_in_pack"
        named = self._pack.find(surface)
        if ids.isdisjoint(named):
            return "unknown_name"
        return "ambiguous" if len(named) > 1 else "passed_over"


def error_rows(errors: Mapping[str, ErrorClass], given: bool) -> list[dict[str, Any]]:
    """The classes for people, in order: words, depth (0; 1 for a part), count, examples as (place, predicted, gold).

    The examples of a class that its parts make up in full stand with the parts.
    """
    rows = []
    for name, (words, parts) in (GIVEN if given else FOUND).items():
        found = errors[name]
        whole = bool(parts) and found.count == sum(part.count for part in found.parts.values())
        rows.append(_row(words, 0, found, examples=not whole))
        rows += [_row(parts[part], 1, counted, examples=whole) for part, counted in found.parts.items()]
    return rows


def _row(words: str, depth: int, found: ErrorClass, *, examples: bool) -> dict[str, Any]:
    said = [_said(example) for example in found.examples] if examples else []
    return {"words": words, "depth": depth, "count": found.count, "examples": said}


def _said(example: Mapping[str, Any]) -> dict[str, str]:
    """An example in words: the document, the mention, what was predicted, what is gold."""
    predicted = example["predicted"]
    gold = " or ".join(_named(it) for it in example["gold"]) or "none"
    return {
        "document": example["document"],
        "surface": example["surface"],
        "predicted": _named(predicted) if predicted else "",
        "gold": f"{gold} (“{example['gold_surface']}”)" if "gold_surface" in example else gold,
    }


def _named(concept: Mapping[str, str]) -> str:
    return " ".join(filter(None, (concept["id"], concept["name"])))
