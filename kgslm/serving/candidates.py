"""What could be quoted: lists of facts, definitions and sentences of documents, each with how well it fits."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from kgslm.packs.verbalise import Wording, wording
from kgslm.records import Citation, Passage
from kgslm.retrieval.bm25 import words
from kgslm.retrieval.passages import ALSO_CALLED, document_of, fact_of
from kgslm.retrieval.sentences import sentence_spans
from kgslm.serving.facts import fact_words, fits_direction
from kgslm.serving.question import Mention, Question, Word, fact_stems

MAX_PARTS = 3
"""Parts of one long list that are quoted together."""

_CUE, _OBJECT = 0.85, 0.9
"""What a word counts for that is a cue of the predicate, or that stands in the list; one of the predicate counts 1."""
_UNDEFINED = 0.55
"""What facts count for where it is asked what a concept is; its definition counts 1."""
_LEAST_RARE = 0.3
_BESIDE = 0.85
"""What a definition counts for when more is asked than what something is; a list of facts says it better."""
_NEGATIONS = frozenset(words("no not never without"))
_OTHER_NAMES = frozenset(words("another other alternative synonym alias abbreviation term name called"))
"""Words that ask for synonyms."""
_KIND, _USUAL_KIND = 0.5, 0.1
"""What a word counts for that only says what sort of thing is asked for: ``which surgery``, ``which drugs``."""

Rarity = Callable[[str], float]
Wordings = Callable[[str], Wording]
"""A predicate to how it reads."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something to quote. fit: how much of what is asked its words say, in [0, 1]. focus: 1 where it is about a concept
    that the question names, 0.5 where it is about none. gist: what to compare with the question by meaning."""

    citations: tuple[Citation, ...]
    gist: str
    fit: float
    focus: float


def candidates(
    question: Question, passages: Iterable[Passage], rarity: Rarity, wordings: Wordings = wording
) -> list[Candidate]:
    """All that could answer, in the order of the passages: whatever the question names is in it."""
    lists: dict[str, list[Passage]] = {}
    found: list[Candidate] = []
    for passage in passages:
        if not _names_all(question, passage):
            continue
        fact = fact_of(passage.id) if passage.concepts else None
        if fact is not None:
            lists.setdefault(f"{document_of(passage.id)}#{fact}", []).append(passage)
        elif passage.concepts:
            found += _definition(question, passage, rarity)
        else:
            found += _sentences(question, passage, rarity)
    return [*_facts(question, lists.values(), rarity, wordings), *found]


def _facts(
    question: Question, lists: Iterable[Sequence[Passage]], rarity: Rarity, wordings: Wordings
) -> Iterator[Candidate]:
    for parts in lists:
        parts = sorted(parts, key=_part)[:MAX_PARTS]
        fact = fact_of(parts[0].id)
        subject = _subject(question, parts[0])
        if fact is None or (question.mentions and subject is None):
            continue
        predicate, inverse = fact
        known = fact_words(wordings(predicate))
        direction = None if subject is None else fits_direction(question, subject, known.wording, inverse)
        if direction is False:
            continue
        # What two named concepts have to do with each other needs no word that asks for it. What one of them is is said
        # by its facts, where nothing defines it.
        alone = 1.0 if len(question.mentions) > 1 else _UNDEFINED
        said = frozenset().union(*(words(part.text) for part in parts))
        scored = {
            **dict.fromkeys(known.cues, _CUE),
            **dict.fromkeys(said, _OBJECT),
            **dict.fromkeys(known.readings, 1.0),
        }
        fit = _share(question, scored, rarity, alone) * (0.95 if direction is None else 1.0)
        reading = known.wording.inverse if inverse and known.wording.inverse else known.wording.forward
        quotes = tuple(Citation(part, 0, len(part.text)) for part in parts)
        yield Candidate(quotes, f"{parts[0].title} {reading}", fit, 1.0 if subject else 0.5)


def _definition(question: Question, passage: Passage, rarity: Rarity) -> Iterator[Candidate]:
    subject = _subject(question, passage)
    title = frozenset(words(passage.title))
    for number, (start, end) in enumerate(sentence_spans(passage.text)):
        text = passage.text[start:end]
        if subject is None and not _beside(question, text):
            continue
        # Asked what something is, its first sentence says it.
        alone = (1.0 if number == 0 else 0.5) if subject is not None else 0.0
        scored = dict.fromkeys({*words(text), *title}, _BESIDE)
        if text.casefold().startswith(f"{passage.title} {ALSO_CALLED} ".casefold()):
            scored.update(dict.fromkeys(_OTHER_NAMES, 1.0))
        fit = _share(question, scored, rarity, alone)
        yield Candidate((Citation(passage, start, end),), text, fit, 1.0 if subject else 0.5)


def _beside(question: Question, text: str) -> bool:
    """Whether the definition of something else may answer: it names what is asked about to the letter, and the question
    does not ask for facts, which the concept's own lists would hold."""
    if question.mentions and all(word.stem in fact_stems() for word in question.words):
        return False
    return all(mention.surface.casefold() in text.casefold() for mention in question.mentions)


