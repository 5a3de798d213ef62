"""The room stays light: it loads no model library, and drawing ones only to draw."""

from __future__ import annotations

import subprocess
import sys

CODE = """
import sys
import kgslm.evaluation
print(sorted({"torch", "transformers", "matplotlib", "sklearn", "scipy", "jinja2", "rich"} & set(sys.modules)))
"""


def test_importing_the_room_loads_nothing_heavy() -> None:
    assert subprocess.check_output([sys.executable, "-c", CODE], text=True).strip() == "[]"
