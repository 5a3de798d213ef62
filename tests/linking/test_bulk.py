"""``kgslm link`` on many documents: workers, failures, interruptions, and memory."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from kgslm.data.jsonl import write_jsonl
from kgslm.packs import KnowledgePack
from tests.commands import Cli, figures, refused, rows

NAMES = ["asthma", "a heart attack", "convulsions", "fits", "nothing", "epileptic fit 😀"]


def documents(path: Path, count: int, *, words: str = "", odd: dict[int, str] | None = None) -> Path:
    """Documents of about 200 characters, or longer ones; ``odd``: other words for some of them."""
    generator = random.Random(0)

    def records() -> Iterator[dict[str, Any]]:
        for number in range(count):
            text = " and ".join(generator.choice(NAMES) for _ in range(12))
            yield {"id": f"d{number}", "text": f"{number} {text} {(odd or {}).get(number, words)}"}

    write_jsonl(path, records())
    return path


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_workers_change_nothing(cli: Cli, disease_pack: KnowledgePack, tmp_path: Path, suffix: str) -> None:
    docs = documents(tmp_path / f"d.jsonl{suffix}", 4_000)
    found = {}
    for workers in (1, 3):
        out = tmp_path / f"{workers}.jsonl{suffix}"
        found[workers] = figures(cli("link", disease_pack.path, docs, "-o", out, "--workers", workers, "--json", "-"))
        del found[workers]["seconds"]
    assert found[1] == found[3]
    assert found[1]["documents"] == 4_000
    assert (tmp_path / f"1.jsonl{suffix}").read_bytes() == (tmp_path / f"3.jsonl{suffix}").read_bytes()


@pytest.mark.parametrize("workers", [1, 2])
def test_a_document_that_fails_is_reported_and_the_rest_goes_on(
    cli: Cli, disease_pack: KnowledgePack, odd_linker: str, tmp_path: Path, workers: int
) -> None:
    odd = {3: "CRASH", 70: "CRASH", **({45: "EXIT"} if workers > 1 else {})}
    docs, out = documents(tmp_path / "d.jsonl", 100, odd=odd), tmp_path / "o.jsonl"
    options = ("--linker", odd_linker, "--workers", workers, "--json", tmp_path / "f.json")
    run = cli("link", disease_pack.path, docs, "-o", out, *options)
    said = {3: "RuntimeError: cannot read this", 45: "the worker process ended (exit status 7)"}
    said[70] = said[3]
    assert run.status == 1
    assert run.err.splitlines() == [f"{docs}:{n + 1}: document 'd{n}': {said[n]}" for n in sorted(odd)]
    assert f"{len(odd)} documents could not be linked" in run.out
    found = json.loads((tmp_path / "f.json").read_text())
    assert (found["documents"], found["failed"]) == (100, len(odd))
    assert found["failures"][0] == {"document": "d3", "place": f"{docs}:4", "error": said[3]}
    assert [failure["document"] for failure in found["failures"]] == [f"d{n}" for n in sorted(odd)]
    # All others are as they are without the odd ones.
    plain = tmp_path / "plain.jsonl"
    assert cli("link", disease_pack.path, docs, "-o", plain).status == 0
    for number, (record, expected) in enumerate(zip(rows(out), rows(plain), strict=True)):
        if number in odd:
            assert record == {**expected, "links": [], "error": said[number]}
        else:
            assert record == expected


def test_bad_input_among_many_documents_leaves_no_output(cli: Cli, disease_pack: KnowledgePack, tmp_path: Path) -> None:
    docs = documents(tmp_path / "d.jsonl", 3_000)
    with docs.open("a", encoding="utf-8") as file:
        file.write('{"id": "bad"}\n')
    out = tmp_path / "o.jsonl"
    said = refused(cli("link", disease_pack.path, docs, "-o", out, "--workers", 2))
    assert said.startswith(f"{docs}:3001: the field 'text' is missing")
    assert not out.exists()
    # When the line is mended, what was linked is not linked again.
    docs.write_text(docs.read_text().replace('{"id": "bad"}', '{"id": "good", "text": "asthma"}'))
    found = figures(cli("link", disease_pack.path, docs, "-o", out, "--json", "-"))
    assert found["documents"] == 3_001
    assert found["resumed"] >= 1_000
    assert sorted(path.name for path in tmp_path.iterdir()) == ["d.jsonl", "diseases", "o.jsonl"]


def test_workers_must_be_possible(cli: Cli, disease_pack: KnowledgePack, tmp_path: Path) -> None:
    docs = documents(tmp_path / "d.jsonl", 3)
    said = refused(cli("link", disease_pack.path, docs, "-o", tmp_path / "o", "--workers", 0))
    assert "--workers" in said
    said = refused(cli("link", disease_pack.path, docs, "-o", "-", "--resume"))
    assert said.startswith("-: only a run that writes a file")


def killed(command: list[str], part: Path, lines: int, signal_: int) -> subprocess.CompletedProcess[str]:
    """Run a command until it has written so many lines, and end it. Ctrl-C reaches its workers too."""
    # A shell's background jobs ignore Ctrl-C and hand that down; the command is to hear it all the same.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        signal.signal(signal.SIGINT, before)
        end = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < end:
            if part.exists() and part.read_bytes().count(b"\n") >= lines:
                (os.killpg if signal_ == signal.SIGINT else os.kill)(process.pid, signal_)
                break
            time.sleep(0.005)
        out, err = process.communicate(timeout=60)
    return subprocess.CompletedProcess(command, process.returncode, out, err)


@pytest.mark.skipif(os.name == "nt", reason="Windows has other signals")
@pytest.mark.parametrize(
    ("suffix", "workers"),
    [("", 1), pytest.param("", 2, marks=pytest.mark.slow), pytest.param(".gz", 1, marks=pytest.mark.slow)],
)
def test_a_killed_run_goes_on_without_doing_work_twice(
    disease_pack: KnowledgePack,
    odd_linker: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    suffix: str,
    workers: int,
) -> None:
    log = tmp_path / "log"
    docs = documents(tmp_path / "d.jsonl", 240, words="and so on " * 2_000 + "SLOW", odd={100: "CRASH"})
    command = [sys.executable, "-m", "kgslm", "link", str(disease_pack.path), str(docs), "--linker", odd_linker]
    whole, out = tmp_path / f"whole{suffix}", tmp_path / f"out{suffix}"
    subprocess.run([*command, "-o", str(whole)], capture_output=True, check=False)
    monkeypatch.setenv("ODD_LOG", str(log))
    command += ["-o", str(out), "--workers", str(workers)]
    part, generator = tmp_path / f".out{suffix}.resume" / "part.jsonl", random.Random(workers)
    kept = 0
    for _ in range(3):
        run = killed(command, part, kept + generator.randrange(1, 60), signal.SIGKILL)
        assert run.returncode == -signal.SIGKILL
        assert not out.exists()
        kept = part.read_bytes().count(b"\n")
        with part.open("ab") as file:
            file.write(b'{"id": "torn')
        log.unlink()
    last = subprocess.run([*command, "--json", "-"], capture_output=True, text=True, check=False)
    assert last.returncode == 1, last.stderr
    assert "document 'd100': RuntimeError: cannot read this" in last.stderr
    assert json.loads(last.stdout)["resumed"] == kept > 0
    assert out.read_bytes() == whole.read_bytes()
    assert log.read_text().split() == [str(number) for number in range(kept, 240) if number != 100] or workers > 1
    assert sorted(set(map(int, log.read_text().split()))) == [n for n in range(kept, 240) if n != 100]
    assert not part.parent.exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows has other signals")
@pytest.mark.parametrize(("signal_", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupt_ends_workers_and_keeps_what_is_done(
    disease_pack: KnowledgePack, odd_linker: str, tmp_path: Path, signal_: int, status: int
) -> None:
    docs = documents(tmp_path / "d.jsonl", 400, words="and so on " * 2_000 + "SLOW")
    command = [sys.executable, "-m", "kgslm", "link", str(disease_pack.path), str(docs), "--linker", odd_linker]
    out = tmp_path / "out"
    part = tmp_path / ".out.resume" / "part.jsonl"
    run = killed([*command, "-o", str(out), "--workers", "2"], part, 20, signal_)
    assert run.returncode == status
    assert run.stderr in ("", "interrupted\n")
    assert not out.exists()
    assert part.exists()


def test_resuming_looks_at_pack_options_and_documents(
    cli: Cli, disease_pack: KnowledgePack, odd_linker: str, tmp_path: Path
) -> None:
    docs, out = documents(tmp_path / "d.jsonl", 2_500), tmp_path / "o.jsonl"
    with docs.open("a", encoding="utf-8") as file:
        file.write("{\n")
    assert "d.jsonl:2501: not valid JSON" in refused(cli("link", disease_pack.path, docs, "-o", out))
    said = refused(cli("link", disease_pack.path, docs, "-o", out, "--linker", odd_linker, "--resume"))
    assert said.endswith("had linker dictionary, not odd; give what it had, or leave out --resume to start anew")
    changed = docs.read_text().replace('"id": "d1500"', '"id": "other"').replace("{\n", "")
    docs.write_text(changed)
    said = refused(cli("link", disease_pack.path, docs, "-o", out, "--resume"))
    assert said.startswith(f"{docs}:1501: the documents are no longer those of the interrupted run from here on")
    run = cli("link", disease_pack.path, docs, "-o", out)
    changed = f"{docs}:1501: the documents are no longer those of the interrupted run from here on"
    assert run.err == f"note: {changed}; linking these again\n"
    assert "1,500 documents had been linked by an interrupted run" in run.out
    again = tmp_path / "again.jsonl"
    assert cli("link", disease_pack.path, docs, "-o", again, "--no-resume").err == ""
    assert again.read_bytes() == out.read_bytes()


def test_gold_figures_are_the_same_in_one_go_and_in_parts(
    cli: Cli, disease_pack: KnowledgePack, tmp_path: Path
) -> None:
    docs = tmp_path / "d.jsonl"
    entity = {"start": 0, "end": 6, "id": "D:4"}
    records = [{"text": f"Asthma or fits {number}", "entities": [entity]} for number in range(2_500)]
    write_jsonl(docs, records)
    whole = figures(cli("link", disease_pack.path, docs, "-o", tmp_path / "a", "--gold", "--json", "-"))
    with docs.open("a", encoding="utf-8") as file:
        file.write("{\n")
    assert cli("link", disease_pack.path, docs, "-o", tmp_path / "b", "--gold").status == 2
    write_jsonl(docs, records)
    options = ("--gold", "--workers", 2, "--json", "-")
    parts = figures(cli("link", disease_pack.path, docs, "-o", tmp_path / "b", *options))
    assert parts["resumed"] == 2_000
    assert {**parts, "resumed": 0, "seconds": 0} == {**whole, "seconds": 0}


MEMORY = """
import resource, sys
from kgslm.cli import main
try:
    main(sys.argv[1:])
