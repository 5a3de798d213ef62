"""Packs and texts in other languages than English."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kgslm.errors import LinkError
from kgslm.linking.dictionary import DictionaryLinker
from kgslm.linking.languages import language, languages
from kgslm.packs import KnowledgePack, Origin, PackBuilder, SourceConcept, SourceName

Cli = Callable[..., Any]

GERMAN = [
    ("A", "Herzinsuffizienz", "preferred"),
    ("B", "Ödem der Lunge", "preferred"),
    ("C", "Akuter Myokardinfarkt", "preferred"),
    ("D", "Brustkrebs", "preferred"),
    ("E", "Außerordentliche Kündigung", "preferred"),
    ("F", "Diabetes mellitus Typ 2", "preferred"),
    ("G", "Gutartiger Tumor", "preferred"),
]
SPANISH = [
    ("A", "Insuficiencia cardíaca", "preferred"),
    ("B", "Cáncer de mama", "preferred"),
    ("C", "Infección de las vías urinarias", "preferred"),
    ("D", "Contrato de arrendamiento", "preferred"),
    ("E", "Lesión renal", "preferred"),
    ("F", "Lesión hepática", "preferred"),
]
CHINESE = [
    ("A", "糖尿病", "preferred"),
    ("B", "2型糖尿病", "preferred"),
    ("C", "心力衰竭", "preferred"),
    ("D", "乳腺癌", "preferred"),
    ("E", "有限责任公司", "preferred"),
    ("F", "CT检查", "preferred"),
]


def linked(names: list[tuple[str, str, str]], code: str, text: str) -> list[tuple[str, str | None]]:
    return [(it.surface, it.concept) for it in DictionaryLinker.from_names(names, language=code).link(text).links]


@pytest.mark.parametrize(
    ("text", "links"),
    [
        (
            "Die Herzinsuffizienz und akute Myokardinfarkte.",
            [("Herzinsuffizienz", "A"), ("akute Myokardinfarkte", "C")],
        ),
        ("mit Lungenödem", []),
        ("ein Ödem der Lunge, Oedem der Lungen", [("Ödem der Lunge", "B"), ("Oedem der Lungen", "B")]),
        ("wegen ausserordentlicher Kündigungen", [("ausserordentlicher Kündigungen", "E")]),
        ("Diabetes mellitus Typ II", [("Diabetes mellitus Typ II", "F")]),
        ("bei gutartigen Tumoren", [("gutartigen Tumoren", "G")]),
    ],
)
def test_german(text: str, links: list[tuple[str, str]]) -> None:
    assert linked(GERMAN, "de", text) == links


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("Con insuficiencia cardiaca.", [("insuficiencia cardiaca", "A")]),
        ("un cáncer de la mama", [("cáncer de la mama", "B")]),
        ("INFECCIONES DE VÍAS URINARIAS", [("INFECCIONES DE VÍAS URINARIAS", "C")]),
        ("los contratos de arrendamiento", [("contratos de arrendamiento", "D")]),
        ("lesión renal y hepática", [("lesión renal", "E"), ("lesión renal y hepática", "F")]),
    ],
)
def test_spanish(text: str, links: list[tuple[str, str]]) -> None:
    assert sorted(linked(SPANISH, "es", text)) == sorted(links)


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("患者有2型糖尿病和心力衰竭。", [("2型糖尿病", "B"), ("心力衰竭", "C")]),
        ("糖尿病史十年，乳腺癌术后。", [("糖尿病", "A"), ("乳腺癌", "D")]),
        ("该有限责任公司已注册。做了CT检查", [("有限责任公司", "E"), ("CT检查", "F")]),
        ("尿糖病", []),
        ("心力，衰竭", []),
        ("糖尿。病", []),
        ("心力 衰竭", [("心力 衰竭", "C")]),
    ],
)
def test_chinese(text: str, links: list[tuple[str, str]]) -> None:
    assert linked(CHINESE, "zh", text) == links


def test_chinese_names_are_found_by_the_english_linker_too() -> None:
    assert linked(CHINESE, "en", "患者有糖尿病。") == [("糖尿病", "A")]


def test_every_language_has_words_and_links() -> None:
    assert {"de", "en", "es", "fr", "it", "nl", "pt", "zh"} <= set(languages())
    for code in languages():
        words = language(code)
        assert words.conjunctions and words.conjunctions <= words.joining <= words.fillers <= words.everyday
        assert linked([("A", "Epilepsia test", "preferred")], code, "epilepsia test") == [("epilepsia test", "A")]
    assert language("de-CH") == language("DE")


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(LinkError, match="unknown code 'xx'; choose from de, en"):
        DictionaryLinker.from_names([], language="xx")


def test_a_pack_keeps_one_lexicon_for_each_language(tmp_path: Path, cli: Cli) -> None:
    builder = PackBuilder("arten")
    builder.add(Origin("arten"), [SourceConcept("A", "Ödem", names=(SourceName("Wassersucht"),))])
    builder.write(tmp_path / "pack")
    pack = KnowledgePack.open(tmp_path / "pack")
    assert DictionaryLinker.from_pack(pack, language="de").link("Oedeme").links[0].concept == "A"
    assert DictionaryLinker.from_pack(pack).link("Wassersucht").links[0].concept == "A"
    assert sorted(path.name for path in pack.derived("").iterdir()) == ["lexicon", "lexicon-de"]
    (tmp_path / "d.jsonl").write_text('{"id": "a", "text": "ein Oedem"}\n')
    run = cli("link", pack.path, tmp_path / "d.jsonl", "-o", tmp_path / "o.jsonl", "--language", "de")
    assert run.out.startswith("1 links to 1 concepts")
    bad = cli("link", pack.path, tmp_path / "d.jsonl", "-o", tmp_path / "o.jsonl", "--language", "tlh")
    assert (bad.status, bad.err.count("\n")) == (2, 1) and "choose from de, en" in bad.err
