"""Augmentation in a configuration file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kgslm.augmentation import AugmentConfig
from kgslm.augmentation.noise import WordsConfig
from kgslm.augmentation.synonyms import SynonymConfig
from kgslm.config import Config, parse_config
from kgslm.errors import ConfigError


class Training(Config):
    augment: tuple[AugmentConfig, ...] = ()


def parse(*steps: Any) -> Training:
    return parse_config({"augment": list(steps)}, Training, where="train.yaml", base=Path())


def test_a_step_becomes_the_configuration_of_its_method() -> None:
    training = parse({"method": "synonym", "factor": 2}, {"method": "words", "rate": 0.2})
    assert training.augment == (SynonymConfig(factor=2), WordsConfig(rate=0.2))


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ({"method": "synonim"}, "train.yaml:augment.0: augmenters: unknown name 'synonim'; did you mean 'synonym'?"),
        ({"method": "synonym", "shar": 0.5}, "train.yaml:augment.0: unknown key 'shar'; did you mean 'share'?"),
        ({"method": "words", "rate": 2}, "train.yaml:augment.0.rate: Input should be less than or equal to 0.5"),
        ({"factor": 2}, "train.yaml:augment.0.method: Field required"),
        ({"method": "synonym", "factor": 0}, "train.yaml:augment.0.factor: Input should be greater than or equal to 1"),
        ({"method": "back-translation", "model": "a/b"}, "train.yaml:augment.0: model and back_model go together"),
    ],
)
def test_a_bad_step_is_one_clear_line(step: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(step)
    assert str(caught.value).startswith(message)
