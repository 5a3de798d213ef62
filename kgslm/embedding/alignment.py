"""An encoder that puts the names of one concept side by side: a small adapter learnt from a pack alone.

Self-alignment of synonyms after Liu et al. 2021 (SapBERT), with low-rank updates (Hu et al. 2021) instead of all
weights, and with concepts that share words in one batch as hard negatives.
"""

from __future__ import annotations

import random
import re
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kgslm.errors import ModelError

if TYPE_CHECKING:
    from kgslm.models import Backbone

Names = Sequence[Sequence[str]]
"""The names of each concept that takes part."""

_Run = Callable[..., Iterable[Any]]
_TEMPERATURE = 0.05
_MAX_TOKENS = 24
_TOGETHER = 24


@dataclass(frozen=True, slots=True)
class AlignmentOptions:
    """How an adapter is learnt. minutes: of training, at most; steps: instead of minutes, for the same result always.

    concepts: in a batch, two names of each. learning_rate: the highest, reached after a tenth of the training.
    """

    minutes: float = 6.0
    steps: int | None = None
    concepts: int = 48
    rank: int = 16
    learning_rate: float = 8e-4
    seed: int = 0


def align(
    backbone: Backbone,
    names: Names,
    neighbours: Callable[[int], Sequence[int]],
    options: AlignmentOptions,
    progress: Callable[[int], object] | None = None,
) -> tuple[Any, dict[str, float]]:
    """(the adapted model, for ``save_adapter``; figures: steps, seconds, loss at the end).

    neighbours: the places, in ``names``, of concepts that look like the one at a place. progress: called with the
    hundredths of the training done since the last call. Raises ModelError where no concept has two names.
    """
    import torch

    drawn = _batches(names, neighbours, options)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(options.seed)
        model = _with_adapter(backbone.model, options.rank)
    # Without dropout: threads would draw from one generator, each time in another order.
    model.eval()
    start, done, shown, loss = time.perf_counter(), 0, 0, 0.0
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimiser = torch.optim.AdamW(parameters, lr=options.learning_rate, weight_decay=0.01)
    with _workers(backbone) as run:
        while (share := _share(options, start, done)) < 1:
            for group in optimiser.param_groups:
                group["lr"] = options.learning_rate * min(share * 10 + 0.01, 1.0, (1 - share) * 1.1)
            step_loss = _learn(model, backbone, next(drawn), parameters, run)
            torch.nn.utils.clip_grad_norm_(parameters, 1.0)
            optimiser.step()
            done += 1
            loss = step_loss if done == 1 else 0.98 * loss + 0.02 * step_loss
            if progress and int(100 * share) > shown:
                progress(int(100 * share) - shown)
                shown = int(100 * share)
    return model, {"steps": done, "seconds": round(time.perf_counter() - start, 1), "loss": round(loss, 4)}


def save_adapter(model: Any, folder: Path) -> None:
    """Write the adapter of an adapted model into a folder."""
    # Left to itself peft asks the hub whether the vocabulary has changed.
    model.save_pretrained(str(folder), save_embedding_layers=False)
    (folder / "README.md").unlink(missing_ok=True)


def adapted(backbone: Backbone, folder: Path, fingerprint: str) -> Backbone:
    """A backbone with a saved adapter worked into its weights. fingerprint: of the adapter.

    Raises ModelError where the folder holds no adapter for it.
    """
    from peft import PeftModel

    try:
        with warnings.catch_warnings():
            # peft asks transformers for an attribute that has been renamed.
            warnings.simplefilter("ignore", FutureWarning)
            model = PeftModel.from_pretrained(backbone.model, str(folder), local_files_only=True).merge_and_unload()
    except (OSError, ValueError, RuntimeError, KeyError) as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise ModelError(f"{folder}: the adapter does not fit {backbone.name} ({reason[:200]})") from error
    return replace(backbone, model=model.eval(), fingerprint=f"{backbone.fingerprint}-{fingerprint[:16]}")


def _with_adapter(model: Any, rank: int) -> Any:
    from peft import LoraConfig, get_peft_model

    target = _upper_half(model)
    config = LoraConfig(r=rank, lora_alpha=2 * rank, lora_dropout=0.0, target_modules=target, bias="none")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        return get_peft_model(model, config)


def _share(options: AlignmentOptions, start: float, done: int) -> float:
    """How much of the training is over, from 0 to 1."""
    if options.steps is not None:
        return done / options.steps if options.steps else 1.0
    return (time.perf_counter() - start) / 60 / options.minutes if options.minutes > 0 else 1.0


def _batches(
    names: Names, neighbours: Callable[[int], Sequence[int]], options: AlignmentOptions
) -> Iterator[list[tuple[str, str]]]:
    """Batches without end: pairs of names of one concept; half of the concepts are neighbours of the other half."""
    paired = [place for place, own in enumerate(names) if len(set(own)) > 1]
    if not paired:
        raise ModelError("no concept has two names to be aligned; the encoder can be used without an adapter")
    return _drawn(names, paired, neighbours, options)


