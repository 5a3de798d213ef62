"""The same on Ray Data, in a process of its own: a local Ray has servers, threads and sockets."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec

import pytest

from kgslm.bulk import on_ray
from kgslm.errors import MissingExtra
from tests.bulk.tasks import Double

CODE = """
import json
import ray
from kgslm.bulk import on_ray
from tests.bulk.tasks import Double

batches = [list(range(first, first + 5)) for first in range(0, 40, 5)]
print(json.dumps([list(on_ray(Double(raises=[7], dies=[21]), batches, 2)), ray.is_initialized()]))
"""


def test_without_ray_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingExtra, match=r"kgslm\[ray\]"):
        list(on_ray(Double(), [[1]], 1))


@pytest.mark.slow
@pytest.mark.skipif(find_spec("ray") is None, reason="needs the extra ray")
def test_results_come_in_order_and_bad_items_fail_alone() -> None:
    run = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, timeout=240, check=False)
    assert run.returncode == 0, run.stderr
    results, running = json.loads(run.stdout)
    flat = [item for result in results for item in result]
    failed = {number: result for number, result in enumerate(flat) if result != str(2 * number)}
    assert failed == {7: "7: ValueError: no 7 please", 21: "21: the worker process ended (exit status 3)"}
    assert not running
