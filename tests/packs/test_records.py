"""JSON Lines read as tables, and fields that several columns fill."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kgslm.config import parse_config
from kgslm.errors import PackError
from kgslm.packs import KnowledgePack, build_pack
from kgslm.packs.items import Finding, Item, SourceConcept, SourceName, SourceRelation
from kgslm.packs.readers.table import CsvSource

COURTS = """{"id": "ca9", "name": "Court of Appeals for the Ninth Circuit", "short": "9th Cir.", "level": null}

{"name": "Supreme Court", "id": "scotus", "cites": ["U.S.", "S. Ct."], "editions": {"U.S.": {"end": null}}, "level": 1}
"""


def read(folder: Path, text: str, **options: Any) -> list[Item]:
    path = folder / "t.jsonl"
    path.write_text(text, encoding="utf-8")
    source = parse_config({"kind": "csv", "path": str(path), **options}, CsvSource, where="test", base=Path())
    with source.files() as files:
        return list(source.read(files))


def test_keys_are_columns_and_several_of_them_fill_one_field(tmp_path: Path) -> None:
    columns = {"id": "id", "name": "name", "synonyms": ["short", "cites", "editions"], "category": "level"}
    first, second = read(tmp_path, COURTS, columns=columns, id_prefix="COURT:")
    assert isinstance(first, SourceConcept) and isinstance(second, SourceConcept)
    assert (first.id, first.names, first.categories, first.line) == ("COURT:ca9", (SourceName("9th Cir."),), (), 1)
    assert second.names == (SourceName("U.S."), SourceName("S. Ct."), SourceName("U.S."))
    assert (second.categories, second.line) == (("1",), 3)


def test_several_columns_of_delimited_text(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("id,name,short,other\nT:1,Fever,,Pyrexia|Febris\n")
    columns = {"id": "id", "name": "name", "synonyms": ["short", "other", "name"]}
    source = parse_config({"kind": "csv", "path": str(path), "columns": columns}, CsvSource, where="x", base=Path())
    with source.files() as files:
        (concept,) = source.read(files)
    assert isinstance(concept, SourceConcept)
    assert [name.text for name in concept.names] == ["Pyrexia", "Febris", "Fever"]


def test_a_list_of_objects_makes_one_relation_each(tmp_path: Path) -> None:
    text = (
        '{"id": "MIT", "may": ["use", "change"]}\n{"id": "GPL", "may": []}\n{"id": "BSD", "may": "sell"}\n{"id": "X"}\n'
    )
    options = {"columns": {"subject": "id", "object": "may"}, "constants": {"predicate": "PERMITS"}}
    found = [item for item in read(tmp_path, text, **options) if isinstance(item, SourceRelation)]
    assert [(it.subject, it.predicate, it.object, it.line) for it in found] == [
        ("MIT", "PERMITS", "use", 1),
        ("MIT", "PERMITS", "change", 1),
        ("BSD", "PERMITS", "sell", 3),
    ]


def test_rows_are_chosen_by_lists_too(tmp_path: Path) -> None:
    text = '{"id": "a", "name": "A", "kind": ["x", "y"]}\n{"id": "b", "name": "B"}\n'
    kept, left = read(tmp_path, text, where={"kind": "y"})
    assert isinstance(kept, SourceConcept) and kept.id == "a"
    assert isinstance(left, Finding) and (left.reason, left.line) == ("filtered", 2)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"id": "a", "name": "A"}\n{"id": \n', "t.jsonl:2: not valid JSON"),
        ('{"id": "a", "name": "A"}\n["b"]\n', "t.jsonl:2: an object with fields was expected"),
        ('{"id": "a", "name": ["A", "B"]}\n', "t.jsonl:1: a list of 2 items, but name takes one text"),
        ('{"id": "a", "name": [["A"]]}\n', "t.jsonl:1: name holds a list inside a list"),
        ('{"id": "a", "name": "\\ud800"}\n', "t.jsonl:1: name holds half of a surrogate pair"),
        ('{"a": 1}\n', "t.jsonl:1: say which column is what"),
        ("", "t.jsonl:1: say which column is what"),
    ],
)
def test_bad_lines_are_one_clear_line(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(PackError, match=said):
        read(tmp_path, text)


def test_the_content_tells_a_table_from_a_glossary(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text(COURTS, encoding="utf-8")
    build_pack(None, tmp_path / "pack", [str(path)])
    assert KnowledgePack.open(tmp_path / "pack").concept("scotus").name == "Supreme Court"
