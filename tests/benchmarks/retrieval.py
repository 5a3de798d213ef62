"""How well and how fast keyword search, search by meaning and their fusion rank.

    python tests/benchmarks/retrieval.py --data DIR [--sets medquad,policyqa] [--questions N] [--index DIR]
        [--json FILE]

DIR (default: the environment variable KGSLM_DATA) holds medical/medquad and legal/policyqa. MedQuAD: all answer
passages are ranked for a fixed sample of 1,500 questions; building its index takes some minutes on a CPU, and --index
keeps it for the next run. PolicyQA: the contexts of a policy are ranked for each of its questions; a question asked of
several contexts has them all as relevant.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from kgslm.embedding import TextEmbedder
from kgslm.errors import KgslmError
from kgslm.evaluation.ranking import score_rankings
from kgslm.models import load_backbone
from kgslm.recipes.ask import rank_documents
from kgslm.records import Document
from kgslm.retrieval import Documents, PassageIndex, build_index

Row = dict[str, Any]
Question = tuple[str, set[str]]
RETRIEVERS = ("bm25", "dense", "hybrid")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("KGSLM_DATA", "data")))
    parser.add_argument("--sets", default="medquad,policyqa")
    parser.add_argument("--questions", type=int, default=1500)
    parser.add_argument("--index", type=Path)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    embedder = TextEmbedder(load_backbone("all-MiniLM-L6-v2"))
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        sets = {
            "medquad": lambda: medquad(options.data, options.index or Path(folder), embedder, options.questions),
            "policyqa": lambda: policyqa(options.data, Path(folder), embedder),
        }
        for name in options.sets.split(","):
            for row in sets[name]():
                rows.append({"set": name, **row})
                print("  ".join(f"{key} {value}" for key, value in rows[-1].items()), flush=True)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")


def medquad(data: Path, folder: Path, embedder: TextEmbedder, count: int) -> Iterator[Row]:
    corpus = [Document(row["id"], row["text"]) for row in _lines(data / "medical/medquad/corpus.jsonl.gz")]
    asked = list(_lines(data / "medical/medquad/questions_dev.jsonl.gz"))
    sample = random.Random(0).sample(asked, min(count, len(asked)))
    questions = [(row["question"], set(row["relevant"])) for row in sample]
    start = time.perf_counter()
    path = folder / "medquad"
    try:
        index = PassageIndex.open(path)
        index.check(embedder)
    except KgslmError:
        index = build_index(path, documents=[Documents("corpus.jsonl.gz", corpus)], embedder=embedder)
        seconds = round(time.perf_counter() - start, 1)
        yield {"step": "index", "documents": len(corpus), "passages": len(index.passages), "seconds": seconds}
    for name in RETRIEVERS:
        yield _measure([(index, questions)], name, embedder)


def policyqa(data: Path, folder: Path, embedder: TextEmbedder) -> Iterator[Row]:
    with gzip.open(data / "legal/policyqa/dev.json.gz", "rt", encoding="utf-8") as file:
        policies = json.load(file)["data"]
    start = time.perf_counter()
    parts = []
    for number, policy in enumerate(policies):
        documents, questions = [], dict[str, set[str]]()
        for place, paragraph in enumerate(policy["paragraphs"]):
            documents.append(Document(f"p{place}", paragraph["context"]))
            for question in paragraph["qas"]:
                questions.setdefault(question["question"], set()).add(f"p{place}")
        path = folder / f"policy-{number}"
        index = build_index(path, documents=[Documents(policy["title"], documents)], embedder=embedder)
        parts.append((index, list(questions.items())))
    seconds = round(time.perf_counter() - start, 1)
    yield {"step": "index", "documents": sum(len(policy["paragraphs"]) for policy in policies), "seconds": seconds}
    for name in RETRIEVERS:
        yield _measure(parts, name, embedder)


def _measure(parts: list[tuple[PassageIndex, list[Question]]], name: str, embedder: TextEmbedder) -> Row:
    rankings, relevant = [], []
    start = time.perf_counter()
    for index, questions in parts:
        retriever = index.retriever(name, embedder)
        for hits in retriever.search_many([question for question, _ in questions], 50):
            rankings.append(rank_documents(hits, 10))
        relevant += [wanted for _, wanted in questions]
    seconds = time.perf_counter() - start
    scores = score_rankings(rankings, relevant)
    assert scores is not None
    return {
        "retriever": name,
        "questions": scores.questions,
        "hit@1": round(scores.hit_at_1, 3),
        "hit@10": round(scores.hit_at_10, 3),
        "mrr@10": round(scores.mrr_at_10, 3),
        "seconds": round(seconds, 1),
    }


def _lines(path: Path) -> Iterator[Row]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)


if __name__ == "__main__":
    main()
