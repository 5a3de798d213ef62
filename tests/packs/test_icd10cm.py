"""The reader of the ICD-10-CM tabular list, on a list in its form made for the tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from kgslm.errors import KgslmError, PackError
from kgslm.packs import build_pack
from kgslm.packs.items import Item, SourceConcept, SourceName, SourceRelation
from kgslm.packs.readers.icd10cm import Icd10cmSource
from kgslm.packs.sniff import sniff
from tests.mutations import mutations

LIST = """<?xml version="1.0" encoding="utf-8"?>
<ICD10CM.tabular>
  <version>2026</version>
  <introduction><introSection type="title"><title>A list for tests</title></introSection></introduction>
  <chapter>
    <name>1</name>
    <desc>Fevers (A00-B99)</desc>
    <includes><note>hot conditions</note></includes>
    <excludes1><note>cold conditions (C00)</note></excludes1>
    <sectionIndex><sectionRef first="A00" last="A09" id="A00-A09">Short fevers</sectionRef></sectionIndex>
    <section id="A00-A49"><desc>Fevers of all sorts (A00-A49)</desc></section>
    <section id="A00-A19"><desc>Common fevers (A00-A19)</desc></section>
    <section id="A00-A09">
      <desc>Short fevers (A00-A09)</desc>
      <diag>
        <name>A00</name>
        <desc>Day fever (short)</desc>
        <includes><note>afternoon
          fever</note></includes>
        <sevenChrDef><extension char="A">initial encounter</extension></sevenChrDef>
        <diag>
          <name>A00.0</name>
          <desc>Day fever due to sun</desc>
          <inclusionTerm><note>Sun fever</note><note>Beach fever</note></inclusionTerm>
          <useAdditionalCode><note>code for the beach (Z99)</note></useAdditionalCode>
        </diag>
      </diag>
    </section>
    <section id="A50-A59"><desc>Long fevers (A50-A59)</desc></section>
    <section id="B10"><desc>Night fever (B10)</desc><diag><name>B10</name><desc>Night fever</desc></diag></section>
  </chapter>
</ICD10CM.tabular>
"""


def read(folder: Path, text: str) -> list[Item]:
    path = folder / "tabular.xml"
    path.write_text(text, encoding="utf-8")
    source = Icd10cmSource(path=path)
    with source.files() as files:
        return list(source.read(files))


def test_chapters_sections_and_codes(tmp_path: Path) -> None:
    items = read(tmp_path, LIST)
    concepts = [item for item in items if isinstance(item, SourceConcept)]
    assert [(item.id.removeprefix("ICD10CM:"), item.name, item.names, item.line) for item in concepts] == [
        ("A00.0", "Day fever due to sun", (SourceName("Sun fever"), SourceName("Beach fever")), 21),
        ("A00", "Day fever (short)", (SourceName("afternoon fever", "narrow"),), 15),
        ("B10", "Night fever", (), 30),
        ("A00-A49", "Fevers of all sorts", (), 11),
        ("A00-A19", "Common fevers", (), 12),
        ("A00-A09", "Short fevers", (), 13),
        ("A50-A59", "Long fevers", (), 29),
        ("CH01", "Fevers", (SourceName("hot conditions", "narrow"),), 5),
    ]
    relations = [item for item in items if isinstance(item, SourceRelation)]
    assert {item.predicate for item in relations} == {"is_a"}
    assert {item.subject[8:]: item.object[8:] for item in relations} == {
        "A00.0": "A00",
        "A00": "A00-A09",
        "B10": "CH01",
        "A00-A49": "CH01",
        "A00-A19": "A00-A49",
        "A00-A09": "A00-A19",
        "A50-A59": "CH01",
    }


def test_the_content_tells_the_kind(tmp_path: Path) -> None:
    read(tmp_path, LIST)
    assert sniff(tmp_path / "tabular.xml") == ({str(tmp_path / "tabular.xml"): "icd10cm"}, ())
    report = build_pack(None, tmp_path / "pack", [str(tmp_path / "tabular.xml")])
    assert (report.counts["concepts"], report.counts["names"], report.counts["relations"]) == (8, 12, 7)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<list/>", "tabular.xml:1: the element 'list' is no tabular list; ICD10CM.tabular was expected"),
        (LIST.replace("<name>A00.0</name>", ""), "tabular.xml:26: a diag without its code"),
        (LIST[:900], "tabular.xml:20: not well-formed XML: unclosed token"),
        (LIST.replace("Fevers (", "&fevers; ("), "tabular.xml:7: not well-formed XML: undefined entity"),
        (
            LIST.replace("<ICD10CM.tabular>", '<!DOCTYPE a [<!ENTITY x "y">]><ICD10CM.tabular>'),
            "tabular.xml:2: it declares entities, which are not read; remove them",
        ),
    ],
)
def test_bad_lists_are_one_clear_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(PackError) as error:
        read(tmp_path, text)
    assert str(error.value) == f"{tmp_path}/{message}"


def test_mutated_lists_give_a_pack_or_a_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "tabular.xml"
    for mutated in mutations(LIST.encode(), 40):
        path.write_bytes(mutated)
        try:
            build_pack(None, tmp_path / "pack", [f"icd10cm={path}"])
        except KgslmError as error:
            assert "\n" not in str(error) and str(error)
