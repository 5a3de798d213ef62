"""Rows of UMLS tables, made for the tests in the layouts of MRFILES.RRF."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from kgslm.packs.items import Finding, Item, SourceConcept, SourceRelation
from kgslm.packs.readers.rrf import RrfSource


def conso(cui: str, text: str, sab: str = "MSH", tty: str = "PT", code: str = "NOCODE", **fields: str) -> str:
    """A row of MRCONSO; fields: LAT, TS, STT, ISPREF, SRL and SUPPRESS, where they are not as usual."""
    usual = {"LAT": "ENG", "TS": "S", "STT": "PF", "ISPREF": "Y", "SRL": "0", "SUPPRESS": "N"} | fields
    lat, ts, stt, ispref, srl, suppress = usual.values()
    return f"{cui}|{lat}|{ts}|L1|{stt}|S1|{ispref}|A1||M1|D1|{sab}|{tty}|{code}|{text}|{srl}|{suppress}|256|"


def rel(
    cui1: str, rel: str, cui2: str, rela: str = "", sab: str = "MSH", direction: str = "", suppress: str = "N"
) -> str:
    return f"{cui1}|A1|AUI|{rel}|{cui2}|A2|AUI|{rela}|R1||{sab}|{sab}||{direction}|{suppress}||"


def sty(cui: str, tui: str, name: str) -> str:
    return f"{cui}|{tui}|A2.2|{name}|AT1|256|"


def definition(cui: str, text: str, sab: str = "MSH", suppress: str = "N") -> str:
    return f"{cui}|A1|AT1||{sab}|{text}|{suppress}|256|"


MI, PAIN, OLD, FEVER = "C0027051", "C0030193", "C0040001", "C0015967"
TABLES = {
    "MRCONSO": [
        conso(FEVER, "Pyrexia", "SNOMEDCT_US", "SY", "386661006", SRL="9"),
        conso(FEVER, "Fever", "MSH", "MH", "D005334", TS="P"),
        conso(FEVER, "Fiebre", "MSHSPA", "MH", "D005334", LAT="SPA", TS="P"),
        conso(MI, "Infarto", "MSHSPA", "MH", "D009203", LAT="SPA", TS="P"),
        conso(MI, "MI", "NCI", "AB", "C27996"),
        conso(MI, "Heart attack", "SNOMEDCT_US", "SY", "22298006", SRL="9"),
        conso(MI, "Myocardial infarction", "SNOMEDCT_US", "PT", "22298006", TS="P", ISPREF="N", SRL="9"),
        conso(MI, "Myocardial Infarction", "MTH", "PN", "NOCODE", TS="P"),
        conso(MI, "Cardiac infarct", "SNOMEDCT_US", "IS", "22298006", SUPPRESS="O"),
        conso(PAIN, "Pain", "MSH", "MH", "D010146", TS="P"),
        conso(PAIN, "Pain (finding)", "SNOMEDCT_US", "FN", "22253000", SRL="9"),
        conso(OLD, "Viejo", "MSHSPA", "MH", "D1", LAT="SPA", TS="P"),
    ],
    "MRSTY": [
        sty(FEVER, "T184", "Sign or Symptom"),
        sty(MI, "T047", "Disease or Syndrome"),
        sty(MI, "T046", "Pathologic Function"),
        sty(PAIN, "T184", "Sign or Symptom"),
        sty("C0099999", "T047", "Disease or Syndrome"),
    ],
    "MRDEF": [
        definition(FEVER, "Fiebre alta.", "MSHSPA"),
        definition(FEVER, "Old words.", "MSH", "O"),
        definition(FEVER, "High body temperature.", "MSH"),
        definition(FEVER, "An abnormal elevation.", "NCI"),
    ],
    "MRREL": [
        rel(MI, "PAR", FEVER, sab="MSH"),
        rel(FEVER, "CHD", MI, sab="MSH"),
        rel(PAIN, "CHD", MI, "isa", sab="SNOMEDCT_US"),
        rel(FEVER, "RB", PAIN),
        rel(PAIN, "RO", MI, "has_finding_site", sab="SNOMEDCT_US", direction="Y"),
        rel(MI, "RO", PAIN, "finding_site_of", sab="SNOMEDCT_US", direction="N"),
        rel(PAIN, "RO", FEVER),
        rel(FEVER, "RO", PAIN),
        rel(MI, "AQ", PAIN),
        rel(MI, "SY", MI, "permuted_term_of"),
        rel(MI, "XR", PAIN),
        rel(MI, "RO", PAIN, "caused_by", suppress="O"),
        rel(OLD, "RO", PAIN, "caused_by"),
        rel("", "RO", "", "tradename_of"),
        rel(MI, "CHD", "C0099999"),
    ],
}


def write(folder: Path, tables: dict[str, list[str]] = TABLES) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, lines in tables.items():
        (folder / f"{name}.RRF").write_text("".join(f"{line}\n" for line in sorted_by_id(name, lines)), "utf-8")
    return folder


def sorted_by_id(name: str, lines: list[str]) -> list[str]:
    return lines if name == "MRREL" else sorted(lines, key=lambda line: line.split("|")[0])


def read(path: Path, **options: Any) -> list[Item]:
    source = RrfSource(path=path, **options)
    with source.files() as files:
        return list(source.read(files))


def concepts(items: Iterable[Item]) -> dict[str, SourceConcept]:
    return {item.id: item for item in items if isinstance(item, SourceConcept)}


def edges(items: Iterable[Item]) -> list[tuple[str, ...]]:
    return [item[:4] for item in items if isinstance(item, SourceRelation)]


def findings(items: Iterable[Item]) -> dict[tuple[str, str], int]:
    return {(item.unit, item.message): item.times for item in items if isinstance(item, Finding)}
