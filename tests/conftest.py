"""What many tests share: a tiny random transformer and a command-line runner."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest

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


@pytest.fixture(autouse=True)
def private_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the user's cache folder."""
    monkeypatch.setenv("KGSLM_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))
    monkeypatch.setattr(sys, "argv", ["kgslm"])
