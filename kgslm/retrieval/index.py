"""The index: passages, keyword index, vectors and the names of the pack, in one folder."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from kgslm.artifacts import atomic_folder, check_replaceable, read_manifest, write_manifest
from kgslm.errors import DataError, ModelError
from kgslm.packs.verbalise import Wording, pack_wording, wording
from kgslm.records import Document
from kgslm.retrieval.bm25 import Bm25Index
from kgslm.retrieval.dense import DenseIndex
from kgslm.retrieval.passages import Draft, document_passages, pack_passages
from kgslm.retrieval.protocol import RETRIEVERS, Retriever
from kgslm.retrieval.store import PassageStore

if TYPE_CHECKING:
    from kgslm.embedding import Embedder, Vectors
    from kgslm.linking.dictionary import DictionaryLinker
    from kgslm.packs import KnowledgePack

KIND = "index"
FORMAT_VERSION = 1

_PASSAGES, _BM25, _DENSE, _LEXICON = "passages.arrow", "bm25", "dense.faiss", "lexicon"

DenseMode = Literal["full", "names", "none"]
"""What the vectors read: whole passages (facts: subject and predicate), only names and predicates, or nothing."""

Scope = Literal["all", "pack", "documents"]
"""Which passages to search."""


@dataclass(frozen=True, slots=True)
class Documents:
    """Documents to index. source: the file or collection, as a person would cite it."""

    source: str
    documents: Iterable[Document]


def build_index(
    output: Path,
    *,
    pack: KnowledgePack | None = None,
    documents: Sequence[Documents] = (),
    embedder: Embedder | None = None,
    dense: DenseMode = "full",
    progress: Callable[[int], None] | None = None,
) -> PassageIndex:
    """Index the facts of a pack, documents, or both into the folder ``output``, which appears whole or not at all.

    The keyword index always covers every passage. Raises DataError where there is nothing to index or ids repeat.
    """
    if dense != "none" and embedder is None:
        raise ModelError("an index with vectors needs an embedder; give one or build it with dense: none")
    check_replaceable(output, KIND)
    drafts = list(pack_passages(pack)) if pack is not None else []
    sources: list[dict[str, Any]] = []
    for group in documents:
        added = list(document_passages(group.documents, group.source))
        sources.append({"source": group.source, "passages": len(added)})
        drafts += added
    if not drafts:
        raise DataError(f"{output}: nothing to index: neither the pack nor the documents have any text")
    with atomic_folder(output, KIND) as folder:
        PassageStore.write(folder / _PASSAGES, (draft.passage for draft in drafts))
        Bm25Index.build((draft.passage.text for draft in drafts), folder / _BM25)
        if embedder is not None and dense != "none":
            DenseIndex.build(_vectors(drafts, embedder, dense, progress), folder / _DENSE)
        if pack is not None:
            _save_names(pack, folder / _LEXICON)
        facts = {
            "pack": _about(pack) if pack is not None else None,
            "documents": sources,
            "passages": len(drafts),
            "dense": dense,
            "model": {"name": embedder.name, "fingerprint": embedder.fingerprint}
            if embedder is not None and dense != "none"
            else None,
        }
        write_manifest(folder, KIND, FORMAT_VERSION, facts)
    return PassageIndex.open(output)


class PassageIndex:
    """An index on disk, opened for searching. Open one with ``PassageIndex.open``."""

    def __init__(self, path: Path, manifest: dict[str, Any]) -> None:
        self.path = path
        self.manifest = manifest
        self.passages = PassageStore.open(path / _PASSAGES)

    @classmethod
    def open(cls, path: Path | str, *, verify: bool | None = None) -> PassageIndex:
        """Open the index in folder ``path``. verify: compare every byte with its checksum; None does in small ones.

        Raises KgslmError where the folder is no index, is damaged or comes from a newer kgslm.
        """
        path = Path(path)
        manifest = read_manifest(path, KIND, FORMAT_VERSION, verify=verify)
        return cls(path, manifest)

    @cached_property
    def bm25(self) -> Bm25Index:
        """The keyword index."""
        return Bm25Index.open(self.path / _BM25)

    @cached_property
    def dense(self) -> DenseIndex | None:
        """The vectors; None where the index was built without."""
        return DenseIndex.open(self.path / _DENSE) if self.model else None

    @property
    def model(self) -> str:
        """The name of the backbone that made the vectors; empty where there are none."""
        return str((self.manifest["model"] or {}).get("name", ""))

    def embedder(self) -> Embedder | None:
        """The embedder that made the vectors; None where there are none. Raises MissingExtra or ModelError."""
        if not self.model:
            return None
        from kgslm.embedding import TextEmbedder
        from kgslm.models import load_backbone

        return TextEmbedder(load_backbone(self.model))

    def retriever(self, name: str = "hybrid", embedder: Embedder | None = None, scope: Scope = "all") -> Retriever:
        """A retriever by name (``RETRIEVERS``) over the pack's passages, the documents', or both.

        Raises ModelError where the embedder did not make the vectors.
        """
        if embedder is not None:
            self.check(embedder)
        retriever: Retriever = RETRIEVERS.load(name).from_index(self, embedder, self._rows(scope))
        return retriever

    def _rows(self, scope: Scope) -> range | None:
        if scope == "all":
            return None
        first = len(self.passages) - sum(source["passages"] for source in self.manifest["documents"])
        return range(first) if scope == "pack" else range(first, len(self.passages))

    def check(self, embedder: Embedder) -> None:
        """Raise ModelError where ``embedder`` is not the one that made the vectors."""
        model = self.manifest["model"]
        if model is not None and model["fingerprint"] != embedder.fingerprint:
            raise ModelError(
                f"{self.path}: its vectors were made with {model['name']} ({model['fingerprint']}), not with "
                f"{embedder.name} ({embedder.fingerprint}); use that model or build the index again"
            )

    def wording(self, predicate: str) -> Wording:
        """How a predicate reads in the passages of the pack."""
        given = (self.manifest["pack"] or {}).get("wordings", {}).get(predicate)
        return Wording(**given) if given else wording(predicate)

    @cached_property
    def linker(self) -> DictionaryLinker | None:
        """A linker of the pack's names; None where no pack was indexed."""
        pack = self.manifest["pack"]
        if pack is None:
            return None
        from kgslm.linking.dictionary import DictionaryLinker
        from kgslm.linking.lexicon import open_lexicon

        return DictionaryLinker(open_lexicon(self.path / _LEXICON, pack["fingerprint"]))


