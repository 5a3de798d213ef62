"""The weights that ranking starts from, fitted on mentions of public sets, and how right they are.

    python tests/benchmarks/start_weights.py --data DIR [--sets courts,reporters] [--ridge 3] [--all] [--packs FOLDER]

DIR (default: the environment variable KGSLM_DATA), sets and FOLDER as in ``context_linking.py``. A weighted sum of the
features is fitted by list-wise softmax with a ridge, each set counting about the same, on one part of each set, and
measured on the other part, NIL left aside. With --all it is fitted on both parts, as what the linker ships with was,
and the accuracy is that of what it has seen.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.benchmarks import context_linking
from tests.benchmarks.reporting import Row, tell

Ranked = list[tuple[Any, Any]]
"""(features of the candidates, which of them are right) of each mention."""

_TAUGHT = ("learnt_share", "learnt_count", "prior", "learnt_ngrams", "known")
"""Features that nothing speaks for yet."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("KGSLM_DATA", "data")))
    parser.add_argument("--sets", default="courts,reporters")
    parser.add_argument("--ridge", type=float, default=3.0)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--packs", type=Path)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        packs = options.packs or Path(folder)
        parts = {name: _ranked(name, options.data, packs) for name in options.sets.split(",")}
        tell(_rows(parts, options.ridge, options.all), options.json)


def _rows(parts: dict[str, tuple[Ranked, Ranked]], ridge: float, both: bool) -> Iterator[Row]:
    from kgslm.linking.feature_names import FEATURES

    weights = fit([train + dev if both else train for train, dev in parts.values()], ridge)
    for name, (_, dev) in parts.items():
        right = sum(bool(len(it) and own[int(np.argmax(it @ weights))]) for it, own in dev)
        yield {"set": name, "acc@1": round(right / len(dev), 3), "mentions": len(dev), "seen": both}
    yield {"weights": {name: round(float(it), 2) for name, it in zip(FEATURES, weights, strict=True) if it}}


def _ranked(name: str, data: Path, folder: Path) -> tuple[Ranked, Ranked]:
    from kgslm.linking.context_store import build_evidence, make_embedder

    folder.mkdir(parents=True, exist_ok=True)
    pack = context_linking._pack(name, data, folder)
    embedder, _ = make_embedder(pack)
    tables = build_evidence(pack, embedder)
    train, dev = (_described(pack, records, embedder, tables) for records in context_linking._parts(name, data))
    return train, dev


def _described(pack: Any, records: list[Row], embedder: Any, tables: Any) -> Ranked:
    from kgslm.evaluation.link_errors import gold_entities
    from kgslm.linking.dense import nearest_names
    from kgslm.linking.feature_names import FEATURES
    from kgslm.linking.features import Query
    from kgslm.linking.ngrams import stems
    from kgslm.linking.readings import definitions_of, readings

    evidence, vectors = tables
    asked = []
    for record in records:
        text = record["text"]
        for start, end, written in gold_entities(record, f"{record['id']}"):
            right = [evidence.rows[pack.ids[pack.row(id_)]] for id_ in written if id_ in pack]
            if written:
                own = readings(text[start:end], definitions_of(text))
                asked.append((Query(own, frozenset(stems(text))), right))
    near = nearest_names(list({it.text for query, _ in asked for it in query.readings}), embedder, vectors)
    found = ((evidence.describe(query, near), right) for query, right in asked)
    return [(it.values[:, : len(FEATURES)], np.isin(it.concepts, right)) for it, right in found]


def fit(sets: list[Ranked], ridge: float) -> Any:
    """One weight a feature, those of ``_TAUGHT`` 0."""
    from scipy.optimize import minimize

    from kgslm.linking.feature_names import FEATURES

    usable = [[(values, right) for values, right in own if right.any()] for own in sets]
    most = max(map(len, usable))
    share = np.concatenate([np.full(len(own), min(3.0, (most / len(own)) ** 0.5)) for own in usable])
    lengths = [len(values) for own in usable for values, _ in own]
    values = np.concatenate([values for own in usable for values, _ in own]).astype(np.float64)
    right = np.concatenate([right for own in usable for _, right in own])
    spread = values.std(axis=0) + 1e-6
    values = (values - values.mean(axis=0)) / spread
    values[:, [FEATURES.index(name) for name in _TAUGHT]] = 0
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])

    def loss(weights: Any) -> tuple[float, Any]:
        scores = values @ weights
        odds = np.exp(scores - np.repeat(np.maximum.reduceat(scores, starts), lengths))
        whole, good = np.add.reduceat(odds, starts), np.add.reduceat(odds * right, starts)
        slope = np.repeat(share / whole, lengths) * odds - np.repeat(share / good, lengths) * odds * right
        lost = float((share * np.log(whole / good)).sum() + ridge * (weights**2).sum() / 2)
        return lost, values.T @ slope + ridge * weights

    return minimize(loss, np.zeros(values.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 800}).x / spread


if __name__ == "__main__":
    main()
