"""A realistic report of six cells, as files and on a terminal."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kgslm.artifacts import read_manifest, verify_files
from kgslm.errors import KgslmError
from kgslm.evaluation import (
    Bootstrap,
    CellResult,
    Judging,
    Permutation,
    Slicing,
    classification_scores,
    console_table,
    plots,
    scores_table,
    summarise,
    verdict,
    write_report,
)
from kgslm.evaluation.report import flatten
from kgslm.evaluation.theme import THEME, styles
from kgslm.evaluation.wording import effect_words

ABOUT = {"config": {"model": "tiny", "adapter": {"kind": "lora", "rank": 8}}, "pack": "9f" * 32, "dev": None}
TITLE = "Does <knowledge> pay & where?"
Simulate = Callable[..., list[CellResult]]


@pytest.fixture(scope="module")
def summary(simulated: Simulate) -> dict[str, Any]:
    return summarise(simulated(), Bootstrap(resamples=200))


@pytest.fixture(scope="module")
def report(summary: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("out") / "report"
    write_report(folder, summary, title=TITLE, about=ABOUT)
    return folder


class Page(HTMLParser):
    """Collects what a page loads, and checks that its elements close in order."""

    VOID = frozenset({"meta", "path", "use", "br", "img", "link", "input", "rect", "line"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in self.VOID:
            self.open.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if name in ("src", "href", "xlink:href", "action", "data"):
                self.links.append(value or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag


def test_the_json_keeps_the_contract(report: Path, summary: dict[str, Any]) -> None:
    data = json.loads((report / "report.json").read_text(encoding="utf-8"))
    assert len(data["cells"]) == 6 * 2 * 3
    assert len(data["summary"]) == 6 * 2
    assert {"cell", "shots", "seed", "accuracy", "macro_f1", "micro_f1", "train_seconds"} <= set(data["cells"][0])
    assert {"cell", "shots", "macro_f1", "vs_none", "vs_shuffled"} <= set(data["summary"][0])
    assert data["about"] == ABOUT
    assert data["verdict"] == verdict(summary)


def test_the_page_stands_alone(report: Path) -> None:
    text = (report / "report.html").read_text(encoding="utf-8")
    page = Page(text)
    assert page.open == []
    assert not re.search(r"https?:|//[a-z]|@import|url\((?!#)", text)
    assert not {"script", "link", "img", "iframe", "object"} & set(page.tags)
    assert all(link.startswith("#") for link in page.links)
    assert len(page.ids) == len(set(page.ids))
    assert {link[1:] for link in page.links} <= set(page.ids)
    assert set(re.findall(r"url\(#(\w+)\)", text)) <= set(page.ids)
    assert page.tags.count("svg") == 2


def test_the_page_can_be_read_by_everyone(report: Path) -> None:
    text = (report / "report.html").read_text(encoding="utf-8")
    assert '<html lang="en">' in text
    assert text.count('role="img" aria-label="') == 2
    assert "prefers-color-scheme: dark" in text
    assert "@media print" in text
    assert "Does &lt;knowledge&gt; pay &amp; where?" in text
    assert text.count('<tr class="headline">') == 2
    assert "<dt>config.adapter.rank</dt><dd>8</dd>" in text
    # Every colour of the figures follows the theme.
    assert set(re.findall(r"(?:fill|stroke): (#\w+)", text)) == set()


def test_both_pages_say_the_verdict_and_every_figure(report: Path, summary: dict[str, Any]) -> None:
    for name in ("report.html", "report.md"):
        text = (report / name).read_text(encoding="utf-8")
        assert all(sentence in text for sentence in verdict(summary))
        for row in summary["summary"]:
            assert f"{100 * row['macro_f1']['mean']:.1f}" in text
            assert f"{100 * row['accuracy']['mean']:.1f}" in text


def test_tables_of_the_markdown_are_whole(report: Path) -> None:
    blocks = re.findall(r"(?:^\|.*\n)+", (report / "report.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    # Two of results, one of verdicts, one of further facts, one of what was compared.
    assert [block.count("\n") for block in blocks] == [8, 8, 18, 12, 7]
    for block in blocks:
        assert len({line.count("|") for line in block.splitlines()}) == 1


def test_the_folder_can_prove_what_it_holds(report: Path) -> None:
    manifest = read_manifest(report, "report", 1)
    verify_files(report, manifest)
    assert set(manifest["files"]) == {
        "report.json",
        "report.md",
        "report.html",
        "learning-curve.png",
        "differences.png",
    }
    assert (report / "differences.png").read_bytes().startswith(b"\x89PNG")


def test_the_same_summary_gives_the_same_bytes(report: Path, summary: dict[str, Any], tmp_path: Path) -> None:
    write_report(tmp_path / "again", summary, title=TITLE, about=ABOUT)
    for file in report.iterdir():
        assert (tmp_path / "again" / file.name).read_bytes() == file.read_bytes(), file.name


def test_a_report_replaces_a_report_and_nothing_else(summary: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("keep")
    with pytest.raises(KgslmError, match="the folder is not empty and is no report"):
        write_report(tmp_path / "mine", summary, title=TITLE, about=ABOUT)
    assert [file.name for file in (tmp_path / "mine").iterdir()] == ["notes.txt"]


def test_nothing_is_left_behind_where_writing_fails(
    summary: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kgslm.evaluation.plots.svg", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write_report(tmp_path / "report", summary, title=TITLE, about={})
    assert list(tmp_path.iterdir()) == []


def test_costs_verdicts_and_parts_of_the_texts_are_shown(simulated: Simulate, tmp_path: Path) -> None:
    costs = {
        "prepare_seconds": 1.25,
        "step_seconds": 2.5,
        "tokens": 12345.0,
        "parameters": 172818.0,
        "inference_ms": 7.5,
    }
    results = [replace(run, costs=costs) for run in simulated(texts=60)]
    members = {(run.shots, run.seed): np.arange(60) % 3 for run in results}
    slicing = Slicing("links", "how many <mentions> are linked", ("0", "1|2", "3+"), members)
    summary = summarise(results, Bootstrap(resamples=100), tests=Judging(Permutation(200)), slicings=[slicing])
    folder = tmp_path / "report"
    write_report(folder, summary, title="Parts", about={})
    assert (folder / "slices.png").read_bytes().startswith(b"\x89PNG")
    text = (folder / "report.html").read_text(encoding="utf-8")
    page = Page(text)
    assert page.open == []
    assert page.tags.count("svg") == 3
    assert "how many &lt;mentions&gt; are linked" in text
    assert text.count("172,818") == 12
    assert "peak memory" not in text  # no run knows it
    markdown = (folder / "report.md").read_text(encoding="utf-8")
    assert "| none | 4 examples a class | 1.2 | 2.5 | 12,345 | 172,818 | 7.5 |" in markdown
    for block in re.findall(r"(?:^\|.*\n)+", markdown, flags=re.MULTILINE):
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}) == 1
    for effect in summary["effects"]:
        assert f"| {effect['cell']} | {effect['control']} | {effect_words(effect)} |" in markdown


def test_a_comparison_of_one_cell_and_one_number_of_shots(simulated: Simulate, tmp_path: Path) -> None:
    results = simulated({"my|cell": 0.2}, shots=("all",), seeds=1, texts=40)
    write_report(tmp_path / "report", summarise(results, Bootstrap(resamples=100)), title="One", about={})
    text = (tmp_path / "report" / "report.html").read_text(encoding="utf-8")
    assert Page(text).tags.count("svg") == 1
    assert "my\\|cell" in (tmp_path / "report" / "report.md").read_text(encoding="utf-8")
    assert not (tmp_path / "report" / "differences.png").exists()


def test_figures_of_many_shots_and_cells_of_the_users_own(simulated: Simulate) -> None:
    results = simulated({"none": 0, "$a$": 0.1, "b": 0.2}, shots=(1, 2, 8, 64, "all"), seeds=1, texts=40)
    rows = summarise(results, Bootstrap(resamples=100))["summary"]
    for draw in (plots.learning_curve, plots.differences):
        text = plots.svg(draw, rows, "figure")
        assert text.startswith("<svg ")
        assert "$a$" in text


def test_names_at_the_ends_of_lines_never_overlap() -> None:
    places = plots._apart({"a": 50.0, "b": 50.1, "c": 50.2, "d": 70.0}, 2.0)
    assert places == pytest.approx({"a": 48.1, "b": 50.1, "c": 52.1, "d": 70.0})
    # Two heaps that grow into one another become one.
    assert plots._apart({"a": 0.0, "b": 0.0, "c": 1.5, "d": 1.5}, 1.0) == pytest.approx(
        {"a": -0.75, "b": 0.25, "c": 1.25, "d": 2.25}
    )


def test_colours_are_unique_and_stand_out_in_both_themes() -> None:
    for theme in ("light", "dark"):
        colours = [getattr(style, theme) for style in THEME]
        assert len(set(colours)) == len(colours)
        paper = colours[0]
        for style in THEME:
            if style.variable not in ("paper", "panel", "grid"):
                # WCAG 2.2 asks for 3 to 1 for drawings, 4.5 to 1 for text.
                least = 4.5 if style.variable in ("ink", "muted", "accent") else 3.0
                assert contrast(getattr(style, theme), paper) >= least, (style.variable, theme)


def test_each_cell_has_a_style_of_its_own() -> None:
    found = styles(["none", "all", "mine", "yours"])
    assert len({style.marker for style in found.values()}) == 4


def test_the_console_table_fits_a_terminal(summary: dict[str, Any]) -> None:
    lines = shown(console_table(summary), 80)
    assert len(lines) == 2 + 6 + 1 + 6 + 1
    best = next(line for line in lines if line.split()[:2] == ["4", "all"])
    row = next(row for row in summary["summary"] if (row["cell"], row["shots"]) == ("all", 4))
    assert f"{100 * row['vs_none']['mean']:.1f} ({100 * row['vs_none']['low']:.1f}, " in best


def test_the_table_of_scores() -> None:
    lines = shown(scores_table(classification_scores([("[a]",), ("b",)], [("[a]",), ("[a]",)])), 80)
    assert next(line.split() for line in lines if "[a]" in line) == ["[a]", "50.0", "100.0", "66.7", "1"]
    assert next(line.split() for line in lines if "macro" in line) == ["macro-F1", "33.3", "2"]


def test_facts_in_words() -> None:
    facts = {"a": {"b": [1, 2], "c": {}}, "d": True, "e": 0.123456, "f": [{"method": "synonym"}]}
    assert flatten(facts) == [
        ("a.b", "1, 2"),
        ("a.c", "none"),
        ("d", "yes"),
        ("e", "0.1235"),
        ("f", "method: synonym"),
    ]


def shown(table: Any, width: int) -> list[str]:
    from rich.console import Console

    file = io.StringIO()
    Console(file=file, width=width).print(table)
    return file.getvalue().splitlines()


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2.2, from 1 to 21."""

    def luminance(colour: str) -> float:
        channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_facts_of_the_cells_are_explained(simulated: Simulate, tmp_path: Path) -> None:
    results = [replace(run, details={"trust": 0.5, "other": 1.0}) for run in simulated(texts=60)]
    summary = summarise(results, Bootstrap(resamples=100), tests=Judging(Permutation(200)))
    write_report(tmp_path / "out", summary, title="Facts", about={})
    for name in ("report.html", "report.md"):
        page = (tmp_path / "out" / name).read_text(encoding="utf-8")
        assert "what the evidence is multiplied by" in page
        assert "left it out" not in page
