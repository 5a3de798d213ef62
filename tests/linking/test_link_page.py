"""Linked texts as a page."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgslm.data.jsonl import write_jsonl
from kgslm.evaluation.link_marks import Mark, Node, nest
from kgslm.packs import KnowledgePack, Origin, PackBuilder, SourceConcept, SourceName
from tests.commands import Cli

EVIL = "<script>alert('x')</script>"


def words(nodes: tuple[Node, ...]) -> str:
    return "".join(node if isinstance(node, str) else words(node.nodes) for node in nodes)


def test_nested_and_crossing_spans_become_a_tree() -> None:
    tree = nest("abcdefgh", [Mark(4, 7, "crossing"), Mark(1, 5, "outer"), Mark(2, 3, "inner")])
    assert tree == (
        "a",
        Mark(
            1,
            5,
            "outer",
            nodes=("b", Mark(2, 3, "inner", nodes=("c",)), "d", Mark(4, 5, "crossing", last=False, nodes=("e",))),
        ),
        Mark(5, 7, "crossing", first=False, nodes=("fg",)),
        "h",
    )


@given(st.text(max_size=12), st.data())
def test_no_character_is_lost(text: str, data: st.DataObject) -> None:
    places = st.integers(0, len(text))
    spans = data.draw(st.lists(st.tuples(places, places), max_size=30))
    marks = [Mark(start, end, None) for start, end in spans if start < end]
    assert words(nest(text, marks)) == text


class Seen(HTMLParser):
    """Tags, and the text of the documents without labels and tips."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.classes: list[str] = []
        self.texts: list[str] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        names = dict(attrs).get("class") or ""
        self.classes += names.split()
        if tag not in ("meta", "br"):
            self._open.append(names)
        if names == "text":
            self.texts.append("")

    def handle_endtag(self, tag: str) -> None:
        self._open.pop()

    def handle_data(self, data: str) -> None:
        if "text" in self._open and not {"label", "tip"} & set(self._open):
            self.texts[-1] += data


def seen(page: Path) -> Seen:
    parser = Seen()
    parser.feed(page.read_text(encoding="utf-8"))
    return parser


@pytest.fixture
def evil_pack(tmp_path: Path) -> KnowledgePack:
    builder = PackBuilder("evil<b>")
    concepts = [
        SourceConcept("E:<1>", f"Asthma {EVIL}", names=(SourceName("asthma"),), categories=(f"lung{EVIL}",)),
        SourceConcept("E:2", "Gout"),
    ]
    builder.add(Origin("terms"), concepts)
    builder.write(tmp_path / "pack")
    return KnowledgePack.open(tmp_path / "pack")


TEXTS = [f"{EVIL} asthma & gout 😀", "المريض يعاني من asthma منذ", "two  spaces\n\nand gout"]


def test_the_page_is_escaped_whole_and_alone(cli: Cli, evil_pack: KnowledgePack, tmp_path: Path) -> None:
    docs, page = tmp_path / "d.jsonl", tmp_path / "p.html"
    gold = [{"start": 0, "end": 9, "id": EVIL}]
    write_jsonl(docs, [{"id": f"{EVIL}{n}", "text": text, "entities": gold} for n, text in enumerate(TEXTS)])
    for options in ((), ("--gold",), ("--gold", "--mentions", "given")):
        run = cli("link", evil_pack.path, docs, "-o", tmp_path / "o.jsonl", "--html", page, *options)
        assert (run.status, run.err) == (0, "")
        found, html = seen(page), page.read_text(encoding="utf-8")
        assert found.tags.count("script") == 1  # the page's own
        assert "alert('x')" not in html
        assert not re.search(r"https?://|src=|@import|url\(", html)
        assert found.texts == TEXTS
        assert 'dir="auto"' in html
        assert "prefers-color-scheme: dark" in html


