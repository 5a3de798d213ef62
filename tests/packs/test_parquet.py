from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kgslm.config import parse_config
from kgslm.errors import PackError
from kgslm.packs import KnowledgePack, build_pack
from kgslm.packs.items import Finding, Item, SourceConcept, SourceName, SourceRelation
from kgslm.packs.readers import parquet
from kgslm.packs.readers.table import CsvSource
from kgslm.packs.sniff import sniff


def write(folder: Path, columns: dict[str, Any], **options: Any) -> Path:
    path = folder / "t.parquet"
    pq.write_table(pa.table(columns), path, **options)
    return path


def read(path: Path, **options: Any) -> list[Item]:
    source = parse_config({"kind": "csv", "path": str(path), **options}, CsvSource, where="here", base=Path())
    with source.files() as files:
        return list(source.read(files))


def test_lists_are_lists_and_texts_may_hold_lists(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        {
            "code": [1, 2],
            "label": ["Fever", None],
            "also": [["Pyrexia", "a|b", " "], None],
            "kinds": ["sign|finding", ""],
            "ratio": [0.5, 2.0],
        },
    )
    columns = {"id": "code", "name": "label", "synonyms": "also", "category": "kinds", "definition": "ratio"}
    names = (SourceName("Pyrexia"), SourceName("a|b"))
    assert read(path, columns=columns, id_prefix="A:") == [
        SourceConcept("A:1", "Fever", names, "0.5", ("sign", "finding"), file=str(path), line=1),
        SourceConcept("A:2", "", (), "2", file=str(path), line=2),
    ]


def test_relations_and_where_and_column_numbers(tmp_path: Path) -> None:
    path = write(tmp_path, {"a": ["x", "y"], "b": ["z", "z"], "ok": [True, False]})
    columns = {"subject": "a", "object": 1}
    items = read(path, columns=columns, constants={"predicate": "p"}, where={"ok": "true"})
    assert items[0] == SourceRelation("x", "p", "z", "", str(path), 1)
    assert isinstance(items[1], Finding)
    assert (items[1].reason, items[1].unit, items[1].line) == ("filtered", "relation", 2)


def test_rows_are_numbered_across_row_groups_and_batches(tmp_path: Path) -> None:
    ids = [f"A:{row}" for row in range(3000)]
    items = read(write(tmp_path, {"id": ids}, row_group_size=1100))
    assert [(item.id, item.line) for item in items if isinstance(item, SourceConcept)] == [
        (id_, row) for row, id_ in enumerate(ids, start=1)
    ]


def test_a_pack_is_built_without_naming_the_kind(tmp_path: Path) -> None:
    path = write(tmp_path, {"id": ["A:1", "A:2"], "name": ["Fever", "Cough"], "parents": [[], ["A:1"]]})
    assert sniff(path) == ({str(path): "csv"}, ())
    build_pack(None, tmp_path / "pack", [str(path)])
    assert [concept.parents for concept in KnowledgePack.open(tmp_path / "pack").concepts()] == [(), ("A:1",)]


def test_one_long_value_that_is_repeated_does_not_fill_the_memory(tmp_path: Path) -> None:
    long = pa.DictionaryArray.from_arrays(pa.array([0] * 3000, pa.int32()), pa.array(["x" * 3_000_000]))
    path = write(
        tmp_path, {"id": [str(row) for row in range(3000)], "definition": long}, dictionary_pagesize_limit=1 << 30
    )
    assert path.stat().st_size < 2_000_000
    with path.open("rb") as raw:
        sheet = parquet.ParquetSheet("t", raw)
        assert sheet._rows_at_a_time(0, ["definition"]) == (1 << 28) // 3_000_004
        first = next(sheet.batches([1]))
        assert not isinstance(first, Finding)
        assert len(first.lines) == 89


@pytest.mark.parametrize(
    ("columns", "options", "message"),
    [
        ({"a": ["x"]}, {}, "say which column is what, such as columns: {id: code, name: label}; the table has a"),
        ({"a": ["x"]}, {"columns": {"id": "b"}}, "the column 'b' is not there; it has a"),
        ({"id": ["x"], "name": [{"x": 1}]}, {}, "the column 'name' holds struct<x: int64>; texts or lists of texts"),
        ({"id": ["x"], "synonyms": [[["x"]]]}, {}, "the column 'synonyms' holds list<element: string>; texts"),
        ({"id": ["x", "y"], "name": [["x"], ["x", "y"]]}, {}, "2: a list of 2 items, but name takes one text"),
        ({"id": ["x"], "name": [b"\xff"]}, {}, "1: name holds bytes that are not UTF-8 text"),
    ],
)
def test_bad_tables_are_one_clear_line(
    tmp_path: Path, columns: dict[str, Any], options: dict[str, Any], message: str
) -> None:
    path = write(tmp_path, columns)
    with pytest.raises(PackError) as error:
        read(path, **options)
    assert str(error.value).startswith(f"{path}:")
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_a_cut_file_is_one_clear_line(tmp_path: Path) -> None:
    path = write(tmp_path, {"id": [f"A:{row}" for row in range(1000)]})
    content = path.read_bytes()
    for size in (5, 100, len(content) // 2, len(content) - 1):
        path.write_bytes(content[:size])
        with pytest.raises(
            PackError, match=r"t\.parquet: not a readable Parquet file \(.*\); write or fetch it again$"
        ):
            read(path)


def test_text_that_is_not_utf8_is_one_clear_line(tmp_path: Path) -> None:
    offsets, data = pa.py_buffer(b"\0\0\0\0\2\0\0\0"), pa.py_buffer(b"x\xff")
    path = write(tmp_path, {"id": ["A:1"], "name": pa.Array.from_buffers(pa.string(), 1, [None, offsets, data])})
    with pytest.raises(PackError, match=r"t\.parquet: not a readable Parquet file \('utf-8' codec can't decode"):
        read(path)
