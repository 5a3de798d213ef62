from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest

from kgslm.config import parse_config
from kgslm.errors import ConfigError, PackError
from kgslm.packs import KnowledgePack, Origin, PackBuilder, build_pack
from kgslm.packs.items import FILTERED, Finding, SourceConcept, SourceName, SourceRelation
from kgslm.packs.readers.frame import FrameSource, from_frame
from kgslm.packs.readers.memory import source_from_object

pandas = pytest.importorskip("pandas")


def frame(**columns: Any) -> Any:
    return pandas.DataFrame(columns)


def test_the_columns_of_a_table_and_what_is_missing() -> None:
    table = frame(
        code=[1.0, 2.0, None],
        label=["Fever", float("nan"), None],
        also=[["Pyrexia", "Heat"], None, "x"],
        since=[datetime.date(2024, 1, 2), pandas.NaT, None],
    )
    columns: dict[str, str | int] = {"id": "code", "name": 1, "synonyms": "also", "definition": "since"}
    fever, second, nameless = from_frame(table, columns, id_prefix="A:", constants={"category": "sign"})
    names = (SourceName("Pyrexia"), SourceName("Heat"))
    assert fever == SourceConcept("A:1", "Fever", names, "2024-01-02", ("sign",), file="frame", line=1)
    assert second == SourceConcept("A:2", "", (), "", ("sign",), file="frame", line=2)
    assert isinstance(nameless, Finding)
    assert str(nameless) == "frame:3: the row has neither id nor name"


def test_relations_and_where() -> None:
    table = frame(subject=["a", "b"], object=["c", "c"], status=pandas.Categorical(["ok", "no"]))
    relation, finding = from_frame(
        table, {"subject": "subject", "object": "object"}, constants={"predicate": "p"}, where={"status": "ok"}
    )
    assert relation == SourceRelation("a", "p", "c", "", "frame", 1)
    assert isinstance(finding, Finding)
    assert (finding.reason, finding.unit, finding.line) == (FILTERED, "relation", 2)


def test_a_long_frame_keeps_its_row_numbers() -> None:
    rows = 20_000
    items = [item for item in from_frame(frame(id=range(rows))) if isinstance(item, SourceConcept)]
    assert [(item.id, item.line) for item in items] == [(str(row), row + 1) for row in range(rows)]


def test_a_pack_from_a_frame_says_where_it_is_from(tmp_path: Path) -> None:
    table = frame(id=["A:1", "A:2"], name=["Fever", "Cough"], parents=[None, "Fever"])
    reports = [
        build_pack(None, tmp_path / name, [FrameSource(frame=data, key="signs", licence="CC0-1.0")])
        for name, data in (("a", table), ("b", table.copy()), ("c", table.assign(name=["Fever", "Sneeze"])))
    ]
    packs = [KnowledgePack.open(tmp_path / name) for name in "abc"]
    assert packs[0].concept("A:2").parents == ("A:1",)
    (first,), (same,), (other,) = (pack.manifest["sources"] for pack in packs)
    assert (first["key"], first["kind"], first["path"], first["licence"]) == ("signs", "frame", "frame", "CC0-1.0")
    assert first["sha256"] == same["sha256"] != other["sha256"]
    assert reports[0].fingerprint == reports[1].fingerprint


def test_items_for_a_builder(tmp_path: Path) -> None:
    builder = PackBuilder("toy")
    builder.add(Origin("frame", by_name=True), from_frame(frame(id=["A:1"], name=["Fever"])))
    assert builder.write(tmp_path / "pack").counts["concepts"] == 1


def test_objects_become_sources() -> None:
    table = frame(id=["A:1"])
    source = source_from_object(table)
    assert isinstance(source, FrameSource)
    assert source.frame is table
    assert source_from_object(source) is source
    with pytest.raises(ConfigError, match=r"^sources: a dict is no source; give a path, kind=path, a source such as"):
        source_from_object({})


@pytest.mark.parametrize(
    ("columns", "options", "message"),
    [
        (
            {"a": ["x"]},
            {},
            "frame: say which column is what, such as columns: {id: code, name: label}; the table has",
        ),
        ({"id": ["x"], "name": [object()]}, {}, "frame:1: name holds a value of type object; a text, number, date or"),
        (
            {"id": ["x"], "name": pandas.Series(["a\ud800"], dtype=object)},
            {},
            "frame:1: name holds half of a surrogate pair; write the character",
        ),
        ({"id": ["x"], "synonyms": [[["a"]]]}, {}, "frame:1: synonyms holds a list inside a list"),
        ({"id": ["x"], "name": [["a", "b"]]}, {}, "frame:1: a list of 2 items, but name takes one text"),
        ({"id": ["x"]}, {"columns": {"nmae": "id"}}, "from_frame:columns: unknown key 'nmae'; did you mean 'name'?"),
    ],
)
def test_bad_frames_are_one_clear_line(columns: dict[str, Any], options: dict[str, Any], message: str) -> None:
    with pytest.raises((PackError, ConfigError)) as error:
        list(from_frame(frame(**columns), **options))
    assert str(error.value).startswith(message)


def test_a_frame_has_no_path() -> None:
    for data, message in (
        ({"frame": frame(id=[]), "path": "x"}, "here: frame has neither path, package nor url"),
        ({"frame": 5}, "here:frame: a pandas DataFrame was expected, not a int"),
    ):
        with pytest.raises(ConfigError) as error:
            parse_config(data, FrameSource, where="here", base=Path())
        assert str(error.value) == message
