"""A small network that weighs what speaks for each candidate, and for none of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgslm.linking.ngrams import Floats

_HIDDEN, _NIL_HIDDEN = 32, 12
_MEMBERS = 4
_FAR = 5.0
"""Spreads from the mean beyond which the network sees no difference."""
_BATCH = 64
_LEAST, _MOST = 40, 600
"""Steps."""
_FEW = 200
"""Rankings up to which there is one step for each; so few do not overturn what ranking starts from."""
_A_STEP, _A_STEP_KEPT = 2, 10
"""Rankings for one step, where there are more; where the weighted sum is kept."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """A mention to learn from. values: shape (candidates, features). right: shape (candidates,), whether each is right;
    where none is, the answer is NIL. weight: how much it counts. concepts: rows of the candidates.
    """

    values: Floats
    right: NDArray[np.bool_]
    weight: float = 1.0
    concepts: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))


class Ranker:
    """Gives probabilities. weights: array name to array; each with the members of the ensemble as first axis."""

    def __init__(self, weights: Mapping[str, NDArray[Any]]) -> None:
        self.weights = dict(weights)

    def probabilities(self, values: Floats) -> tuple[Floats, float]:
        """(probability that each candidate is right, shape (candidates,); that none is). Together they are 1."""
        if not len(values):
            return np.zeros(0, np.float32), 1.0
        part = self.weights
        whole = (values - part["mean"]) / part["spread"]
        scaled = np.clip(whole, -_FAR, _FAR)
        hidden = np.maximum(scaled @ part["in"] + part["in_bias"][:, None], 0)
        hidden = np.maximum(hidden @ part["mid"] + part["mid_bias"][:, None], 0)
        scores = (hidden @ part["out"])[..., 0] + (whole @ part["linear"].T).T
        top = scaled.max(axis=0)
        nil = np.maximum(top @ part["nil_in"] + part["nil_in_bias"], 0)
        none = (nil[:, None] @ part["nil_out"])[:, 0] + part["nil_out_bias"]
        logits = np.concatenate([scores, none], axis=1)
        odds = np.exp(logits - logits.max(axis=1, keepdims=True))
        shares = (odds / odds.sum(axis=1, keepdims=True)).mean(axis=0)
        return shares[:-1].astype(np.float32), float(shares[-1])

    def doubting(self, odds: float) -> Ranker:
        """The same, with the odds of NIL times ``odds``."""
        bias = self.weights["nil_out_bias"] + np.float32(np.log(odds))
        return Ranker({**self.weights, "nil_out_bias": bias})

    def save(self, path: Path) -> None:
        """Write one ``.npz`` file."""
        np.savez(path, allow_pickle=False, **self.weights)

    @classmethod
    def load(cls, path: Path) -> Ranker:
        """Read what ``save`` wrote."""
        with np.load(path, allow_pickle=False) as stored:
            return cls({name: stored[name] for name in stored.files})


def train_ranker(rankings: Sequence[Ranking], prior: Floats, *, seed: int = 0, keep: bool = False) -> Ranker:
    """Learn from rankings: the probability of what is right, NIL included, is made as high as possible.

    A list-wise softmax (after Cao et al. 2007, ListNet) over the candidates and NIL; the scores are a weighted sum that
    starts from ``prior``, one weight a feature, and a network that corrects it, in an ensemble. keep: learn only how
    sure the weighted sum is, and when nothing is right; for exercises, which are not like the mentions of texts.
    """
    rankings = [ranking for ranking in rankings if len(ranking.values)]
    stacked = np.concatenate([ranking.values for ranking in rankings] or [np.zeros((1, len(prior)), np.float32)])
    mean, spread = stacked.mean(axis=0), stacked.std(axis=0) + 1e-3
    data = _padded(rankings, mean, spread) if rankings else None
    members = []
    for number in range(_MEMBERS):
        members.append(_train_member(data, prior * spread, seed + number, keep))
    weights = {name: np.stack([member[name] for member in members]) for name in members[0]}
    return Ranker({**weights, "mean": mean.astype(np.float32), "spread": spread.astype(np.float32)})


def _train_member(data: Any, linear: Floats, seed: int, keep: bool) -> dict[str, NDArray[Any]]:
    import torch

    state = torch.random.get_rng_state()
    torch.manual_seed(seed)
    parameters = _parameters(linear)
    if data is not None:
        _fit(data, parameters, keep)
    torch.random.set_rng_state(state)
    found = {name: value.detach().numpy() for name, value in parameters.items()}
    found["linear"] = found["linear"] * np.exp(found.pop("scale"))
    return found


def _fit(data: Any, parameters: dict[str, Any], keep: bool) -> None:
    import torch

    values, known, right, weight = data
    fixed = {"linear", "in", "in_bias", "mid", "mid_bias", "out"} if keep else set()
    learnt = [value for name, value in parameters.items() if name not in fixed]
    optimiser = torch.optim.AdamW(learnt, lr=4e-3, weight_decay=0.02)
    count = len(values)
    steps = max(count // _A_STEP_KEPT, _FEW) if keep else max(count // _A_STEP, min(count, _FEW), _LEAST)
    steps = min(steps, _MOST)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 6e-3, total_steps=steps)
    for _ in range(steps):
        rows = torch.randint(len(values), (_BATCH,))
        odds = torch.log_softmax(_logits(parameters, values[rows], known[rows]), dim=1)
        loss = -torch.logsumexp(odds.masked_fill(~right[rows], -torch.inf), dim=1)
        optimiser.zero_grad()
        ((loss * weight[rows]).sum() / weight[rows].sum()).backward()
        optimiser.step()
        schedule.step()


def _padded(rankings: Sequence[Ranking], mean: Floats, spread: Floats) -> tuple[Any, Any, Any, Any]:
    import torch

    most = max(len(ranking.values) for ranking in rankings)
    values = np.zeros((len(rankings), most, len(mean)), np.float32)
    known = np.zeros((len(rankings), most), np.bool_)
    right = np.zeros((len(rankings), most + 1), np.bool_)
    for row, ranking in enumerate(rankings):
        count = len(ranking.values)
        values[row, :count] = (ranking.values - mean) / spread
        known[row, :count] = True
        right[row, :count] = ranking.right
        right[row, -1] = not ranking.right.any()
    weight = torch.tensor([ranking.weight for ranking in rankings])
    return torch.from_numpy(values), torch.from_numpy(known), torch.from_numpy(right), weight


def _parameters(linear: Floats) -> dict[str, Any]:
    import torch

    width = len(linear)
    shapes = {
        "in": (width, _HIDDEN), "in_bias": (_HIDDEN,), "mid": (_HIDDEN, _HIDDEN), "mid_bias": (_HIDDEN,),
        "out": (_HIDDEN, 1), "nil_in": (width, _NIL_HIDDEN), "nil_in_bias": (_NIL_HIDDEN,),
        "nil_out": (_NIL_HIDDEN, 1), "nil_out_bias": (1,),
    }  # fmt: skip
    found = {"linear": torch.tensor(linear, dtype=torch.float32), "scale": torch.zeros(1)}
    for name, shape in shapes.items():
        if name.endswith("bias") or name == "out":
            found[name] = torch.zeros(shape)
        else:
            found[name] = torch.randn(shape) * (1.5 / shape[0]) ** 0.5
    return {name: value.requires_grad_() for name, value in found.items()}


def _logits(part: dict[str, Any], values: Any, known: Any) -> Any:
    import torch

    near = values.clamp(-_FAR, _FAR)
    hidden = torch.relu(near @ part["in"] + part["in_bias"])
    hidden = torch.nn.functional.dropout(hidden, 0.1)
    hidden = torch.relu(hidden @ part["mid"] + part["mid_bias"])
    weighted = values @ (part["linear"] * part["scale"].exp())
    scores = ((hidden @ part["out"])[..., 0] + weighted).masked_fill(~known, -torch.inf)
    top = near.masked_fill(~known[..., None], -torch.inf).amax(dim=1)
    none = torch.relu(top @ part["nil_in"] + part["nil_in_bias"]) @ part["nil_out"] + part["nil_out_bias"]
    return torch.cat([scores, none], dim=1)
