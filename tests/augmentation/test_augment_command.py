"""``kgslm augment`` from labelled records to more labelled records."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kgslm.packs import KnowledgePack

Cli = Callable[..., Any]

RECORDS: list[dict[str, Any]] = [
    {"id": "a", "text": "He had a seizure.", "label": "bad", "year": 2001, "links": [], "text_pair": "Really?"},
    {
        "text": "A heart attack in May.",
        "label": "mild",
        "entities": [{"start": 2, "end": 14, "label": "disease", "id": "D:2", "text": "heart attack", "sure": True}],
    },
    {"id": "c", "text": "Asthma.", "label": "good"},
]


def write(path: Path, *records: Any) -> Path:
    lines = [record if isinstance(record, str) else json.dumps(record) for record in records]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def test_originals_first_then_new_records(cli: Cli, pack: KnowledgePack, tmp_path: Path) -> None:
    data, out = write(tmp_path / "d.jsonl", *RECORDS), tmp_path / "o.jsonl"
    run = cli("augment", data, "-o", out, "--pack", pack.path, "--json", tmp_path / "f.json")
    assert (run.status, run.err) == (0, "")
    assert run.out == ("3 examples, 2 new ones kept\nsynonym: 2 kept; dropped: 1 nothing to change\n")
    assert [json.loads(line) for line in out.read_text().splitlines()] == [
        RECORDS[0],
        {**RECORDS[1], "id": "2"},
        RECORDS[2],
        {
            "id": "a#aug1",
            "text": "He had an epileptic fit.",
            "label": "bad",
            "year": 2001,
            "text_pair": "Really?",
            "augmented_from": "a",
            "method": "synonym",
            "pack": pack.fingerprint,
        },
        {
            "id": "2#aug1",
            "text": "A myocardial infarction in May.",
            "label": "mild",
            "entities": [
                {"start": 2, "end": 23, "label": "disease", "id": "D:2", "text": "myocardial infarction", "sure": True}
            ],
            "augmented_from": "2",
            "method": "synonym",
            "pack": pack.fingerprint,
        },
    ]
    figures = json.loads((tmp_path / "f.json").read_text())
    assert (figures["examples"], figures["kept"], figures["dropped"]) == (3, 2, {"nothing to change": 1})


def test_a_table_becomes_jsonl(cli: Cli, pack: KnowledgePack, tmp_path: Path) -> None:
    data, out = write(tmp_path / "d.csv", "id,text,labels", "a,A seizure.,x|y", "b,Asthma.,"), tmp_path / "o.jsonl"
    assert cli("augment", data, "-o", out, "--pack", pack.path).status == 0
    assert [json.loads(line) for line in out.read_text().splitlines()] == [
        {"id": "a", "text": "A seizure.", "labels": ["x", "y"]},
        {"id": "b", "text": "Asthma.", "labels": []},
        {
            "id": "a#aug1",
            "text": "An epileptic fit.",
            "labels": ["x", "y"],
            "augmented_from": "a",
            "method": "synonym",
            "pack": pack.fingerprint,
        },
    ]


def test_augmented_data_can_be_augmented(cli: Cli, pack: KnowledgePack, tmp_path: Path) -> None:
    once, twice = tmp_path / "1.jsonl", tmp_path / "2.jsonl"
    assert cli("augment", write(tmp_path / "d.jsonl", RECORDS[0]), "-o", once, "--pack", pack.path).status == 0
    assert cli("augment", once, "-o", twice, "--pack", pack.path).status == 0
    ids = [json.loads(line)["id"] for line in twice.read_text().splitlines()]
    assert ids == ["a", "a#aug1", "a#aug2", "a#aug1#aug1"]


def test_the_same_seed_gives_the_same_file(cli: Cli, pack: KnowledgePack, tmp_path: Path) -> None:
    data = write(tmp_path / "d.jsonl", *RECORDS)
    outputs = []
    for name in ("1", "2"):
        out = tmp_path / name
        run = cli("augment", data, "-o", out, "--pack", pack.path, "--method", "words,characters", "--factor", 2)
        assert run.status == 0
        outputs.append(out.read_bytes())
    assert outputs[0] == outputs[1]


def test_the_summary_leaves_standard_output_to_the_data(cli: Cli, pack: KnowledgePack, tmp_path: Path) -> None:
    run = cli("augment", write(tmp_path / "d.jsonl", *RECORDS), "-o", "-", "--pack", pack.path)
    assert len(run.out.splitlines()) == 5
    assert run.err.startswith("3 examples")


@pytest.mark.parametrize(
    ("line", "options", "message"),
    [
        ("nonsense", [], "d.jsonl:2: not valid JSON"),
        ({"id": "b"}, [], "d.jsonl:2: the field 'text' is missing"),
        ({"id": "a", "text": "x"}, [], "d.jsonl:2: the id 'a' is already used"),
        (
            {"text": "x", "entities": [{"start": 0, "end": 5}]},
            [],
            "d.jsonl:2: entities[1]: 0-5 is not a span of a text",
        ),
        ({"text": "x", "label": None}, [], "d.jsonl:2: no label; the field 'label' or 'labels' is needed"),
        ({"text": "x", "label": ""}, [], "d.jsonl:2: no label; the field 'label' or 'labels' is needed"),
        ({"text": "x", "label": "x", "labels": ["x"]}, [], "d.jsonl:2: both 'label' and 'labels' are there"),
        ({"text": "x", "labels": ["x"]}, [], "d.jsonl:2: one label and a list of labels are mixed"),
        ({"text": "x"}, ["--method", "synonim"], "--method: augmenters: unknown name 'synonim'"),
        ({"text": "x"}, ["--model", "a/b,c/d"], "--model: only back-translation uses it"),
        ({"text": "x"}, ["--method", "back-translation", "--model", "a/b"], "model and back_model go together"),
    ],
)
def test_bad_input_is_one_clear_line(
    cli: Cli, pack: KnowledgePack, tmp_path: Path, line: Any, options: list[str], message: str
) -> None:
    data = write(tmp_path / "d.jsonl", {"id": "a", "text": "Asthma", "label": "x"}, line)
    run = cli("augment", data, "-o", tmp_path / "o.jsonl", "--pack", pack.path, *options)
    assert run.status == 2
    assert message in run.err
    assert run.err.count("\n") == 1
    assert not (tmp_path / "o.jsonl").exists()