finally:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, file=sys.stderr)
"""


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_memory_does_not_grow_with_the_number_of_documents(
    disease_pack: KnowledgePack, tmp_path: Path, workers: int
) -> None:
    line = json.dumps({"text": "A heart attack, asthma and convulsions. " * 5}) + "\n"
    peaks = []
    for count in (5_000, 40_000):
        command = [sys.executable, "-c", MEMORY, "link", str(disease_pack.path), "-", "-o", str(tmp_path / "out")]
        with subprocess.Popen(
            [*command, "--workers", str(workers)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process:
            assert process.stdin
            for _ in range(count // 1_000):
                process.stdin.write(line.encode() * 1_000)
            out, err = process.communicate(timeout=300)
        assert f"in {count:,} documents" in out.decode()
        peaks.append(int(err.split()[-1]))
    assert peaks[1] < peaks[0] + 15


@pytest.mark.slow
@pytest.mark.skipif(find_spec("ray") is None, reason="needs the extra ray")
def test_ray_gives_the_same(disease_pack: KnowledgePack, odd_linker: str, tmp_path: Path) -> None:
    docs = documents(tmp_path / "d.jsonl", 2_500, odd={1_200: "EXIT", 2_000: "CRASH"})
    command = [sys.executable, "-m", "kgslm", "link", str(disease_pack.path), str(docs), "--linker", odd_linker]
    runs = [
        subprocess.run(
            [*command, "-o", str(tmp_path / name), *options], capture_output=True, text=True, check=False, timeout=240
        )
        for name, options in (("a", ["--workers", "2"]), ("b", ["--engine", "ray", "--workers", "2"]))
    ]
    assert [run.returncode for run in runs] == [1, 1], runs[1].stderr
    assert runs[0].stderr == runs[1].stderr
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
