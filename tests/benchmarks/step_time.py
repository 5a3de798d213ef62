"""How long a training step takes with all arms, against none, at equal text length.

    python tests/benchmarks/step_time.py [--model all-MiniLM-L6-v2] [--tokens 96] [--steps 30]

Made-up batches of one length: without arms; with vectors fused at a third of the tokens and evidence; and with a
context besides, once within the same length and once on top of it. Frozen states and links are there already, as in a
grid. Rounds of all ways follow one another, and the median of the rounds counts, in CPU seconds.
"""

from __future__ import annotations

import argparse
import random
import time
from statistics import median

import numpy as np
import torch

from kgslm.injection import Inject
from kgslm.models import Backbone, load_backbone
from kgslm.tuning.assemble import Base, make_network
from kgslm.tuning.batches import Batcher, Item
from kgslm.tuning.frozen import FrozenStates
from kgslm.tuning.loop import TrainingSet, _Stepper
from kgslm.tuning.options import TrainOptions, Tuning
from kgslm.tuning.schedule import Schedule
from kgslm.tuning.tasks.classification import Classification
from kgslm.tuning.tokens import Layout, Tokeniser, Tokens

LABELS, BATCH, CONTEXT = 18, 16, 64
FUSIONS = ("add", "scale_shift", "attention")


class Vectors:
    """A random vector for each of a thousand concepts."""

    checksum = ""

    def __init__(self, dim: int) -> None:
        self.dim = dim
        self._vectors = np.random.default_rng(0).normal(size=(1000, dim)).astype(np.float32)

    def prepare(self, concepts: object) -> None:
        pass

    def get(self, concepts: list[str]) -> np.ndarray:
        return self._vectors[[int(concept) for concept in concepts]]


def item(drawn: random.Random, tokens: int, context: int, *, arms: bool) -> Item:
    """A text of so many tokens, of which the last are context."""
    ids = tuple(drawn.randint(1000, 20000) for _ in range(tokens + context))
    types = (0,) * tokens + (1,) * context
    if not arms:
        return Item((Tokens(ids, types, (tokens, context)),))
    # Eight mentions, each of which may stand for two concepts.
    mentions = tuple(
        ((str(first), 0.75), (str(second), 0.25)) for first, second in (drawn.sample(range(1000), 2) for _ in range(8))
    )
    index = tuple(drawn.randint(1, 8) if drawn.random() < 1 / 3 else 0 for _ in range(tokens)) + (0,) * context
    window = Tokens(ids, types, (tokens, context), mentions=mentions, mention_index=index)
    return Item((window,), np.zeros((1, LABELS), np.float32))


class Way:
    """A network with its batches."""

    def __init__(self, backbone: Backbone, layers: int, items: list[Item], fusion: str) -> None:
        vectors = Vectors(backbone.hidden_size) if fusion else None
        frozen = FrozenStates(backbone, layers)
        base = Base(backbone, frozen, entities=vectors)  # type: ignore[arg-type]
        tuning = Tuning(inject=Inject.model_validate({"embeddings": {"fusion": fusion} if fusion else False}))
        self.network = make_network(tuning, base, Classification(tuple(map(str, range(LABELS)))), None)
        tokeniser = Tokeniser(backbone.tokenizer, backbone.max_positions, Layout(128))
        self.batcher = Batcher(tokeniser, frozen, backbone.device, vectors)  # type: ignore[arg-type]
        self.items = items
        frozen.get([window for it in items for window in it.windows])
        targets = [torch.eye(LABELS)[[row % LABELS]] for row in range(len(items))]
        self.data = TrainingSet(items, targets, lambda _: list(range(len(items))), multi_label=False)
        self.stepper = _Stepper(self.network, TrainOptions(), Schedule(1, 1e-4, 1e-4), backbone.compute, 10_000)
        self.network.train()

    def step(self) -> float:
        """CPU seconds of one step, its batch put together included."""
        start = time.process_time()
        rows = list(range(len(self.items)))
        self.stepper.step(self.batcher.collate(self.items), self.data, rows)
        return time.process_time() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="all-MiniLM-L6-v2")
    parser.add_argument("--tokens", type=int, default=96)
    parser.add_argument("--layer", type=int, default=3)
    parser.add_argument("--steps", type=int, default=30)
    options = parser.parse_args()
    torch.set_num_threads(1)
    backbone = load_backbone(options.model, device="cpu")
    drawn = random.Random(0)

    def way(context: int, tokens: int, fusion: str) -> Way:
        items = [item(drawn, tokens, context, arms=bool(fusion)) for _ in range(BATCH)]
        return Way(backbone, options.layer, items, fusion)

    length = options.tokens
    ways = {
        "none": way(0, length, ""),
        **{f"vectors ({fusion}) and evidence": way(0, length, fusion) for fusion in FUSIONS},
        "all arms, context within the length": way(
            min(CONTEXT, length // 2), length - min(CONTEXT, length // 2), "add"
        ),
        f"all arms, {CONTEXT} tokens of context on top": way(CONTEXT, length, "add"),
    }
    for one in ways.values():
        one.step()
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(options.steps):
        for name, one in ways.items():
            times[name].append(one.step())
    base = median(times["none"])
    for name, found in times.items():
        print(f"{name:<45} {1000 * median(found):8.1f} ms  {median(found) / base:5.2f}x")


if __name__ == "__main__":
    main()
