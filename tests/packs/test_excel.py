from __future__ import annotations

import datetime
import gzip
import zipfile
from pathlib import Path
from typing import Any

import pytest

from kgslm.config import parse_config
from kgslm.errors import PackError
from kgslm.packs import KnowledgePack, build_pack
from kgslm.packs.items import Finding, Item, SourceConcept, SourceName
from kgslm.packs.readers import excel
from kgslm.packs.readers.table import CsvSource
from kgslm.packs.sniff import sniff

openpyxl = pytest.importorskip("openpyxl")

_TERMS: list[list[Any]] = [
    ["id", "name", "synonyms", "definition"],
    [1, "Fever", "Pyrexia|Heat", None],
    [2.0, "Cough", None, "A sound."],
]

_SHEET = "xl/worksheets/sheet1.xml"
_STRINGS = "xl/sharedStrings.xml"


def write(folder: Path, **sheets: list[list[Any]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    path = folder / "t.xlsx"
    book.save(path)
    return path


def read(path: Path, **options: Any) -> list[Item]:
    source = parse_config({"kind": "csv", "path": str(path), **options}, CsvSource, where="here", base=Path())
    with source.files() as files:
        return list(source.read(files))


def test_the_first_sheet_is_read_with_its_row_numbers(tmp_path: Path) -> None:
    path = write(tmp_path, terms=[[], *_TERMS[:2], [None, "  "], *_TERMS[2:]], notes=[["x"]])
    assert read(path, id_prefix="A:") == [
        SourceConcept("A:1", "Fever", (SourceName("Pyrexia"), SourceName("Heat")), file=str(path), line=3),
        SourceConcept("A:2", "Cough", (), "A sound.", file=str(path), line=5),
    ]


@pytest.mark.parametrize("sheet", ["terms", 1])
def test_another_sheet_by_name_or_number(tmp_path: Path, sheet: str | int) -> None:
    path = write(tmp_path, notes=[["x"]], terms=_TERMS)
    assert len(read(path, sheet=sheet)) == 2


def test_dates_numbers_and_truth_are_texts(tmp_path: Path) -> None:
    row = [10000000, 1.5, True, datetime.datetime(2024, 5, 6)]
    columns = {"id": 0, "name": 1, "synonyms": 2, "definition": 3}
    (concept,) = read(write(tmp_path, terms=[row]), header=False, columns=columns)
    assert isinstance(concept, SourceConcept)
    assert (concept.id, concept.name, concept.names, concept.definition) == (
        "10000000",
        "1.5",
        (SourceName("true"),),
        "2024-05-06T00:00:00",
    )


def test_failed_formulas_are_noted_and_empty(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in ([*_TERMS[0]], [1, "Fever", "#N/A", "#REF!"]):
        book.active.append(row)
    path = tmp_path / "t.xlsx"
    book.save(path)
    items = read(path)
    findings = [item for item in items if isinstance(item, Finding)]
    assert sorted(str(finding) for finding in findings) == [
        f"{path}:2: a formula failed with {code}; its cell is taken as empty" for code in ("#N/A", "#REF!")
    ]
    (concept,) = [item for item in items if isinstance(item, SourceConcept)]
    assert (concept.names, concept.definition) == ((), "")


def test_packed_and_archived_workbooks(tmp_path: Path) -> None:
    plain = write(tmp_path, terms=_TERMS)
    expected = [item._replace(file="") for item in read(plain) if isinstance(item, SourceConcept)]
    packed = tmp_path / "t.xlsx.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as zip_:
        zip_.write(plain, "in/t.xlsx")
    for path in (packed, archive):
        assert [item._replace(file="") for item in read(path) if isinstance(item, SourceConcept)] == expected


def test_a_pack_is_built_without_naming_the_kind(tmp_path: Path) -> None:
    path = write(tmp_path, terms=_TERMS)
    assert sniff(path) == ({str(path): "csv"}, ())
    build_pack(None, tmp_path / "pack", [str(path)])
    assert [concept.name for concept in KnowledgePack.open(tmp_path / "pack").concepts()] == ["Fever", "Cough"]


def test_a_wrong_sheet_is_one_clear_line(tmp_path: Path) -> None:
    path = write(tmp_path, terms=_TERMS, notes=[["x"]])
    for sheet in ("Terms", 2):
        with pytest.raises(PackError) as error:
            read(path, sheet=sheet)
        assert str(error.value) == f"{path}: no sheet {sheet!r}; it has 'terms', 'notes'"


def test_old_workbooks_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.xls"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500))
    with pytest.raises(
        PackError, match=r"t\.xls: an Excel file of the old kind, or with a password; save it as \.xlsx"
    ):
        read(path)


def with_shared_strings(path: Path) -> Path:
    """The workbook as other programs write it, with its first text in a part for all sheets."""
    target = path.with_name("shared.xlsx")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.namelist():
            content = old.read(member)
            if member == _SHEET:
                assert b't="inlineStr"><is><t>Fever</t></is>' in content
                content = content.replace(b't="inlineStr"><is><t>Fever</t></is>', b't="s"><v>0</v>')
            if member == "[Content_Types].xml":
                kind = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
                head, slash, tail = content.rpartition(b"</")
                content = (
                    head + b'<Override PartName="/xl/sharedStrings.xml" ContentType="' + kind + b'"/>' + slash + tail
                )
            new.writestr(member, content)
        space = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        new.writestr(_STRINGS, b'<sst xmlns="' + space + b'"><si><t>Fever</t></si></sst>')
    return target


def test_texts_that_all_sheets_share(tmp_path: Path) -> None:
    fever = read(with_shared_strings(write(tmp_path, terms=_TERMS)))[0]
    assert isinstance(fever, SourceConcept)
    assert fever.name == "Fever"


def part_changed(path: Path, name: str, change: tuple[bytes, bytes]) -> Path:
    """The workbook with one of its parts changed."""
    target = path.with_name("changed.xlsx")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.namelist():
            content = old.read(member)
            new.writestr(member, content.replace(*change, 1) if member == name else content)
    return target


_BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("part", "change", "message"),
    [
        (_SHEET, (b"</row>", b""), "not a readable Excel workbook"),
        (_SHEET, (b'r="A2"', b'r="?"'), "not a readable Excel workbook"),
        (_SHEET, (b"<worksheet ", _BOMB + b"<worksheet "), "not a readable Excel workbook .*Entities"),
        (_STRINGS, (b"<sst ", _BOMB + b"<sst "), "not a readable Excel workbook .*"),
        (_SHEET, (b'<row r="2"', b'<row r="99999999999"'), "the sheet has more than 1,048,576 rows"),
        (_SHEET, (b"<row ", b"<row " + b" " * 20_000_000), "xl/worksheets/sheet1.xml unpacks to .* of next to nothing"),
        (_STRINGS, (b"</sst>", b" " * 20_000_000 + b"</sst>"), "xl/sharedStrings.xml unpacks to .* of next to nothing"),
        (
            "xl/styles.xml",
            (b"</style", b" " * 20_000_000 + b"</style"),
            "xl/styles.xml unpacks to .* bytes; save the sheet",
        ),
        ("[Content_Types].xml", (b"sheet.main", b"sheet.x"), "not a readable Excel workbook .*"),
    ],
)
def test_broken_and_hostile_workbooks_are_one_clear_line(
    tmp_path: Path, part: str, change: tuple[bytes, bytes], message: str
) -> None:
    path = part_changed(with_shared_strings(write(tmp_path, terms=_TERMS)), part, change)
    with pytest.raises(PackError, match=rf"changed\.xlsx: {message}") as error:
        read(path)
    assert "\n" not in str(error.value)


def test_a_row_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(excel, "_PART", 1 << 16)
    monkeypatch.setattr(excel, "_BLOCK", 1 << 12)
    monkeypatch.setattr(excel, "_RATIO", 1 << 20)
    path = part_changed(write(tmp_path, terms=_TERMS), _SHEET, (b"<row ", b"<row " + b"<c/>" * (1 << 15)))
    with pytest.raises(PackError, match=r"sheet1\.xml has a row of more than 65,536 bytes; save the sheet as CSV"):
        read(path)
