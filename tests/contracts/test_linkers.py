"""What every registered linker promises."""

from __future__ import annotations

from typing import Any

import pytest

from kgslm.errors import LinkError
from kgslm.linking import LINKERS, Linker
from kgslm.packs import KnowledgePack, Origin, PackBuilder, SourceConcept, SourceName

TEXTS = ["A heart attack, then asthma.", "", "Nothing to see.", "😀 Asthma"]


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> KnowledgePack:
    folder = tmp_path_factory.mktemp("linkers") / "pack"
    builder = PackBuilder("toy")
    concepts = [
        SourceConcept("D:1", "Myocardial infarction", names=(SourceName("Heart attack"),)),
        SourceConcept("D:2", "Asthma"),
        SourceConcept("D:3", "Nothing", obsolete=True, replaced_by=("D:2",)),
    ]
    builder.add(Origin("terms"), concepts)
    builder.write(folder)
    return KnowledgePack.open(folder)


@pytest.fixture(scope="module", params=LINKERS.names())
def linker(request: pytest.FixtureRequest, pack: KnowledgePack) -> Any:
    return LINKERS.load(request.param).from_pack(pack)


def test_it_is_a_linker(linker: Any) -> None:
    assert isinstance(linker, Linker)


def test_names_become_links_with_exact_spans(linker: Linker) -> None:
    linked = linker.link(TEXTS[0])
    assert linked.text == TEXTS[0]
    assert [(link.start, link.end, link.concept, link.name) for link in linked.links] == [
        (2, 14, "D:1", "Myocardial infarction"),
        (21, 27, "D:2", "Asthma"),
    ]
    for link in linked.links:
        assert 0 < link.score <= 1
        assert link.candidates[0].concept == link.concept


def test_obsolete_concepts_never_appear(linker: Linker) -> None:
    assert linker.link(TEXTS[2]).links == ()


def test_many_texts_are_linked_as_each_alone(linker: Linker) -> None:
    assert list(linker.link_many(TEXTS)) == [linker.link(text) for text in TEXTS]


def test_a_given_mention_gets_one_link(linker: Linker) -> None:
    assert linker.link_mention(TEXTS[0], 2, 14).concept == "D:1"
    nil = linker.link_mention(TEXTS[2], 0, 7)
    assert (nil.concept, nil.name, nil.surface) == (None, "", "Nothing")


@pytest.mark.parametrize("span", [(-1, 3), (3, 3), (0, 99)])
def test_a_span_outside_the_text_is_refused(linker: Linker, span: tuple[int, int]) -> None:
    with pytest.raises(LinkError, match="is not a span"):
        linker.link_mention(TEXTS[0], *span)


def test_it_is_built_twice_the_same(pack: KnowledgePack, request: pytest.FixtureRequest, linker: Linker) -> None:
    again = type(linker).from_pack(pack)  # type: ignore[attr-defined]
    assert again.link(TEXTS[0]) == linker.link(TEXTS[0])
