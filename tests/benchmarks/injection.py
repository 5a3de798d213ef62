"""What knowledge buys with few labelled examples, against no knowledge and against shuffled knowledge.

    python tests/benchmarks/injection.py --data DIR [--sets NAME,NAME] [--shots 4,16] [--seeds 0,1,2]
        [--cells none,evidence,all,shuffled] [--epochs 0] [--contrast 0] [--limit 400] [--packs DIR] [--json FILE]

DIR (default: the environment variable KGSLM_DATA) holds the sets that the configurations in configs/ name, and
medical/mesh. The packs are built in --packs, or in a temporary folder, and are found there again. Goals are points of
macro-F1 over none; besides, the interval of knowledge minus shuffled lies above zero, and shuffled loses less than half
a point to none. --epochs 0 leaves the network as it begins, which is logistic regression on frozen vectors with the
evidence, and takes a small part of the time.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.benchmarks.reporting import Row, tell

ROOT = Path(__file__).parents[2]

LOSS = -0.005


@dataclass(frozen=True)
class Set:
    """A benchmark. config, pack: files of the repository. goals: points of macro-F1 over none by shots."""

    config: str
    pack: str
    goals: dict[int, float] = field(default_factory=dict)


SETS = {
    "ohsumed": Set("configs/ohsumed_fewshot.yaml", "knowledge/medical/recipes/mesh.yaml", {4: 12, 16: 7}),
    "phrasebank": Set("configs/phrasebank_fewshot.yaml", "knowledge/financial", {8: 8}),
    "opp115": Set("configs/opp115_fewshot.yaml", "knowledge/legal", {8: 5}),
    "hoc": Set("configs/hoc_fewshot.yaml", "knowledge/medical/recipes/mesh.yaml", {16: 3}),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("KGSLM_DATA", "data")))
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--shots", default="")
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--cells", default="none,evidence,all,shuffled")
    parser.add_argument("--epochs", default="auto")
    parser.add_argument("--contrast", default="auto", help="Contrastive steps before training.")
    parser.add_argument("--limit", type=int, default=400)
    parser.add_argument("--packs", type=Path)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    os.environ["KGSLM_DATA"] = str(options.data.resolve())
    with tempfile.TemporaryDirectory() as folder:
        tell(rows_of(options, options.packs or Path(folder)), options.json)


def rows_of(options: argparse.Namespace, packs: Path) -> Iterator[Row]:
    from kgslm.recipes.compare import compare

    for name in options.sets.split(","):
        this = SETS[name]
        shots = options.shots or ",".join(map(str, this.goals))
        overrides = (
            f"pack={pack_of(this, packs)}",
            f"compare.shots=[{shots}]",
            f"compare.seeds=[{options.seeds}]",
            f"compare.cells=[{options.cells}]",
            f"compare.test_limit={options.limit}",
            f"train.epochs={options.epochs}",
            f"train.contrast={options.contrast}",
        )
        start = time.process_time()
        summary = compare(ROOT / this.config, overrides=overrides)
        for entry in summary["summary"]:
            yield {"set": name, **figures(entry), **verdict(entry, this)}
        yield {"set": name, "cpu_seconds": round(time.process_time() - start)}


def pack_of(this: Set, packs: Path) -> Path:
    """The built pack; it is built where it is not there."""
    from kgslm.packs import build_pack

    path = (packs / Path(this.pack).stem).resolve()
    if not path.is_dir():
        build_pack(ROOT / this.pack, path)
    return path


def figures(entry: Row) -> Row:
    row: Row = {"cell": entry["cell"], "shots": entry["shots"], "macro_f1": points(entry["macro_f1"]["mean"])}
    for other in ("vs_none", "vs_shuffled"):
        if entry[other] is not None:
            row[other] = points(entry[other]["mean"])
            row[f"{other}_interval"] = f"{points(entry[other]['low'])}..{points(entry[other]['high'])}"
    row["trust"] = round(entry["details"].get("trust", 0.0), 2)
    return row


def verdict(entry: Row, this: Set) -> Row:
    """Whether the goal for this cell and number of shots is met."""
    if entry["cell"] == "none" or entry["vs_none"] is None:
        return {}
    if entry["cell"] == "shuffled":
        return {"goal": "> -0.5", "met": entry["vs_none"]["mean"] > LOSS}
    goal = this.goals.get(entry["shots"])
    if goal is None:
        return {}
    clear = entry["vs_shuffled"] is not None and entry["vs_shuffled"]["low"] > 0
    return {"goal": f"+{goal:g}", "met": points(entry["vs_none"]["mean"]) >= goal and clear}


def points(share: float) -> float:
    return round(100 * share, 1)


if __name__ == "__main__":
    main()
