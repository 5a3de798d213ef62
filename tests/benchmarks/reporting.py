"""How benchmarks tell their figures."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

Row = dict[str, Any]


def tell(rows: Iterable[Row], path: Path | None) -> None:
    """Print each row as soon as it is there, and write all of them to a JSON file where one is named."""
    told = []
    for row in rows:
        told.append(row)
        print("  ".join(f"{key} {value}" for key, value in row.items()), flush=True)
    if path:
        path.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
