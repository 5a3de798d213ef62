"""The examples in the docstrings of the pack room, run on the toy pack."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import kgslm.packs
from kgslm.packs import KnowledgePack

MODULES = [module.name for module in pkgutil.walk_packages(kgslm.packs.__path__, "kgslm.packs.")]
SHOWN = [f"kgslm.packs.{name}" for name in ("graph_view", "ids", "paths", "search", "similarity", "views")]
"""Modules that have examples; a look at them keeps this file from testing nothing."""


@pytest.mark.parametrize("name", MODULES)
def test_examples_give_what_they_say(name: str, toy_pack: KnowledgePack) -> None:
    module = importlib.import_module(name)
    flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    found = doctest.testmod(module, extraglobs={"pack": toy_pack}, optionflags=flags)
    assert found.failed == 0
    assert found.attempted or name not in SHOWN


def test_every_public_name_of_the_room_resolves() -> None:
    assert all(getattr(kgslm.packs, name) is not None for name in kgslm.packs.__all__)
    with pytest.raises(AttributeError, match="no attribute 'Pack'"):
        kgslm.packs.Pack  # noqa: B018
