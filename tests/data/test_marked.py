"""Texts with spans and relations, read from files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kgslm.data.marked import read_related, read_tagged
from kgslm.errors import DataError
from kgslm.records import Entity, EntityRelation

TEXT = "aspirin treats fever"
DRUG = {"start": 0, "end": 7, "label": "drug", "id": "a"}
SIGN = {"start": 15, "end": 20, "label": "sign", "id": "b"}


def write(path: Path, **fields: Any) -> Path:
    path.write_text(json.dumps({"id": "1", "text": TEXT, **fields}) + "\n", encoding="utf-8")
    return path


def test_entities_and_relations_of_jsonl(tmp_path: Path) -> None:
    path = write(tmp_path / "x.jsonl", entities=[DRUG, SIGN], relations=[{"head": "a", "tail": "b", "label": "treats"}])
    (tagged,) = read_tagged(path)
    assert tagged.entities == (Entity(0, 7, "drug", "a"), Entity(15, 20, "sign", "b"))
    (related,) = read_related(path)
    assert related.relations == (EntityRelation("a", "b", "treats"),)
    (bare,) = read_related(path, labelled=False)
    assert bare.entities
    assert not bare.relations
    (blank,) = read_tagged(path, labelled=False)
    assert not blank.entities


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "the field 'entities' is needed"),
        ({"entities": [{**DRUG, "label": ""}]}, r"entities\[1\]: it has no label"),
        ({"entities": [{**DRUG, "end": 99}]}, r"entities\[1\]: 0-99 is not a span of a text of 20 characters"),
        ({"entities": [{**DRUG, "start": "0"}]}, r"entities\[1\]: an object with integer start and end"),
    ],
)
def test_bad_entities_are_one_clear_line(tmp_path: Path, fields: dict[str, Any], message: str) -> None:
    path = write(tmp_path / "x.jsonl", **fields)
    with pytest.raises(DataError, match=f"^{path}:1: {message}"):
        read_tagged(path)


@pytest.mark.parametrize(
    ("relations", "message"),
    [
        (None, "the field 'relations' must be a list"),
        ([{"head": "a", "tail": "b"}], r"relations\[1\]: an object with head, tail and label"),
        ([{"head": "a", "tail": "z", "label": "x"}], r"relations\[1\]: 'z' is the id of no entity of the text"),
    ],
)
def test_bad_relations_are_one_clear_line(tmp_path: Path, relations: Any, message: str) -> None:
    path = write(tmp_path / "x.jsonl", entities=[DRUG, SIGN], relations=relations)
    with pytest.raises(DataError, match=f"^{path}:1: {message}"):
        read_related(path)


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ("O I-X I-X O", [(2, 5)]),  # IOB1
        ("I-X B-X I-X O", [(0, 1), (2, 5)]),
        ("B-X I-X B-X I-X", [(0, 3), (4, 7)]),  # IOB2
        ("S-X B-X I-X E-X", [(0, 1), (2, 7)]),  # BIOES
        ("U-X B-X L-X U-X", [(0, 1), (2, 5), (6, 7)]),  # BILOU
        ("E-X I-X O I-X", [(0, 1), (2, 3), (6, 7)]),
    ],
)
def test_every_scheme_of_tags(tmp_path: Path, tags: str, expected: list[tuple[int, int]]) -> None:
    path = tmp_path / "x.conll"
    rows = [f"{word} {tag}" for word, tag in zip("abcd", tags.split(), strict=True)]
    path.write_text("-DOCSTART- O\n\n" + "\n".join(rows), encoding="utf-8")
    (example,) = read_tagged(path)
    assert [(entity.start, entity.end) for entity in example.entities] == expected


def test_relations_of_pubtator_are_between_concepts(tmp_path: Path) -> None:
    path = tmp_path / "x.pubtator.txt"
    path.write_text(
        "7|t|aspirin for fever\n7|a|and cough\n7\t0\t7\taspirin\tDrug\tC1\n"
        "7\t12\t27\tfever and cough\tSign\tD1|D2\n7\tCID\tC1\tD2\n",
        encoding="utf-8",
    )
    (example,) = read_related(path)
    assert [entity.id for entity in example.entities] == ["C1", "D1", "D2"]
    assert example.relations == (EntityRelation("C1", "D2", "CID"),)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("word\n", "1: a token and its tag were expected"),
        ("word B\n", "1: the tag 'B' is not O or a letter and a label"),
    ],
)
def test_bad_columns_are_one_clear_line(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "x.conll"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=f"^{path}:{message}"):
        read_tagged(path)
