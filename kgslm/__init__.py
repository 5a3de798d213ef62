"""Small language models that know your domain.

The public names are resolved at first use, so that ``import kgslm`` loads neither torch nor transformers.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from kgslm.augmentation import augment as augment
    from kgslm.errors import KgslmError as KgslmError
    from kgslm.linking.dictionary import DictionaryLinker as DictionaryLinker
    from kgslm.packs import KnowledgePack as KnowledgePack
    from kgslm.packs import build_pack as build_pack
    from kgslm.records import Answer as Answer
    from kgslm.records import Concept as Concept
    from kgslm.records import LinkedText as LinkedText

# name -> module; sorted, and locked by a test.
_PUBLIC = {
    "Answer": "kgslm.records",
    "Concept": "kgslm.records",
    "DictionaryLinker": "kgslm.linking.dictionary",
    "KgslmError": "kgslm.errors",
    "KnowledgePack": "kgslm.packs",
    "LinkedText": "kgslm.records",
    "augment": "kgslm.augmentation",
    "build_pack": "kgslm.packs",
}

__all__ = ["__version__", *sorted(_PUBLIC)]  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module 'kgslm' has no attribute {name!r}")
    value = getattr(import_module(_PUBLIC[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_PUBLIC})
