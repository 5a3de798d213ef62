"""Names that a given mention is most of: "incontinence" for "Urinary Incontinence".

The words that a name has more than the mention count by how rare they are among the names: of two names with the
mention in them, the one with the commoner words is meant ("fracture" is rather "Fractures, Bone" than "Tooth
Fractures").
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kgslm.linking.lexicon import ROW_KINDS, Lexicon
from kgslm.linking.matching import KIND_WEIGHTS
from kgslm.linking.tokens import Ints
from kgslm.records import Candidate

_LEAST = 0.5
"""The share of a name that a mention must have, words counted by their idf, times the weight of the name's kind."""


class Completions:
    """The names of a lexicon by the clusters of their words."""

    def __init__(self, lexicon: Lexicon, most: int) -> None:
        """most: concepts that are given for one mention."""
        self._lexicon = lexicon
        self._most = most
        clusters = lexicon.clusters[lexicon.classes]
        owners = np.repeat(np.arange(len(lexicon), dtype=np.int32), np.diff(lexicon.class_firsts))
        counts = np.bincount(clusters, minlength=len(lexicon.clusters))
        self._idf = np.log((1 + len(lexicon)) / (1 + counts)) + 0.5
        self._totals = np.bincount(owners, self._idf[clusters], len(lexicon))
        order = np.argsort(clusters, kind="stable")
        self._rows = owners[order]
        self._firsts = np.concatenate([[0], np.cumsum(counts)])
        self._weights = np.array([KIND_WEIGHTS[kind] for kind in ROW_KINDS])

    def find(self, classes: Sequence[int]) -> tuple[Candidate, ...]:
        """The concepts of the names that have all these stem classes, best first; none where they are too little."""
        clusters = np.unique(self._lexicon.clusters[list(classes)]).astype(np.int64)
        rows = self._rows_with(clusters)
        scores = self._idf[clusters].sum() / self._totals[rows] * self._weights[self._lexicon.kinds[rows]]
        order = np.lexsort((rows, -scores))
        best: dict[int, float] = {}
        for row, score in zip(rows[order].tolist(), scores[order].tolist(), strict=True):
            if score < _LEAST or len(best) == self._most:
                break
            best.setdefault(int(self._lexicon.concepts[row]), min(score, 1.0))
        ids, preferred = self._lexicon.ids, self._lexicon.preferred
        return tuple(
            Candidate(ids[row].as_py(), preferred[row].as_py(), round(score, 4)) for row, score in best.items()
        )

    def _rows_with(self, clusters: Ints) -> Ints:
        spans = [self._rows[self._firsts[it] : self._firsts[it + 1]] for it in clusters.tolist()]
        spans.sort(key=len)
        rows = np.unique(spans[0])
        for other in spans[1:]:
            rows = rows[np.isin(rows, other)]
        return rows.astype(np.int64)
