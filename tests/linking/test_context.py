"""``kgslm pack train`` and the context linker, on a pack of eight concepts with a tiny random encoder."""

from __future__ import annotations

import json
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kgslm.artifacts import read_manifest
from kgslm.errors import DataError, LinkError
from kgslm.linking import LinkSettings, MentionsLinker
from kgslm.linking.context import ContextLinker
from kgslm.packs import KnowledgePack, Origin, PackBuilder, SourceConcept, SourceName
from kgslm.recipes.pack_train import train_pack

Cli = Callable[..., Any]

CONCEPTS = {
    "D:1": ["myocardial infarction", "heart attack", "cardiac infarction"],
    "D:2": ["asthma", "bronchial asthma"],
    "D:3": ["heart failure", "cardiac failure"],
    "D:4": ["kidney failure", "renal failure"],
    "D:5": ["breast cancer", "breast tumour"],
    "D:6": ["liver cancer", "liver tumour"],
    "D:7": ["chronic kidney disease"],
    "D:8": ["seizure", "epileptic fit"],
}
Mention = tuple[int, int, str | None]
TEXTS: list[tuple[str, str, list[Mention]]] = [
    ("a", "Coronaries and wheeze in a patient.", [(0, 10, "D:1"), (15, 21, "D:2")]),
    ("b", "The coronaries of the father, the bike.", [(4, 14, "D:1"), (34, 38, None)]),
    ("c", "Wheeze, bike; heart attacks.", [(0, 6, "D:2"), (8, 12, None), (14, 27, "D:1")]),
    ("d", "Renal failures by bike.", [(0, 14, "D:4"), (18, 22, None)]),
]


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> KnowledgePack:
    folder = tmp_path_factory.mktemp("context") / "pack"
    builder = PackBuilder("diseases")
    builder.add(
        Origin("terms"),
        [SourceConcept(id_, name, tuple(map(SourceName, more))) for id_, (name, *more) in CONCEPTS.items()],
    )
    builder.write(folder)
    return KnowledgePack.open(folder)


def labelled(path: Path) -> Path:
    records = [
        {
            "id": id_,
            "text": text,
            "entities": [{"start": start, "end": end, "id": concept} for start, end, concept in own],
        }
        for id_, text, own in TEXTS
    ]
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def untaught(pack: KnowledgePack, tiny_encoder: Path) -> ContextLinker:
    train_pack(pack, model=str(tiny_encoder))
    return ContextLinker.from_pack(pack)


def test_mentions_are_linked_however_they_are_written(untaught: ContextLinker) -> None:
    text = "Heart attak, bronchial asthmas; cancers of the liver."
    spans = [(0, 11), (13, 30), (32, 52)]
    links = untaught.link_mentions(text, spans)
    assert [(link.concept, link.name) for link in links] == [
        ("D:1", "myocardial infarction"),
        ("D:2", "asthma"),
        ("D:6", "liver cancer"),
    ]
    for link, (start, end) in zip(links, spans, strict=True):
        assert link.surface == text[start:end]
        assert link.score == link.candidates[0].score
        assert sum(it.score for it in link.candidates) <= 1.001


def test_what_is_nothing_of_the_pack_is_nil(untaught: ContextLinker) -> None:
    link = untaught.link_mention("They would yours.", 0, 4)
    assert (link.concept, link.name, link.score) == (None, "", 0.0)


def test_it_takes_all_mentions_of_a_text(untaught: ContextLinker) -> None:
    assert isinstance(untaught, MentionsLinker)
    assert untaught.link_mentions("", []) == []
    with pytest.raises(LinkError, match="0-99 is not a span"):
        untaught.link_mentions("fever", [(0, 5), (0, 99)])


def test_many_texts_are_linked_as_each_alone(untaught: ContextLinker) -> None:
    documents = [(f"{number} {text}", [(2, 2 + 5)]) for number in range(9) for _, text, _ in TEXTS for _ in range(3)]
    fresh = pickle.loads(pickle.dumps(untaught))
    many = list(fresh.link_mentions_many(documents))
    assert many == [untaught.link_mentions(text, spans) for text, spans in documents]
    with pytest.raises(LinkError, match="0-99 is not a span"):
        list(fresh.link_mentions_many([*documents, ("fever", [(0, 99)])]))


def test_free_text_has_the_mentions_of_the_dictionary(untaught: ContextLinker) -> None:
    text = "Heart attack and asthma."
    found, wanted = untaught.link(text), untaught.dictionary.link(text)
    assert [(link.start, link.end, link.concept) for link in found.links] == [(0, 12, "D:1"), (17, 23, "D:2")]
    assert [link.concept for link in wanted.links] == ["D:1", "D:2"]
    assert list(untaught.link_many([text, ""])) == [found, untaught.link("")]


