"""From packs and documents to an index, ranked questions and cited answers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from kgslm.data.documents import read_documents
from kgslm.data.jsonl import jsonl_writer, read_jsonl, record_id, text_field
from kgslm.embedding import TextEmbedder
from kgslm.errors import DataError
from kgslm.evaluation.ranking import RankingScores, score_rankings
from kgslm.models import load_backbone
from kgslm.packs import KnowledgePack
from kgslm.records import Document, Hit
from kgslm.retrieval.index import DenseMode, Documents, PassageIndex, Scope, build_index
from kgslm.retrieval.passages import document_of

DEFAULT_MODEL = "all-MiniLM-L6-v2"

_QUESTIONS_AT_ONCE = 256
_PASSAGES_A_DOCUMENT = 5
"""Passages read for each document wanted: several of the best may belong to one document."""

Advance = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class IndexReport:
    """What went into an index. seconds: wall-clock time of all of it."""

    concepts: int
    documents: int
    passages: int
    vectors: int
    model: str
    seconds: float

    def figures(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)


def index_files(
    output: Path,
    *,
    pack: Path | None = None,
    docs: Sequence[Path | str] = (),
    model: str = DEFAULT_MODEL,
    dense: DenseMode = "full",
    progress: Advance | None = None,
) -> IndexReport:
    """Index a pack, files of documents, or both; see ``build_index``.

    docs: JSONL ``{id, text}``, ``.txt`` or ``.md``. model: the encoder of the vectors; not loaded with dense none.
    progress: called with the number of texts turned into vectors since the last call.
    """
    start = time.perf_counter()
    opened = KnowledgePack.open(pack) if pack is not None else None
    counter = _Counter()
    documents = [Documents(Path(str(path)).name, counter.count(read_documents(path))) for path in docs]
    embedder = TextEmbedder(load_backbone(model)) if dense != "none" else None
    index = build_index(output, pack=opened, documents=documents, embedder=embedder, dense=dense, progress=progress)
    return IndexReport(
        concepts=len(opened) if opened is not None else 0,
        documents=counter.total,
        passages=len(index.passages),
        vectors=len(index.dense) if index.dense is not None else 0,
        model=index.model,
        seconds=round(time.perf_counter() - start, 3),
    )


@dataclass(frozen=True, slots=True)
class SearchReport:
    """What a search did. scores: None where no question names relevant ids."""

    questions: int
    retriever: str
    scores: RankingScores | None
    seconds: float

    def figures(self) -> dict[str, Any]:
        """As plain data, the scores on the same level."""
        facts = {"questions": self.questions, "retriever": self.retriever, "seconds": self.seconds}
        return facts if self.scores is None else {**asdict(self.scores), "scored": self.scores.questions, **facts}


def search_file(
    index: Path,
    questions: Path | str,
    output: Path | str,
    *,
    top: int = 10,
    retriever: str = "hybrid",
    scope: Scope | None = None,
    progress: Advance | None = None,
) -> SearchReport:
    """Rank documents (of a pack: concepts) for each question by their best passage and write the ids.

    questions: JSONL ``{id, question, relevant?}``. scope: what to rank; by default the documents, where the index has
    any, else the pack. Raises DataError with file and line for a bad question.
    """
    start = time.perf_counter()
    opened = PassageIndex.open(index)
    scope = scope or ("documents" if opened.manifest["documents"] else "pack")
    chosen = opened.retriever(retriever, opened.embedder() if retriever != "bm25" else None, scope)
    count, rankings, relevant = 0, [], []
    with jsonl_writer(output) as writer:
        for batch in _batches(_read_questions(questions)):
            hits = chosen.search_many([question for _, question, _ in batch], top * _PASSAGES_A_DOCUMENT)
            for (id_, _, wanted), found in zip(batch, hits, strict=True):
                ranking = rank_documents(found, top)
                writer.write({"id": id_, "ranking": ranking})
                if wanted is not None:
                    rankings.append(ranking)
                    relevant.append(wanted)
            count += len(batch)
            if progress:
                progress(len(batch))
    scores = score_rankings(rankings, relevant)
    return SearchReport(count, retriever, scores, round(time.perf_counter() - start, 3))


def rank_documents(hits: Sequence[Hit], top: int) -> list[str]:
    """The ids of the documents of the hits, each where its best passage stands, at most ``top``."""
    return list(dict.fromkeys(document_of(hit.passage.id) for hit in hits))[:top]


class _Counter:
    def __init__(self) -> None:
        self.total = 0

    def count(self, documents: Iterator[Document]) -> Iterator[Document]:
        for document in documents:
            self.total += 1
            yield document


_Question = tuple[str, str, frozenset[str] | None]


def _read_questions(path: Path | str) -> Iterator[_Question]:
    for where, record in read_jsonl(path):
        relevant = record.get("relevant")
        if relevant is not None and not isinstance(relevant, list):
            raise DataError(f"{where}: 'relevant' must be a list of ids, not {type(relevant).__name__}")
        yield (
            record_id(record, where),
            text_field(record, "question", where),
            None if relevant is None else frozenset(map(str, relevant)),
        )


def _batches(questions: Iterator[_Question]) -> Iterator[list[_Question]]:
    batch = []
    for question in questions:
        batch.append(question)
        if len(batch) == _QUESTIONS_AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch
