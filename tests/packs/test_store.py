"""Packs on disk: whole, or refused with one clear line."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kgslm.errors import PackError
from kgslm.packs import KnowledgePack
from kgslm.packs.hashing import key_hash, key_hashes
from kgslm.packs.store import (
    HashIndex,
    column_digests,
    make_table,
    open_table,
    strings,
    write_table,
)


@pytest.fixture
def copy(toy_pack: KnowledgePack, tmp_path: Path) -> Path:
    # Other tests share the pack and leave what they derived from it there.
    return Path(shutil.copytree(toy_pack.path, tmp_path / "copy", ignore=shutil.ignore_patterns("derived")))


def edit_manifest(pack: Path, **changes: Any) -> None:
    path = pack / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}, indent=2, ensure_ascii=False) + "\n")


def test_a_damaged_table_byte_is_found_at_open(copy: Path) -> None:
    path = copy / "names.arrow"
    content = bytearray(path.read_bytes())
    position = content.index(b"heart attack")
    content[position] ^= 1
    path.write_bytes(content)
    KnowledgePack.open(copy, verify=False)
    for verify in (None, True):
        with pytest.raises(PackError, match=r"names\.arrow: the checksum differs from the manifest; the file is dam"):
            KnowledgePack.open(copy, verify=verify)


def test_any_flipped_byte_is_found_by_verify(copy: Path) -> None:
    dice = random.Random(0)
    files = sorted(copy.iterdir())
    for _ in range(60):
        path = dice.choice(files)
        content = path.read_bytes()
        position = dice.randrange(len(content))
        path.write_bytes(
            content[:position] + bytes([content[position] ^ (1 << dice.randrange(8))]) + content[position + 1 :]
        )
        with pytest.raises(PackError):
            KnowledgePack.open(copy, verify=True)
        path.write_bytes(content)
    KnowledgePack.open(copy, verify=True)


def test_a_cut_table_is_found_at_open(copy: Path) -> None:
    path = copy / "concepts.arrow"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(PackError, match=r"concepts\.arrow: missing or cut short; build the pack again"):
        KnowledgePack.open(copy)


def test_a_table_in_bad_shape_is_one_clear_line(copy: Path) -> None:
    path = copy / "concepts.arrow"
    path.write_bytes(bytes(path.stat().st_size))
    with pytest.raises(PackError, match=r"concepts\.arrow: damaged table .*; build the pack again"):
        KnowledgePack.open(copy, verify=False)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format_version": 3}, r"format version 3 is newer than this kgslm reads \(2\); upgrade kgslm"),
        ({"kind": "index"}, "this is an index, a pack was expected"),
        ({"fingerprint": "0" * 64}, "manifest.json: changed after the build; build the pack again"),
        ({"sources": []}, "manifest.json: changed after the build; build the pack again"),
        ({"format_version": 1}, "built by an older kgslm; build the pack again"),
    ],
)
def test_another_manifest_is_refused(copy: Path, change: dict[str, Any], message: str) -> None:
    edit_manifest(copy, **change)
    with pytest.raises(PackError, match=message):
        KnowledgePack.open(copy)


def test_what_is_no_pack_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="no such folder; a pack was expected there"):
        KnowledgePack.open(tmp_path / "none")
    with pytest.raises(PackError, match=r"not a pack: it has no manifest\.json"):
        KnowledgePack.open(tmp_path)


def test_a_table_reads_back(tmp_path: Path) -> None:
    columns = {"id": ["a", "", "größe"], "name": ["b", "c", "\0"], "source": [0, 1, 0]}
    table = make_table("predicates", columns)
    write_table(tmp_path, "predicates", table)
    again = open_table(tmp_path, "predicates")
    ids = strings(again, "id")
    assert (list(ids), ids[-1], ids[1:], len(ids)) == (["a", "", "größe"], "größe", ["", "größe"], 3)
    with pytest.raises(IndexError):
        ids[3]
    assert column_digests(again) == column_digests(table)
    # The same letters in other cells are another table.
    other = make_table("predicates", {"id": ["", "a", "größe"], "name": ["b", "c", "\0"], "source": [0, 0, 0]})
    assert column_digests(other) != column_digests(table)


def test_the_hash_index_finds_all_rows_of_a_key(tmp_path: Path) -> None:
    keys = ["fever", "cough", "fever", "pain"]
    write_table(tmp_path, "name_index", make_table("name_index", HashIndex.columns(key_hashes(keys), np.arange(4))))
    index = HashIndex(open_table(tmp_path, "name_index"))
    assert list(index.candidates("fever")) == [0, 2]
    assert list(index.candidates("pain")) == [3]
    assert list(index.candidates("itch")) == []


def test_hashes_are_the_same_one_by_one_and_together() -> None:
    assert key_hash("") == 0
    # The bytes as a number, modulo two primes, as written in every pack.
    number = sum(byte << 8 * place for place, byte in enumerate(b"fever"))
    assert key_hash("fever") == (number % (2**31 - 1)) << 32 | number % (2**31 - 19)
    dice = random.Random(0)
    lengths = [0, 1, 2, 7, 8, 9, 1023, 1024, 1025, 5000, *(dice.randrange(40) for _ in range(40_000))]
    keys = ["".join(dice.choices("ab é€😀", k=length)) for length in lengths]
    assert key_hashes(keys).tolist() == [key_hash(key) for key in keys]
    assert key_hashes([]).tolist() == [] and key_hashes([""]).tolist() == [0]
    assert len(set(key_hashes(map(str, range(100_000))).tolist())) == 100_000
