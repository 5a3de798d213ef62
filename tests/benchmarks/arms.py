"""What each form of the embeddings and the context arm buys, beside none and its own shuffled control.

    python tests/benchmarks/arms.py --data DIR --pack PACK --set ohsumed --shots 4 16 --seeds 0 1

The sets are split as configs/ohsumed_fewshot.yaml does. ``chosen on`` are texts of the training part that are not
learnt from: defaults are picked by them. ``reported`` are texts of the test part. Seconds are of one CPU.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from kgslm.data.classification import Dataset, Fields, read_examples
from kgslm.data.sampling import draw_shots, drop_rare_labels, sample, split_off
from kgslm.evaluation import classification_scores
from kgslm.injection import ContextArm, EmbeddingsArm, Inject, ShuffledLinker
from kgslm.injection.entities import entity_vectors
from kgslm.linking.dictionary import DictionaryLinker
from kgslm.linking.memory import RememberingLinker
from kgslm.packs import KnowledgePack
from kgslm.tuning.assemble import Base
from kgslm.tuning.finetune import finetune
from kgslm.tuning.options import TrainOptions, Tuning

SETS = {
    "ohsumed": ("medical/ohsumed/train.jsonl.gz", 40),
    "phrasebank": ("financial/financial_phrasebank/train.jsonl", 1),
    "hoc": ("medical/hoc/dev.jsonl.gz", 20),
}
CELLS: dict[str, Inject] = {
    "none": Inject(),
    "add fitted": Inject(embeddings=EmbeddingsArm(start="fitted")),
    "add": Inject(embeddings=EmbeddingsArm(start="closed")),
    "add unaligned": Inject(embeddings=EmbeddingsArm(align="none", start="closed")),
    "scale_shift": Inject(embeddings=EmbeddingsArm(fusion="scale_shift")),
    "attention": Inject(embeddings=EmbeddingsArm(fusion="attention", start="closed")),
    "graph": Inject(embeddings=EmbeddingsArm(vectors="text+graph", start="closed")),
    "context": Inject(context=ContextArm()),
    "context plain": Inject(context=ContextArm(relevance="none", learn=False)),
    "context embedding": Inject(context=ContextArm(relevance="embedding")),
    "context mention": Inject(context=ContextArm(positions="mention")),
    "context pooled": Inject(context=ContextArm(pool="all")),
}


def main() -> None:
    options = _options()
    path, least = SETS[options.set]
    data = drop_rare_labels(read_examples(options.data / path, Fields("text", options.label, "text_pair")), least)
    train, test = split_off(data, 0.4)
    train, dev = split_off(train, 0.3, seed=7)
    dev, test = sample(dev, options.limit), sample(test, options.limit)
    pack = KnowledgePack.open(options.pack)
    linker = RememberingLinker(DictionaryLinker.from_pack(pack))
    shuffled = ShuffledLinker(linker, pack)
    settings = Tuning(max_length=options.max_length, train=TrainOptions(epochs=options.epochs or "auto"))
    base = Base.load(settings, pack, linker)
    print(
        f"{options.set}: {len(data.labels)} labels, {len(train)} texts to draw from, {len(dev)} and {len(test)} scored"
    )
    found: dict[tuple[str, int], list[tuple[float, float]]] = {}
    for shots in options.shots:
        for seed in options.seeds:
            drawn = draw_shots(train, shots, seed=seed)
            for name, inject, one in _cells(options.cells, base, shuffled):
                tuning = settings.model_copy(
                    update={"inject": inject, "train": settings.train.model_copy(update={"seed": seed})}
                )
                start = time.process_time()
                model = finetune(drawn, tuning, base=one)
                seconds = time.process_time() - start
                scores = _score(model, dev), _score(model, test)
                found.setdefault((name, shots), []).append(scores)
                mean = np.mean(found[name, shots], axis=0)
                facts = " ".join(
                    f"{key} {model.facts[key]:.2f}" for key in ("gate", "context") if model.facts[key] is not None
                )
                print(
                    f"{name:28} shots {shots:3} seed {seed}: chosen on {scores[0]:5.1f} reported {scores[1]:5.1f}"
                    f"  mean {mean[0]:5.1f} {mean[1]:5.1f}  {seconds:5.0f} s  {facts}",
                    flush=True,
                )


def _cells(names: list[str], base: Base, shuffled: ShuffledLinker) -> Iterator[tuple[str, Inject, Base]]:
    for name in names:
        inject = CELLS[name]
        if inject.embeddings and inject.embeddings.vectors != "text" and base.pack is not None:
            base = replace(base, entities=entity_vectors(base.pack, inject.embeddings.vectors, base.embedder))
        yield name, inject, base
        if inject.on:
            yield f"{name}, shuffled", inject, replace(base, linker=shuffled)


def _score(model: object, part: Dataset) -> float:
    predicted = model.predict(list(part))  # type: ignore[attr-defined]
    gold = [example.labels for example in part]
    return 100 * classification_scores(gold, [prediction.labels for prediction in predicted]).macro_f1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=os.environ.get("KGSLM_DATA"), help="where the data sets are")
    parser.add_argument("--pack", type=Path, required=True)
    parser.add_argument("--set", choices=sorted(SETS), default="ohsumed")
    parser.add_argument("--label", default="label")
    parser.add_argument("--shots", type=int, nargs="+", default=[4, 16])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--cells", nargs="+", choices=sorted(CELLS), default=list(CELLS))
    parser.add_argument("--limit", type=int, default=400, help="texts of each part")
    parser.add_argument("--max-length", type=int, default=128)
    parser.add_argument("--epochs", type=int)
    return parser.parse_args()


if __name__ == "__main__":
    main()
