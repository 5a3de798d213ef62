"""What became of each mention, on a case made by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kgslm.errors import DataError
from kgslm.evaluation.link_errors import error_classes, error_rows, gold_entities
from kgslm.evaluation.links import GoldScores, LinkCounts, LinkScorer
from kgslm.packs import KnowledgePack, Origin, PackBuilder, SourceConcept, SourceName

TEXT = "cold flu pain ache mumps fever rash gout croup"


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> KnowledgePack:
    builder = PackBuilder("ills")
    names = {"I:1": "cold", "I:2": "flu", "I:3": "pain", "I:4": "ache", "I:5": "fever", "I:6": "rash"}
    concepts = [SourceConcept(id_, name, alt_ids=("I:10",) if id_ == "I:1" else ()) for id_, name in names.items()]
    concepts += [SourceConcept("I:7", "skin rash", names=(SourceName("rash"),))]
    builder.add(Origin("terms"), concepts)
    folder: Path = tmp_path_factory.mktemp("ills") / "pack"
    builder.write(folder)
    return KnowledgePack.open(folder)


def span(surface: str, **more: Any) -> dict[str, Any]:
    start = TEXT.index(surface)
    return {"start": start, "end": start + len(surface), **more}


def link(surface: str, concept: str | None, *candidates: str) -> dict[str, Any]:
    return span(surface, concept=concept, candidates=[{"concept": it} for it in candidates])


def counted(pack: KnowledgePack, given: bool, links: list[Any], entities: list[Any], times: int = 1) -> GoldScores:
    counts, scorer = LinkCounts(given), LinkScorer(pack, given)
    for number in range(times):
        part = LinkCounts(given)
        scorer.add(part, {"id": f"d{number}", "text": TEXT, "links": links, "entities": entities})
        counts.merge(part)
    return counts.scores()


def counts(scores: GoldScores) -> dict[str, int]:
    """Class, or class.part, to its count, those that are zero aside."""
    flat = {name: found.count for name, found in scores.errors.items()}
    flat |= {f"{name}.{key}": part.count for name, found in scores.errors.items() for key, part in found.parts.items()}
    return {name: count for name, count in flat.items() if count}


FOUND_LINKS = [
    link("cold", "I:1"),
    link("flu", "I:3", "I:3", "I:2"),  # the right one is among the candidates
    link("pain", "I:4", "I:4"),
    link("ache", "I:4"),  # gold has more of the text
    link("gout", "I:6"),  # gold has none there
    link("croup", "I:6"),  # gold says that there is no concept
]
FOUND_GOLD = [
    span("cold", id="I:10"),  # an alternative id of I:1
    span("flu", id="I:2"),
    span("pain", id="X:1|I:3"),
    span("ache mumps", id="I:4"),
    span("mumps fever", id="I:5"),  # the pack does not call it that
    span("fever", id="X:2+X:3"),  # not in the pack
    span("rash", id="I:6"),  # a name of two concepts
    span("croup", id=None),
]


def test_found_mentions(pack: KnowledgePack) -> None:
    scores = counted(pack, False, FOUND_LINKS, FOUND_GOLD)
    assert counts(scores) == {
        "right": 1,
        "wrong_concept": 2,
        "wrong_concept.among_candidates": 1,
        "overlapping": 1,
        "spurious": 2,
        "missed": 3,
        "missed.unknown_name": 1,
        "missed.not_in_pack": 1,
        "missed.ambiguous": 1,
    }
    assert (scores.mention.precision, scores.mention.recall) == (1 / 6, 1 / 7)
    assert (scores.accuracy, scores.entities) == (None, 8)
    (example,) = scores.errors["overlapping"].examples
    assert example == {
        "document": "d0",
        "start": 14,
        "end": 18,
        "surface": "ache",
        "predicted": {"id": "I:4", "name": "ache"},
        "gold": [{"id": "I:4", "name": "ache"}],
        "gold_surface": "ache mumps",
    }
    assert scores.errors["missed"].parts["not_in_pack"].examples[0]["gold"] == [
        {"id": "X:2", "name": ""},
        {"id": "X:3", "name": ""},
    ]


def test_a_known_name_that_was_not_taken(pack: KnowledgePack) -> None:
    assert counts(counted(pack, False, [], [span("fever", id="I:5")])) == {"missed": 1, "missed.passed_over": 1}


def test_an_exact_span_takes_gold_before_one_that_overlaps(pack: KnowledgePack) -> None:
    links = [link("pain ache", "I:4"), link("ache", "I:4")]
    assert counts(counted(pack, False, links, [span("ache", id="I:4")])) == {"right": 1, "spurious": 1}


def test_given_mentions(pack: KnowledgePack) -> None:
    links = [
        link("cold", "I:1"),
        link("flu", "I:3", "I:3", "I:2"),
        link("pain", "I:4"),
        link("fever", None),
        link("mumps", None),
        link("gout", None),
        link("croup", "I:6"),
        link("rash", "I:6"),
    ]
    entities = [
        span("cold", id="I:1"),
        span("flu", id="I:2"),
        span("pain", id="I:3"),
        span("fever", id="I:5"),
        span("mumps", id="X:9"),
        span("gout", id="-1"),
        span("croup", id="NIL"),
        span("ache", id="I:4"),
    ]
    scores = counted(pack, True, links, entities)
    assert counts(scores) == {
        "right": 1,
        "right_nil": 1,
        "wrong_concept": 2,
        "wrong_concept.among_candidates": 1,
        "nil": 2,
        "nil.passed_over": 1,
        "nil.not_in_pack": 1,
        "not_nil": 1,
        "not_gold": 1,
        "missed": 1,
    }
    assert scores.accuracy == 2 / 8


def test_counts_add_up_and_examples_differ(pack: KnowledgePack) -> None:
    scores = counted(pack, False, FOUND_LINKS, FOUND_GOLD, times=7)
    assert counts(scores)["spurious"] == 14
    assert [it["surface"] for it in scores.errors["spurious"].examples] == ["croup", "gout"]
    assert {it["document"] for it in scores.errors["spurious"].examples} == {"d0"}


def test_rows_for_people(pack: KnowledgePack) -> None:
    scores = counted(pack, False, FOUND_LINKS, FOUND_GOLD)
    rows = {row["words"]: row for row in error_rows(scores.errors, False)}
    assert rows["missed"]["examples"] == []  # they stand with the parts
    assert rows["the concept is not in the pack"] == {
        "words": "the concept is not in the pack",
        "depth": 1,
        "count": 1,
        "examples": [{"document": "d0", "surface": "fever", "predicted": "", "gold": "X:2 or X:3"}],
    }
    assert rows["spurious"]["examples"][0]["gold"] == "none"
    assert rows["right concept, overlapping span"]["examples"][0]["gold"] == "I:4 ache (“ache mumps”)"
    assert [row["count"] for row in error_rows(error_classes(True), True)] == [0] * 12


def test_gold_is_read_strictly() -> None:
    record = {"text": TEXT, "entities": [span("cold", id=" I:1 | -1+I:2 "), span("flu", id=7)]}
    assert gold_entities(record, "d:1") == [(0, 4, frozenset({"I:1", "I:2"})), (5, 8, frozenset({"7"}))]
    with pytest.raises(DataError, match=r"d:1: entities\[1\]: the field 'id' is missing"):
        gold_entities({"text": TEXT, "entities": [span("cold")]}, "d:1")
