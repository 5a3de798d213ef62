"""Small errors of writing, by nlpaug, everywhere but in mentions, entities, numbers and negations.

nlpaug loses spaces, has no protected spans and draws from the global random state. So it gets single lines in which
every protected span is one private character, splits them at spaces alone, and runs under a borrowed random state.
"""

from __future__ import annotations

import random
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from random import Random
from typing import Any, Literal

import numpy as np
from pydantic import Field

from kgslm.augmentation.negation import NEGATIONS
from kgslm.augmentation.protocol import NOTHING_TO_CHANGE, AugmentConfig, Augmenter, Draft, Source
from kgslm.augmentation.spans import Mask, move_entities, protected_spans
from kgslm.linking import Linker
from kgslm.packs import KnowledgePack

LOST_MARK = "mention damaged"
"""The reason where a protected span is not in the draft exactly once."""

_FIRST_MARK, _LAST_MARK, _NEWLINE = 0xE000, 0xF8FE, "\uf8ff"
_PROTECTED = rf"(?i).*[\ue000-\uf8ff\d]|\W*(?:{'|'.join(NEGATIONS)})\b|.*n['’]t\b"
_LETTERS = list("abcdefghijklmnopqrstuvwxyz")


class WordsConfig(AugmentConfig):
    """Swap neighbouring words or leave words out. rate: the share of words."""

    method: Literal["words"] = "words"
    rate: float = Field(default=0.1, gt=0, le=0.5)

    def augmenter(self, pack: KnowledgePack, linker: Linker) -> Augmenter:
        """Build it."""
        return WordNoise(self.rate)


class CharactersConfig(AugmentConfig):
    """Typing errors: neighbouring keys, swapped, lost, added and wrong letters. rate: the share of words."""

    method: Literal["characters"] = "characters"
    rate: float = Field(default=0.1, gt=0, le=0.5)

    def augmenter(self, pack: KnowledgePack, linker: Linker) -> Augmenter:
        """Build it."""
        return CharacterNoise(self.rate)


class _Noise:
    """An augmenter that lets one of several nlpaug augmenters loose on the unprotected words."""

    rounds = 100

    def __init__(self, rate: float = 0.1) -> None:
        self._rate = rate

    @cached_property
    def _tools(self) -> list[Any]:
        raise AttributeError("_tools")

    def drafts(self, sources: Sequence[Source], round_: int) -> list[Draft | str]:
        """Each source with a few errors."""
        return [self._draft(source) for source in sources]

    def _draft(self, source: Source) -> Draft | str:
        spans = protected_spans(source)
        if len(spans) > _LAST_MARK - _FIRST_MARK:
            return NOTHING_TO_CHANGE
        mask = Mask(source.text, spans, [chr(_FIRST_MARK + index) for index in range(len(spans))])
        if not mask.text.strip():
            return NOTHING_TO_CHANGE
        line = mask.text.replace("\n", f" {_NEWLINE} ")
        with _random_state(source.rng):
            noisy = source.rng.choice(self._tools).augment(line, n=1)
        restored = mask.restore(noisy[0].replace(f" {_NEWLINE} ", "\n")) if noisy else None
        if restored is None:
            return LOST_MARK
        text, moved = restored
        return Draft(text, move_entities(source.entities, moved))


class WordNoise(_Noise):
    """Swaps neighbouring words or leaves words out."""

    @cached_property
    def _tools(self) -> list[Any]:
        naw = _nlpaug("word")
        return [naw.RandomWordAug(action=action, aug_p=self._rate, **_splitting()) for action in ("swap", "delete")]


class CharacterNoise(_Noise):
    """One typing error in some of the words of four letters or more."""

    @cached_property
    def _tools(self) -> list[Any]:
        nac = _nlpaug("char")
        shared = {"aug_char_max": 1, "aug_word_p": self._rate, "min_char": 4, **_splitting()}
        keyboard = nac.KeyboardAug(
            include_special_char=False, include_numeric=False, include_upper_case=False, **shared
        )
        actions = ("swap", "delete", "insert", "substitute")
        return [keyboard, *(nac.RandomCharAug(action=action, candidates=_LETTERS, **shared) for action in actions)]


def _splitting() -> dict[str, Any]:
    split: Callable[[str], list[str]] = str.split
    return {"tokenizer": split, "reverse_tokenizer": " ".join, "stopwords_regex": _PROTECTED}


def _nlpaug(kind: str) -> Any:
    from importlib import import_module

    with warnings.catch_warnings():
        # What its dependencies think of each other is nothing that a user of kgslm can act on.
        warnings.simplefilter("ignore")
        return import_module(f"nlpaug.augmenter.{kind}")


@contextmanager
def _random_state(rng: Random) -> Iterator[None]:
    """Lend ``rng`` to the global generators that nlpaug draws from."""
    python_state, numpy_state = random.getstate(), np.random.get_state()
    random.seed(rng.getrandbits(64))
    np.random.seed(rng.getrandbits(32))
    try:
        yield
    finally:
        random.setstate(python_state)
        np.random.set_state(numpy_state)
