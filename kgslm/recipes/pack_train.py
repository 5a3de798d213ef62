"""Train what the context linker of a pack uses: an adapter on the pack's names, and a ranker."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kgslm.artifacts import check_replaceable
from kgslm.data.documents import document_records
from kgslm.data.jsonl import open_text
from kgslm.data.pubtator import read_pubtator
from kgslm.errors import DataError
from kgslm.evaluation.link_errors import gold_entities
from kgslm.linking.context_store import DEFAULT_MODEL, has_adapter, make_embedder, save_pack_adapter, save_parts
from kgslm.linking.names import NameTable, pack_table
from kgslm.linking.ngrams import SparseIndex, build_index, char_grams, top_rows
from kgslm.linking.teaching import HELD_OUT, Labelled, teach
from kgslm.packs import KnowledgePack

if TYPE_CHECKING:
    from kgslm.embedding.alignment import AlignmentOptions
    from kgslm.embedding.text import Progress

_PUBTATOR = re.compile(r"[^|\t]+\|t\|")
_NEIGHBOURS = 6

Say = Callable[[str], object]


@dataclass(frozen=True)
class TrainReport:
    """What a training did. adapter: steps, seconds and loss; None where the encoder stays as it is.

    unknown: labelled mentions whose concept is not in the pack, which taught nothing.
    """

    names: int
    mentions: int
    unknown: int
    nil: int
    adapter: dict[str, float] | None
    weights: dict[str, float]
    seconds: float

    def figures(self) -> dict[str, Any]:
        """Plain data for ``--json``."""
        return asdict(self)


def train_pack(
    pack: KnowledgePack,
    *,
    mentions: Path | str | None = None,
    model: str = DEFAULT_MODEL,
    options: AlignmentOptions | None = None,
    retrain: bool = False,
    progress: Progress | None = None,
    say: Say = lambda words: None,
) -> TrainReport:
    """Train and keep everything in the pack's folder, where ``kgslm link --linker context`` finds it.

    mentions: labelled ones, as JSONL ``{id, text, entities: [{start, end, id}]}`` or PubTator; an empty id, null or -1
    is NIL. options: of the adapter; None: the encoder as it is. retrain: make the adapter anew where the pack has one
    for this encoder already. progress: called with the number of names embedded
    since the last call. Raises DataError with file and line, ModelError, or KgslmError where the pack is read-only.
    """
    start = time.perf_counter()
    documents, unknown = _labelled(pack, mentions) if mentions is not None else ([], 0)
    check_replaceable(pack.derived("context"), "context linker")
    figures = _train_adapter(pack, model, options, retrain, say) if options is not None else None
    embedder, adapter = make_embedder(pack, model, adapter=options is not None)
    say("building the tables and learning to rank")
    lesson = teach(
        pack, embedder, documents, adapter=adapter, model=model, seed=options.seed if options else 0, progress=progress
    )
    save_parts(pack, lesson.parts, lesson.taught, embedder)
    return TrainReport(
        names=lesson.figures["names"],
        mentions=len(lesson.taught),
        unknown=unknown,
        nil=sum(not it.concepts for it in lesson.taught),
        adapter=figures,
        weights=asdict(lesson.parts.weights),
        seconds=round(time.perf_counter() - start, 1),
    )


def _train_adapter(
    pack: KnowledgePack, model: str, options: AlignmentOptions, retrain: bool, say: Say
) -> dict[str, float] | None:
    from kgslm.embedding.alignment import align, save_adapter
    from kgslm.models import load_backbone

    backbone = load_backbone(model)
    if not retrain and has_adapter(pack, backbone.fingerprint):
        say("the pack has an adapter for this encoder, which is kept (--retrain makes another)")
        return None
    table = pack_table(pack)
    grams = build_index(table.texts, char_grams, cosine=True)
    # What the ranker learns from must be as new to the encoder as the mentions of texts.
    kept = [row for row in range(len(table.ids)) if row % HELD_OUT or len(table.ids) <= 20 * HELD_OUT]
    names = [table.texts[int(table.firsts[row]) : int(table.firsts[row + 1])] for row in kept]
    say(f"aligning the names of {len(kept):,} concepts")
    adapted, figures = align(backbone, names, _neighbours(table, grams, kept), options)
    save_pack_adapter(
        pack, backbone.fingerprint, lambda folder: save_adapter(adapted, folder), {**asdict(options), **figures}
    )
    return figures


def _neighbours(table: NameTable, grams: SparseIndex, kept: list[int]) -> Callable[[int], list[int]]:
    """The places of the concepts whose names look like the first name of the one at a place."""
    places = {row: place for place, row in enumerate(kept)}

    @cache
    def around(place: int) -> list[int]:
        scores, _ = grams.scores(table.texts[int(table.firsts[kept[place]])])
        owners = dict.fromkeys(table.owners[top_rows(scores, 8 * _NEIGHBOURS)].tolist())
        return [places[owner] for owner in owners if owner in places and places[owner] != place][:_NEIGHBOURS]

    return around


def _labelled(pack: KnowledgePack, path: Path | str) -> tuple[list[Labelled], int]:
    """(documents with mentions in the pack's own ids; how many mentions have a concept that is not in the pack)."""
    documents: dict[str, Labelled] = {}
    unknown = 0
    for where, record in _records(path):
        mentions = []
        for start, end, ids in gold_entities(record, where):
            known = tuple(sorted({pack.ids[pack.row(id_)] for id_ in ids if id_ in pack}))
            if known or not ids:
                mentions.append((start, end, known))
            else:
                unknown += 1
        # The same document twice would tell its own answers.
        documents[record["id"]] = Labelled(record["id"], record["text"], tuple(mentions))
    if not any(mention[2] for it in documents.values() for mention in it.mentions):
        raise DataError(f"{path}: no labelled mention has a concept of the pack {pack.name}; check the ids")
    return list(documents.values()), unknown


def _records(path: Path | str) -> Iterator[tuple[str, dict[str, Any]]]:
    """("file:line", {id, text, entities}) of JSONL or PubTator."""
    with open_text(path) as file:
        first = next((line for line in file if line.strip()), "")
    # Many corpora name a PubTator file otherwise.
    return read_pubtator(path) if _PUBTATOR.match(first) else document_records(path)
