"""The reader of UMLS and RxNorm tables."""

from __future__ import annotations

import gzip
import tarfile
import zipfile
from pathlib import Path

import pytest

from kgslm.errors import KgslmError, PackError
from kgslm.packs import KnowledgePack, build_pack
from kgslm.packs.items import SourceConcept, SourceHead, SourceName, SourceRelation
from kgslm.packs.readers.rrf import RrfSource
from kgslm.packs.sniff import sniff
from tests.mutations import mutations
from tests.packs.rrf_rows import (
    FEVER,
    MI,
    PAIN,
    TABLES,
    concepts,
    conso,
    edges,
    findings,
    read,
    rel,
    sorted_by_id,
    sty,
    write,
)


def test_concepts_of_a_release(tmp_path: Path) -> None:
    items = read(write(tmp_path / "META"))
    file = str(tmp_path / "META" / "MRCONSO.RRF")
    assert list(concepts(items).values()) == [
        SourceConcept(
            f"UMLS:{FEVER}",
            "Fever",
            (SourceName("Pyrexia"),),
            "High body temperature.",
            ("Sign or Symptom",),
            xrefs=("SNOMEDCT_US:386661006", "MSH:D005334"),
            file=file,
            line=1,
            further_definitions=("An abnormal elevation.",),
        ),
        SourceConcept(
            f"UMLS:{MI}",
            "Myocardial Infarction",
            (
                SourceName("MI", "exact", "abbreviation"),
                SourceName("Heart attack"),
                SourceName("Myocardial infarction"),
            ),
            "",
            ("Disease or Syndrome", "Pathologic Function"),
            xrefs=("NCI:C27996", "SNOMEDCT_US:22298006"),
            file=file,
            line=4,
        ),
        SourceConcept(
            f"UMLS:{PAIN}",
            "Pain",
            (SourceName("Pain (finding)"),),
            "",
            ("Sign or Symptom",),
            xrefs=("MSH:D010146", "SNOMEDCT_US:22253000"),
            file=file,
            line=10,
        ),
    ]
    assert findings(items) == {
        ("name", "names in another language"): 3,
        ("concept", "concepts in another language"): 1,
        ("name", "names suppressed or obsolete"): 1,
        ("note", "definitions in another language"): 1,
        ("note", "definitions suppressed or obsolete"): 1,
        ("note", "rows of concepts without names"): 1,
        ("relation", "rows that say it the other way round than their vocabulary"): 1,
        ("relation", "rows that relate names of one concept"): 1,
        ("relation", "rows that deny a relation or are of no known kind"): 1,
        ("relation", "relations suppressed or obsolete"): 1,
        ("relation", "relations of a concept that is left out"): 1,
        ("relation", "rows that relate names and not concepts"): 1,
    }


def test_the_second_concept_of_a_row_is_what_it_says_to_the_first(tmp_path: Path) -> None:
    """REL=PAR: the second is the parent. REL=RB: the second is broader. RELA=has_finding_site: the second has one."""
    assert edges(read(write(tmp_path))) == [
        (f"UMLS:{MI}", "is_a", f"UMLS:{FEVER}", "MSH"),
        (f"UMLS:{MI}", "is_a", f"UMLS:{FEVER}", "MSH"),
        (f"UMLS:{MI}", "is_a", f"UMLS:{PAIN}", "SNOMEDCT_US"),
        (f"UMLS:{FEVER}", "broader", f"UMLS:{PAIN}", "MSH"),
        (f"UMLS:{MI}", "has_finding_site", f"UMLS:{PAIN}", "SNOMEDCT_US"),
        (f"UMLS:{FEVER}", "related", f"UMLS:{PAIN}", "MSH"),
        (f"UMLS:{FEVER}", "related", f"UMLS:{PAIN}", "MSH"),
        (f"UMLS:{MI}", "allowed_qualifier", f"UMLS:{PAIN}", "MSH"),
        ("UMLS:C0099999", "is_a", f"UMLS:{MI}", "MSH"),
    ]