def _sentences(question: Question, passage: Passage, rarity: Rarity) -> Iterator[Candidate]:
    title = frozenset(words(passage.title))
    heading = ""
    for start, end in sentence_spans(passage.text):
        text = passage.text[start:end]
        # A question answers nothing, but as a heading it says what the next sentence answers.
        if text.endswith("?"):
            heading = text
            continue
        gist, heading = f"{heading} {text}".strip(), ""
        stems = {*words(gist), *title}
        named = all(mention.stems <= stems for mention in question.mentions)
        fit = _share(question, dict.fromkeys(stems, 1.0), rarity, 1.0 if named else 0.0)
        yield Candidate((Citation(passage, start, end),), gist, fit, 0.75 if named and question.mentions else 0.5)


def _share(question: Question, scored: dict[str, float], rarity: Rarity, alone: float) -> float:
    """The share of the question's words, weighted by rarity, that ``scored`` has; ``alone`` where there are none.

    0 where the question denies something and nothing in ``scored`` does, and where the question names no concept and
    half of its words are missing, however common they are.
    """
    if any(word.stem in _NEGATIONS and word.stem not in scored for word in question.words):
        return 0.0
    said = sum(word.stem in scored for word in question.words)
    if not question.mentions and 2 * said <= len(question.words):
        return 0.0
    weights = [(word.stem, _weight(word, rarity(word.stem))) for word in question.words]
    total = sum(weight for _, weight in weights)
    return sum(weight * scored.get(stem, 0.0) for stem, weight in weights) / total if total else alone


def _weight(word: Word, rarity: float) -> float:
    usual = word.stem in fact_stems()
    if word.kind:
        return rarity * (_USUAL_KIND if usual else _KIND)
    # Lists of facts repeat the words of their predicate, which makes them common; they say what is asked all the same.
    return max(rarity, _LEAST_RARE) if usual else rarity


def _names_all(question: Question, passage: Passage) -> bool:
    """Whether each concept that the question names is one of the passage's, or its name is in the passage."""
    if all(mention.concepts.intersection(passage.concepts) for mention in question.mentions):
        return True
    stems = {*words(passage.text), *words(passage.title)}
    return all(_names(mention, passage.concepts, stems) for mention in question.mentions)


def _names(mention: Mention, concepts: Collection[str], stems: set[str]) -> bool:
    return not mention.concepts.isdisjoint(concepts) or mention.stems <= stems


def _subject(question: Question, passage: Passage) -> Mention | None:
    first = passage.concepts[0]
    return next((mention for mention in question.mentions if first in mention.concepts), None)


def _part(passage: Passage) -> int:
    number = passage.id.rpartition(".")[2]
    return int(number) if number.isdigit() and fact_of(passage.id) else 1
