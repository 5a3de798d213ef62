"""What many tests share: a tiny random transformer and a command-line runner."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

# Time limits measure the machine, and a failure that comes and goes helps nobody.
settings.register_profile("kgslm", deadline=None, derandomize=True)
settings.load_profile("kgslm")

# The models of the tests are tiny: threads would only wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")

if TYPE_CHECKING:
    from kgslm.packs import KnowledgePack

WORDS = """
    the a of and with patient has had no was is in on for to fever cough seizure seizures headache heart lung skin
    disease infarction myocardial attack acute chronic pain drug treats aspirin metformin diabetes mellitus type
    kidney failure rash asthma infection bacterial viral tumour cancer breast liver blood pressure high low
"""


@dataclass(frozen=True)
class Run:
    """What one command did."""

    status: int
    out: str
    err: str


@pytest.fixture
def cli() -> Callable[..., Run]:
    """Run ``kgslm ARGUMENTS`` in this process: ``cli("pack", "info", path)``."""

    def run(*arguments: object) -> Run:
        from kgslm.cli import main

        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            try:
                main([str(argument) for argument in arguments])
            except SystemExit as leave:
                status = leave.code if isinstance(leave.code, int) else 1
        return Run(status, out.getvalue(), err.getvalue())

    return run


@pytest.fixture(scope="session")
def tiny_encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a random BERT: 4 layers, hidden size 32, a word-piece vocabulary of words and letters."""
    import torch
    from transformers import BertConfig, BertModel, BertTokenizerFast

    folder = tmp_path_factory.mktemp("tiny-encoder")
    letters = [chr(code) for code in range(ord("a"), ord("z") + 1)] + [str(digit) for digit in range(10)]
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    vocabulary = [
        *special,
        *dict.fromkeys([*letters, *(f"##{letter}" for letter in letters), *".,:;()-/%", *WORDS.split()]),
    ]
    (folder / "vocab.txt").write_text("\n".join(vocabulary) + "\n", encoding="utf-8")
    BertTokenizerFast(vocab=str(folder / "vocab.txt"), do_lower_case=True).save_pretrained(folder)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        num_hidden_layers=4,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=160,
    )
    BertModel(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def toy_pack(tmp_path_factory: pytest.TempPathFactory) -> KnowledgePack:
    """An opened pack of fifteen medical concepts: two roots, tree numbers, categories, synonyms, TREATS facts.

    ::

        T:1 disease (C01)                     T:20 drug
          T:2 infection (C01.100)               T:21 aspirin, T:22 metformin, T:23 penicillin
            T:3 pneumonia (C01.100.200)       T:30 clinical finding
          T:4 heart disease (C01.300)           T:31 fever, T:32 cough, T:33 seizure
            T:5 myocardial infarction (C01.300.500)
          T:6 diabetes mellitus (C01.400), T:7 asthma (C01.500)
    """
    from kgslm.packs import KnowledgePack, Origin, PackBuilder, SourceConcept, SourceFacts, SourceName, SourceRelation

    def exact(*names: str) -> tuple[SourceName, ...]:
        return tuple(SourceName(name) for name in names)

    disease, drug, finding = ("disease",), ("drug",), ("finding",)
    concepts = [
        SourceConcept(
            "T:1", "disease", exact("disorder"), "A disorder of structure or function.", disease, tree=("C01",)
        ),
        SourceConcept("T:2", "infection", (), "Invasion of the body by microorganisms.", disease, tree=("C01.100",)),
        SourceConcept(
            "T:3",
            "pneumonia",
            (SourceName("lung infection", "broad"),),
            "Infection that inflames the air sacs of the lung.",
            disease,
            tree=("C01.100.200",),
        ),
        SourceConcept(
            "T:4", "heart disease", exact("cardiac disease"), "A disease of the heart.", disease, tree=("C01.300",)
        ),
        SourceConcept(
            "T:5",
            "myocardial infarction",
            exact("heart attack", "MI"),
            "Death of heart muscle for want of blood.",
            disease,
            tree=("C01.300.500",),
            xrefs=("UMLS:C0027051",),
            alt_ids=("T:500",),
        ),
        SourceConcept(
            "T:6",
            "diabetes mellitus",
            (SourceName("diabetes", "broad"),),
            "Chronically high blood sugar.",
            disease,
            tree=("C01.400",),
        ),
        SourceConcept("T:7", "asthma", (), "Chronic narrowing of the airways.", disease, tree=("C01.500",)),
        SourceConcept("T:8", "cardiac infarct", obsolete=True, replaced_by=("T:5",)),
        SourceConcept("T:20", "drug", exact("medicine"), "A substance given to treat a disease.", drug),
        SourceConcept("T:21", "aspirin", exact("acetylsalicylic acid"), "", drug, parents=("T:20",)),
        SourceConcept("T:22", "metformin", (), "A drug that lowers blood sugar.", drug, parents=("T:20",)),
        SourceConcept("T:23", "penicillin", (), "An antibiotic.", drug, parents=("T:20",)),
        SourceConcept("T:30", "clinical finding", (), "What a clinician observes.", finding),
        SourceConcept("T:31", "fever", exact("pyrexia"), "High body temperature.", finding, parents=("T:30",)),
        SourceConcept("T:32", "cough", (), "Sudden expulsion of air from the lungs.", finding, parents=("T:30",)),
        SourceConcept("T:33", "seizure", exact("epileptic fit"), "", finding, parents=("T:30",)),
    ]
    facts = [
        SourceRelation("T:21", "TREATS", "T:5"),
        SourceRelation("T:21", "TREATS", "T:31"),
        SourceRelation("T:22", "TREATS", "T:6"),
        SourceRelation("T:23", "TREATS", "T:3"),
        SourceRelation("T:3", "HAS_SYMPTOM", "T:31"),
        SourceRelation("T:3", "HAS_SYMPTOM", "T:32"),
    ]
    folder = tmp_path_factory.mktemp("packs") / "toy"
    builder = PackBuilder("toy", version="1", description="A pack for tests")
    builder.add(Origin("toy"), [*concepts, *facts], SourceFacts("items", licence="CC0-1.0"))
    builder.write(folder)
    return KnowledgePack.open(folder)


@pytest.fixture(autouse=True)
def private_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the user's cache folder."""
    monkeypatch.setenv("KGSLM_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))
    monkeypatch.setattr(sys, "argv", ["kgslm"])
