"""TBX termbases, which the glossary reader takes."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from kgslm.errors import KgslmError, PackError
from kgslm.packs import KnowledgePack, build_pack
from kgslm.packs.items import Finding, Item, SourceConcept, SourceName, SourceRelation
from kgslm.packs.readers import xml_events
from kgslm.packs.readers.glossary import GlossarySource
from kgslm.packs.sniff import sniff
from tests.mutations import mutations

V2 = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE martif SYSTEM "TBXcoreStructV02.dtd">
<martif type="TBX" xml:lang="en">
<martifHeader><fileDesc><sourceDesc><p>Made for a test</p></sourceDesc></fileDesc></martifHeader>
<text><body>
<termEntry id="c1">
  <descrip type="subjectField">contract law</descrip>
  <ref type="crossReference" target="c2">Frustration</ref>
  <descrip type="superordinateConceptGeneric" target="#c3">clause</descrip>
  <descrip type="subordinateConceptPartitive" target="c4"/>
  <langSet xml:lang="en">
    <descripGrp>
      <descrip type="definition">An <hi>event</hi>,
        beyond control.</descrip>
      <admin type="source">written for the test</admin>
    </descripGrp>
    <tig><term>act of God</term><termNote type="administrativeStatus">admittedTerm-admn-sts</termNote></tig>
    <tig><term>FM</term><termNote type="termType">acronym</termNote></tig>
    <ntig><termGrp><term>superior force</term>
      <termNote type="administrativeStatus">deprecatedTerm-admn-sts</termNote></termGrp></ntig>
    <tig><term>force  majeure</term><termNote type="administrativeStatus">preferredTerm-admn-sts</termNote></tig>
  </langSet>
  <langSet xml:lang="de">
    <descrip type="definition">Ein Ereignis.</descrip>
    <tig><term>höhere Gewalt</term></tig>
  </langSet>
</termEntry>
<termEntry id="c2"><langSet xml:lang="en-GB"><tig><term>frustration</term></tig></langSet></termEntry>
<termEntry id="c9"><langSet xml:lang="fr"><tig><term>dol</term></tig></langSet></termEntry>
<termEntry id="c10"><langSet xml:lang="en"><note>nothing</note></langSet></termEntry>
</body></text>
</martif>
"""
DCA = """<?xml version='1.0'?>
<tbx style="dca" type="TBX-Basic" xml:lang="en" xmlns="urn:iso:std:iso:30042:ed-2">
<tbxHeader><fileDesc><sourceDesc><p>Test</p></sourceDesc></fileDesc></tbxHeader>
<text><body>
<conceptEntry id="c1">
  <descrip type="subjectField">contract law</descrip>
  <ref type="crossReference" target="c2">Frustration</ref>
  <descrip type="superordinateConceptGeneric" target="#c3">clause</descrip>
  <descrip type="subordinateConceptPartitive" target="c4"/>
  <langSec xml:lang="en">
    <descripGrp><descrip type="definition">An event, beyond control.</descrip></descripGrp>
    <termSec><term>act of God</term><termNote type="administrativeStatus">admittedTerm-admn-sts</termNote></termSec>
    <termSec><term>FM</term><termNote type="termType">acronym</termNote></termSec>
    <termSec><term>superior force</term>
      <termNote type="administrativeStatus">supersededTerm-admn-sts</termNote></termSec>
    <termSec><term>force majeure</term><termNote type="administrativeStatus">preferredTerm-admn-sts</termNote></termSec>
  </langSec>
  <langSec xml:lang="de"><descrip type="definition">Ein Ereignis.</descrip>
    <termSec><term>höhere Gewalt</term></termSec></langSec>
</conceptEntry>
<conceptEntry id="c2"><langSec xml:lang="en-GB"><termSec><term>frustration</term></termSec></langSec></conceptEntry>
<conceptEntry id="c9"><langSec xml:lang="fr"><termSec><term>dol</term></termSec></langSec></conceptEntry>
<conceptEntry id="c10"><langSec xml:lang="en"/></conceptEntry>
</body></text></tbx>
"""
DCT = """<tbx style="dct" type="TBX-Basic" xml:lang="en" xmlns="urn:iso:std:iso:30042:ed-2"
 xmlns:min="http://www.tbxinfo.net/ns/min" xmlns:basic="http://www.tbxinfo.net/ns/basic">
<tbxHeader/><text><body>
<conceptEntry id="c1">
  <min:subjectField>contract law</min:subjectField>
  <basic:crossReference target="c2">Frustration</basic:crossReference>
  <basic:superordinateConceptGeneric target="#c3">clause</basic:superordinateConceptGeneric>
  <basic:subordinateConceptPartitive target="c4"/>
  <langSec xml:lang="en">
    <basic:definition>An event, beyond control.</basic:definition>
    <termSec><term>act of God</term><min:administrativeStatus>admitted</min:administrativeStatus></termSec>
    <termSec><term>FM</term><basic:termType>acronym</basic:termType></termSec>
    <termSec><term>superior force</term><min:administrativeStatus>deprecated</min:administrativeStatus></termSec>
    <termSec><term>force majeure</term><min:administrativeStatus>preferred</min:administrativeStatus></termSec>
  </langSec>
  <langSec xml:lang="de"><basic:definition>Ein Ereignis.</basic:definition>
    <termSec><term>höhere Gewalt</term></termSec></langSec>
</conceptEntry>
<conceptEntry id="c2"><langSec xml:lang="en-GB"><termSec><term>frustration</term></termSec></langSec></conceptEntry>
<conceptEntry id="c9"><langSec xml:lang="fr"><termSec><term>dol</term></termSec></langSec></conceptEntry>
<conceptEntry id="c10"><langSec xml:lang="en"/></conceptEntry>
</body></text></tbx>
"""
FORMS = {"martif": V2, "dca": DCA, "dct": DCT}


