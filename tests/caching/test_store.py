"""The store: what goes in comes out, whole or not at all, whoever else is at work."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgslm.caching import STORE, Cache, Store, cache_folder, clear, code_version, key_of, usage
from kgslm.caching.store import SUFFIX
from kgslm.errors import ConfigError


def segments(folder: Path) -> list[Path]:
    return sorted(folder.rglob(f"*{SUFFIX}"))


@given(st.dictionaries(st.text(), st.binary(max_size=300), max_size=20))
def test_what_is_put_is_got_by_this_and_by_other_processes(values: dict[str, bytes]) -> None:
    folder = cache_folder() / "property" / key_of(repr(sorted(values.items()))).hex()
    keyed = {key_of(name): value for name, value in values.items()}
    own = Store(folder)
    assert own.put(keyed)
    for store in (own, Store(folder)):
        found = store.get([*keyed, key_of("", "nobody")])
        assert {key: value.tobytes() for key, value in found.items()} == keyed


@given(st.lists(st.text(), max_size=4), st.lists(st.text(), max_size=4))
def test_keys_differ_unless_their_parts_are_the_same(one: list[str], other: list[str]) -> None:
    assert (key_of(*one) == key_of(*other)) == (one == other)


def test_values_stand_at_places_that_torch_can_read_and_may_be_changed_in_memory(tmp_path: Path) -> None:
    values = np.arange(12, dtype=np.float32)
    store = Store(tmp_path)
    store.put({key_of("a"): values.tobytes(), key_of("b"): values.view(np.uint8)})
    got = store.get([key_of("b")])[key_of("b")].view(np.float32)
    got += 1
    assert Store(tmp_path).get([key_of("b")])[key_of("b")].view(np.float32).tolist() == values.tolist()


def test_a_damaged_value_is_missing_and_a_damaged_segment_is_none(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.put({key_of("a"): b"one", key_of("b"): b"two"})
    (path,) = segments(tmp_path)
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    assert {value.tobytes() for value in Store(tmp_path).get([key_of("a"), key_of("b")]).values()} == {b"one"}
    for spoilt in (data[:-1], data[:30], b"", b"something else"):
        path.write_bytes(spoilt)
        assert Store(tmp_path).get([key_of("a")]) == {}


def test_a_place_that_cannot_be_written_costs_nothing_but_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    store = Store(tmp_path / "file" / "store")
    assert not store.put({key_of("a"): b"x"})
    assert store.get([key_of("a")]) == {}


def _fill(folder: Path, start: int) -> None:
    store = Store(folder)
    for number in range(start, start + 40):
        store.put({key_of(str(number)): str(number).encode() * 50})


def test_several_processes_at_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_fill, args=(tmp_path, start)) for start in (0, 20, 40)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    found = Store(tmp_path).get([key_of(str(number)) for number in range(80)])
    assert [found[key_of(str(n))].tobytes() for n in range(80)] == [str(n).encode() * 50 for n in range(80)]


def test_a_killed_process_leaves_only_whole_values(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from kgslm.caching import Store, key_of\n"
        "store = Store(Path(sys.argv[1])); number = 0\n"
        "while True:\n"
        "    store.put({key_of(str(number)): str(number).encode() * 20_000}); number += 1\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)])
    while len(segments(tmp_path)) < 5:
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    count = len(segments(tmp_path))
    found = Store(tmp_path).get([key_of(str(number)) for number in range(count)])
    assert [found[key_of(str(n))].tobytes() for n in range(count)] == [str(n).encode() * 20_000 for n in range(count)]
    # The temporary file of the killed process goes when room is made, once it is old.
    left = tmp_path / ".x.part"
    left.touch()
    os.utime(left, (0, 0))
    Cache(tmp_path, limit=1 << 30).make_room()
    assert not left.exists()


def test_what_was_used_longest_ago_makes_room(tmp_path: Path) -> None:
    cache = Cache(tmp_path, limit=10_000)
    space = cache.space("links", {"a": 1})
    for number in range(5):
        assert space.put({key_of(str(number)): bytes(1500)})
        os.utime(max(segments(tmp_path), key=lambda path: path.stat().st_mtime_ns), (number, number))
    # A use makes the first one the latest.
    assert len(Cache(tmp_path, limit=10_000).space("links", {"a": 1}).get([key_of("0")])) == 1
    cache.limit = 5000
    cache.make_room()
    left = Cache(tmp_path, limit=5000).space("links", {"a": 1})
    assert set(left.get([key_of(str(number)) for number in range(5)])) == {key_of("0"), key_of("4")}


def test_spaces_of_other_facts_share_nothing(tmp_path: Path) -> None:
    cache = Cache(tmp_path, limit=1 << 30)
    cache.space("states", {"layers": 3}).put({key_of("a"): b"3"})
    assert cache.space("states", {"layers": 4}).get([key_of("a")]) == {}
    assert cache.space("vectors", {"layers": 3}).get([key_of("a")]) == {}
    assert len(cache.space("states", {"layers": 3}).get([key_of("a")])) == 1


def test_the_limit_is_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KGSLM_CACHE_GB", "0.5")
    assert Cache().limit == 500_000_000
    monkeypatch.setenv("KGSLM_CACHE_GB", "much")
    with pytest.raises(ConfigError, match="KGSLM_CACHE_GB: 'much' is no number of gigabytes"):
        Cache()


def test_what_the_cache_takes_and_how_it_is_cleared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KGSLM_CACHE", str(tmp_path))
    assert [(part.name, part.size) for part in usage()] == [(name, 0) for name in STORE]
    Cache().space("states", {}).put({key_of("a"): bytes(100)})
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "file").write_bytes(bytes(7))
    sizes = {part.name: part.size for part in usage()}
    assert sizes["states"] > 100
    assert sizes["sources"] == 7
    assert clear() == sizes["states"]
    assert {part.name: part.size for part in usage()} == {**dict.fromkeys(STORE, 0), "sources": 7}
    assert clear("sources") == 7
    with pytest.raises(ConfigError, match="no part 'models'"):
        clear("models")


def test_code_is_told_apart_by_what_it_is_made_of() -> None:
    versions = {
        code_version(),
        code_version("linking"),
        code_version("linking", "packs"),
        code_version("tuning/split.py"),
    }
    assert len(versions) == 4