def _vectors(
    drafts: Sequence[Draft], embedder: Embedder, dense: DenseMode, progress: Callable[[int], None] | None
) -> Vectors:
    """One vector a passage; each text is embedded once, however many passages share it."""
    texts = [_read(draft, dense) for draft in drafts]
    rows = {text: row for row, text in enumerate(dict.fromkeys(texts))}
    vectors = embedder.embed(list(rows), progress=progress)
    return np.asarray(vectors[[rows[text] for text in texts]])


def _read(draft: Draft, dense: DenseMode) -> str:
    """What the vector of a passage is made from.

    For facts always subject and predicate: questions name these, and a dozen objects would blur the vector. Names of
    objects are found by keywords.
    """
    fact = "#" in draft.passage.id and bool(draft.passage.concepts)
    return draft.gist if fact or dense == "names" else draft.passage.text


def _about(pack: KnowledgePack) -> dict[str, Any]:
    """The pack, and how those of its predicates read that do not read as they would anywhere."""
    read = {predicate: pack_wording(pack, predicate) for predicate in pack.predicates()}
    own = {predicate: asdict(words) for predicate, words in read.items() if words != wording(predicate)}
    return {"name": pack.name, "version": pack.version, "fingerprint": pack.fingerprint, "wordings": own}


def _save_names(pack: KnowledgePack, folder: Path) -> None:
    from kgslm.linking.dictionary import DictionaryLinker
    from kgslm.linking.lexicon import save_lexicon

    save_lexicon(DictionaryLinker.from_pack(pack).lexicon, folder, pack.fingerprint)
