"""Graph vectors beside PyKEEN's: filtered MRR and CPU seconds an epoch, in one run; and memory on a real pack.

    python tests/benchmarks/graph_embeddings.py [--data DIR] [--sets umls,kinships,nations] [--models complex,rotate]
        [--pykeen PYTHON] [--pack PACK] [--epochs 50] [--dim 128] [--json FILE]

DIR holds a folder for each set with train.txt, valid.txt and test.txt, tab-separated, as ``pykeen/datasets`` has them.
--pykeen is the Python of an environment with PyKEEN (it need not be this one); each row is then followed by PyKEEN's
for the same model, numbers a vector, epochs and batch size, Adam at the same rate, with inverse relations, the better
of two ways of training it: all tails at once (LCWA, cross-entropy) and 32 self-adversarial negatives (sLCWA). Its
seconds are those of the faster way. All use one thread and the last epoch, whatever the validation part says; seconds
are of the processor and count the ranking at the end, so that a busy machine changes them little.
--pack learns the vectors of a pack too, in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))  # this file is run as a script

import numpy as np

from kgslm.embedding.graph.triples import Triples

Row = dict[str, Any]
BATCH = 256

PYKEEN = """
import json, logging, sys, time
logging.disable(logging.WARNING)
import torch
from pykeen.pipeline import pipeline
name, model, dim, epochs, batch, loop, loss = sys.argv[1:]
torch.set_num_threads(1)
start = time.process_time()
result = pipeline(
    dataset=name, model=model, model_kwargs={"embedding_dim": int(dim)}, loss=loss,
    dataset_kwargs={"create_inverse_triples": True}, training_loop=loop, optimizer="Adam",
    negative_sampler_kwargs={"num_negs_per_pos": 32} if loop == "slcwa" else None,
    optimizer_kwargs={"lr": 0.01}, evaluation_kwargs={"use_tqdm": False}, random_seed=0, device="cpu",
    training_kwargs={"num_epochs": int(epochs), "batch_size": int(batch), "use_tqdm": False, "use_tqdm_batch": False},
)
metric = result.metric_results.get_metric
print(json.dumps({
    "mrr": round(metric("both.realistic.inverse_harmonic_mean_rank"), 3),
    "hits_10": round(metric("both.realistic.hits_at_10"), 3),
    "epoch_seconds": round((time.process_time() - start) / int(epochs), 3),
}))
"""
WAYS = (("lcwa", "crossentropy"), ("slcwa", "nssa"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--sets", default="umls,kinships,nations")
    parser.add_argument("--models", default="transe,distmult,complex,rotate")
    parser.add_argument("--pykeen")
    parser.add_argument("--pack", type=Path)
    parser.add_argument("--epochs", type=int, default=50)
    parser.add_argument("--dim", type=int, default=128)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    rows = []
    for name in options.sets.split(",") if options.data else ():
        for model in options.models.split(","):
            rows.append({"set": name, "model": model, **ours(options.data / name, model, options)})
            if options.pykeen:
                rows[-1] |= theirs(options.pykeen, name, model, options)
            print(json.dumps(rows[-1]), flush=True)
    if options.pack:
        rows.append(on_a_pack(options.pack, options.epochs))
        print(json.dumps(rows[-1]))
    if options.json:
        options.json.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")


def read(folder: Path) -> list[Triples]:
    """The parts of a set for training, validation and test."""
    parts = []
    for name in ("train", "valid", "test"):
        lines = (folder / f"{name}.txt").read_text(encoding="utf-8").splitlines()
        parts.append([line.split("\t") for line in lines if line])
    entities = sorted({row[end] for part in parts for row in part for end in (0, 2)})
    relations = sorted({row[1] for part in parts for row in part})
    columns = [{name: number for number, name in enumerate(names)} for names in (entities, relations, entities)]
    return [
        Triples(
            np.array([[numbers[name] for numbers, name in zip(columns, row, strict=True)] for row in part]),
            len(entities),
            len(relations),
        )
        for part in parts
    ]


def ours(folder: Path, model: str, options: argparse.Namespace) -> Row:
    import torch

    from kgslm.embedding.graph.config import GraphConfig
    from kgslm.embedding.graph.train import Parts, train_graph

    torch.set_num_threads(1)
    train, valid, test = read(folder)
    known = Triples(np.concatenate([train.array, valid.array, test.array]), train.entities, train.relations)
    config = GraphConfig(
        method=model, dim=options.dim, epochs=options.epochs, batch_size=BATCH, init="random", device="cpu"
    )
    nothing = valid.only(np.zeros(len(valid), dtype=bool))
    start = time.process_time()
    trained = train_graph(Parts(train, nothing, test, known), config)
    seconds = time.process_time() - start
    return {
        "mrr": round(trained.test.mrr, 3),
        "hits_10": round(trained.test.hits_10, 3),
        "epoch_seconds": round(seconds / options.epochs, 3),
    }


def theirs(python: str, name: str, model: str, options: argparse.Namespace) -> Row:
    """The better ranks of PyKEEN's ways, and the seconds of the faster one."""
    dim = options.dim // 2 if model in ("complex", "rotate") else options.dim
    found = []
    for way in WAYS:
        command = [python, "-c", PYKEEN, name, model, str(dim), str(options.epochs), str(BATCH), *way]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        if run.returncode:
            print(f"pykeen {name} {model} {way}: {run.stderr.splitlines()[-1]}", file=sys.stderr)
            continue
        found.append(json.loads(run.stdout.splitlines()[-1]))
    best = max(found, key=lambda row: float(row["mrr"]))
    best["epoch_seconds"] = min(row["epoch_seconds"] for row in found)
    return {f"pykeen_{key}": value for key, value in best.items()}


def on_a_pack(pack: Path, epochs: int) -> Row:
    """Peak memory, seconds an epoch and ranks of held-out facts."""
    import resource

    command = [sys.executable, "-m", "kgslm", "pack", "embed", str(pack), "--json", "-"]
    command += ["--set", "init=random", "--set", f"epochs={epochs}"]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    figures = json.loads(run.stdout)
    return {
        "pack": pack.name,
        "facts": figures["facts"],
        "epochs": figures["epochs"],
        "epoch_seconds": round(figures["seconds"] / max(figures["epochs"], 1), 2),
        "test": figures["test"],
        "peak_mb": round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024),
    }


if __name__ == "__main__":
    main()
