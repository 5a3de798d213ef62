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
    from kgslm.injection import ContextArm as ContextArm
    from kgslm.injection import EmbeddingsArm as EmbeddingsArm
    from kgslm.injection import EvidenceArm as EvidenceArm
    from kgslm.injection import Inject as Inject
    from kgslm.linking.dictionary import DictionaryLinker as DictionaryLinker
    from kgslm.packs import KnowledgePack as KnowledgePack
    from kgslm.packs import build_pack as build_pack
    from kgslm.recipes.ask import index_files as index_files
    from kgslm.recipes.compare import CompareRun as CompareRun
    from kgslm.recipes.compare import compare as compare
    from kgslm.recipes.embed import embed_pack as embed_pack
    from kgslm.recipes.train import evaluate as evaluate
    from kgslm.recipes.train import train as train
    from kgslm.records import Answer as Answer
    from kgslm.records import Concept as Concept
    from kgslm.records import Entity as Entity
    from kgslm.records import EntityRelation as EntityRelation
    from kgslm.records import Example as Example
    from kgslm.records import LinkedText as LinkedText
    from kgslm.records import Prediction as Prediction
    from kgslm.serving import Answerer as Answerer
    from kgslm.tuning.adapters import LoraAdapter as LoraAdapter
    from kgslm.tuning.finetune import finetune as finetune
    from kgslm.tuning.model import KnowledgeModel as KnowledgeModel
    from kgslm.tuning.options import TrainOptions as TrainOptions
    from kgslm.tuning.options import Tuning as Tuning

# name -> module; sorted, and locked by a test.
_PUBLIC = {
    "Answer": "kgslm.records",
    "Answerer": "kgslm.serving",
    "CompareRun": "kgslm.recipes.compare",
    "Concept": "kgslm.records",
    "ContextArm": "kgslm.injection",
    "DictionaryLinker": "kgslm.linking.dictionary",
    "EmbeddingsArm": "kgslm.injection",
    "Entity": "kgslm.records",
    "EntityRelation": "kgslm.records",
    "EvidenceArm": "kgslm.injection",
    "Example": "kgslm.records",
    "Inject": "kgslm.injection",
    "KgslmError": "kgslm.errors",
    "KnowledgeModel": "kgslm.tuning.model",
    "KnowledgePack": "kgslm.packs",
    "LinkedText": "kgslm.records",
    "LoraAdapter": "kgslm.tuning.adapters",
    "Prediction": "kgslm.records",
    "TrainOptions": "kgslm.tuning.options",
    "Tuning": "kgslm.tuning.options",
    "augment": "kgslm.augmentation",
    "build_pack": "kgslm.packs",
    "compare": "kgslm.recipes.compare",
    "embed_pack": "kgslm.recipes.embed",
    "evaluate": "kgslm.recipes.train",
    "finetune": "kgslm.tuning.finetune",
    "index_files": "kgslm.recipes.ask",
    "train": "kgslm.recipes.train",
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
