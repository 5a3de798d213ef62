"""What the shipped legal pack promises: own definitions, cue phrases, licences with rules, courts and regulators."""

from __future__ import annotations

from collections import Counter
from functools import partial

import pytest

from tests.knowledge import checks
from tests.knowledge.checks import Built, objects

FOLDER = checks.ROOT / "legal"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return checks.built_domain("legal", tmp_path_factory.mktemp("legal") / "pack")


rows = partial(checks.rows, "legal")


def test_the_pack_is_whole_and_careful(built: Built) -> None:
    assert checks.reported(built.report) == []
    assert checks.without_basis(built.pack) == []
    assert checks.without_source(built.pack, detailed=("facts",)) == []
    assert checks.shared_names(built.pack) == []
    assert checks.shared_definitions(built.pack) == []
    assert checks.careless_definitions(built.pack) == []
    assert checks.dangling(built.pack) == []
    assert checks.untidy(path for path in FOLDER.rglob("*") if path.is_file()) == []


def test_the_pack_covers_the_field(built: Built) -> None:
    own = Counter(row["category"] for row in rows("terms") if len(row["definition"]) > 25)
    assert sum(own[kind] for kind in ("contract", "privacy", "litigation", "licensing")) >= 500
    least = {"clauses": 110, "practices": 100, "licences": 90, "courts": 350, "regulators": 180, "statutes": 200}
    assert {name: len(rows(name)) for name, number in least.items() if len(rows(name)) < number} == {}
    assert len([row for row in rows("licences") if row["id"].startswith("SPDX:")]) >= 45


@pytest.mark.parametrize(
    "label",
    [
        "First Party Collection/Use",
        "Third Party Sharing/Collection",
        "User Choice/Control",
        "User Access, Edit and Deletion",
        "Data Retention",
        "Data Security",
        "Policy Change",
        "Do Not Track",
        "International and Specific Audiences",
        "Other",
    ],
)
def test_practices_are_found_by_their_names(built: Built, label: str) -> None:
    (found,) = built.pack.find(label)
    cues = [name for name, kind in built.pack.names_of(found) if kind == "related"]
    below = [name for id_ in built.pack.descendants(found) for name, kind in built.pack.names_of(id_)]
    assert len(cues) + len(below) >= 10


@pytest.mark.parametrize("code", ["ltd", "ter", "ch", "use", "cr", "j", "law", "a", "pinc"])
def test_unfair_terms_are_found_by_their_codes(built: Built, code: str) -> None:
    (id_,) = built.pack.by_category(code)
    cues = [name for it in (id_, *built.pack.descendants(id_)) for name, kind in built.pack.names_of(it)]
    assert len(cues) >= 10


@pytest.mark.parametrize(
    ("subject", "predicate", "object_", "holds"),
    [
        ("SPDX:MIT", "PERMITS", "KGL:rule-commercial-use", True),
        ("SPDX:MIT", "REQUIRES", "KGL:rule-disclose-source", False),
        ("SPDX:MPL-2.0", "REQUIRES", "KGL:rule-disclose-source", True),
        ("SPDX:Apache-2.0", "PERMITS", "KGL:rule-patent-use", True),
        ("SPDX:Apache-2.0", "LIMITS", "KGL:rule-no-trademark", True),
        ("SPDX:CC-BY-ND-4.0", "LIMITS", "KGL:rule-no-derivatives", True),
        ("SPDX:MIT", "COMPATIBLE_WITH", "SPDX:GPL-2.0-only", True),
        ("SPDX:BSD-4-Clause", "INCOMPATIBLE_WITH", "SPDX:GPL-2.0-only", True),
        ("KGL:court-ca1", "APPEALS_TO", "KGL:court-scotus", True),
        ("KGL:court-scotus", "JURISDICTION", "ISO3166:US", True),
        ("KGL:act-cpra", "AMENDS", "KGL:act-ccpa", True),
        ("KGL:act-gdpr", "REPLACES", "KGL:act-dpd", True),
        ("KGL:act-gdpr", "JURISDICTION", "KGL:european-union", True),
        ("KGL:act-gdpr", "ENFORCED_BY", "KGL:reg-edpb", False),
        ("KGL:act-patent-us", "ADMINISTERED_BY", "KGL:reg-uspto", True),
        ("KGL:data-protection-officer", "REQUIRED_BY", "KGL:act-gdpr", True),
    ],
)
def test_known_facts(built: Built, subject: str, predicate: str, object_: str, holds: bool) -> None:
    assert (object_ in objects(built.pack, subject, predicate)) == holds


def test_courts_are_found_by_their_citation(built: Built) -> None:
    (york,) = built.pack.find("S.D.N.Y.")
    (second,) = built.pack.find("2d Cir.")
    assert objects(built.pack, york, "APPEALS_TO") == {second}


def test_every_licence_says_what_it_permits_and_limits(built: Built) -> None:
    licences = [row["id"].partition("|")[0] for row in rows("licences") if row["id"].startswith("SPDX:")]
    assert [id_ for id_ in licences if not objects(built.pack, id_, "PERMITS")] == []


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("In no event shall we be liable for indirect damages.", "ltd"),
        ("We may terminate your account at any time.", "ter"),
        ("These terms are governed by the laws of Ireland.", "law"),
    ],
)
def test_a_reader_meets_the_cues(built: Built, text: str, concept: str) -> None:
    (wanted,) = built.pack.by_category(concept)
    found = {candidate.concept for link in built.linker.link(text).links for candidate in link.candidates}
    above = {id_ for it in found for id_ in (it, *built.pack.ancestors(it))}
    assert wanted in above


def test_the_page_explains_every_predicate_and_source(built: Built) -> None:
    page = (FOLDER / "SOURCES.md").read_text(encoding="utf-8")
    needed = {*built.pack.predicates(), *(fact["source"] for fact in rows("facts"))}
    needed |= {path.name for path in [*FOLDER.glob("*.csv"), *FOLDER.glob("recipes/*.yaml")]}
    assert {name for name in needed if f"`{name}`" not in page} == set()
