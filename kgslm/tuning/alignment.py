"""Fits the map from entity vectors to the space of a backbone's states on names of a pack."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from kgslm.injection.entities import EntityVectors
from kgslm.injection.entity_map import FittedMap, fit_procrustes, fit_ridge
from kgslm.injection.injector import KnownText
from kgslm.models import Backbone
from kgslm.packs import KnowledgePack
from kgslm.tuning.frozen import FrozenStates
from kgslm.tuning.tokens import Layout, Tokeniser

_NAMES = 1000
_FEWEST = 20
_LENGTH = 24


def fit_entity_map(
    method: str, pack: KnowledgePack, entities: EntityVectors, frozen: FrozenStates, backbone: Backbone
) -> FittedMap | None:
    """The map that brings a concept's vector near the mean state of its name, in the layer where frozen ones end.

    It is fitted on up to 1,000 preferred names that stand for one concept alone, spread evenly over the pack. None
    where there are fewer than 20. method: ``procrustes``; any other means ridge regression.
    """
    names = dict(_single_names(pack))
    every = max(1, len(names) // _NAMES)
    chosen = dict(list(names.items())[::every][:_NAMES])
    vectors = entities.get(list(chosen)).astype(float)
    states = _states(list(chosen.values()), frozen, backbone)
    # A concept without relations has no graph vector, and a name of unknown letters no tokens.
    usable = vectors.any(axis=1) & states.any(axis=1)
    if usable.sum() < _FEWEST:
        return None
    fit = fit_procrustes if method == "procrustes" else fit_ridge
    return fit(vectors[usable], states[usable])


def _single_names(pack: KnowledgePack) -> Iterator[tuple[str, str]]:
    """(concept id, preferred name) where the name stands for no other concept."""
    owners: dict[str, set[str]] = {}
    preferred: dict[str, str] = {}
    for id_, name, kind in pack.names():
        owners.setdefault(name.casefold(), set()).add(id_)
        if kind == "preferred":
            preferred[id_] = name
    return ((id_, name) for id_, name in preferred.items() if len(owners[name.casefold()]) == 1)


def _states(
    names: list[str], frozen: FrozenStates, backbone: Backbone
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """The mean state of each name's own tokens, shape (names, hidden); zeros where it has none."""
    tokeniser = Tokeniser(backbone.tokenizer, backbone.max_positions, Layout(min(_LENGTH, backbone.max_positions)))
    windows = [own[0] for own in tokeniser.encode([KnownText(name) for name in names])]
    special = set(backbone.tokenizer.all_special_ids)
    means = np.zeros((len(names), backbone.hidden_size))
    for row, (window, states) in enumerate(zip(windows, frozen.get(windows), strict=True)):
        own = [at for at, id_ in enumerate(window.ids) if id_ not in special]
        if own:
            means[row] = states[own].mean(dim=0).double().numpy()
    return means
