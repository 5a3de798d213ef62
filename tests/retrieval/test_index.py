from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from kgslm.errors import DataError, KgslmError, ModelError
from kgslm.packs import KnowledgePack
from kgslm.records import Document
from kgslm.retrieval import Documents, PassageIndex, build_index
from kgslm.retrieval.bm25 import Bm25Index, words
from kgslm.retrieval.dense import DenseIndex
from tests.retrieval.axes import AxisEmbedder


def _ids(index: PassageIndex, name: str, question: str, embedder: AxisEmbedder | None = None) -> list[str]:
    return [hit.passage.id for hit in index.retriever(name, embedder).search(question, 3)]


def test_keywords_find_stems(index: PassageIndex) -> None:
    assert _ids(index, "bm25", "What is the treatment with penicillins?")[0] in {"T:23", "T:23#TREATS", "T:3#^TREATS"}
    assert _ids(index, "bm25", "visitor books") == ["house"]
    assert _ids(index, "bm25", "what is the") == []


def test_stop_words_and_stems() -> None:
    assert words("What does it treat? Vitamin C, type 2") == ["treat", "vitamin", "c", "type", "2"]


def test_keywords_agree_with_the_formula(tmp_path: Path) -> None:
    Bm25Index.build(["one apple", "two apples two", "pear"], tmp_path / "bm25")
    index = Bm25Index.open(tmp_path / "bm25")
    idf = np.log(1 + (3 - 2 + 0.5) / (2 + 0.5))

    def score(length: int) -> float:
        return float(idf / (1 + 1.2 * (1 - 0.75 + 0.75 * length / 2)))

    rows, scores = zip(*index.rank("apple", 5), strict=True)
    assert rows == (0, 1)
    assert scores == pytest.approx((score(2), score(3)))
    assert index.rank("apple", 5, range(1, 3)) == [(1, scores[1])]
    assert index.rarity("appl") == pytest.approx(idf / np.log(8))
    assert index.rarity("unheard") == pytest.approx(np.log(1 + 3.5 / 0.5) / np.log(8)) == pytest.approx(1)


def test_texts_without_words_are_no_error(tmp_path: Path) -> None:
    Bm25Index.build(["the", "?"], tmp_path / "bm25")
    assert Bm25Index.open(tmp_path / "bm25").rank("anything", 5) == []


@pytest.mark.parametrize("exact_up_to", [100, 0])
def test_vectors_by_hand_exact_and_by_graph(tmp_path: Path, exact_up_to: int) -> None:
    vectors = np.array([[1, 0], [0.6, 0.8], [0, 1], [1, 0]], dtype=np.float32)
    DenseIndex.build(vectors, tmp_path / "dense", exact_up_to=exact_up_to)
    index = DenseIndex.open(tmp_path / "dense")
    assert (len(index), index.dim) == (4, 2)
    question = np.array([[1, 0]], dtype=np.float32)
    assert index.rank(question, 3) == [[(0, 1.0), (3, 1.0), (1, pytest.approx(0.6))]]
    assert index.rank(question, 3, range(1, 3)) == [[(1, pytest.approx(0.6)), (2, 0.0)]]
    assert index.vectors([2]).tolist() == [[0, 1]]


def test_meaning_finds_what_the_vectors_say(index: PassageIndex, embedder: AxisEmbedder) -> None:
    hits = index.retriever("dense", embedder).search("house", 2)
    assert (hits[0].passage.id, [hit.score for hit in hits]) == ("house", [1.0, 0.0])


def test_facts_are_read_by_subject_and_predicate(index: PassageIndex) -> None:
    row = next(row for row, passage in enumerate(index.passages) if passage.id == "T:21#TREATS")
    assert index.dense is not None
    # "aspirin treats", without the fever of its objects.
    assert index.dense.vectors([row]).tolist() == [[1, 0, 0, 0, 0]]


