"""``import kgslm`` is light."""

from __future__ import annotations

import json
import subprocess
import sys

import kgslm

CODE = """
import json, sys, time
start = time.perf_counter()
import kgslm
seconds = time.perf_counter() - start
heavy = {"torch", "transformers", "spacy", "rdflib", "pyarrow"} & set(sys.modules)
print(json.dumps({"seconds": seconds, "heavy": sorted(heavy)}))
"""


def test_importing_kgslm_is_fast_and_loads_no_torch() -> None:
    runs = [json.loads(subprocess.check_output([sys.executable, "-c", CODE])) for _ in range(3)]
    assert all(run["heavy"] == [] for run in runs)
    assert min(run["seconds"] for run in runs) < 0.3


def test_every_public_name_resolves() -> None:
    for name in kgslm.__all__:
        assert getattr(kgslm, name) is not None
