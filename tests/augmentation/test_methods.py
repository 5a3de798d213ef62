"""What each method does to known texts."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from random import Random

import numpy as np
import pytest

from kgslm.augmentation import Draft, Source
from kgslm.augmentation.noise import CharacterNoise, WordNoise
from kgslm.augmentation.protocol import NOTHING_TO_CHANGE
from kgslm.augmentation.synonyms import SynonymAugmenter
from kgslm.augmentation.translation import GARBLED, LOST_PLACEHOLDER, BackTranslation
from kgslm.linking.dictionary import DictionaryLinker
from kgslm.packs import KnowledgePack
from kgslm.records import Entity

MakeSource = Callable[..., Source]


@pytest.fixture
def source(linker: DictionaryLinker) -> MakeSource:
    def make(text: str, *entities: Entity, seed: int = 0) -> Source:
        return Source(linker.link(text), entities, Random(seed))

    return make


class Upside:
    """A translator that says everything by rule."""

    def __init__(self, rule: Callable[[str], str]) -> None:
        self.rule = rule
        self.heard: list[str] = []

    def round_trip(self, texts: Sequence[str]) -> list[str]:
        self.heard += texts
        return [self.rule(text) for text in texts]


class TestSynonyms:
    @pytest.fixture
    def augmenter(self, pack: KnowledgePack, linker: DictionaryLinker) -> SynonymAugmenter:
        return SynonymAugmenter(pack, linker, share=1.0)

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            # "Seizures" and "Fit, epileptic" are no variation, "Spell" is broader; the article follows the sound.
            ("He had a seizure.", "He had an epileptic fit."),
            ("An epileptic fit.", "A seizure."),
            ("Seizures came.", "Epileptic fit came."),
            # "MI" is also the mitral insufficiency.
            ("A heart attack; HEART ATTACK", "A myocardial infarction; MYOCARDIAL INFARCTION"),
            ("Regional enteritis or seizure", "Crohn's disease or epileptic fit"),
        ],
    )
    def test_texts(self, augmenter: SynonymAugmenter, source: MakeSource, text: str, expected: str) -> None:
        assert augmenter.drafts([source(text)], 0) == [Draft(expected)]

    @pytest.mark.parametrize("text", ["Asthma has one name.", "An MI is two things.", "Nothing here.", ""])
    def test_texts_without_another_name(self, augmenter: SynonymAugmenter, source: MakeSource, text: str) -> None:
        assert augmenter.drafts([source(text)], 0) == [NOTHING_TO_CHANGE]

    def test_entities_are_where_the_new_names_are(self, augmenter: SynonymAugmenter, source: MakeSource) -> None:
        text = "A seizure, then a heart attack in May."
        entities = (Entity(0, 9, "event"), Entity(18, 30, "disease", "D:2"), Entity(34, 37, "time"))
        (draft,) = augmenter.drafts([source(text, *entities)], 0)
        assert isinstance(draft, Draft)
        assert draft.text == "An epileptic fit, then a myocardial infarction in May."
        assert [draft.text[it.start : it.end] for it in draft.entities] == [
            "An epileptic fit",
            "myocardial infarction",
            "May",
        ]

    def test_a_mention_that_an_entity_cuts_stays(self, augmenter: SynonymAugmenter, source: MakeSource) -> None:
        assert augmenter.drafts([source("heart attack", Entity(6, 12, "event"))], 0) == [NOTHING_TO_CHANGE]


@pytest.mark.parametrize("augmenter", [WordNoise(0.3), CharacterNoise(0.3)], ids=["words", "characters"])
class TestNoise:
    TEXT = "The patients never had a heart attack,\nbut 35 others (of 120) were treated for it without any effect."
    ENTITIES = (Entity(25, 37, "disease"), Entity(67, 74, "action"))

    def drafts(self, augmenter: WordNoise | CharacterNoise, source: MakeSource) -> list[Draft]:
        made = [augmenter.drafts([source(self.TEXT, *self.ENTITIES, seed=seed)], 0)[0] for seed in range(20)]
        return [draft for draft in made if isinstance(draft, Draft)]

    def test_what_is_protected_stays(self, augmenter: WordNoise | CharacterNoise, source: MakeSource) -> None:
        drafts = self.drafts(augmenter, source)
        assert len(drafts) == 20
        for draft in drafts:
            assert [draft.text[it.start : it.end] for it in draft.entities] == ["heart attack", "treated"]
            assert sorted(re.findall(r"\d+", draft.text)) == ["120", "35"]
            assert draft.text.count("\n") == 1
            assert {"never", "without"} <= set(draft.text.lower().split())
        assert len({draft.text for draft in drafts}) > 10

    def test_the_same_seed_gives_the_same_text(self, augmenter: WordNoise | CharacterNoise, source: MakeSource) -> None:
        assert self.drafts(augmenter, source) == self.drafts(augmenter, source)

    def test_the_global_random_state_is_left_alone(
        self, augmenter: WordNoise | CharacterNoise, source: MakeSource
    ) -> None:
        random.seed(1)
        np.random.seed(1)
        expected = random.random(), float(np.random.random())
        random.seed(1)
        np.random.seed(1)
        self.drafts(augmenter, source)
        assert (random.random(), float(np.random.random())) == expected

    def test_an_empty_text(self, augmenter: WordNoise | CharacterNoise, source: MakeSource) -> None:
        assert augmenter.drafts([source(" \n")], 0) == [NOTHING_TO_CHANGE]


class TestBackTranslation:
    TEXT = "All patients of ward 7 had asthma. Then a heart attack came! Yes.\nMany of them were treated."

    def test_the_translator_sees_sentences_without_mentions_and_numbers(self, source: MakeSource) -> None:
        translator = Upside(lambda text: text.replace("patients", "people").replace("came", "followed"))
        entity = Entity(42, 54, "disease")
        (draft,) = BackTranslation(translator).drafts([source(self.TEXT, entity)], 0)
        assert translator.heard == [
            "All patients of ward P21 had P22.",
            "Then a P21 came!",
            # "Yes." is too short to be worth it.
            "Many of them were treated.",
        ]
        assert isinstance(draft, Draft)
        assert draft.text == (
            "All people of ward 7 had asthma. Then a heart attack followed! Yes.\nMany of them were treated."
        )
        (moved,) = draft.entities
        assert (draft.text[moved.start : moved.end], moved.label) == ("heart attack", "disease")

    def test_a_later_round_hides_in_another_way(self, source: MakeSource) -> None:
        translator = Upside(lambda text: text)
        BackTranslation(translator).drafts([source("Some of them had asthma.")], 1)
        assert translator.heard == ["Some of them had 9101."]

    def test_mentions_may_change_places(self, source: MakeSource) -> None:
        text = "After the heart attack there was asthma."
        entities = (Entity(33, 39, "second"), Entity(10, 22, "first"))
        translator = Upside(lambda text: "There was P22 after the P21.")
        (draft,) = BackTranslation(translator).drafts([source(text, *entities)], 0)
        assert isinstance(draft, Draft)
        assert draft.text == "There was asthma after the heart attack."
        assert [(draft.text[it.start : it.end], it.label) for it in draft.entities] == [
            ("asthma", "second"),
            ("heart attack", "first"),
        ]

    def test_the_article_is_that_of_the_mention(self, source: MakeSource) -> None:
        translator = Upside(lambda text: "In some, there was an P21 in the end.")
        (draft,) = BackTranslation(translator).drafts([source("Some had a seizure in the end.")], 0)
        assert draft == Draft("In some, there was a seizure in the end.")

    @pytest.mark.parametrize(
        ("answer", "reason"),
        [
            ("Some of them were ill.", LOST_PLACEHOLDER),
            ("P21 and P21 in some.", LOST_PLACEHOLDER),
            ("P21", GARBLED),
            ("P21 " * 20, GARBLED),
        ],
    )
    def test_bad_translations(self, source: MakeSource, answer: str, reason: str) -> None:
        translator = Upside(lambda text: answer)
        assert BackTranslation(translator).drafts([source("Some of them had asthma.")], 0) == [reason]

    @pytest.mark.parametrize("text", ["", "Asthma.", "12 34 56"])
    def test_nothing_to_translate(self, source: MakeSource, text: str) -> None:
        assert BackTranslation(Upside(str)).drafts([source(text)], 0) == [NOTHING_TO_CHANGE]