def test_free_text_is_without_what_is_unlikely(untaught: ContextLinker) -> None:
    strict = ContextLinker.from_pack(untaught.pack, settings=LinkSettings(least_probability=1.0))
    assert strict.dictionary.link("Heart attack.").links
    assert strict.link("Heart attack.").links == ()


def test_it_can_be_sent_to_another_process(untaught: ContextLinker) -> None:
    again = pickle.loads(pickle.dumps(untaught))
    assert again.link_mention("hart attak", 0, 10) == untaught.link_mention("hart attak", 0, 10)


def test_an_adapter_and_mentions_are_learnt(cli: Cli, pack: KnowledgePack, tiny_encoder: Path, tmp_path: Path) -> None:
    mentions = labelled(tmp_path / "train.jsonl")
    command = ["pack", "train", pack.path, "--mentions", mentions, "--model", tiny_encoder, "--steps", 2]
    run = cli(*command, "--json", tmp_path / "f.json")
    assert (run.status, run.err) == (0, "")
    figures = json.loads((tmp_path / "f.json").read_text())
    assert (figures["mentions"], figures["nil"], figures["unknown"], figures["adapter"]["steps"]) == (9, 3, 0, 2)
    manifest = read_manifest(pack.derived("adapter"), "pack adapter", 1)
    assert manifest["pack"] == pack.fingerprint
    assert "which is kept" in cli(*command).out
    docs = tmp_path / "docs.jsonl"
    docs.write_text('{"id": "x", "text": "No coronaries, wheeze.", "mentions": [{"start": 3, "end": 13}]}\n')
    run = cli("link", pack.path, docs, "-o", tmp_path / "o.jsonl", "--linker", "context", "--mentions", "given")
    assert (run.status, run.err) == (0, "")
    (link,) = json.loads((tmp_path / "o.jsonl").read_text())["links"]
    assert (link["concept"], link["surface"]) == ("D:1", "coronaries")
    assert 0 < link["score"] <= 1
    found = ContextLinker.from_pack(pack).link("No coronaries here, nor a bike.").links
    assert [(it.surface, it.concept) for it in found] == [("coronaries", "D:1")]


def test_pubtator_is_read(pack: KnowledgePack, tiny_encoder: Path, tmp_path: Path) -> None:
    path = tmp_path / "train.txt"
    path.write_text("1|t|Wheeze.\n1|a|Fits too.\n1\t0\t6\tWheeze\tDisease\tD:2\n1\t8\t12\tFits\tDisease\tX:9|D:8\n\n")
    report = train_pack(pack, mentions=path, model=str(tiny_encoder))
    assert (report.mentions, report.unknown, report.adapter) == (2, 0, None)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            "1|t|Wheeze.\n1\t0\t5\tWheeze\tDisease\tD:2\n",
            r"t:2: the text has 'Wheez' at 0-5, the mention says 'Wheeze'",
        ),
        (
            "1|t|Wheeze.\n1\tx\t6\tWheeze\tDisease\tD:2\n",
            r"t:2: a mention has the columns ID, start, end, surface, type and concept",
        ),
        ('{"id": 1, "text": "a", "entities": [{"start": 0, "end": 1}]}\n', "the field 'id' is missing"),
        ('{"id": 1, "text": "a", "entities": [{"start": 0, "end": 1, "id": "Q"}]}\n', "no labelled mention has a"),
        ("", "no labelled mention has a concept of the pack diseases"),
    ],
)
def test_bad_mentions_are_told(pack: KnowledgePack, tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "t"
    path.write_text(content)
    with pytest.raises(DataError, match=said):
        train_pack(pack, mentions=path)


def test_another_encoder_is_told(pack: KnowledgePack, tiny_encoder: Path) -> None:
    train_pack(pack, model=str(tiny_encoder))
    manifest = pack.derived("context") / "manifest.json"
    facts = json.loads(manifest.read_text())
    manifest.write_text(json.dumps({**facts, "model_fingerprint": "other"}))
    with pytest.raises(LinkError, match="is not the one of the training; run kgslm pack train"):
        ContextLinker.from_pack(pack).link_mention("asthma", 0, 6)


def test_what_mentions_taught_is_not_lost_unsaid(pack: KnowledgePack, tiny_encoder: Path, tmp_path: Path) -> None:
    own = KnowledgePack.open(shutil.copytree(pack.path, tmp_path / "pack"))
    train_pack(own, mentions=labelled(tmp_path / "train.jsonl"), model=str(tiny_encoder))
    manifest = own.derived("context") / "manifest.json"
    kept = manifest.read_text(encoding="utf-8")
    manifest.write_text(kept.replace('"best_dense"', '"best_thick"'), encoding="utf-8")
    with pytest.raises(LinkError, match="run kgslm pack train with --mentions again"):
        ContextLinker.from_pack(own)
    train_pack(own, mentions=tmp_path / "train.jsonl", model=str(tiny_encoder))
    assert manifest.read_text(encoding="utf-8") == kept