def read(path: Path, content: str | bytes, **options: Any) -> list[Item]:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    source = GlossarySource(path=path, **options)
    with source.files() as files:
        return list(source.read(files))


def facts(items: list[Item]) -> tuple[list[Item], list[tuple[str, str, str]], list[tuple[str, str, int]]]:
    """Concepts without their lines, triples, and unit, message and number of the findings."""
    return (
        [item._replace(line=0) for item in items if isinstance(item, SourceConcept)],
        [item[:3] for item in items if isinstance(item, SourceRelation)],
        [(item.unit, item.message, item.times) for item in items if isinstance(item, Finding)],
    )


@pytest.mark.parametrize("form", FORMS)
def test_every_form_says_the_same(tmp_path: Path, form: str) -> None:
    concepts, triples, findings = facts(read(tmp_path / "terms.tbx", FORMS[form], id_prefix="L:"))
    file = str(tmp_path / "terms.tbx")
    assert concepts == [
        SourceConcept(
            "L:c1",
            "force majeure",
            (
                SourceName("act of God"),
                SourceName("FM", "exact", "abbreviation"),
                SourceName("superior force", "exact", "deprecated"),
            ),
            "An event, beyond control.",
            ("contract law",),
            file=file,
        ),
        SourceConcept("L:c2", "frustration", file=file),
    ]
    assert triples == [("L:c1", "see_also", "c2"), ("L:c1", "is_a", "c3"), ("c4", "part_of", "L:c1")]
    assert findings == [
        ("concept", "the entry has no term", 1),
        ("name", "names in another language", 2),
        ("note", "definitions in another language", 1),
        ("concept", "entries in another language", 1),
    ]


def test_languages_in_order_of_preference(tmp_path: Path) -> None:
    both, _, _ = facts(read(tmp_path / "t.tbx", V2, language=["de", "en"]))
    first = both[0]
    assert isinstance(first, SourceConcept)
    assert (first.name, first.definition, len(first.names)) == ("höhere Gewalt", "Ein Ereignis.", 4)
    assert first.further_definitions == ("An event, beyond control.",)
    every, _, _ = facts(read(tmp_path / "t.tbx", V2, language="*"))
    assert [item.name for item in every if isinstance(item, SourceConcept)] == ["force majeure", "frustration", "dol"]
    german, _, _ = facts(read(tmp_path / "t.tbx", V2, language="de"))
    assert [item.name for item in german if isinstance(item, SourceConcept)] == ["höhere Gewalt"]


def test_lines_of_entries_and_relations(tmp_path: Path) -> None:
    items = read(tmp_path / "t.tbx", V2)
    assert [item.line for item in items if isinstance(item, SourceConcept | SourceRelation)] == [6, 8, 9, 10, 28]