def test_gold_is_told_apart(cli: Cli, disease_pack: KnowledgePack, tmp_path: Path) -> None:
    docs, page = tmp_path / "d.jsonl", tmp_path / "p.html"
    text = "asthma, bad epileptic fit, heart attack; seizure asthma fits"
    surfaces = {"asthma": "D:4", "bad epileptic fit": "D:1", "heart attack": "D:1", "fits": "D:1"}
    entities = [{"start": text.index(it), "end": text.index(it) + len(it), "id": id_} for it, id_ in surfaces.items()]
    write_jsonl(docs, [{"id": "a", "text": text, "entities": entities}])
    cli("link", disease_pack.path, docs, "-o", tmp_path / "o.jsonl", "--html", page, "--gold")
    classes = set(seen(page).classes)
    assert {"right", "overlapping", "gold", "wrong_concept", "spurious", "missed"} <= classes
    html = page.read_text(encoding="utf-8")
    assert "What became of the mentions" in html
    assert "D:2 → D:1" in html


def test_only_so_many_documents_are_shown(cli: Cli, disease_pack: KnowledgePack, tmp_path: Path) -> None:
    docs, page = tmp_path / "d.jsonl", tmp_path / "p.html"
    write_jsonl(docs, [{"id": f"doc{number}", "text": f"asthma {number}"} for number in range(205)])
    cli("link", disease_pack.path, docs, "-o", tmp_path / "o.jsonl", "--html", page)
    assert len(seen(page).texts) == 200
    assert "5 more documents are not shown" in page.read_text()
    run = cli("link", disease_pack.path, docs, "-o", tmp_path / "o.jsonl", "--html", "-", "--shown", "204")
    assert "1 more document is not shown" in run.out
    assert run.out.startswith("<!doctype html>")


def test_flags_and_long_texts(disease_pack: KnowledgePack, tmp_path: Path) -> None:
    import json

    from kgslm.evaluation.link_page import LinkPage

    page = LinkPage(disease_pack)
    link = {
        "start": 0,
        "end": 6,
        "concept": "D:4",
        "name": "Asthma",
        "score": 1.0,
        "negated": True,
        "other_person": True,
    }
    page.add(json.dumps({"id": "a", "text": "asthma" + "\u2028" * 30_000, "links": [link]}, ensure_ascii=False) + "\n")
    page.add(json.dumps({"id": "b", "text": "x", "links": [], "error": "it <broke>"}) + "\n")
    figures = {"documents": 2, "links": 1, "concepts": 1, "nil": 0, "failed": 1}
    page.write(tmp_path / "p.html", figures, None, title="Two")
    html = (tmp_path / "p.html").read_text(encoding="utf-8")
    assert "<i>negated</i>" in html
    assert "<i>other person</i>" in html
    assert 'class="m  first last negated"' in html
    assert "the text denies it <small>1</small>" in html
    assert "it may be so" not in html
    assert "10,006 more characters" in html
    assert "could not be linked: it &lt;broke&gt;" in html


def test_rare_groups_share_a_grey(cli: Cli, tmp_path: Path) -> None:
    builder = PackBuilder("mixed")
    names = [f"thing{letter}" for letter in "abcdefghijkl"]
    concepts = [SourceConcept(f"P{letter.upper()}:1", name) for letter, name in zip("abcdefghijkl", names, strict=True)]
    more = [SourceConcept("D01", "gout"), SourceConcept("D02", "asthma"), SourceConcept("whatever", "cough")]
    builder.add(Origin("terms"), [*concepts, *more])
    builder.write(tmp_path / "pack")
    write_jsonl(tmp_path / "d.jsonl", [{"id": "a", "text": ", ".join(["gout", "asthma", "cough", *names])}])
    run = cli("link", tmp_path / "pack", tmp_path / "d.jsonl", "-o", tmp_path / "o.jsonl", "--html", "-")
    (legend,) = re.findall(r'aria-label="Colours">(.*?)</ul>', run.out, re.S)
    groups = re.findall(r"</span>([^<]*) <small>(\d+)</small>", legend)
    # What ids begin with, where concepts have no category; the rest together.
    assert groups[0] == ("D", "2")
    assert groups[-1] == ("others", "6")
    assert len(groups) == 9
