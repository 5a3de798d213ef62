"""Rules that tell how a mention is meant: cue phrases in YAML files, read, checked and put together.

A file has four parts, each of which may be left out::

    flags:                       # what a cue says of the mentions in its reach
      - flag: negated            # or several: [negated, historical]
        direction: forward       # or backward, or both
        max_words: 6             # between cue and mention; without it, up to the end of the clause
        cues: "no, without, free of {wide}"
    ends:                        # what ends the reach of a cue before its clause ends
      - cues: but, however
      - {cues: "has, had", flags: [negated], direction: forward}
    pseudo: no increase, not only   # looks like a cue and is none; in a file of one's own it takes a cue away
    words: {wide: "any, all"}    # each cue with {wide} stands for one cue a word

Cues are separated by commas, or are a list. ``stops`` are the signs that end a clause; ``spaces: false`` is for
languages that write words together, where ``max_words`` counts characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias, get_args

from pydantic import BeforeValidator, Field, PrivateAttr, model_validator

from kgslm.config import Config, load_config
from kgslm.errors import ConfigError, unknown
from kgslm.linking.assertion_cues import plain_phrase

Flag: TypeAlias = Literal["negated", "hypothetical", "historical", "other_person"]
FLAGS: tuple[Flag, ...] = get_args(Flag)
"""Names of fields of a Link."""

_FOLDER = Path(__file__).with_name("assertions")
_WORD = re.compile(r"\{(\w*)\}")


def _phrases(value: Any) -> Any:
    parts = value.split(",") if isinstance(value, str) else value
    if isinstance(parts, bool) or (isinstance(parts, list) and any(isinstance(part, bool) for part in parts)):
        raise ValueError("put no, yes, on and off in quotes; YAML reads them as true or false")
    return [part.strip() if isinstance(part, str) else part for part in parts] if isinstance(parts, list) else parts


def _one_or_more(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Phrases: TypeAlias = Annotated[tuple[str, ...], BeforeValidator(_phrases)]
Flags: TypeAlias = Annotated[tuple[Flag, ...], Field(min_length=1), BeforeValidator(_one_or_more)]


class FlagRule(Config):
    """Cues with what they say of the mentions before or behind them."""

    flag: Flags
    direction: Literal["forward", "backward", "both"]
    max_words: int | None = Field(None, ge=0)
    cues: Phrases


class EndRule(Config):
    """Cues beyond which another cue says nothing. flags, direction: of which kind that other cue is."""

    flags: Flags = FLAGS
    direction: Literal["forward", "backward", "both"] = "both"
    cues: Phrases


@dataclass(frozen=True, slots=True)
class End:
    """Which flags end at a phrase, in either direction of reading; none where it only looks like an end."""

    forward: tuple[Flag, ...] = ()
    backward: tuple[Flag, ...] = ()

    def and_also(self, other: End) -> End:
        """Both."""
        return End((*self.forward, *other.forward), (*self.backward, *other.backward))


@dataclass(frozen=True, slots=True)
class Cue:
    """What a cue phrase says. max_words: between it and a mention, None for any number."""

    flags: tuple[Flag, ...]
    forward: bool
    backward: bool
    max_words: int | None


class RuleFile(Config):
    """One file of rules. A cue that is given two meanings, or has no letters, is an error."""

    stops: str = ".!?;。！？；"
    spaces: bool = True
    words: dict[str, Phrases] = Field(default_factory=dict)
    flags: tuple[FlagRule, ...] = ()
    ends: tuple[EndRule, ...] = ()
    pseudo: Phrases = ()
    _cues: dict[str, Cue | None] = PrivateAttr(default_factory=dict)
    _ends: dict[str, End] = PrivateAttr(default_factory=dict)

    @model_validator(mode="after")
    def _collect(self) -> RuleFile:
        for rule in self.flags:
            forward, backward = rule.direction != "backward", rule.direction != "forward"
            for phrase in self._written_out(rule.cues):
                self._add(phrase, Cue(rule.flag, forward, backward, rule.max_words))
        for end in self.ends:
            meaning = End(
                end.flags if end.direction != "backward" else (), end.flags if end.direction != "forward" else ()
            )
            for phrase in self._written_out(end.cues):
                self._ends[phrase] = self._ends.get(phrase, End()).and_also(meaning)
        for phrase in self._written_out(self.pseudo):
            self._add(phrase, None)
            self._ends.setdefault(phrase, End())
        return self

    @property
    def cues(self) -> Mapping[str, Cue | None]:
        """Plain phrase to what it says; None where it only looks like a cue."""
        return self._cues

    @property
    def end_cues(self) -> Mapping[str, End]:
        """Plain phrase to what ends there."""
        return self._ends

    def _add(self, phrase: str, meaning: Cue | None) -> None:
        if self._cues.setdefault(phrase, meaning) != meaning:
            raise ValueError(f"the cue {phrase!r} is given twice, with two meanings")

    def _written_out(self, phrases: Iterable[str]) -> Iterator[str]:
        for phrase in phrases:
            # The pieces at odd places are the names of words.
            pieces = _WORD.split(phrase)
            for name in pieces[1::2]:
                if name not in self.words:
                    raise ValueError(f"the cue {phrase!r}: {unknown('word', name, self.words)}")
            choices = [self.words[piece] if place % 2 else (piece,) for place, piece in enumerate(pieces)]
            for chosen in product(*choices):
                plain = plain_phrase("".join(chosen))
                if not plain:
                    raise ValueError(f"the cue {phrase!r} has no letters or digits")
                yield plain


@dataclass(frozen=True)
class Rules:
    """The rules of several files. cues, ends: as in RuleFile."""

    cues: Mapping[str, Cue | None]
    ends: Mapping[str, End]
    stops: str
    spaces: bool


def load_rules(path: Path | str) -> RuleFile:
    """Read a file of rules. Raises ConfigError, one line with the file and the key or line."""
    return load_config(Path(path), RuleFile)


def languages() -> list[str]:
    """The codes of the languages that have rules."""
    return sorted(path.stem for path in _FOLDER.glob("*.yaml") if "-" not in path.stem)


def shipped_rules(language: str, domain: str | None = None) -> list[Path]:
    """The files that come with kgslm: the general one, then that of the domain, or those of all domains.

    Raises ConfigError for a language without rules, or a domain without rules in a language that has some.
    """
    general = _FOLDER / f"{language}.yaml"
    if language not in languages():
        raise ConfigError(f"assertion rules: {unknown('language', language, languages())}")
    domains = {path.stem.partition("-")[2]: path for path in sorted(_FOLDER.glob(f"{language}-*.yaml"))}
    if domain is None:
        return [general, *domains.values()]
    if domain not in domains:
        known = ", ".join(domains) or "none but the general ones"
        raise ConfigError(f"assertion rules: {language} has no domain {domain!r}; it has {known}")
    return [general, domains[domain]]


def join_rules(files: Iterable[RuleFile]) -> Rules:
    """Put files together; what a later one says of a cue goes before what an earlier one says; ends add up."""
    files = list(files)
    cues: dict[str, Cue | None] = {}
    ends: dict[str, End] = {}
    for file in files:
        for phrase in file.cues:
            if ends.get(phrase) == End():
                del ends[phrase]  # no longer one that only looks like a cue
        cues.update(file.cues)
        for phrase, end in file.end_cues.items():
            ends[phrase] = ends.get(phrase, End()).and_also(end) if end != End() else end
    return Rules(cues, ends, files[0].stops if files else "", files[0].spaces if files else True)