@pytest.mark.parametrize(
    ("rel_", "rela", "triple"),
    [
        ("PAR", "inverse_isa", ("1", "is_a", "2")),
        ("CHD", "", ("2", "is_a", "1")),
        ("RN", "", ("2", "broader", "1")),
        ("RN", "isa", ("2", "is_a", "1")),
        ("CHD", "part_of", ("2", "part_of", "1")),
        ("QB", "", ("2", "allowed_qualifier", "1")),
        ("RL", "", ("1", "similar_to", "2")),
        ("RQ", "", ("1", "possibly_synonymous", "2")),
        ("RU", "", ("1", "related", "2")),
        ("SY", "", ("1", "said_to_be_synonymous", "2")),
    ],
)
def test_kinds_of_rows(tmp_path: Path, rel_: str, rela: str, triple: tuple[str, ...]) -> None:
    write(tmp_path, {"MRREL": [rel("1", rel_, "2", rela)]})
    assert [tuple(text.removeprefix("UMLS:") for text in edge[:3]) for edge in edges(read(tmp_path))] == [triple]


def test_relations_can_be_left_out(tmp_path: Path) -> None:
    write(tmp_path)
    hierarchy = read(tmp_path, relations="hierarchy")
    assert {edge[1] for edge in edges(hierarchy)} == {"is_a", "broader"}
    assert findings(hierarchy)["relation", "relations outside the hierarchy"] == 7
    assert edges(read(tmp_path, relations="none")) == []


def test_languages_in_order_of_preference(tmp_path: Path) -> None:
    write(tmp_path)
    spanish = concepts(read(tmp_path, language="spa"))
    assert [(item.name, item.names, item.definition) for item in spanish.values()] == [
        ("Fiebre", (), "Fiebre alta."),
        ("Infarto", (), ""),
        ("Viejo", (), ""),
    ]
    both = concepts(read(tmp_path, language=["SPA", "ENG"]))
    assert [item.name for item in both.values()] == ["Fiebre", "Infarto", "Pain", "Viejo"]
    assert [name.text for name in both[f"UMLS:{FEVER}"].names] == ["Pyrexia", "Fever"]
    every = concepts(read(tmp_path, language="*"))
    assert [item.name for item in every.values()] == ["Fever", "Myocardial Infarction", "Pain", "Viejo"]


def test_vocabularies(tmp_path: Path) -> None:
    write(tmp_path)
    items = read(tmp_path, vocabularies=["SNOMEDCT_US", "NCI"])
    fever, infarction, _ = concepts(items).values()
    assert (fever.name, fever.names, fever.definition) == ("Pyrexia", (), "An abnormal elevation.")
    # The preferred name of the release is of MTH: the one by term type takes its place.
    assert (infarction.name, [name.text for name in infarction.names]) == (
        "Myocardial infarction",
        ["MI", "Heart attack"],
    )
    assert {edge[3] for edge in edges(items)} == {"SNOMEDCT_US"}
    assert findings(items)["name", "names of a vocabulary that is not asked for"] == 3
    assert findings(items)["relation", "relations of a vocabulary that is not asked for"] == 11
    (first, *_) = concepts(read(tmp_path, vocabularies=["NCI", "SNOMEDCT_US", "MSH"])).values()
    assert (first.name, first.definition) == ("Fever", "An abnormal elevation.")
    assert first.further_definitions == ("High body temperature.",)


def test_suppressed_rows(tmp_path: Path) -> None:
    write(tmp_path)
    items = read(tmp_path, suppressed=True)
    infarction, fever = concepts(items)[f"UMLS:{MI}"], concepts(items)[f"UMLS:{FEVER}"]
    assert "Cardiac infarct" in [name.text for name in infarction.names]
    assert fever.definition == "Old words."
    assert (f"UMLS:{PAIN}", "caused_by", f"UMLS:{MI}", "MSH") in edges(items)


@pytest.mark.parametrize("types", [["T184"], ["Sign or Symptom"], ["T184", "T999"]])
def test_semantic_types(tmp_path: Path, types: list[str]) -> None:
    write(tmp_path)
    items = read(tmp_path, semantic_types=types)
    assert list(concepts(items)) == [f"UMLS:{FEVER}", f"UMLS:{PAIN}"]
    assert {edge[1] for edge in edges(items)} == {"broader", "related"}
    assert findings(items)["name", "names of a semantic type that is not asked for"] == 4


