"""What an interrupted run leaves behind, and who goes on with it."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from kgslm.bulk import journal, line_output
from kgslm.errors import KgslmError

JOB = {"pack": "abc", "n": 1}


class Interrupted(BaseException):
    """Ends a run."""


def interrupt(path: Path, text: str) -> None:
    with pytest.raises(Interrupted), line_output(path, JOB) as lines:
        list(lines.kept())
        lines.write(text)
        raise Interrupted


@pytest.mark.parametrize("name", ["out.jsonl", "out.jsonl.gz"])
def test_a_run_goes_on_behind_the_last_whole_line(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    interrupt(path, "one\ntwo\nthr")
    assert [entry.name for entry in tmp_path.iterdir()] == [f".{name}.resume"]
    interrupt(path, "three é\n")
    with line_output(path, JOB, resume=True) as lines:
        assert list(lines.kept()) == ["one", "two", "three é"]
        lines.write("four\n")
        assert not path.exists()
    data = path.read_bytes()
    assert (gzip.decompress(data) if name.endswith(".gz") else data).decode() == "one\ntwo\nthree é\nfour\n"
    assert list(tmp_path.iterdir()) == [path]


def test_what_is_not_confirmed_is_dropped(tmp_path: Path) -> None:
    interrupt(tmp_path / "out", "one\ntwo\nthree\n")
    with line_output(tmp_path / "out", JOB) as lines:
        for line in lines.kept():
            if line == "two":
                break
        lines.write("2\n")
    assert (tmp_path / "out").read_text() == "one\n2\n"


def test_nothing_is_left_where_nothing_was_written(tmp_path: Path) -> None:
    with pytest.raises(Interrupted), line_output(tmp_path / "new" / "out", JOB):
        raise Interrupted
    assert list(tmp_path.iterdir()) == []
    with line_output(tmp_path / "new" / "out", JOB):
        pass
    assert (tmp_path / "new" / "out").read_bytes() == b""


def test_another_job_starts_anew_or_is_refused(tmp_path: Path) -> None:
    path, said = tmp_path / "out", list[str]()
    interrupt(path, "one\n")
    other = {**JOB, "pack": "xyz"}
    words = f"{tmp_path}/.out.resume: the interrupted run had pack abc, not xyz"
    with pytest.raises(KgslmError, match=words), line_output(path, other, resume=True):
        pass
    with line_output(path, other, say=said.append) as lines:
        assert list(lines.kept()) == []
        lines.write("1\n")
    assert (path.read_text(), said) == ("1\n", [f"{words}; starting anew"])
    interrupt(path, "one\n")
    with line_output(path, JOB, resume=False, say=said.append) as lines:
        assert list(lines.kept()) == []
    assert path.read_text() == ""
    interrupt(path, "one\n")
    (tmp_path / ".out.resume" / "job.json").write_text("{")
    with line_output(path, JOB, say=said.append) as lines:
        assert list(lines.kept()) == []
    assert said[-1].endswith("job.json is damaged; starting anew")


def test_two_runs_do_not_write_one_output(tmp_path: Path) -> None:
    pytest.importorskip("fcntl")
    with line_output(tmp_path / "out", JOB) as lines:
        lines.write("one\n")
        with pytest.raises(KgslmError, match="another run is writing"), line_output(tmp_path / "out", JOB):
            pass
    assert (tmp_path / "out").read_text() == "one\n"


def test_standard_output_and_devices_keep_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path in ("-", "/dev/null"):
        with line_output(path, JOB) as lines:
            assert list(lines.kept()) == []
            lines.write("one\n")
        with pytest.raises(KgslmError, match=f"^{path}: only a run that writes a file"):
            line_output(path, JOB, resume=True).__enter__()
    assert capsys.readouterr().out == "one\n"
    with line_output(tmp_path / "out", None) as lines:
        lines.write("one\n")
    assert (tmp_path / "out").read_text() == "one\n"
    assert list(tmp_path.iterdir()) == [tmp_path / "out"]


def test_lines_of_unfinished_work_are_kept_until_it_is_done(tmp_path: Path) -> None:
    target = tmp_path / "report"
    with pytest.raises(ZeroDivisionError), journal(target, {"a": 1}) as lines:
        assert list(lines.kept()) == []
        lines.write("one\n")
        lines.write("two\n")
        raise ZeroDivisionError
    said: list[str] = []
    with pytest.raises(KgslmError, match="another run is writing"), journal(target, {"a": 1}) as lines:
        assert list(lines.kept()) == ["one", "two"]
        with journal(target, {"a": 1}):
            pass
    with pytest.raises(ZeroDivisionError), journal(target, {"a": 2}, say=said.append) as lines:
        assert list(lines.kept()) == []
        lines.write("three\n")
        raise ZeroDivisionError
    assert "the interrupted run had a 1, not 2; starting anew" in said[0]
    with journal(target, {"a": 2}) as lines:
        assert list(lines.kept()) == ["three"]
    assert list(tmp_path.iterdir()) == []
