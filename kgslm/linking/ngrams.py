"""What texts share with names: parts of words (character n-grams) and stems, as inverted files read in place.

Memory: about 70 n-grams a name, six bytes each, so 30 MB for 76,000 names and 1.7 GB on disk for 4 million, where a
query reads only its own n-grams' rows; the scores of a query take four bytes a name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import Stemmer
from numpy.typing import NDArray

from kgslm.linking.languages import language
from kgslm.linking.tokens import tokenise
from kgslm.linking.vocabulary import Spelling

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

_FEATURES = 2**20
_BATCH = 20_000
_SHORT = 14
"""Letters; a shorter text is read as one word too, for "A.D.3d" and "AD 3d" share no words."""
_COMMON = 50_000
"""Rows; what more names share than this tells little, and costs most of the time in a large pack."""
_TELLING, _ENOUGH = 4_000, 12
"""Rows of an n-gram that are always read, and n-grams beside which those with more rows are not: they tell little."""
_PIECES = re.compile(r"[^\W\d_]+|\d+")
_ARRAYS = ("firsts", "rows", "weights", "idf", "totals")

Analyse = Callable[[str], list[str]]


@dataclass(frozen=True, slots=True)
class SparseIndex:
    """Rows of names under each feature, weighted.

    firsts: shape (features + 1,), int64, where the rows of a feature start. rows: int32. weights: float16, parallel to
    rows. idf: shape (features,), float32. totals: shape (names,), float32, the sum of a name's idf.
    cosine: weights are scaled so that scores are cosines in [0, 1]; otherwise a score is the idf that is shared.
    """

    analyse: Analyse
    cosine: bool
    firsts: Ints
    rows: NDArray[np.int32]
    weights: NDArray[np.float16]
    idf: Floats
    totals: Floats

    def scores(self, text: str) -> tuple[Floats, float]:
        """(the score of every name, shape (names,); the sum of the text's own idf)."""
        features, counts = _hashed(self.analyse(text))
        idf = self.idf[features]
        total = float(idf.sum())
        weights = idf * (1 + np.log(counts)) if self.cosine else np.ones(len(features), np.float32)
        if self.cosine and len(weights):
            weights = weights / np.sqrt(np.square(weights).sum())
        firsts, lasts = self.firsts[features], self.firsts[features + 1]
        telling = lasts - firsts <= max(_TELLING, len(self.totals) // 25)
        if telling.sum() >= _ENOUGH:
            firsts, lasts, weights = firsts[telling], lasts[telling], weights[telling]
        lengths = lasts - firsts
        if not lengths.sum():
            return np.zeros(len(self.totals), np.float32), total
        spans = list(zip(firsts.tolist(), lasts.tolist(), strict=True))
        rows = np.concatenate([self.rows[first:last] for first, last in spans])
        own = np.concatenate([self.weights[first:last] for first, last in spans])
        shares = own.astype(np.float32) * np.repeat(weights, lengths)
        return np.bincount(rows, shares, len(self.totals)).astype(np.float32), total

    def save(self, folder: Path, name: str) -> None:
        """Write the arrays as ``<name>-<array>.npy``."""
        for array in _ARRAYS:
            np.save(folder / f"{name}-{array}.npy", getattr(self, array))


def build_index(names: Sequence[str], analyse: Analyse, *, cosine: bool) -> SparseIndex:
    """The index of names. analyse: text to features, repeats counted."""
    counts = _counted(names, analyse)
    found = np.bincount(counts.indices, minlength=_FEATURES)
    idf = (np.log((1 + len(names)) / (1 + found)) + 1).astype(np.float32)
    weights = idf[counts.indices]
    owners = np.repeat(np.arange(len(names)), np.diff(counts.indptr))
    totals = np.bincount(owners, weights, len(names)).astype(np.float32)
    if cosine:
        weights = weights * (1 + np.log(counts.data))
        lengths = np.sqrt(np.bincount(owners, np.square(weights), len(names)))
        weights = weights / np.maximum(lengths, 1e-9)[owners]
    kept = (found <= max(_COMMON, len(names) // 10))[counts.indices]
    indices, owners, weights = counts.indices[kept], owners[kept], weights[kept]
    order = np.argsort(indices, kind="stable")
    firsts = np.zeros(_FEATURES + 1, np.int64)
    np.cumsum(np.bincount(indices, minlength=_FEATURES), out=firsts[1:])
    rows = owners[order].astype(np.int32)
    return SparseIndex(analyse, cosine, firsts, rows, weights[order].astype(np.float16), idf, totals)


def open_index(folder: Path, name: str, analyse: Analyse, *, cosine: bool) -> SparseIndex:
    """Open what ``save`` wrote; the arrays are read in place."""
    # Plain arrays over the mapped files: slices of ``memmap`` cost several times as much.
    arrays = {array: np.asarray(np.load(folder / f"{name}-{array}.npy", mmap_mode="r")) for array in _ARRAYS}
    return SparseIndex(analyse, cosine, **arrays)


def char_grams(text: str) -> list[str]:
    """The runs of 2 to 5 characters of each word, blanks around it, after ``plain``."""
    grams = []
    for word in _with_compact(plain(text)):
        padded = f" {word} "
        for size in range(2, 6):
            grams += [padded[at : at + size] for at in range(max(1, len(padded) - size + 1))]
    return grams


def stems(text: str) -> list[str]:
    """The stems of the words that are no fillers, and the numbers; all words where there is nothing else."""
    found = [_stem(token) for token in pieces(text)]
    return [stem for stem in found if stem] or [token.lower() for token in pieces(text)]


def pieces(text: str) -> list[str]:
    """The runs of letters and of digits; a possessive "'s" belongs to none."""
    return list(_pieces(text))


def plain(text: str) -> str:
    """The words without case, accents and punctuation, in American spelling, one blank between them."""
    return " ".join([_plain(piece) for piece in pieces(text)])


@lru_cache(maxsize=100_000)
def compact(text: str) -> str:
    """The letters and digits alone, in lower case."""
    return "".join(_PIECES.findall(text.lower()))


@lru_cache(maxsize=100_000)
def _pieces(text: str) -> tuple[str, ...]:
    return tuple(tokenise(text).surfaces)


@lru_cache(maxsize=200_000)
def _stem(token: str) -> str:
    if token.lower() in language("en").fillers and not (token.isupper() and len(token) > 1):
        return ""
    return str(_stemmer().stemWord(_plain(token)))


@lru_cache(maxsize=200_000)
def _plain(token: str) -> str:
    return _spelling().plain(token)


@lru_cache(maxsize=1)
def _spelling() -> Spelling:
    return Spelling(language("en"))


@lru_cache(maxsize=1)
def _stemmer() -> Any:
    return Stemmer.Stemmer("english", 0)


def _with_compact(text: str) -> list[str]:
    words = text.split()
    whole = "".join(words)
    return [*words, whole] if len(words) > 1 and len(whole) <= _SHORT else words


def _hashed(features: Iterable[str]) -> tuple[Ints, Floats]:
    """(distinct feature numbers, how often each occurs)."""
    matrix = _hasher().transform([list(features)])
    return matrix.indices.astype(np.int64), matrix.data.astype(np.float32)


def _counted(names: Sequence[str], analyse: Analyse) -> Any:
    from scipy.sparse import vstack

    parts = [_hasher().transform(map(analyse, names[start : start + _BATCH])) for start in range(0, len(names), _BATCH)]
    return vstack(parts or [_hasher().transform([[]])[:0]], format="csr")


@lru_cache(maxsize=1)
def _hasher() -> Any:
    from sklearn.feature_extraction import FeatureHasher

    return FeatureHasher(_FEATURES, input_type="string", alternate_sign=False, dtype=np.float32)


def top_rows(scores: Floats, count: int) -> Ints:
    """The rows of the highest scores above zero, best first."""
    rows = np.flatnonzero(scores > scores.max(initial=0.0) / 2)
    if len(rows) < count:
        rows = np.flatnonzero(scores > 0)
    if len(rows) > count:
        rows = rows[np.argpartition(-scores[rows], count - 1)[:count]]
    return rows[np.lexsort((rows, -scores[rows]))]


def batches(rows: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    """The rows, ``size`` at a time."""
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