def test_ids_may_have_another_prefix(tmp_path: Path) -> None:
    items = read(write(tmp_path), id_prefix="CUI:")
    assert next(iter(concepts(items))) == f"CUI:{FEVER}"
    assert edges(items)[0][0] == f"CUI:{MI}"


def test_files_in_any_order_say_the_same(tmp_path: Path) -> None:
    usual = read(write(tmp_path))
    for name, lines in TABLES.items():
        if name != "MRREL":
            backwards = sorted(sorted_by_id(name, lines), key=lambda line: line.split("|")[0], reverse=True)
            (tmp_path / f"{name}.RRF").write_text("".join(f"{line}\n" for line in backwards), "utf-8")
    other = read(tmp_path)
    assert [item._replace(line=0) for item in concepts(other).values()] == [
        item._replace(line=0) for item in concepts(usual).values()
    ]
    assert findings(other) == findings(usual)


def test_each_vocabulary_can_be_a_source_with_its_licence(tmp_path: Path) -> None:
    source = RrfSource(path=write(tmp_path / "META"), separate=True, licence="UMLS", key="umls")
    report = build_pack(None, tmp_path / "pack", [source])
    pack = KnowledgePack.open(tmp_path / "pack", verify=True)
    licences = {entry["key"]: entry["licence"] for entry in pack.manifest["sources"]}
    assert licences["SNOMEDCT_US"] == "UMLS licence category 9"
    assert licences["MSH"] == "UMLS licence category 0"
    assert licences["umls"] == "UMLS"
    apart, whole = pack.concept(f"UMLS:{MI}"), read(tmp_path / "META")
    said = concepts(whole)[f"UMLS:{MI}"]
    assert (apart.name, set(apart.synonyms)) == (said.name, {name.text for name in said.names})
    assert (apart.categories, apart.xrefs) == (said.categories, said.xrefs)
    assert pack.concept(f"UMLS:{FEVER}").definition == "High body temperature."
    heads = [item for item in read(tmp_path / "META", separate=True) if isinstance(item, SourceHead)]
    assert {head.key for head in heads} == {"UMLS", "MSH", "SNOMEDCT_US", "NCI", "MTH"}
    for source_report in report.sources:
        for tally in (source_report.concepts, source_report.names, source_report.relations):
            assert tally.read == tally.kept + tally.merged + tally.filtered + tally.skipped


def test_rxnorm(tmp_path: Path) -> None:
    blank = {"TS": "", "STT": "", "ISPREF": "", "SRL": ""}
    tables = {
        "RXNCONSO": [
            conso("9", "ASA", "RXNORM", "SY", "9", **blank),
            conso("9", "Aspirin", "RXNORM", "IN", "9", **blank),
            conso("9", "ASPIRIN", "VANDF", "IN", "4017536", **blank),
            conso("100", "Aspro", "RXNORM", "BN", "100", **blank),
        ],
        "RXNREL": [
            rel("9", "RO", "100", "tradename_of", "RXNORM"),
            "|7|AUI|RO||8|AUI|has_ingredient|1||VANDF|VANDF|||N||",
        ],
        "RXNSTY": [sty("9", "T121", "Pharmacologic Substance"), sty("100", "T121", "Pharmacologic Substance")],
    }
    for name, lines in tables.items():
        (tmp_path / f"{name}.RRF").write_text("".join(f"{line}\n" for line in lines), "utf-8")
    items = read(tmp_path, vocabularies=["RXNORM", "VANDF"])
    aspirin, brand = concepts(items).values()
    assert (aspirin.id, aspirin.name, aspirin.names) == (
        "RXNORM:9",
        "Aspirin",
        (SourceName("ASA"), SourceName("ASPIRIN")),
    )
    assert aspirin.xrefs == ("VANDF:4017536",)
    assert (brand.id, brand.name, brand.categories) == ("RXNORM:100", "Aspro", ("Pharmacologic Substance",))
    assert edges(items) == [("RXNORM:100", "tradename_of", "RXNORM:9", "RXNORM")]
    assert findings(items) == {("relation", "rows that relate names and not concepts"): 1}


