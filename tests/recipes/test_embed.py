"""``kgslm pack embed``."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kgslm.packs import KnowledgePack
from kgslm.recipes.embed import embed_pack
from tests.commands import Cli, figures, refused

QUICK = ("--set", "init=random", "--set", "epochs=3", "--set", "dim=8", "--set", "device=cpu")


@pytest.fixture
def pack(toy_pack: KnowledgePack, tmp_path: Path) -> Path:
    """A copy, so that nothing is left in the pack of other tests."""
    folder = tmp_path / "toy"
    shutil.copytree(toy_pack.path, folder, ignore=shutil.ignore_patterns("derived"))
    return folder


@pytest.mark.parametrize("method", ["transe", "distmult", "complex", "rotate"])
def test_learnt_vectors_are_made_once(method: str, pack: Path, cli: Cli) -> None:
    first = figures(cli("pack", "embed", pack, "--method", method, *QUICK, "--json", "-"))
    assert (first["made"], first["method"], first["dim"], first["concepts"]) == (True, method, 8, 15)
    assert Path(first["path"]) == pack / "derived/vectors" / method
    again = figures(cli("pack", "embed", pack, "--method", method, "--near", "fever", "--top", "2", "--json", "-"))
    assert not again["made"]
    assert len(again["near"]) == 2
    assert again["config"]["epochs"] == 3
    other = figures(
        cli("pack", "embed", pack, "--method", method, "--set", "init=random", "--set", "dim=4", "--json", "-")
    )
    assert (other["made"], other["dim"]) == (True, 4)


@pytest.mark.parametrize("method", ["text", "text+graph"])
def test_vectors_from_words(method: str, pack: Path, cli: Cli, tiny_encoder: Path) -> None:
    command = ("pack", "embed", pack, "--method", method, "--model", tiny_encoder, "--json", "-")
    first, again = figures(cli(*command)), figures(cli(*command))
    assert (first["made"], again["made"], first["dim"]) == (True, False, 32)


def test_learnt_from_words_on(pack: Path, cli: Cli, tiny_encoder: Path) -> None:
    run = cli("pack", "embed", pack, "--model", tiny_encoder, "--set", "epochs=2", "--set", "dim=8", "--near", "T:31")
    assert (run.status, run.err) == (0, "")
    assert "complex: 15 concepts, 8 numbers each, made in" in run.out
    assert "near T:31" in run.out


def test_a_refresh(pack: Path, tmp_path: Path, cli: Cli) -> None:
    cli("pack", "embed", pack, *QUICK)
    copy = tmp_path / "copy"
    shutil.copytree(pack, copy, ignore=shutil.ignore_patterns("derived"))
    found = figures(cli("pack", "embed", copy, "--refresh", pack, "--json", "-"))
    assert (found["new_concepts"], found["dim"]) == (0, 8)


def test_a_map(pack: Path, tmp_path: Path, cli: Cli) -> None:
    found = figures(cli("pack", "embed", pack, *QUICK, "--map", tmp_path / "map.png", "--json", "-"))
    assert found["map"] == [str(tmp_path / "map.png"), str(tmp_path / "map.html")]
    assert (tmp_path / "map.png").read_bytes().startswith(b"\x89PNG")
    page = (tmp_path / "map.html").read_text(encoding="utf-8")
    assert "T:31 fever" in page
    assert "http" not in page.replace("http://www.w3.org", "")


def test_the_map_shows_a_fixed_sample_of_a_large_pack(pack: Path, tmp_path: Path) -> None:
    found = embed_pack(pack, settings={"init": "random", "epochs": 1, "dim": 4})
    for name in ("first", "second"):
        found.draw(tmp_path / name, points=5)
    pages = [(tmp_path / f"{name}.html").read_text(encoding="utf-8") for name in ("first", "second")]
    assert pages[0] == pages[1]
    assert pages[0].count('"T:') == 5


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--method", "complx"), "--method: unknown method 'complx'; did you mean 'complex'?"),
        (("--set", "epochs"), "--set epochs: write key=value, such as epochs=50"),
        (("--set", "epohs=3"), "unknown key 'epohs'; did you mean 'epochs'?"),
        (("--set", "dim=-1"), "dim: Input should be greater than or equal to 2"),
        (("--method", "text", "--set", "dim=3"), "nothing is learnt; leave settings and --refresh out"),
        ((*QUICK, "--near", "feever"), "no concept 'feever'; did you mean"),
        (("--refresh", "nowhere"), "nowhere: no such folder"),
        ((*QUICK, "--set", "device=gpu"), "device 'gpu': unknown; choose auto, cpu"),
    ],
)
def test_bad_usage_is_one_line(arguments: tuple[str, ...], words: str, pack: Path, cli: Cli) -> None:
    assert words in refused(cli("pack", "embed", pack, *arguments, "--json", "-"))


def test_a_refresh_from_a_pack_without_vectors(pack: Path, cli: Cli, toy_pack: KnowledgePack) -> None:
    words = refused(cli("pack", "embed", pack, "--method", "transe", "--refresh", pack))
    assert f"make them with: kgslm pack embed {pack} --method transe" in words