def _drawn(
    names: Names, paired: list[int], neighbours: Callable[[int], Sequence[int]], options: AlignmentOptions
) -> Iterator[list[tuple[str, str]]]:
    chosen = random.Random(options.seed)
    weights = [min(len(names[place]), 8) ** 0.5 for place in paired]
    size = min(options.concepts, len(paired))
    while True:
        batch: dict[int, None] = {}
        for place in chosen.choices(paired, weights, k=size):
            batch[place] = None
            batch.update(dict.fromkeys(neighbours(place)[:1]))
            if len(batch) >= size:
                break
        yield [_pair(names[place], chosen) for place in list(batch)[:size]]


def _pair(own: Sequence[str], chosen: random.Random) -> tuple[str, str]:
    """Two names; of several draws the pair that shares the fewest words, for word order teaches little."""
    if len(own) == 1:
        return own[0], own[0]
    draws = [tuple(chosen.sample(own, 2)) for _ in range(2)]
    first, second = min(draws, key=lambda pair: len(set(pair[0].lower().split()) & set(pair[1].lower().split())))
    return first, second


def _learn(model: Any, backbone: Backbone, batch: list[tuple[str, str]], parameters: list[Any], run: _Run) -> float:
    """Set the gradients of one batch; its loss, InfoNCE both ways: each name must find the other one of its concept.

    Texts of like length go together, so that little is padding. The loss needs the vectors of all of them, so each
    group is run forwards, then the loss is taken, then each group is run backwards (Gao et al. 2021, GradCache); the
    groups are independent of each other both times.
    """
    import torch

    texts = [name for side in zip(*batch, strict=True) for name in side]
    tokens = backbone.tokenizer(texts, truncation=True, max_length=_MAX_TOKENS)["input_ids"]
    order = sorted(range(len(texts)), key=lambda row: len(tokens[row]))
    groups = [[tokens[row] for row in order[at : at + _TOGETHER]] for at in range(0, len(order), _TOGETHER)]
    parts = list(run(lambda rows: _pooled(model, backbone, rows), groups))
    leaf = torch.cat([part.detach() for part in parts]).requires_grad_()
    back = torch.tensor(sorted(range(len(order)), key=order.__getitem__), device=leaf.device)
    first, second = leaf[back][: len(batch)], leaf[back][len(batch) :]
    scores = first @ second.T / _TEMPERATURE
    target = torch.arange(len(batch), device=scores.device)
    cross = torch.nn.functional.cross_entropy
    loss = (cross(scores, target) + cross(scores.T, target)) / 2
    (gradients,) = torch.autograd.grad(loss, leaf)
    shares = torch.split(gradients, _TOGETHER)
    found = list(run(lambda pair: torch.autograd.grad(pair[0], parameters, pair[1]), zip(parts, shares, strict=True)))
    # Added in the order of the groups, whichever was done first, so that the same seed gives the same adapter.
    for parameter, *own in zip(parameters, *found, strict=True):
        parameter.grad = torch.stack(own).sum(0)
    return float(loss.detach())


def _pooled(model: Any, backbone: Backbone, rows: list[list[int]]) -> Any:
    """Mean vectors of unit length. Shape (rows, dim)."""
    import torch

    encoded = backbone.tokenizer.pad({"input_ids": rows}, return_tensors="pt").to(backbone.device)
    mask = encoded["attention_mask"]
    with torch.autocast(backbone.device.type, torch.bfloat16, enabled=_is_fast(backbone)):
        states = model(input_ids=encoded["input_ids"], attention_mask=mask).last_hidden_state
    return torch.nn.functional.normalize((states.float() * mask[:, :, None]).sum(1) / mask.sum(1, keepdim=True), dim=1)


@contextmanager
def _workers(backbone: Backbone) -> Iterator[_Run]:
    """A ``map`` that on a CPU gives each thread whole groups, as threads that share one wait for each other."""
    import torch

    threads = torch.get_num_threads()
    if backbone.device.type != "cpu" or threads == 1:
        yield map
        return
    try:
        torch.set_num_threads(1)
        with ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,)) as pool:
            yield pool.map
    finally:
        torch.set_num_threads(threads)


def _is_fast(backbone: Backbone) -> bool:
    """Whether the products of the training are in bfloat16; the weights that are learnt are float32 in any case."""
    import torch

    return backbone.compute.inference_dtype == torch.bfloat16


def _upper_half(model: Any) -> list[str]:
    """The linear layers of the upper half of the blocks: what lies below need not be run backwards."""
    from torch import nn

    linear = [name for name, module in model.named_modules() if isinstance(module, nn.Linear)]
    numbers = {name: int(found[1]) for name in linear if (found := re.search(r"\.(\d+)\.", name))}
    blocks = max(numbers.values(), default=0) + 1
    return [name for name in linear if numbers.get(name, -1) >= blocks // 2] or linear
