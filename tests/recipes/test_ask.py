"""``kgslm index``, ``search``, ``ask`` and ``models``; the random encoder shows that words and concepts carry them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from kgslm.data.jsonl import write_jsonl
from kgslm.packs import KnowledgePack
from kgslm.serving import Answerer
from tests.commands import Cli, figures, refused, rows

DOCUMENTS = [
    {"id": "house", "text": "The house rules forbid smoking. Visitors sign the book at the door."},
    {"id": "menu", "text": "Soup is served at noon."},
]


@pytest.fixture(scope="module")
def index(toy_pack: KnowledgePack, tiny_encoder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from kgslm.recipes.ask import index_files

    folder = tmp_path_factory.mktemp("index")
    write_jsonl(folder / "rules.jsonl", DOCUMENTS)
    report = index_files(folder / "index", pack=toy_pack.path, docs=[folder / "rules.jsonl"], model=str(tiny_encoder))
    assert (report.concepts, report.documents, report.passages, report.vectors) == (15, 2, 32, 32)
    return folder / "index"


def test_an_answer_with_its_citation(cli: Cli, index: Path) -> None:
    run = cli("ask", index, "What does metformin treat?", "--json", "-")
    found = figures(run)
    assert found.pop("confidence") > 0.5
    assert found == {
        "question": "What does metformin treat?",
        "answer": "Metformin treats diabetes mellitus.",
        "found": True,
        "citations": [
            {
                "id": "T:22#TREATS",
                "title": "metformin",
                "source": "toy: toy (CC0-1.0)",
                "quote": "Metformin treats diabetes mellitus.",
                "start": 0,
                "end": 35,
            }
        ],
    }


def test_a_person_reads_marks_quotes_and_sources(cli: Cli, index: Path) -> None:
    run = cli("ask", index, "What must visitors sign?")
    assert run.status == 0, run.err
    assert run.out.splitlines()[:2] == ["What must visitors sign?", "Visitors sign the book at the door. [1]"]
    assert "[1] house, rules.jsonl (house, 32-67)" in run.out


@pytest.mark.parametrize("question", ["What is the capital of France?", "", "???", "What does qwertyol treat?"])
def test_not_found_is_an_honest_answer(cli: Cli, index: Path, question: str) -> None:
    run = cli("ask", index, question)
    assert (run.status, run.err) == (0, "")
    assert "Not found in the sources." in run.out
    found = figures(cli("ask", index, question, "--json", "-"))
    assert (found["found"], found["answer"], found["citations"]) == (False, "", [])


def test_the_index_command_says_what_went_in(cli: Cli, toy_pack: KnowledgePack, tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text("# Notes\n\nThe ward opens at seven.\n", encoding="utf-8")
    write_jsonl(tmp_path / "rules.jsonl", DOCUMENTS)
    docs = ("--docs", tmp_path / "notes.md", "--docs", tmp_path / "rules.jsonl")
    run = cli("index", toy_pack.path, *docs, "-o", tmp_path / "index", "--dense", "none", "--json", "-")
    found = figures(run)
    assert (found["concepts"], found["documents"], found["passages"], found["vectors"]) == (15, 3, 33, 0)
    assert "33 passages of 15 concepts and 3 documents" in run.err
    found = figures(cli("ask", tmp_path / "index", "When does the ward open?", "--json", "-"))
    assert found["answer"].endswith("The ward opens at seven.")
    assert found["citations"][0]["source"] == "notes.md"


@pytest.mark.parametrize("retriever", ["hybrid", "bm25"])
def test_questions_are_ranked_and_scored(cli: Cli, index: Path, tmp_path: Path, retriever: str) -> None:
    questions: list[dict[str, object]] = [
        {"id": "q1", "question": "Who signs the book at the door?", "relevant": ["house"]},
        {"id": "q2", "question": "When is soup served?", "relevant": ["menu"]},
        {"id": "q3", "question": "soup"},
    ]
    write_jsonl(tmp_path / "questions.jsonl", questions)
    out = tmp_path / "out.jsonl"
    run = cli("search", index, tmp_path / "questions.jsonl", "-o", out, "--retriever", retriever, "--json", "-")
    found = figures(run)
    assert (found["questions"], found["scored"], found["retriever"]) == (3, 2, retriever)
    assert found["hit_at_10"] == 1
    if retriever == "bm25":
        assert (found["hit_at_1"], found["mrr_at_10"]) == (1, 1)
        assert [row["ranking"] for row in rows(out)] == [["house"], ["menu"], ["menu"]]
    assert [row["id"] for row in rows(out)] == ["q1", "q2", "q3"]


def test_dense_search_ranks_all_documents(cli: Cli, index: Path, tmp_path: Path) -> None:
    write_jsonl(tmp_path / "questions.jsonl", [{"id": "q", "question": "Soup is served at noon."}])
    run = cli("search", index, tmp_path / "questions.jsonl", "-o", "-", "--retriever", "dense", "--top", 2)
    assert json.loads(run.out)["ranking"] == ["menu", "house"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"id": "q"}', "questions.jsonl:2: the field 'question' is missing"),
        ('{"question": 7}', "questions.jsonl:2: the field 'question' must be a string"),
        ('{"question": "soup", "relevant": "menu"}', "questions.jsonl:2: 'relevant' must be a list of ids"),
        ("soup?", "questions.jsonl:2: not valid JSON"),
    ],
)
def test_a_bad_question_is_named_by_its_line(cli: Cli, index: Path, tmp_path: Path, line: str, message: str) -> None:
    (tmp_path / "questions.jsonl").write_text(f'{{"question": "soup"}}\n{line}\n', encoding="utf-8")
    assert message in refused(cli("search", index, tmp_path / "questions.jsonl", "-o", tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_what_is_no_index_is_said(cli: Cli, index: Path, toy_pack: KnowledgePack, tmp_path: Path) -> None:
    assert "none" in refused(cli("ask", tmp_path / "none", "why?"))
    assert "index" in refused(cli("ask", toy_pack.path, "why?"))
    assert "unknown reader 'extractve'" in refused(cli("ask", index, "why?", "--reader", "extractve"))
    assert "did you mean 'bm25'?" in refused(cli("search", index, "none.jsonl", "-o", "-", "--retriever", "bm52"))
    assert "none.jsonl" in refused(cli("search", index, "none.jsonl", "-o", "-"))
    assert "none" in refused(cli("index", tmp_path / "none", "-o", tmp_path / "out"))
    assert "no index" in refused(cli("index", toy_pack.path, "-o", toy_pack.path))
    assert "all-MiniLM-L6-v2" in refused(
        cli("index", toy_pack.path, "-o", tmp_path / "out", "--model", "all-MiniLM-L6")
    )


def test_names_of_another_pack_in_the_index(index: Path, tmp_path: Path) -> None:
    from kgslm.errors import LinkError

    shutil.copytree(index, tmp_path / "index")
    path = tmp_path / "index" / "manifest.json"
    manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    manifest["pack"]["fingerprint"] = "0" * 64
    path.write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(LinkError, match="lexicon"):
        Answerer.open(tmp_path / "index")


def test_the_models_and_what_is_installed(cli: Cli) -> None:
    run = cli("models", "--json", "-")
    known = {model["alias"]: model for model in figures(run)["models"]}
    assert known["all-MiniLM-L6-v2"]["parameters"] == 22_713_216
    assert known["all-MiniLM-L6-v2"]["licence"] == "Apache-2.0"
    assert isinstance(known["all-MiniLM-L6-v2"]["installed"], bool)
    assert "Known models" in cli("models").out
