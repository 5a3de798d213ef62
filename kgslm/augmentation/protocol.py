"""What every augmenter can do, and the augmenters by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Protocol, runtime_checkable

from pydantic import Field, ModelWrapValidatorHandler, model_validator

from kgslm.config import Config
from kgslm.errors import ConfigError
from kgslm.linking import Linker
from kgslm.packs import KnowledgePack
from kgslm.records import Entity, LinkedText
from kgslm.registry import Registry

AUGMENTERS = Registry(
    "kgslm.augmenters",
    {
        "synonym": "kgslm.augmentation.synonyms:SynonymConfig",
        "words": "kgslm.augmentation.noise:WordsConfig",
        "characters": "kgslm.augmentation.noise:CharactersConfig",
        "back-translation": "kgslm.augmentation.translation:BackTranslationConfig",
    },
)
"""Method name to the ``AugmentConfig`` class that builds its augmenter."""

NOTHING_TO_CHANGE = "nothing to change"
"""The reason of an augmenter that will never have a draft for this text."""


@dataclass(frozen=True, slots=True)
class Source:
    """A text to vary. entities: labelled spans that every draft must still have. rng: the only chance there is."""

    linked: LinkedText
    entities: tuple[Entity, ...]
    rng: Random

    @property
    def text(self) -> str:
        """The text itself."""
        return self.linked.text


@dataclass(frozen=True, slots=True)
class Draft:
    """A variant that nobody has checked yet. entities: the source's, in the same order, where they are now."""

    text: str
    entities: tuple[Entity, ...] = ()


@runtime_checkable
class Augmenter(Protocol):
    """Makes drafts of texts.

    rounds: how many different drafts of one text there can be at most; a larger round brings nothing new.
    """

    rounds: int

    def drafts(self, sources: Sequence[Source], round_: int) -> list[Draft | str]:
        """For each source a draft, or the reason why there is none. round_: 0 for the first draft of a text, and so on.

        The result for one source depends on that source and the round alone.
        """
        ...


class AugmentConfig(Config):
    """One step of augmentation, such as ``{method: synonym, factor: 1}``, with the options of its method.

    factor: new examples wanted of each example.
    Validating a mapping gives the configuration class of its ``method``.
    """

    method: str
    factor: int = Field(default=1, ge=1, le=100)

    def augmenter(self, pack: KnowledgePack, linker: Linker) -> Augmenter:
        """The augmenter of this configuration. Raises MissingExtra where an optional package is not installed."""
        raise ConfigError(f"augment: the method {self.method!r} is no augmenter of its own")

    @model_validator(mode="wrap")
    @classmethod
    def _class_of_method(cls, data: Any, handler: ModelWrapValidatorHandler[AugmentConfig]) -> AugmentConfig:
        if cls is not AugmentConfig or not isinstance(data, Mapping) or "method" not in data:
            return handler(data)
        try:
            chosen: type[AugmentConfig] = AUGMENTERS.load(str(data["method"]))
        except ConfigError as error:
            raise ValueError(str(error)) from error
        return chosen.model_validate(data)
