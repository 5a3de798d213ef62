"""Files and folders are whole or absent, and say what they are."""

from __future__ import annotations

import json
import os
import platform
import tempfile
from pathlib import Path
from typing import Any

import pytest

from kgslm.artifacts import (
    atomic_file,
    atomic_folder,
    check_file,
    check_replaceable,
    read_manifest,
    verify_files,
    write_manifest,
)
from kgslm.errors import KgslmError


def make(path: Path, text: str = "one", kind: str = "thing", version: int = 1, **facts: Any) -> Path:
    with atomic_folder(path, kind) as folder:
        (folder / "part").mkdir()
        (folder / "part" / "a.txt").write_text(text)
        write_manifest(folder, kind, version, facts)
    return path


def test_a_file_appears_when_the_block_ends_well(tmp_path: Path) -> None:
    path = tmp_path / "new" / "f.txt"
    with atomic_file(path) as file:
        file.write("é\n")
        assert not path.exists()
    assert path.read_bytes() == "é\n".encode()
    with pytest.raises(ZeroDivisionError), atomic_file(path, "wb") as file:
        file.write(b"half")
        1 / 0  # noqa: B018
    assert path.read_bytes() == "é\n".encode()
    assert list(path.parent.iterdir()) == [path]


def test_a_folder_is_replaced_by_its_own_kind_alone(tmp_path: Path) -> None:
    path = make(tmp_path / "a")
    make(path, "two")
    assert (path / "part" / "a.txt").read_text() == "two"
    with pytest.raises(ZeroDivisionError), atomic_folder(path, "thing") as folder:
        (folder / "half").touch()
        1 / 0  # noqa: B018
    with pytest.raises(KgslmError, match=r"a: the folder is not empty and is no model; choose another output"):
        make(path, "three", kind="model")
    assert (path / "part" / "a.txt").read_text() == "two"
    (tmp_path / "file").touch()
    with pytest.raises(KgslmError, match=r"file: a file is in the way"):
        make(tmp_path / "file")
    (tmp_path / "empty").mkdir()
    make(tmp_path / "empty")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["a", "empty", "file"]


def test_what_killed_processes_left_is_tidied(tmp_path: Path) -> None:
    def left(suffix: str, process: int) -> Path:
        return Path(tempfile.mkdtemp(dir=tmp_path, prefix=f".thing.{platform.node()}-{process}-", suffix=suffix))

    gone = 2**22 + 1  # above the largest process number of Linux
    path = make(tmp_path / "thing", "old")
    moved, half, running = left(".old", gone), left(".part", gone), left(".part", os.getpid())
    path.rename(moved / "was")
    with pytest.raises(RuntimeError), atomic_folder(path, "thing"):
        raise RuntimeError
    # The folder that a killed process had moved away is back, and what it was writing is gone.
    assert (path / "part" / "a.txt").read_text() == "old"
    assert not moved.exists()
    assert not half.exists()
    assert running.exists()


def test_what_is_small_is_verified_at_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make(tmp_path / "a", "one")
    (path / "part" / "a.txt").write_text("two")  # as long as before
    damaged = r"a\.txt: the checksum differs from the manifest; the file is damaged"
    with pytest.raises(KgslmError, match=damaged):
        read_manifest(path, "thing", 1)
    monkeypatch.setattr("kgslm.artifacts.SMALL", 2)
    read_manifest(path, "thing", 1)
    read_manifest(path, "thing", 1, verify=False)
    with pytest.raises(KgslmError, match=damaged):
        read_manifest(path, "thing", 1, verify=True)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no umask")
def test_the_umask_says_who_may_read(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        with atomic_folder(tmp_path / "a", "thing") as folder:
            (folder / "part").mkdir(mode=0o700)
            (folder / "part" / "weights").touch(mode=0o600)
            write_manifest(folder, "thing", 1, {})
        with atomic_file(tmp_path / "f") as file:
            file.write("x")
    finally:
        os.umask(before)
    modes = {path.relative_to(tmp_path).as_posix(): path.stat().st_mode & 0o777 for path in tmp_path.rglob("*")}
    assert modes == {"a": 0o750, "a/part": 0o750, "a/part/weights": 0o640, "a/manifest.json": 0o640, "f": 0o640}


def test_a_place_that_cannot_be_written_is_told_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_replaceable(tmp_path / "new" / "a", "thing")
    check_file(tmp_path / "new" / "f.txt")
    assert list(tmp_path.iterdir()) == []

    def refuse(dir: Path) -> None:
        assert dir == tmp_path
        raise PermissionError(13, "Permission denied")

    # Permission bits do not stop an administrator, who may well run this test.
    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    said = rf"^{tmp_path}: not writable; choose another output$"
    with pytest.raises(KgslmError, match=said):
        check_replaceable(tmp_path / "new" / "a", "thing")
    with pytest.raises(KgslmError, match=said):
        check_file(tmp_path / "f.txt")


def test_a_manifest_proves_what_the_folder_holds(tmp_path: Path) -> None:
    path = make(tmp_path / "a", name="x")
    manifest = read_manifest(path, "thing", 1)
    assert (manifest["name"], list(manifest["files"])) == ("x", ["part/a.txt"])
    verify_files(path, manifest)
    (path / "part" / "a.txt").write_text("eno")
    read_manifest(path, "thing", 1, verify=False)
    with pytest.raises(KgslmError, match=r"a\.txt: the checksum differs from the manifest; the file is damaged"):
        verify_files(path, manifest)
    (path / "part" / "a.txt").write_text("on")
    with pytest.raises(KgslmError, match=r"a\.txt: missing or cut short; build the thing again"):
        read_manifest(path, "thing", 1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", r"manifest\.json: the manifest is damaged"),
        ("[]", r"manifest\.json: the manifest is damaged"),
        ('{"kind": "thing"}', r"manifest\.json: the manifest is damaged"),
        ('{"kind": "model", "format_version": 1, "files": {}}', "a: this is a model, a thing was expected"),
        (
            '{"kind": "thing", "format_version": 2, "files": {}}',
            r"a: format version 2 is newer than this kgslm reads \(1\); upgrade kgslm",
        ),
    ],
)
def test_what_is_no_such_folder_is_said(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "a"
    with pytest.raises(KgslmError, match="a: no such folder; a thing was expected there"):
        read_manifest(path, "thing", 1)
    path.mkdir()
    with pytest.raises(KgslmError, match=r"a: not a thing: it has no manifest\.json"):
        read_manifest(path, "thing", 1)
    (path / "manifest.json").write_text(text)
    with pytest.raises(KgslmError, match=said):
        read_manifest(path, "thing", 1)


def test_the_manifest_is_plain_json(tmp_path: Path) -> None:
    manifest = json.loads((make(tmp_path / "a", name="é") / "manifest.json").read_text(encoding="utf-8"))
    assert list(manifest) == ["kind", "format_version", "name", "files"]
    assert manifest["files"]["part/a.txt"] == {
        "sha256": "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed",
        "bytes": 3,
    }


def test_a_device_is_written_to_and_not_replaced() -> None:
    with atomic_file(Path("/dev/null")) as file:
        file.write("nothing")
    assert Path("/dev/null").is_char_device()
