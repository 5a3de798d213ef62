"""What the shipped financial pack promises: own definitions, ratios with formulas, words of tone and direction."""

from __future__ import annotations

import re
from collections import Counter
from functools import partial

import pytest

from tests.knowledge import checks
from tests.knowledge.checks import Built, objects

FOLDER = checks.ROOT / "financial"
TONES = {"positive", "negative", "neutral", "uncertainty", "litigious", "constraining"}
DIRECTIONS = {"direction-up": "KGF:upward-direction", "direction-down": "KGF:downward-direction"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return checks.built_domain("financial", tmp_path_factory.mktemp("financial") / "pack")


rows = partial(checks.rows, "financial")


def test_the_pack_is_whole_and_careful(built: Built) -> None:
    assert checks.reported(built.report) == []
    assert checks.without_basis(built.pack) == []
    assert checks.without_source(built.pack, detailed=("facts",)) == []
    assert checks.shared_names(built.pack) == []
    assert checks.shared_definitions(built.pack) == []
    assert checks.careless_definitions(built.pack, shortest=20) == []
    assert checks.dangling(built.pack) == []
    assert checks.untidy(path for path in FOLDER.rglob("*") if path.is_file()) == []


def test_the_pack_covers_the_field(built: Built) -> None:
    least = {"terms": 700, "statements": 100, "ratios": 110, "polarity": 550, "events": 60, "institutions": 200}
    assert {name: len(rows(name)) for name, number in least.items() if len(rows(name)) < number} == {}
    own = [row for name in ("terms", "statements", "ratios") for row in rows(name) if row["definition"]]
    assert len(own) > 900
    assert not [
        row["term"] for name in ("terms", "statements", "ratios") for row in rows(name) if not row["definition"]
    ]


def test_every_ratio_has_its_formula(built: Built) -> None:
    kinds = set(built.pack.descendants("KGF:financial-ratio"))
    wrong = []
    for row in rows("ratios"):
        if " = " not in row["definition"]:
            # A kind of ratios, such as liquidity ratios.
            wrong += [] if set(built.pack.descendants(row["id"])) & kinds else [row["id"]]
            continue
        both = [objects(built.pack, row["id"], end) for end in ("HAS_NUMERATOR", "HAS_DENOMINATOR")]
        parts = objects(built.pack, row["id"], "COMPUTED_FROM")
        named = "(" in row["term"] or row["definition"].startswith(row["term"])
        wrong += [] if (all(both) or parts) and named and row["id"] in kinds else [row["id"]]
    # What grows may be anything.
    assert wrong == ["KGF:growth-rate", "KGF:compound-annual-growth-rate"]


@pytest.mark.parametrize(
    ("ratio", "numerator", "denominator"),
    [
        ("current ratio", "current assets", "current liabilities"),
        ("ROE", "net income", "shareholders' equity"),
        ("gross margin", "gross profit", "revenue"),
        ("P/E ratio", "share price", "EPS"),
        ("CET1 ratio", "CET1 capital", "risk-weighted assets"),
        ("LCR", "high-quality liquid assets", "net cash outflow"),
        ("loan-to-deposit ratio", "gross loans", "customer deposits"),
        ("dividend yield", "dividend per share", "share price"),
    ],
)
def test_known_formulas(built: Built, ratio: str, numerator: str, denominator: str) -> None:
    (id_,) = built.pack.find(ratio)
    assert objects(built.pack, id_, "HAS_NUMERATOR") == set(built.pack.find(numerator))
    assert objects(built.pack, id_, "HAS_DENOMINATOR") == set(built.pack.find(denominator))


def test_statement_items_stand_in_a_statement(built: Built) -> None:
    top = {"KGF:balance-sheet", "KGF:income-statement", "KGF:cash-flow-statement"}
    top |= {"KGF:statement-of-changes-in-equity", "KGF:statement-of-comprehensive-income"}

    def reaches(id_: str) -> bool:
        above = objects(built.pack, id_, "PART_OF")
        return bool(above & top) or any(reaches(other) for other in above)

    assert [row["id"] for row in rows("statements") if not reaches(row["id"])] == ["KGF:statement-item"]


def test_words_have_a_tone_or_a_direction(built: Built) -> None:
    words = [row for row in rows("polarity") if ":word-" in row["id"]]
    found = Counter(category for row in words for category in row["category"].split("|"))
    assert set(found) == TONES | {*DIRECTIONS, "direction-flat"}
    assert {category for category, number in found.items() if number < 15} == set()
    for row in words:
        categories = set(row["category"].split("|"))
        assert len(categories & TONES) <= 1, row["id"]
        assert all(parent in row["parents"] for name, parent in DIRECTIONS.items() if name in categories), row["id"]


PLURAL = re.compile(
    r"(?<!cost of )(costs|expenses|sales|losses|profits|orders|prices|margins|emissions|shares|provisions) was "
)
SINGULAR = re.compile(r"\b(loss|profit|debt|guidance|outlook|turnover|revenue|margin|demand|spending) were ")


def test_events_are_grammatical_and_say_what_they_are(built: Built) -> None:
    for row in rows("events"):
        (direction,) = objects(built.pack, row["id"], "HAS_DIRECTION")
        (item,) = objects(built.pack, row["id"], "HAS_ITEM")
        assert direction == DIRECTIONS["direction-up" if row["id"].endswith("-up") else "direction-down"]
        good = objects(built.pack, item, "GOOD_WHEN") or {"KGF:upward-direction"}
        assert ("positive" in row["category"]) == (direction in good) or item == "KGF:financial-risk", row["id"]
        text = f"|{row['synonyms']}|"
        assert not PLURAL.search(text) and not SINGULAR.search(text), row["id"]
        assert len(row["synonyms"].split("|")) <= 200, row["id"]


@pytest.mark.parametrize(
    ("text", "event"),
    [
        ("The operating loss narrowed to EUR 2 mn.", "loss-down"),
        ("Its net loss widened.", "loss-up"),
        ("Thanks to lower costs it did well.", "expense-down"),
        ("Operating expenses rose by 5 %.", "expense-up"),
        ("Net sales decreased by a tenth.", "revenue-down"),
        ("Operating profit rose to EUR 13 mn.", "profit-up"),
        ("The company cut its dividend.", "dividend-down"),
        ("Nokia raised its outlook for the year.", "earnings-guidance-up"),
        ("A decrease in net debt was seen.", "debt-down"),
    ],
)
def test_a_reader_meets_the_events(built: Built, text: str, event: str) -> None:
    found = {candidate.concept for link in built.linker.link(text).links for candidate in link.candidates[:1]}
    assert f"KGF:event-{event}" in found


@pytest.mark.parametrize(
    ("table", "data", "key"), [("currencies", "currencies", "alpha_3"), ("countries", "countries", "alpha_2")]
)
def test_codes_are_those_of_iso(built: Built, table: str, data: str, key: str) -> None:
    pycountry = pytest.importorskip("pycountry")
    listed = {getattr(entry, key): entry for entry in getattr(pycountry, data)}
    here = {row["id"].partition(":")[2]: row for row in rows(table)}
    assert here.keys() == listed.keys()
    if table == "currencies":
        for code, row in here.items():
            assert row["definition"].endswith(f" code {code} and number {listed[code].numeric}."), code


def test_the_page_explains_every_predicate_and_source(built: Built) -> None:
    page = (FOLDER / "SOURCES.md").read_text(encoding="utf-8")
    needed = {*built.pack.predicates(), *(fact["source"] for fact in rows("facts"))}
    needed |= {path.name for path in [*FOLDER.glob("*.csv"), *FOLDER.glob("recipes/*.yaml")]}
    assert {name for name in needed if f"`{name}`" not in page} == set()
