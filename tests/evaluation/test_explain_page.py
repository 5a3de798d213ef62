"""Explanations for people and for programs."""

from __future__ import annotations

import json
from pathlib import Path

from kgslm.evaluation.explain_page import explanation_record, write_explanations
from kgslm.records import Explanation, LabelDecision, LinkShare, PathStep

LINK = LinkShare(
    4, 9, "fever", "T:31", "fever <b>", ("negated",), 0.75, (PathStep("is_a", True, "T:30", "finding"),), "name <b>"
)
IDLE = LinkShare(11, 16, "& <sc", "T:2", "idle", (), 0.0)
OTHER = LinkShare(0, 2, "no", "T:1", "no", (), -0.25)
DECISION = LabelDecision(
    "<i>finding</i>", True, 0.9, 1.5, -0.5, {"text": 1.4999999, "evidence": 0.5}, 0.0, (OTHER, LINK, IDLE)
)
EXPLANATION = Explanation("<d>", "no, fever & <script>alert(1)</script>", (DECISION,))


def test_as_plain_data() -> None:
    record = explanation_record(EXPLANATION)
    assert json.loads(json.dumps(record)) == record
    (decision,) = record["decisions"]
    assert decision["shares"] == {"text": 1.5, "evidence": 0.5}
    assert decision["links"][1] == {
        "start": 4,
        "end": 9,
        "surface": "fever",
        "concept": "T:31",
        "name": "fever <b>",
        "flags": ["negated"],
        "share": 0.75,
        "path": [{"predicate": "is_a", "forwards": True, "concept": "T:30", "name": "finding"}],
        "why": "name <b>",
    }


def test_the_page_escapes_everything_and_says_how_the_logit_came_about(tmp_path: Path) -> None:
    write_explanations(tmp_path / "page.html", [EXPLANATION], total=300, title="A & B", pack="toy <1>")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    for raw in ("<script>alert", "<i>finding", "fever <b>", "<d>", "toy <1>"):
        assert raw not in page
    assert "toy &lt;1&gt;" in page and "&lt;i&gt;finding&lt;/i&gt;" in page
    for words in ("90.0%", "+1.50", "-0.50", "+0.75", "–is a→", "299 more texts are not shown"):
        assert words in page
    assert page.count('class="m for"') == page.count('class="m against"') == page.count('class="m neither"') == 1
    assert "(name &lt;b&gt;)" in page
    # The strongest mention comes first, one without a share is not listed.
    assert "idle" not in page[page.index("“fever”") :]
    assert page.index("“fever”") < page.index("“no”")
    write_explanations(tmp_path / "again.html", [EXPLANATION], total=300, title="A & B", pack="toy <1>")
    assert (tmp_path / "again.html").read_text(encoding="utf-8") == page


def test_no_text_at_all(tmp_path: Path) -> None:
    write_explanations(tmp_path / "page.html", [], total=0, title="Nothing")
    assert "Nothing" in (tmp_path / "page.html").read_text(encoding="utf-8")
