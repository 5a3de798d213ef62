"""Every command has a help page; bad usage is one line and status 2."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import typer

import kgslm
from kgslm.cli import app
from kgslm.packs import KnowledgePack
from tests.commands import Cli, refused


def commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The words of every command, the groups among them."""
    yield path
    for name, below in getattr(command, "commands", {}).items():
        yield from commands(below, (*path, name))


COMMANDS = sorted(commands(typer.main.get_command(app)))
LEAVES = [words for words in COMMANDS if not any(other[:-1] == words for other in COMMANDS if other)]


def test_the_commands_are_there() -> None:
    assert {" ".join(words) for words in COMMANDS} >= {
        *("ask", "augment", "compare", "evaluate", "index", "link", "predict", "search", "train"),
        *("pack", "pack build", "pack info", "pack search", "pack show", "pack validate"),
    }


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help_works(words: tuple[str, ...], flag: str, cli: Cli) -> None:
    run = cli(*words, flag)
    assert (run.status, run.err) == (0, "")
    assert " ".join(["Usage: kgslm", *words]) in run.out
    if words in LEAVES:
        assert "--json" in run.out


def test_the_version(cli: Cli) -> None:
    assert cli("--version").out == f"kgslm {kgslm.__version__}\n"


@pytest.mark.parametrize("words", LEAVES, ids=" ".join)
def test_bad_usage_is_one_line_with_status_2(words: tuple[str, ...], cli: Cli) -> None:
    assert "--frobnicate" in refused(cli(*words, "--frobnicate"))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["pakc"], "No such command 'pakc'. Did you mean 'pack'?"),
        (["pack", "bild"], "No such command 'bild'. Did you mean 'build'?"),
        (["train"], "Missing argument 'CONFIG'."),
        (["train", "c.yaml"], "Missing option '-o' / '--output'."),
        (["augment", "d", "-o", "o", "--pack", "p", "--factor", "none"], "Invalid value for '--factor'"),
        (["evaluate"], "Missing argument '[MODEL] DATA'."),
    ],
)
def test_what_is_missing_or_misspelt_is_said(words: list[str], said: str, cli: Cli) -> None:
    assert refused(cli(*words)).startswith(said)


@pytest.mark.parametrize("words", [[], ["pack"]])
def test_a_group_alone_shows_its_help(words: list[str], cli: Cli) -> None:
    run = cli(*words)
    assert "Usage: kgslm" in run.out
    assert run.err == ""


def test_a_place_that_cannot_be_written_is_one_line(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    said = refused(cli("models", "--json", tmp_path / "file" / "figures.json"))
    assert said == f"{tmp_path / 'file'}: a file is in the way; choose another output"
    said = refused(cli("models", "--json", tmp_path))
    assert said == f"{tmp_path}: a folder is in the way; choose another output"


@pytest.mark.parametrize("option", ["--output", "--json"])
def test_a_place_is_checked_before_the_work(cli: Cli, tmp_path: Path, option: str) -> None:
    (tmp_path / "file").touch()
    targets = {"--output": tmp_path / "out.jsonl", "--json": tmp_path / "out.json"}
    targets[option] = tmp_path / "file" / "out"
    words = [word for pair in targets.items() for word in pair]
    assert "a file is in the way" in refused(cli("link", tmp_path / "no pack", tmp_path / "no documents", *words))


@pytest.mark.parametrize(
    "words",
    [["link", "pack", "docs"], ["augment", "data", "--pack", "p"], ["predict", "model", "data"], ["search", "i", "q"]],
)
def test_standard_output_is_for_one(cli: Cli, words: list[str]) -> None:
    for targets in (["-o", "-", "--json", "-"], ["--json", "-", "-o", "-"]):
        said = refused(cli(*words, *targets))
        assert said == "standard output takes either the data (-o -) or the figures (--json -); name a file"


@pytest.mark.skipif(os.name == "nt", reason="Windows ends a process without asking it")
def test_a_terminated_command_leaves_no_output_behind(toy_pack: KnowledgePack, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "kgslm", "link", str(toy_pack.path), "-", "-o", str(tmp_path / "out.jsonl")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        # It waits for more documents with its output begun.
        assert process.stdin
        process.stdin.write(b'{"text": "fever"}\n' * 20_000)
        process.stdin.flush()
        part = tmp_path / ".out.jsonl.resume" / "part.jsonl"
        end = time.monotonic() + 60
        while not part.exists() and process.poll() is None and time.monotonic() < end:
            time.sleep(0.02)
        assert part.exists()
        process.terminate()
        _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (143, b"")
    assert list(tmp_path.iterdir()) == [part.parent]  # what the same command goes on with


def test_any_thread_may_run_a_command(cli: Cli) -> None:
    before = signal.getsignal(signal.SIGTERM)
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(cli, "--version").result().status == 0
    assert cli("--version").status == 0
    assert signal.getsignal(signal.SIGTERM) is before


def test_pipes_carry_utf8_whatever_the_locale(toy_pack: KnowledgePack) -> None:
    document = {"id": "é", "text": "Pyréxie 😀 or fever"}
    run = subprocess.run(
        [sys.executable, "-m", "kgslm", "link", str(toy_pack.path), "-", "-o", "-"],
        input=json.dumps(document, ensure_ascii=False).encode(),
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=True,
    )
    linked = json.loads(run.stdout.decode())
    assert (linked["id"], linked["text"]) == (document["id"], document["text"])
    assert [link["concept"] for link in linked["links"]] == ["T:31"]
    assert run.stderr.decode().startswith("1 links to 1 concepts")
