"""Teaches a context linker: from the pack alone, and from labelled mentions where there are some."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from kgslm.linking.coherence import Graph, Scored, Weights, fit_weights
from kgslm.linking.context_store import DEFAULT_MODEL, Parts, build_evidence, learnt_names
from kgslm.linking.dense import nearest_names
from kgslm.linking.feature_names import prior_weights
from kgslm.linking.features import Evidence, Query
from kgslm.linking.free_text import worth_finding
from kgslm.linking.names import Taught
from kgslm.linking.ngrams import Floats, Ints, compact, plain, stems
from kgslm.linking.ranker import Ranker, Ranking, train_ranker
from kgslm.linking.readings import definitions_of, readings
from kgslm.linking.selfsupervision import exercises

if TYPE_CHECKING:
    from kgslm.embedding import Embedder
    from kgslm.embedding.text import Progress
    from kgslm.packs import KnowledgePack

_EXERCISES = 4000
_EACH_NAME = 40
"""Exercises made of one name, at most."""
HELD_OUT = 8
"""One concept in so many is kept from the adapter, so that its names are as new to it as those of texts."""
_FOLDS = 2
_UNTAUGHT = Weights(same=0.7, related=0.3)
"""Without labelled mentions."""
_SHORTENED_NIL = 0.3
"""What the odds of NIL are multiplied by, without labelled mentions, where a pack shortens many words: texts shorten
them in more ways than exercises do."""

Dense = Mapping[str, tuple[Floats, Ints]]
_Documents = dict[str, tuple[list[Scored], list[frozenset[int]]]]


@dataclass(frozen=True, slots=True)
class Labelled:
    """A document with mentions: ``(start, end, ids of right concepts)``; no ids for NIL."""

    id: str
    text: str
    mentions: tuple[tuple[int, int, tuple[str, ...]], ...]

    @property
    def source(self) -> str:
        """Where the mentions are from: the document, or, of a mention without a text, its letters and digits.

        A list of mentions often has one written in several ways ("N.Y.", "N. Y."), which a text would not have.
        """
        bare = [(start, end) for start, end, _ in self.mentions] == [(0, len(self.text))]
        return compact(self.text) or self.id if bare else self.id


@dataclass(frozen=True, slots=True)
class Lesson:
    """What was learnt. taught: the mentions to be kept. figures: what to tell about it."""

    parts: Parts
    taught: tuple[Taught, ...]
    figures: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Asked:
    query: Query
    right: frozenset[int]
    nil: bool
    document: str


def teach(
    pack: KnowledgePack,
    embedder: Embedder,
    documents: Sequence[Labelled],
    *,
    adapter: bool = False,
    model: str = DEFAULT_MODEL,
    seed: int = 0,
    progress: Progress | None = None,
) -> Lesson:
    """Build the tables of a pack and learn to rank.

    Without documents the ranker learns from exercises on the pack's names. With documents it learns from their
    mentions, each of which is ranked as if its own document had taught nothing. progress: called with the number of
    names embedded since the last call.
    """
    taught = taught_by(documents)
    evidence, vectors = build_evidence(pack, embedder, taught, progress)
    shell = Parts(evidence, vectors, Ranker({}), Weights(), model, adapter)
    graph = Graph(pack, evidence.rows)
    if documents:
        asked = _asked(documents, evidence)
        rankings = _rankings(asked, evidence, embedder, shell)
        prior = prior_weights(evidence.shortened)
        ranker = _ranker(rankings, prior, seed)
        weights = _fitted(asked, rankings, graph, lambda rest: _ranker(rest, prior, seed))
    else:
        ranker, weights = _from_exercises(evidence, embedder, shell, seed), _UNTAUGHT
    texts = ((it.text, {(start, end): frozenset(ids) for start, end, ids in it.mentions}) for it in documents)
    findable = tuple(worth_finding(texts, learnt_names(taught))) if documents else ()
    parts = replace(shell, ranker=ranker, weights=weights, findable=findable)
    figures = {"names": len(evidence.table), "mentions": len(taught), "same": weights.same, "related": weights.related}
    return Lesson(parts, taught, figures)


def _ranker(rankings: Iterable[Ranking | None], prior: Floats, seed: int) -> Ranker:
    return train_ranker([ranking for ranking in rankings if ranking is not None], prior, seed=seed)


def taught_by(documents: Iterable[Labelled]) -> tuple[Taught, ...]:
    """The labelled mentions with their abbreviations written out."""
    found = []
    for document in documents:
        definitions = definitions_of(document.text)
        for start, end, concepts in document.mentions:
            surface = readings(document.text[start:end], definitions)[0].text
            found.append(Taught(document.source, surface, concepts))
    return tuple(found)


def _from_exercises(evidence: Evidence, embedder: Embedder, parts: Parts, seed: int) -> Ranker:
    table = evidence.table
    held = range(0, len(table.ids), HELD_OUT) if len(table.ids) > 20 * HELD_OUT else None
    count = min(_EXERCISES, _EACH_NAME * len(table))
    asked = [_Asked(it.query, it.right, not it.right, "") for it in exercises(table, count, seed=seed, concepts=held)]
    found = _rankings(asked, evidence, embedder, parts)
    prior = prior_weights(evidence.shortened)
    ranker = train_ranker([ranking for ranking in found if ranking is not None], prior, seed=seed, keep=True)
    return ranker.doubting(_SHORTENED_NIL**evidence.shortened)


def _asked(documents: Iterable[Labelled], evidence: Evidence) -> list[_Asked]:
    """A query for each labelled mention whose concept is in the pack; what its own document taught is hidden."""
    hidden = _hidden(evidence)
    asked = []
    for document in documents:
        definitions = definitions_of(document.text)
        words = frozenset(stems(document.text))
        for start, end, concepts in document.mentions:
            right = frozenset(evidence.rows[id_] for id_ in concepts if id_ in evidence.rows)
            if concepts and not right:
                continue
            own = readings(document.text[start:end], definitions)
            query = Query(own, words, document.source, frozenset(hidden.get(document.source, ())))
            asked.append(_Asked(query, right, not concepts, document.id))
    return asked


def _hidden(evidence: Evidence) -> dict[str, set[int]]:
    """Document to the rows of the learnt names that no other document taught."""
    table, memory = evidence.table, evidence.memory
    found: dict[str, set[int]] = {}
    for row in np.flatnonzero(table.learnt).tolist():
        id_, name = table.ids[int(table.owners[row])], table.texts[row]
        documents: Mapping[str, int] = memory.surfaces.get(plain(name), {}).get(id_, {})
        if len(documents) == 1:
            found.setdefault(next(iter(documents)), set()).add(row)
    return found


def _rankings(asked: Sequence[_Asked], evidence: Evidence, embedder: Embedder, parts: Parts) -> list[Ranking | None]:
    """What to learn from each query, with its candidates; None where the right one is not among them."""
    texts = list(dict.fromkeys(reading.text for it in asked for reading in it.query.readings))
    dense: Dense = nearest_names(texts, embedder, parts.vectors) if texts else {}
    found: list[Ranking | None] = []
    for it in asked:
        described = evidence.describe(it.query, dense)
        right = np.isin(described.concepts, list(it.right))
        kept = len(described.concepts) and (it.nil or right.any())
        found.append(Ranking(described.values, right, 1.0, described.concepts) if kept else None)
    return found


def _fitted(
    asked: Sequence[_Asked], rankings: Sequence[Ranking | None], graph: Graph, learn: Callable[[list[Any]], Ranker]
) -> Weights:
    """The weights of coherence, fitted on mentions that the ranker did not learn from."""
    places = {document: number for number, document in enumerate(dict.fromkeys(it.document for it in asked))}
    if len(places) < 2 * _FOLDS or len(places) == len(asked):
        return Weights(0.0, 0.0)
    found: _Documents = {}
    for fold in range(_FOLDS):
        rest = [ranking for it, ranking in zip(asked, rankings, strict=True) if places[it.document] % _FOLDS != fold]
        ranker = learn(rest)
        for it, ranking in zip(asked, rankings, strict=True):
            if ranking is None or places[it.document] % _FOLDS != fold:
                continue
            shares, nil = ranker.probabilities(ranking.values)
            scored, right = found.setdefault(it.document, ([], []))
            scored.append(Scored(it.query.readings[0].text, ranking.concepts, shares, nil))
            right.append(it.right)
    return fit_weights(list(found.values()), graph)