def test_packed_files_and_archives_are_read_in_place(tmp_path: Path) -> None:
    plain = [item for item in read(write(tmp_path / "release" / "META")) if isinstance(item, SourceRelation)]
    folder = tmp_path / "release"
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as zip_, tarfile.open(tmp_path / "all.tar.gz", "w:gz") as tar:
        for name in TABLES:
            zip_.write(folder / "META" / f"{name}.RRF", f"2026AA/META/{name}.RRF")
            tar.add(folder / "META" / f"{name}.RRF", f"META/{name}.RRF")
    for name in TABLES:
        file = folder / "META" / f"{name}.RRF"
        (folder / f"{name}.RRF.gz").write_bytes(gzip.compress(file.read_bytes()))
        file.unlink()
    for path in (folder, tmp_path / "all.zip", tmp_path / "all.tar.gz"):
        items = read(path)
        assert [item.name for item in concepts(items).values()] == ["Fever", "Myocardial Infarction", "Pain"]
        assert edges(items) == [item[:4] for item in plain]


def test_the_names_of_the_files_tell_the_kind(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "MRHIER.RRF").write_text("C1|A1|1|||MSH|||||\n")
    assert sniff(tmp_path) == ({str(tmp_path): "rrf"}, ())
    assert sniff(tmp_path / "MRCONSO.RRF") == ({str(tmp_path / "MRCONSO.RRF"): "rrf"}, ())
    report = build_pack(None, tmp_path.parent / f"{tmp_path.name}-pack", [str(tmp_path)])
    assert report.counts["concepts"] == 3
    (source,) = report.sources
    assert source.reasons["not read"] == 1
    # Three rows are in Spanish and one is suppressed.
    assert (source.names.read, source.names.kept, source.names.filtered) == (12, 8, 4)
    assert source.relations.read == len(TABLES["MRREL"])


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("MRCONSO", "C1|ENG|P\n", "MRCONSO.RRF:1: 3 fields where 18 are due; check the file"),
        ("MRCONSO", f"{conso(MI, 'a')}\n\n{conso(MI, 'a|b')}\n", "MRCONSO.RRF:3: 19 fields where 18 are due"),
        ("MRREL", "C1|\n", "MRREL.RRF:1: 1 fields where 16 are due; check the file"),
        ("MRHIER", "C1|\n", "MRHIER.RRF: no MRCONSO.RRF or MRREL.RRF (or RXN...) among the files"),
    ],
)
def test_bad_tables_are_one_clear_line(tmp_path: Path, name: str, text: str, message: str) -> None:
    (tmp_path / f"{name}.RRF").write_text(text)
    with pytest.raises(PackError) as error:
        read(tmp_path)
    assert str(error.value).startswith(f"{tmp_path}/{message}")


def test_rows_without_the_last_bar_are_read(tmp_path: Path) -> None:
    usual = read(write(tmp_path))
    for name in TABLES:
        file = tmp_path / f"{name}.RRF"
        file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"|\n", b"\r\n"))
    assert read(tmp_path) == usual


def test_text_that_is_not_utf8_is_told_by_line(tmp_path: Path) -> None:
    file = write(tmp_path) / "MRCONSO.RRF"
    file.write_bytes(file.read_bytes().replace(b"Heart", b"Heart\xff"))
    with pytest.raises(PackError, match=r"MRCONSO.RRF:6: not UTF-8"):
        read(tmp_path)


@pytest.mark.parametrize("name", TABLES)
def test_mutated_tables_give_a_pack_or_a_clear_error(tmp_path: Path, name: str) -> None:
    file = write(tmp_path / "META") / f"{name}.RRF"
    for mutated in mutations(file.read_bytes(), 25):
        file.write_bytes(mutated)
        try:
            build_pack(None, tmp_path / "pack", [f"rrf={tmp_path / 'META'}"])
        except KgslmError as error:
            assert "\n" not in str(error) and str(error)
