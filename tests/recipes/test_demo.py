"""The demo, cut short."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

SHORT = ("compare.shots=[4]", "compare.seeds=[0]", "compare.test_limit=60", "compare.cells=[none,evidence,shuffled]")


@pytest.mark.slow
def test_the_demo_walks_from_a_source_to_a_report_and_cited_answers(cli: Any, tmp_path: Path) -> None:
    settings = [part for key in SHORT for part in ("--set", key)]
    run = cli("demo", "medical", "-o", tmp_path / "demo", "--json", tmp_path / "figures.json", *settings)
    assert run.status == 0, run.err
    assert "[5/5]" in run.out
    assert "left)" in run.out
    figures = json.loads((tmp_path / "figures.json").read_text(encoding="utf-8"))
    first, second, third, fourth = figures["answers"]
    assert "diabetes mellitus" in first["answer"].lower()
    assert second["found"]
    assert third["found"]
    assert not fourth["found"]
    assert (tmp_path / "demo" / "report" / "report.html").stat().st_size > 10_000
    assert {cell["cell"] for cell in figures["cells"]} == {"none", "evidence", "shuffled"}


def test_a_domain_without_a_demo_is_said(cli: Any) -> None:
    run = cli("demo", "astrology")
    assert (run.status, run.out) == (2, "")
    assert run.err == "error: demo: unknown domain 'astrology'; choose from medical\n"
