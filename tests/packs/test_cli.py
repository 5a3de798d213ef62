"""``kgslm pack`` as people type it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from kgslm.packs import KnowledgePack
from tests.conftest import Run

Cli = Callable[..., Run]


def test_build_info_show_search_validate(cli: Cli, tmp_path: Path) -> None:
    source = tmp_path / "terms.csv"
    source.write_text("id,name,synonyms,parents\nT:1,Sign,,\nT:2,Fever,Pyrexia,T:1\nT:3,Cough,,T:4\n")
    pack, figures = tmp_path / "pack", tmp_path / "figures.json"
    run = cli("pack", "build", "--source", f"csv={source}", "-o", pack, "--json", figures)
    assert (run.status, run.err) == (0, "")
    assert "pack: 3 concepts (0 obsolete ones beside them), 4 names, 1 relations" in run.out
    assert f"terms: 1 not defined, such as {source}:4: is_a 'T:4'" in run.out
    counts = {"concepts": 3, "obsolete": 0, "names": 4, "relations": 1}
    assert json.loads(figures.read_text())["counts"] == counts

    run = cli("pack", "info", pack, "--json", "-")
    facts = json.loads(run.out)
    assert (facts["counts"], facts["licences"], facts["predicates"]) == (counts, {"not stated": ["terms"]}, {"is_a": 1})
    assert "terms" in cli("pack", "info", pack).out

    run = cli("pack", "show", pack, "pyrexia")
    assert run.out.splitlines() == [
        "T:2  Fever",
        "exact: Pyrexia",
        "parent: T:1 Sign",
        "children: 0, all below: 0",
        "sources: terms",
    ]
    shown = json.loads(cli("pack", "show", pack, "T:2", "--json", "-").out)
    assert (shown["concept"]["id"], shown["names"]) == ("T:2", {"preferred": ["Fever"], "exact": ["Pyrexia"]})

    run = cli("pack", "search", pack, "PYR", "--json", "-")
    assert json.loads(run.out)["hits"] == [{"id": "T:2", "name": "Fever", "matched": "Pyrexia", "kind": "exact"}]
    assert "no name holds 'xyz'" in cli("pack", "search", pack, "xyz").out

    run = cli("pack", "validate", pack)
    assert run.status == 0
    assert "12 files agree with their checksums" in run.out
    assert "not defined" in run.out


def test_show_gives_relations_in_words(cli: Cli, toy_pack: KnowledgePack) -> None:
    out = cli("pack", "show", toy_pack.path, "Pneumonia").out
    assert "has the symptoms: fever (T:31); cough (T:32)" in out
    assert "is treated by: penicillin (T:23)" in out
    assert "above: T:1 disease" in out
    assert "broad: lung infection" in out
    assert cli("pack", "show", toy_pack.path, "C01.100.200").out == out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["build", "-o", "{tmp}/p"], "nothing to build: give a recipe, a folder or --source kind=path"),
        (
            ["build", "--source", "obo={tmp}/gone.obo", "-o", "{tmp}/p"],
            "{tmp}/gone.obo: no such file, folder or match; check the path of the source",
        ),
        (["build", "{tmp}/pack.yaml", "-o", "{tmp}/p"], "{tmp}/pack.yaml: cannot be read: No such file or directory"),
        (["info", "{tmp}/none"], "{tmp}/none: no such folder; a pack was expected there"),
        (["show", "{toy}", "pneumona"], "{toy}: no concept 'pneumona'; did you mean T:3 (pneumonia)?"),
    ],
)
def test_bad_input_is_one_line_and_status_2(
    cli: Cli, toy_pack: KnowledgePack, tmp_path: Path, arguments: list[str], message: str
) -> None:
    places = {"tmp": tmp_path, "toy": toy_pack.path}
    run = cli("pack", *(argument.format(**places) for argument in arguments))
    assert (run.status, run.out, run.err) == (2, "", f"error: {message.format(**places)}\n")
    assert list(tmp_path.iterdir()) == []


def test_validate_finds_a_damaged_byte(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "a.obo").write_text("[Term]\nid: T:1\nname: Fever\n")
    cli("pack", "build", "--source", tmp_path / "a.obo", "-o", tmp_path / "pack")
    path = tmp_path / "pack" / "names.arrow"
    path.write_bytes(path.read_bytes().replace(b"Fever", b"Lever"))
    run = cli("pack", "validate", tmp_path / "pack")
    assert run.status == 2
    assert run.err == f"error: {path}: the checksum differs from the manifest; the file is damaged\n"


def test_brackets_and_colons_are_text(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,name,synonyms,category\nT:x:1,Vitamin [/b] D,[red]D,[bold]\n")
    recipe = "name: '[/] [red]x'\ndescription: 'about [/foo] :cat:'\nsources: [{path: a.csv, licence: '[MIT]'}]\n"
    (tmp_path / "pack.yaml").write_text(recipe)
    pack = tmp_path / "[p]"
    run = cli("pack", "build", tmp_path / "pack.yaml", "-o", pack)
    assert (run.status, run.err) == (0, "")
    assert f"wrote {pack}" in run.out
    lines = cli("pack", "info", pack).out.splitlines()
    assert lines[0] == "[/] [red]x   about [/foo] :cat:"
    assert any(line.split()[:3] == ["a", "csv", "[MIT]"] for line in lines)
    assert any(line.split() == ["[bold]", "1"] for line in lines)
    assert cli("pack", "show", pack, "T:x:1").out.splitlines()[0] == "T:x:1  Vitamin [/b] D"
    assert "T:x:1  Vitamin [/b] D  [red]D" in cli("pack", "search", pack, "red").out
