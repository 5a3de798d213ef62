"""More examples from examples, each checked against the pack before it counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from random import Random
from typing import Any

from kgslm.augmentation.negation import negations
from kgslm.augmentation.protocol import AUGMENTERS, NOTHING_TO_CHANGE, AugmentConfig, Augmenter, Draft, Source
from kgslm.linking import Linker
from kgslm.linking.dictionary import DictionaryLinker
from kgslm.packs import KnowledgePack
from kgslm.records import AUGMENTED, Example, LinkedText

EMPTY, UNCHANGED, REPEATED = "empty", "equal to the input", "equal to another output"
CONCEPT_LOST, CONCEPT_CHANGED, NEGATION_CHANGED = "concept lost", "concept changed", "negation changed"

KEPT = "kept"

_SPARE_ROUNDS = 2
_BATCH = 256


@dataclass(frozen=True, slots=True)
class Augmented:
    """A new example. origin: the id of the example that it was made from."""

    example: Example
    origin: str
    method: str


@dataclass(frozen=True)
class AugmentReport:
    """What augmentation gave.

    examples: the originals in their order, then the new ones. augmented: the new ones alone, with their origin.
    kept: how many drafts became examples; dropped: how many did not, by reason. methods: the same by method, with
    ``kept`` beside the reasons.
    pack: the fingerprint of the pack that every new example was checked against.
    """

    examples: tuple[Example, ...]
    augmented: tuple[Augmented, ...]
    dropped: Mapping[str, int]
    methods: Mapping[str, Mapping[str, int]]
    pack: str

    @property
    def kept(self) -> int:
        """How many drafts became examples."""
        return len(self.augmented)

    def figures(self) -> dict[str, Any]:
        """Plain data for ``--json``."""
        originals = len(self.examples) - self.kept
        methods = {name: dict(counts) for name, counts in self.methods.items()}
        return {
            "examples": originals,
            "kept": self.kept,
            "dropped": dict(self.dropped),
            "methods": methods,
            "pack": self.pack,
        }


@dataclass(frozen=True, slots=True)
class _Step:
    """One augmenter at work. name: for reports and records. factor: new examples wanted of each example."""

    name: str
    augmenter: Augmenter
    factor: int


def augment(
    examples: Iterable[Example],
    *,
    pack: KnowledgePack,
    methods: Sequence[AugmentConfig | Augmenter | str] = ("synonym",),
    factor: int = 1,
    seed: int = 0,
    linker: Linker | None = None,
    progress: Callable[[int], None] | None = None,
) -> AugmentReport:
    """Vary every example by every method and keep the drafts that pass.

    A draft is dropped where it is empty, equals its example or an earlier draft of it, has other concepts (as the
    linker finds them, counted) or another number of negations. What an example becomes depends on the example, the
    methods and the seed, and not on the examples beside it.
    methods: names of AUGMENTERS, configurations or augmenters. factor: new examples wanted of each example by each
    method; a configuration has its own. linker: the pack's dictionary linker by default. progress: called with the
    number of examples done since the last call.
    Raises ConfigError for an unknown method, MissingExtra where a method needs a package that is not installed.
    """
    originals = tuple(examples)
    linker = linker or DictionaryLinker.from_pack(pack)
    steps = [_step(method, factor, pack, linker) for method in methods]
    augmented: list[Augmented] = []
    taken = {example.id for example in originals}
    counts = {step.name: Counter[str]() for step in steps}
    for first in range(0, len(originals), _BATCH):
        batch = originals[first : first + _BATCH]
        linked = linker.link_many(example.text for example in batch)
        works = [_Work(example, links) for example, links in zip(batch, linked, strict=True)]
        for step in steps:
            _run_step(step, works, linker, seed, counts[step.name])
        augmented += [new for work in works for new in work.named(taken)]
        if progress:
            progress(len(batch))
    dropped = sum(counts.values(), Counter[str]())
    dropped.pop(KEPT, None)
    return AugmentReport(
        examples=(*originals, *(new.example for new in augmented)),
        augmented=tuple(augmented),
        dropped=dict(sorted(dropped.items())),
        methods={name: dict(sorted(tally.items())) for name, tally in counts.items()},
        pack=pack.fingerprint,
    )


def _step(method: AugmentConfig | Augmenter | str, factor: int, pack: KnowledgePack, linker: Linker) -> _Step:
    if isinstance(method, str):
        config: AugmentConfig = AUGMENTERS.load(method)(factor=factor)
    elif isinstance(method, AugmentConfig):
        config = method
    else:
        return _Step(type(method).__name__, method, factor)
    return _Step(config.method, config.augmenter(pack, linker), config.factor)


@dataclass
class _Work:
    """One example under way. seen: its text and the texts of what was kept, spaces aside."""

    example: Example
    linked: LinkedText
    kept: list[tuple[str, Draft]] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.seen.add(_plain(self.example.text))

    def source(self, step: str, seed: int, round_: int) -> Source:
        rng = Random(f"{seed}|{step}|{round_}|{self.example.id}|{self.example.text}")
        return Source(self.linked, self.example.entities, rng)

    def fault(self, text: str, linked: LinkedText) -> str:
        """Why a draft is no good; empty where it is."""
        if not text.strip():
            return EMPTY
        if _plain(text) in self.seen:
            return UNCHANGED if _plain(text) == _plain(self.example.text) else REPEATED
        before, after = Counter(self.linked.concepts), Counter(linked.concepts)
        if before - after:
            return CONCEPT_CHANGED if after - before else CONCEPT_LOST
        if after - before:
            return CONCEPT_CHANGED
        return NEGATION_CHANGED if negations(text) != negations(self.example.text) else ""

    def named(self, taken: Collection[str]) -> list[Augmented]:
        """What was kept, under the ids that the originals leave free: they may have been augmented before."""
        ids = (name for number in count(1) if (name := f"{self.example.id}{AUGMENTED}{number}") not in taken)
        return [
            Augmented(
                replace(self.example, id=id_, text=draft.text, entities=draft.entities),
                self.example.id,
                method,
            )
            for id_, (method, draft) in zip(ids, self.kept, strict=False)
        ]


def _run_step(step: _Step, works: Sequence[_Work], linker: Linker, seed: int, counts: Counter[str]) -> None:
    wanted = dict.fromkeys(range(len(works)), step.factor)
    for round_ in range(min(step.augmenter.rounds, step.factor + _SPARE_ROUNDS)):
        if not wanted:
            return
        active = list(wanted)
        sources = [works[index].source(step.name, seed, round_) for index in active]
        drafts = step.augmenter.drafts(sources, round_)
        made = [(index, draft) for index, draft in zip(active, drafts, strict=True) if isinstance(draft, Draft)]
        relinked = linker.link_many(draft.text for _, draft in made)
        for index, reason in zip(active, drafts, strict=True):
            if isinstance(reason, str):
                counts[reason] += 1
                if reason == NOTHING_TO_CHANGE:
                    del wanted[index]
        for (index, draft), linked in zip(made, relinked, strict=True):
            work = works[index]
            fault = work.fault(draft.text, linked)
            counts[fault or KEPT] += 1
            if not fault:
                work.kept.append((step.name, draft))
                work.seen.add(_plain(draft.text))
                wanted[index] -= 1
                if not wanted[index]:
                    del wanted[index]


def _plain(text: str) -> str:
    return " ".join(text.split())
