"""Which words are one word, and which mean the same."""

from __future__ import annotations

import numpy as np
import pytest

from kgslm.linking.hashing import class_numbers
from kgslm.linking.languages import language
from kgslm.linking.lexicon import build_lexicon
from kgslm.linking.vocabulary import Vocabulary


@pytest.mark.parametrize(
    "words",
    [
        "vertebra vertebrae", "stigma stigmata", "diverticulum diverticula", "atrium atria", "bronchus bronchi",
        "nucleus nuclei", "cortex cortices", "appendix appendices", "phalanx phalanges", "foramen foramina",
        "arthritis arthritides", "ganglion ganglia", "diagnosis diagnoses", "haematoma hematomata", "naevus nevi",
        "foetus fetuses", "virus viruses", "corpus corpora", "memorandum memoranda", "oedema edema", "tumour TUMORS",
        "generalised generalized", "fibre fibers", "Sjögren Sjogren", "II 2 ii", "analysis analyses",
        "sulphate sulfate", "aluminium aluminum", "licence license", "judgement judgments", "analogue analogs",
    ],
)  # fmt: skip
def test_one_stem(words: str) -> None:
    vocabulary = Vocabulary(language("en"), {})
    assert len({vocabulary.stem(word) for word in words.split()}) == 1


@pytest.mark.parametrize("words", ["change phalanx", "retina retinue", "X 10", "cause cautious", "asthma asthmum"])
def test_other_stems(words: str) -> None:
    vocabulary = Vocabulary(language("en"), {})
    stems = {vocabulary.stem(word) for word in words.split()}
    assert len(stems) == 2 or words == "asthma asthmum"


def test_no_two_words_make_a_third() -> None:
    numbers = class_numbers(np.arange(1, 100_001, dtype=np.int32))
    assert not np.isin(numbers[:50_000] * np.uint64(2), numbers).any()
    assert not np.isin(numbers[:-1] + numbers[1:], numbers).any()


def clusters(*names: tuple[str, str]) -> list[set[str]]:
    lexicon = build_lexicon([(concept, name, "exact") for concept, name in names])
    stems = lexicon.stems.to_pylist()
    found: dict[int, set[str]] = {}
    for stem, cluster in zip(stems, lexicon.clusters[1:].tolist(), strict=True):
        found.setdefault(cluster, set()).add(stem)
    return [members for members in found.values() if len(members) > 1]


def pairs(first: str, second: str, *rests: str) -> list[tuple[str, str]]:
    return [(rest, f"{word} {rest}") for rest in rests for word in (first, second)]


def test_words_that_the_names_of_five_concepts_exchange_are_one() -> None:
    organs = pairs("renal", "kidney", "stone", "cyst", "abscess", "scar", "trauma")
    assert clusters(*organs) == [{"renal", "kidney"}]
    assert clusters(*organs[:6]) == []


def test_words_that_tell_concepts_apart_are_not() -> None:
    organs = pairs("short", "small", "nose", "chin", "thumb", "toe", "hand")
    apart = [(f"{word} {it}", f"{word} {it}") for word in ("short", "small") for it in ("neck", "face", "foot", "ear")]
    assert clusters(*organs, *apart) == []


def test_opposites_numbers_and_letters_never_are() -> None:
    rests = ("lung", "hand", "foot", "eye", "ear", "leg")
    assert clusters(*pairs("left", "right", *rests)) == []
    assert clusters(*pairs("3", "4", *rests)) == []
    assert clusters(*pairs("b", "c", *rests)) == []


def test_words_of_one_root_need_one_concept() -> None:
    assert clusters(*pairs("clavicle", "clavicular", "hypoplasia")) == [{"clavicl", "clavicular"}]
    assert clusters(*pairs("collarbone", "clavicular", "hypoplasia")) == []


def test_clusters_do_not_drift() -> None:
    wide = pairs("wide", "broad", "nose", "chin", "thumb", "toe", "hand", "lip")
    broad = pairs("broad", "big", "neck", "face", "foot", "hip", "jaw", "leg")
    big = pairs("big", "tall", "arm", "back", "wrist", "knee", "heel", "palm")
    found = clusters(*wide, *broad, *big)
    assert found and not any({"wide", "tall"} <= members for members in found)