def test_scopes(index: PassageIndex) -> None:
    found = {
        scope: [hit.passage.id for hit in index.retriever("bm25", scope=scope).search("aspirin", 20)]
        for scope in ("all", "pack", "documents")
    }
    assert found["documents"] == ["menu"]
    assert "menu" not in found["pack"]
    assert set(found["all"]) == {*found["pack"], "menu"}


def test_passages_about_a_concept(index: PassageIndex) -> None:
    ids = [index.passages[row].id for row in index.passages.about("T:21")]
    assert ids == ["T:21", "T:21#TREATS"]
    assert index.passages.about("T:404") == []


def test_the_linker_knows_the_names_of_the_pack(index: PassageIndex) -> None:
    assert index.linker is not None
    assert index.linker.link("a heart attack").concepts == ("T:5",)


def test_without_vectors_hybrid_is_keywords_and_dense_says_so(toy_pack: KnowledgePack, tmp_path: Path) -> None:
    index = build_index(tmp_path / "index", pack=toy_pack, dense="none")
    assert index.model == ""
    assert _ids(index, "hybrid", "penicillin") == _ids(index, "bm25", "penicillin")
    with pytest.raises(KgslmError, match="built without vectors"):
        index.retriever("dense")


def test_another_embedder_is_refused(index: PassageIndex) -> None:
    other = AxisEmbedder()
    other.fingerprint = "axes-2"
    with pytest.raises(ModelError, match=r"made with axes \(axes-1\), not with axes \(axes-2\)"):
        index.retriever("hybrid", other)


def test_an_embedder_is_needed_for_vectors(index: PassageIndex, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="needs the embedder"):
        index.retriever("dense")
    with pytest.raises(ModelError, match="needs an embedder"):
        build_index(tmp_path / "index", documents=[Documents("f", [Document("d", "text")])])


def test_nothing_to_index_and_repeated_ids(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="nothing to index"):
        build_index(tmp_path / "index", documents=[Documents("f", [Document("d", "  ")])], dense="none")
    twice = [Document("d", "one"), Document("d", "two")]
    with pytest.raises(DataError, match="'d' occurs twice"):
        build_index(tmp_path / "index", documents=[Documents("f", twice)], dense="none")
    assert not (tmp_path / "index").exists()


def test_damage_is_named(index: PassageIndex, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(index.path, copy)
    passages = bytearray((copy / "passages.arrow").read_bytes())
    passages[len(passages) // 2] ^= 0xFF
    (copy / "passages.arrow").write_bytes(bytes(passages))
    with pytest.raises(KgslmError, match=r"passages\.arrow: the checksum differs"):
        PassageIndex.open(copy)
    PassageIndex.open(copy, verify=False)
    (copy / "passages.arrow").write_bytes(b"short")
    with pytest.raises(KgslmError, match=r"passages\.arrow: missing or cut short"):
        PassageIndex.open(copy)


def test_files_of_the_right_length_with_wrong_content(tmp_path: Path) -> None:
    (tmp_path / "dense").write_bytes(b"\x00" * 64)
    with pytest.raises(KgslmError, match="the vector index is damaged"):
        DenseIndex.open(tmp_path / "dense")
    with pytest.raises(KgslmError, match="the keyword index is damaged"):
        Bm25Index.open(tmp_path)


def test_a_foreign_folder_and_a_newer_format(index: PassageIndex, toy_pack: KnowledgePack, tmp_path: Path) -> None:
    with pytest.raises(KgslmError, match="index"):
        PassageIndex.open(toy_pack.path)
    with pytest.raises(KgslmError, match="nowhere"):
        PassageIndex.open(tmp_path / "nowhere")
    copy = tmp_path / "copy"
    shutil.copytree(index.path, copy)
    manifest = json.loads((copy / "manifest.json").read_text())
    (copy / "manifest.json").write_text(json.dumps({**manifest, "format_version": 99}))
    with pytest.raises(KgslmError, match="upgrade kgslm"):
        PassageIndex.open(copy)
