"""Why a model decided as it did: each arm's share of a label's logit.

What the evidence brings is known exactly: trust times evidence, mention by mention. What text, context and embeddings
bring goes through the network together; it is dealt out by integrated gradients (Sundararajan et al. 2017) along the
straight line from a text that says nothing, whose words are all masked and to which the fusion adds nothing. The shares
of the tokens of the text, of those of the context, and of what the fusion adds then make up the difference of the two
logits, but for an error of the integration that is kept small and reported. Layers below the fusion are not taken
apart: what they let the text take in from the context counts as the text's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from kgslm.errors import ConfigError, MissingExtra
from kgslm.injection import EvidenceScorer
from kgslm.injection.injector import second_at, whole_text
from kgslm.injection.label_paths import link_shares
from kgslm.records import Example, Explanation, LabelDecision, LinkedText, LinkShare
from kgslm.tuning.batches import Batch, Item
from kgslm.tuning.heads import pooled_mean

if TYPE_CHECKING:
    from kgslm.tuning.model import KnowledgeModel

_STEPS = 32
_MOST_STEPS = 256
_AT_ONCE = 32
_TOLERANCE = 0.02


def explain(model: KnowledgeModel, examples: Iterable[Example]) -> Iterator[Explanation]:
    """Explain the model's decisions on each text; see ``KnowledgeModel.explain``."""
    if model.task.name != "classification":
        raise ConfigError(f"explain: a model of the task {model.task.name} cannot be explained; classifiers can")
    gradients = _integrated_gradients()
    model.network.eval()
    for example in examples:
        (item,) = model.prepare([example])
        (said,) = model.task.predictions([example], [item], model.infer([item], model.network))
        text = _Text(model, example, item, gradients)
        asked = said.labels or (max(said.scores, key=said.scores.__getitem__),)
        decisions = [
            text.decision(model.labels.index(label), said.scores[label], chosen=bool(said.labels)) for label in asked
        ]
        yield Explanation(example.id, whole_text(example), tuple(decisions))


def _integrated_gradients() -> Any:
    try:
        from captum.attr import IntegratedGradients
    except ImportError as error:
        raise MissingExtra("captum", "explain") from error
    return IntegratedGradients


@dataclass(frozen=True)
class _Text:
    """One text under explanation."""

    model: KnowledgeModel
    example: Example
    item: Item
    gradients: Any

    def decision(self, label: int, score: float, *, chosen: bool) -> LabelDecision:
        """Why this label has its logit. label: its position. score: its probability."""
        batch = self.model.batcher.collate([self.item])
        masked = _masked(self.model.backbone.tokenizer, self.item)
        shares, baseline, rest = self._dealt(batch, self.model.batcher.collate([masked]), label)
        with torch.no_grad():
            logit = self.model.network(batch)[0, label].item()
        links: tuple[LinkShare, ...] = ()
        if self.item.evidence is not None:
            links = self._links(label)
            scores = self.item.evidence.reshape(-1, len(self.model.labels))
            shares["evidence"] = float((self._trust() * scores).sum(axis=0)[label])
        name = self.model.labels[label]
        return LabelDecision(name, chosen, score, logit, baseline, shares, rest, links)

    def _dealt(self, batch: Batch, silent: Batch, label: int) -> tuple[dict[str, float], float, float]:
        """The shares of what goes through the network, the logit of a text that says nothing, and the error."""
        network = self.model.network
        with torch.no_grad():
            added = network.fused(batch) - batch.hidden

        def logit(hidden: Tensor, strength: Tensor) -> Tensor:
            """hidden: shape (copies, windows, tokens, hidden). strength: the same without the last."""
            copies = _copies(batch, hidden + strength[..., None] * added)
            pooled = pooled_mean(network.states(copies), copies.text_mask, copies.texts)
            result: Tensor = network.head(pooled)[:, label]
            return result

        ones = torch.ones_like(batch.text_mask)[None]
        ends = (batch.hidden[None], ones), (silent.hidden[None], torch.zeros_like(ones))
        steps, error = _STEPS, float("inf")
        with torch.no_grad():
            baseline, difference = logit(*ends[1]).item(), (logit(*ends[0]) - logit(*ends[1])).item()
        while True:
            by_token, by_strength = self._attributed(logit, ends, steps)
            found = float(by_token.sum() + by_strength.sum())
            error = difference - found
            if abs(error) <= _TOLERANCE * max(1.0, abs(difference)) or steps >= _MOST_STEPS:
                break
            steps *= 2
        context = (batch.mask.cpu().numpy() > 0) & (batch.text_mask.cpu().numpy() == 0)
        shares = {"text": float(by_token[~context].sum())}
        if self.model.injector.context is not None:
            shares["context"] = float(by_token[context].sum())
        if network.fusion is not None:
            shares["embeddings"] = float(by_strength.sum())
        return shares, baseline, error

    def _attributed(self, logit: Any, ends: Any, steps: int) -> tuple[np.ndarray, np.ndarray]:
        """By token: what its state and what the fusion's addition to it brought; each of shape (windows, tokens)."""
        hidden, strength = self.gradients(logit).attribute(
            *ends, n_steps=steps, method="gausslegendre", internal_batch_size=_AT_ONCE
        )
        return hidden[0].sum(dim=-1).detach().cpu().numpy(), strength[0].detach().cpu().numpy()

    def _links(self, label: int) -> tuple[LinkShare, ...]:
        injector, pack = self.model.injector, self.model.pack
        if injector.linker is None or not isinstance(injector.evidence, EvidenceScorer) or pack is None:
            return ()
        linked = injector.linker.link(whole_text(self.example))
        shares = evidence_shares(injector.evidence, linked, second_at(self.example), self._trust())
        return link_shares(pack, injector.evidence, linked.links, shares[:, label].tolist(), label)

    def _trust(self) -> Any:
        return self.model.network.trust.cpu().numpy()


def _copies(batch: Batch, hidden: Tensor) -> Batch:
    """The batch of one text for many versions of its states, shape (copies, windows, tokens, hidden)."""
    copies, windows = hidden.shape[:2]
    return Batch(
        hidden=hidden.flatten(0, 1),
        mask=batch.mask.repeat(copies, 1),
        text_mask=batch.text_mask.repeat(copies, 1),
        positions=None if batch.positions is None else batch.positions.repeat(copies, 1),
        texts=torch.arange(copies, device=hidden.device).repeat_interleave(windows),
    )


def _masked(tokenizer: Any, item: Item) -> Item:
    """As many tokens that say nothing; special ones stay."""
    special = set(tokenizer.all_special_ids)
    choices = (tokenizer.mask_token_id, tokenizer.unk_token_id, tokenizer.pad_token_id, tokenizer.eos_token_id)
    silence = next(choice for choice in choices if choice is not None)
    windows = [replace(it, ids=tuple(id_ if id_ in special else silence for id_ in it.ids)) for it in item.windows]
    return replace(item, windows=tuple(windows))


def evidence_shares(scorer: EvidenceScorer, linked: LinkedText, split: int | None, trust: Any) -> np.ndarray:
    """What each link adds to each label's logit, shape (links, labels). trust: shape (channels, labels) or (1, 1)."""
    return np.asarray((trust * scorer.contributions(linked, split)).sum(axis=1))
