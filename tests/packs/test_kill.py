"""A build that is killed leaves no pack or a whole one."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kgslm.packs import KnowledgePack

KILLS = 50


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")
def test_kill_at_random_points(tmp_path: Path) -> None:
    table = tmp_path / "terms.csv"
    rows = (f"T:{number},thing {number},T:{number // 10},word {number}" for number in range(1, 4000))
    table.write_text("id,name,parents,synonyms\n" + "\n".join(rows), encoding="utf-8")
    output = tmp_path / "pack"
    command = [sys.executable, "-m", "kgslm", "pack", "build", "--source", f"csv={table}", "-o", str(output)]
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    whole = time.perf_counter() - start
    fingerprint = KnowledgePack.open(output, verify=True).fingerprint
    dice = random.Random(0)
    outcomes = {"none": 0, "whole": 0}
    for _ in range(KILLS):
        if dice.random() < 0.5 and output.exists():
            output.rename(tmp_path / f"old{time.monotonic_ns()}")
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        # Most of the points lie where the files are written, at the end.
        time.sleep(whole * dice.uniform(0.3, 1.1))
        process.send_signal(signal.SIGKILL)
        process.wait()
        if output.exists():
            assert KnowledgePack.open(output, verify=True).fingerprint == fingerprint
            outcomes["whole"] += 1
        else:
            outcomes["none"] += 1
    assert min(outcomes.values()) > 0, outcomes
    subprocess.run(command, check=True, capture_output=True)
    assert not list(tmp_path.glob(".pack.*")), "what the killed builds left is tidied"