def test_an_entry_without_id_is_named_by_its_term(tmp_path: Path) -> None:
    concepts, _, _ = facts(read(tmp_path / "t.tbx", V2.replace(' id="c1"', ""), id_prefix="L:"))
    assert [item.id for item in concepts if isinstance(item, SourceConcept)] == ["L:force-majeure", "L:c2"]


@pytest.mark.parametrize("form", FORMS)
def test_the_content_tells_the_kind(tmp_path: Path, form: str) -> None:
    for name in ("a.tbx", "b.xml"):
        path = tmp_path / name
        path.write_text(FORMS[form], encoding="utf-8")
        assert sniff(path) == ({str(path): "glossary"}, ())
    packed = tmp_path / "c.tbx.gz"
    packed.write_bytes(gzip.compress(FORMS[form].encode()))
    for number, name in enumerate(("a.tbx", "b.xml", "c.tbx.gz")):
        report = build_pack(None, tmp_path / f"pack-{number}", [str(tmp_path / name)])
        assert (report.counts["concepts"], report.counts["names"], report.counts["relations"]) == (2, 5, 1)
    assert KnowledgePack.open(tmp_path / "pack-0").find("fm") == ("c1",)


def test_other_encodings_of_xml_are_read(tmp_path: Path) -> None:
    usual = facts(read(tmp_path / "t.tbx", V2))
    for encoding in ("utf-16", "iso-8859-1"):
        content = V2.replace("UTF-8", encoding).encode(encoding)
        assert facts(read(tmp_path / "t.tbx", content)) == usual


BOMB = """<?xml version="1.0"?>
<!DOCTYPE martif [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<martif><text><body><termEntry><langSet><tig><term>&b;</term></tig></langSet></termEntry></body></text></martif>"""
EXTERNAL = BOMB.replace("&b;", "&x;").replace('<!ENTITY a "aaaaaaaaaa">', '<!ENTITY x SYSTEM "file:///etc/passwd">')


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (BOMB, "t.tbx:2: it declares entities, which are not read; remove them"),
        (EXTERNAL, "t.tbx:2: it declares entities, which are not read; remove them"),
        ("<html><p/></html>", "t.tbx:1: the element 'html' is no TBX; martif or tbx was expected"),
        ("", "t.tbx:1: not well-formed XML: no element found"),
        ("<tbx>\n<text></body></tbx>", "t.tbx:2: not well-formed XML: mismatched tag"),
        ("<tbx>&nbsp;</tbx>", "t.tbx:1: not well-formed XML: undefined entity"),
        (
            "<?xml version='1.0' encoding='klingon'?>\n<tbx/>",
            "t.tbx:1: the encoding cannot be read; convert the file to UTF-8",
        ),
        ("<?xml version='1.0' encoding='shift_jis'?>\n<tbx/>", "t.tbx:1: the encoding cannot be read"),
        ("<tbx>" + "<p>" * 300, "t.tbx:1: elements nested too deeply"),
    ],
)
def test_bad_files_are_one_clear_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(PackError) as error:
        read(tmp_path / "t.tbx", text)
    assert str(error.value).startswith(f"{tmp_path}/{message}")


@pytest.mark.parametrize("filling", ["x" * 100, "<p>y</p>" * 10, "<!-- long -->" * 10])
def test_an_entry_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, filling: str) -> None:
    monkeypatch.setattr(xml_events, "_PIECE", 1000)
    monkeypatch.setattr(xml_events, "_LARGEST", 20_000)
    for start in ("<tbx><text><body><conceptEntry><langSec>", "<tbx><tbxHeader>"):
        with pytest.raises(PackError, match=r"t.tbx:1: an entry or header of more than 20,000 bytes; check the file"):
            read(tmp_path / "t.tbx", start + filling * 1000)


@pytest.mark.parametrize("form", FORMS)
def test_mutated_files_give_a_pack_or_a_clear_error(tmp_path: Path, form: str) -> None:
    path = tmp_path / "t.tbx"
    for mutated in mutations(FORMS[form].encode(), 40):
        path.write_bytes(mutated)
        try:
            build_pack(None, tmp_path / "pack", [f"glossary={path}"])
        except KgslmError as error:
            assert "\n" not in str(error) and str(error)
