"""What every registered augmenter promises."""

from __future__ import annotations

from random import Random

import pytest

from kgslm.augmentation import AUGMENTERS, AugmentConfig, Augmenter, Draft, Source, augment
from kgslm.errors import MissingExtra
from kgslm.linking.dictionary import DictionaryLinker
from kgslm.packs import KnowledgePack, Origin, PackBuilder, SourceConcept, SourceName
from kgslm.records import Entity, Example

TEXT = "In the second week, all 12 patients had a heart attack, and two of them were treated for asthma."
ENTITIES = (Entity(42, 54, "disease"), Entity(89, 95, "disease"))


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> KnowledgePack:
    folder = tmp_path_factory.mktemp("augmenters") / "pack"
    builder = PackBuilder("toy")
    infarction = SourceConcept("D:1", "Myocardial infarction", names=(SourceName("Heart attack"),))
    builder.add(Origin("terms"), [infarction, SourceConcept("D:2", "Asthma")])
    builder.write(folder)
    return KnowledgePack.open(folder)


@pytest.fixture(scope="module")
def linker(pack: KnowledgePack) -> DictionaryLinker:
    return DictionaryLinker.from_pack(pack)


@pytest.fixture(scope="module", params=AUGMENTERS.names())
def config(request: pytest.FixtureRequest) -> AugmentConfig:
    made: AugmentConfig = AUGMENTERS.load(request.param)()
    assert made.method == request.param
    assert AugmentConfig.model_validate({"method": request.param}) == made
    return made


@pytest.fixture(scope="module")
def augmenter(config: AugmentConfig, pack: KnowledgePack, linker: DictionaryLinker) -> Augmenter:
    try:
        return config.augmenter(pack, linker)
    except MissingExtra as error:
        pytest.skip(str(error))


def sources(linker: DictionaryLinker, *texts: str) -> list[Source]:
    return [Source(linker.link(text), ENTITIES if text == TEXT else (), Random(5)) for text in texts]


def test_it_is_an_augmenter(augmenter: Augmenter) -> None:
    assert isinstance(augmenter, Augmenter)
    assert augmenter.rounds >= 1


def test_a_draft_keeps_entities_and_numbers(augmenter: Augmenter, linker: DictionaryLinker) -> None:
    (draft,) = augmenter.drafts(sources(linker, TEXT), 0)
    assert isinstance(draft, Draft)
    first, second = (draft.text[it.start : it.end] for it in draft.entities)
    assert first in ("heart attack", "myocardial infarction")
    assert second == "asthma"
    assert "12" in draft.text


def test_a_text_does_not_depend_on_the_others(augmenter: Augmenter, linker: DictionaryLinker) -> None:
    texts = ["", TEXT, "Asthma", "What else can one say of it?"]
    together = augmenter.drafts(sources(linker, *texts), 0)
    alone = [augmenter.drafts(sources(linker, text), 0)[0] for text in texts]
    assert together == alone


def test_nothing_is_made_of_nothing(augmenter: Augmenter, linker: DictionaryLinker) -> None:
    assert augmenter.drafts([], 0) == []
    (reason,) = augmenter.drafts(sources(linker, ""), 0)
    assert isinstance(reason, str)


def test_kept_examples_have_the_concepts_of_their_origin(
    config: AugmentConfig, augmenter: Augmenter, pack: KnowledgePack, linker: DictionaryLinker
) -> None:
    report = augment([Example("a", TEXT, ("x",), entities=ENTITIES)], pack=pack, methods=[config], linker=linker)
    for new in report.augmented:
        assert new.example.labels == ("x",)
        assert sorted(linker.link(new.example.text).concepts) == ["D:1", "D:2"]
    assert report.kept == 1
