"""``kgslm cache``."""

from __future__ import annotations

from pathlib import Path

import pytest

from kgslm.caching import Cache, key_of
from tests.commands import Cli, figures


def test_info_and_clear(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KGSLM_CACHE", str(tmp_path / "cache"))
    assert {part["size"] for part in figures(cli("cache", "info", "--json", "-"))["parts"]} == {0}
    Cache().space("links", {}).put({key_of("a"): bytes(2_000_000)})
    run = cli("cache", "info")
    assert run.out.startswith(
        f"{tmp_path / 'cache'}; what it keeps for comparisons takes up to 8.0 GB (KGSLM_CACHE_GB)\n"
    )
    assert "  links             2.0 MB in 1 files, last used 20" in run.out
    assert cli("cache", "clear", "states").out == "0.0 MB cleared\n"
    assert cli("cache", "clear").out == "2.0 MB cleared\n"
    run = cli("cache", "clear", "link")
    assert (run.status, run.err) == (
        2,
        "error: cache: there is no part 'link'; known: links, states, vectors, trainings, pooled\n",
    )
