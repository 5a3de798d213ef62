"""``kgslm link`` from documents to linked documents."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kgslm.packs import KnowledgePack

Cli = Callable[..., Any]


def write(path: Path, *records: Any) -> Path:
    lines = [record if isinstance(record, str) else json.dumps(record, ensure_ascii=False) for record in records]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_documents_come_out_with_their_links(cli: Cli, disease_pack: KnowledgePack, tmp_path: Path) -> None:
    docs = write(tmp_path / "d.jsonl", {"id": 7, "text": "A heart attack.", "year": 2001}, {"id": "b", "text": ""})
    run = cli("link", disease_pack.path, docs, "-o", tmp_path / "out.jsonl", "--json", tmp_path / "f.json")
    assert (run.status, run.err) == (0, "")
    first, second = read(tmp_path / "out.jsonl")
    assert first == {
        "id": "7",
        "text": "A heart attack.",
        "year": 2001,
        "links": [
            {
                "start": 2,
                "end": 14,
                "surface": "heart attack",
                "concept": "D:2",
                "name": "Myocardial infarction",
                "score": 0.97,
                "negated": False,
                "hypothetical": False,
                "historical": False,
                "other_person": False,
                "candidates": [{"concept": "D:2", "name": "Myocardial infarction", "score": 0.97}],
            }
        ],
    }
    assert second == {"id": "b", "text": "", "links": []}
    figures = json.loads((tmp_path / "f.json").read_text())
    assert {key: figures[key] for key in ("documents", "characters", "links", "nil", "concepts", "gold")} == {
        "documents": 2,
        "characters": 15,
        "links": 1,
        "nil": 0,
        "concepts": 1,
        "gold": None,
    }
    assert run.out.startswith("1 links to 1 concepts in 2 documents")


def test_standard_input_output_and_gzip(
    cli: Cli, disease_pack: KnowledgePack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    docs = write(tmp_path / "d.jsonl", {"id": "a", "text": "Asthma"})
    with docs.open(encoding="utf-8") as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        run = cli("link", disease_pack.path, "-", "-o", "-")
    assert json.loads(run.out)["links"][0]["concept"] == "D:4"
    assert run.err.startswith("1 links")
    packed = tmp_path / "d.jsonl.gz"
    packed.write_bytes(gzip.compress(docs.read_bytes()))
    assert cli("link", disease_pack.path, packed, "-o", tmp_path / "o.jsonl.gz").status == 0
    assert json.loads(gzip.decompress((tmp_path / "o.jsonl.gz").read_bytes())) == json.loads(run.out)


def test_a_plain_text_file_is_one_document(cli: Cli, disease_pack: KnowledgePack, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("Asthma.\nA heart attack.")
    assert cli("link", disease_pack.path, tmp_path / "note.txt", "-o", tmp_path / "o.jsonl").status == 0
    (document,) = read(tmp_path / "o.jsonl")
    assert (document["id"], [link["concept"] for link in document["links"]]) == ("note.txt", ["D:4", "D:2"])


def test_given_mentions_get_one_link_each(cli: Cli, disease_pack: KnowledgePack, tmp_path: Path) -> None:
    text = "Strange asthma and fits."
    mentions = [{"start": 19, "end": 23}, {"start": 8, "end": 14}, {"start": 0, "end": 7}]
    docs = write(tmp_path / "d.jsonl", {"id": "a", "text": text, "mentions": mentions})
    run = cli("link", disease_pack.path, docs, "-o", tmp_path / "o.jsonl", "--mentions", "given")
    assert "2 given mentions have no concept (NIL)" in run.out
    (document,) = read(tmp_path / "o.jsonl")
    assert [(link["surface"], link["concept"]) for link in document["links"]] == [
        ("Strange", None),
        ("asthma", "D:4"),
        ("fits", None),
    ]


def gold_documents(path: Path) -> Path:
    return write(
        path,
        # Two of three found entities are right; D:20 is an alternative id of D:2, D:3 is replaced by D:1.
        {
            "id": "a",
            "text": "heart attack, convulsions, asthma",
            "entities": [
                {"start": 0, "end": 12, "id": "D:20"},
                {"start": 14, "end": 25, "id": "X:1|D:3"},
                {"start": 27, "end": 33, "id": "X:2"},
            ],
        },
        # One more gold entity is missed, and one has no concept.
        {
            "id": "b",
            "text": "fits and things",
            "entities": [{"start": 0, "end": 4, "id": "D:1"}, {"start": 9, "end": 15, "id": None}],
        },
    )


def test_gold_figures_of_found_mentions(cli: Cli, disease_pack: KnowledgePack, tmp_path: Path) -> None:
    docs = gold_documents(tmp_path / "d.jsonl")
    run = cli("link", disease_pack.path, docs, "-o", tmp_path / "o.jsonl", "--gold", "--json", tmp_path / "f.json")
    gold = json.loads((tmp_path / "f.json").read_text())["gold"]
    assert gold["mention"] == pytest.approx({"precision": 2 / 3, "recall": 2 / 4, "f1": 4 / 7})
    # Document a: gold D:2, X:1, D:1, X:2; found D:2, D:1, D:4. Document b: gold D:1; found nothing.
    assert gold["document"] == pytest.approx({"precision": 2 / 3, "recall": 2 / 5, "f1": 4 / 8})
    assert (gold["accuracy"], gold["entities"]) == (None, 5)
    assert "mention   P 0.667  R 0.500  F1 0.571" in run.out


def test_gold_accuracy_of_given_mentions(cli: Cli, disease_pack: KnowledgePack, tmp_path: Path) -> None:
    docs = gold_documents(tmp_path / "d.jsonl")
    out = tmp_path / "o.jsonl"
    run = cli("link", disease_pack.path, docs, "-o", out, "--gold", "--mentions", "given", "--json", "-")
    # Right: heart attack, convulsions, and the mention without a concept, which is NIL.
    assert json.loads(run.out)["gold"]["accuracy"] == pytest.approx(3 / 5)
    assert "Acc@1     0.600 of 5 mentions" in run.err


@pytest.mark.parametrize(
    ("line", "options", "message"),
    [
        ("{", [], "d.jsonl:2: not valid JSON"),
        ({"id": "a"}, [], "d.jsonl:2: the field 'text' is missing; the line has id"),
        ({"text": 3}, [], "d.jsonl:2: the field 'text' must be a string, not int"),
        ({"text": "x"}, ["--mentions", "given"], "d.jsonl:2: the field 'mentions' must be a list of objects"),
        (
            {"text": "x", "mentions": [{"start": 0, "end": 9}]},
            ["--mentions", "given"],
            "d.jsonl:2: mentions[1]: 0-9 is not a span of a text of 1 characters",
        ),
        (
            {"text": "x", "mentions": [{"start": "0", "end": 1}]},
            ["--mentions", "given"],
            "d.jsonl:2: mentions[1]: an object with integer start and end was expected",
        ),
        ({"text": "x", "entities": [{"start": 0, "end": 1}]}, ["--gold"], "entities[1]: the field 'id' is missing"),
        ({"text": "x"}, ["--linker", "dictionery"], "linkers: unknown name 'dictionery'; did you mean 'dictionary'?"),
    ],
)
def test_bad_input_is_one_clear_line(
    cli: Cli, disease_pack: KnowledgePack, tmp_path: Path, line: Any, options: list[str], message: str
) -> None:
    good = {"text": "Asthma", "mentions": [], "entities": []}
    docs = write(tmp_path / "d.jsonl", good, line)
    run = cli("link", disease_pack.path, docs, "-o", tmp_path / "o.jsonl", *options)
    assert run.status == 2
    assert message in run.err
    assert run.err.count("\n") == 1
    assert not (tmp_path / "o.jsonl").exists()
