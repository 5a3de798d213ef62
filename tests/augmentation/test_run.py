"""Which drafts become examples."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from kgslm.augmentation import Draft, Source, augment
from kgslm.augmentation.protocol import NOTHING_TO_CHANGE
from kgslm.errors import ConfigError
from kgslm.packs import KnowledgePack
from kgslm.records import Entity, Example


class Says:
    """An augmenter that answers by rule: the round and the text to a draft's text."""

    rounds = 5

    def __init__(self, rule: Callable[[int, str], str | None]) -> None:
        self.rule = rule

    def drafts(self, sources: Sequence[Source], round_: int) -> list[Draft | str]:
        texts = [self.rule(round_, source.text) for source in sources]
        return [NOTHING_TO_CHANGE if text is None else Draft(text) for text in texts]


def test_labels_and_the_second_text_are_carried(pack: KnowledgePack) -> None:
    example = Example("e7", "A heart attack.", ("bad", "sudden"), text_pair="Is it?")
    report = augment([example], pack=pack, methods=["synonym"])
    new = Example("e7#aug1", "A myocardial infarction.", ("bad", "sudden"), text_pair="Is it?")
    assert report.examples == (example, new)
    assert [(it.example, it.origin, it.method) for it in report.augmented] == [(new, "e7", "synonym")]
    assert (report.kept, report.dropped, report.pack) == (1, {}, pack.fingerprint)


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        ("  ", "empty"),
        ("No asthma  after a heart attack.", "equal to the input"),
        ("No asthma after it.", "concept lost"),
        ("No asthma after a seizure.", "concept changed"),
        ("No asthma, asthma after a heart attack.", "concept changed"),
        ("Asthma after a heart attack.", "negation changed"),
        (None, NOTHING_TO_CHANGE),
    ],
)
def test_drafts_that_are_dropped(pack: KnowledgePack, output: str | None, reason: str) -> None:
    example = Example("e", "No asthma after a heart attack.")
    report = augment([example], pack=pack, methods=[Says(lambda round_, text: output)])
    # A wanted example gets three chances; a method that has nothing to change is asked once.
    assert report.dropped == {reason: 1 if output is None else 3}
    assert report.examples == (example,)


def test_a_factor_asks_for_different_drafts(pack: KnowledgePack) -> None:
    says = Says(lambda round_, text: ["Asthma it is.", "Asthma it  is.", "It is asthma.", "So: asthma."][round_])
    report = augment([Example("e", "Asthma.")], pack=pack, methods=[says], factor=3)
    assert [it.text for it in report.examples] == ["Asthma.", "Asthma it is.", "It is asthma.", "So: asthma."]
    assert [it.id for it in report.examples] == ["e", "e#aug1", "e#aug2", "e#aug3"]
    assert report.dropped == {"equal to another output": 1}


def test_counts_add_up_by_method(pack: KnowledgePack) -> None:
    examples = [Example("a", "A heart attack."), Example("b", "Asthma."), Example("c", "")]
    report = augment(examples, pack=pack, methods=["synonym", Says(lambda round_, text: "Ill.")])
    assert report.methods == {
        "synonym": {"kept": 1, NOTHING_TO_CHANGE: 2},
        "Says": {"concept lost": 6, "kept": 1},
    }
    assert report.figures() == {
        "examples": 3,
        "kept": 2,
        "dropped": {"concept lost": 6, NOTHING_TO_CHANGE: 2},
        "methods": report.methods,
        "pack": pack.fingerprint,
    }


def test_an_example_does_not_depend_on_its_neighbours(pack: KnowledgePack) -> None:
    examples = [
        Example(str(number), f"Patient number {number} had a seizure and was then treated for a heart attack.")
        for number in range(6)
    ]
    methods = ["synonym", "words", "characters"]

    def new(chosen: list[Example], seed: int = 3) -> dict[str, str]:
        report = augment(chosen, pack=pack, methods=methods, factor=2, seed=seed)
        return {it.example.id: it.example.text for it in report.augmented}

    together = new(examples)
    assert len(together) > 25
    assert new(examples[::-1]) == together
    assert {key: text for example in examples for key, text in new([example]).items()} == together
    assert new(examples, seed=4) != together


def test_entities_come_along(pack: KnowledgePack) -> None:
    example = Example(
        "e",
        "Then he had a seizure in May and another later.",
        entities=(Entity(14, 21, "disease", "D:1"), Entity(25, 28, "time")),
    )
    report = augment([example], pack=pack, methods=["synonym", "words", "characters"])
    assert report.kept == 3
    for new in report.augmented:
        text, entities = new.example.text, new.example.entities
        surfaces = [text[it.start : it.end] for it in entities]
        assert surfaces == (["epileptic fit", "May"] if new.method == "synonym" else ["seizure", "May"])
        assert [(it.label, it.id) for it in entities] == [("disease", "D:1"), ("time", "")]


def test_an_unknown_method_is_refused(pack: KnowledgePack) -> None:
    with pytest.raises(ConfigError, match="unknown name 'synonyms'; did you mean 'synonym'"):
        augment([], pack=pack, methods=["synonyms"])
