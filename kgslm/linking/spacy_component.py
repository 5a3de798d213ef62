"""A spaCy pipeline component: the concepts of a pack as spans and entities of a ``Doc``.

::

    nlp = spacy.blank("en")
    nlp.add_pipe("kgslm_linker", config={"pack": "build/medical"})
    doc = nlp("No fever, but seizures.")
    [(span.text, span.kb_id_) for span in doc.spans["kgslm"]]

spaCy finds the component through an entry point; nothing of kgslm needs to be imported.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.util import filter_spans

from kgslm.errors import LinkError
from kgslm.linking.protocol import LINKERS, Linker
from kgslm.packs import KnowledgePack
from kgslm.records import LinkedText

_DEFAULTS: dict[str, Any] = {"pack": None, "linker": "dictionary", "label": "CONCEPT", "spans_key": "kgslm"}


class SpacyLinker:
    """Writes ``doc.spans[spans_key]``, and into ``doc.ents`` where no other entity stands already.

    Each span has the concept as ``kb_id_`` and ``label`` as its label. A mention that ends inside a token is widened
    to whole tokens.
    """

    def __init__(self, linker: Linker, *, label: str = "CONCEPT", spans_key: str = "kgslm") -> None:
        self._linker = linker
        self._label = label
        self._spans_key = spans_key

    def __call__(self, doc: Doc) -> Doc:
        """Link one document."""
        return self._write(doc, self._linker.link(doc.text))

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 256) -> Iterator[Doc]:
        """Link many documents, ``batch_size`` at a time."""
        batch: list[Doc] = []
        for doc in stream:
            batch.append(doc)
            if len(batch) >= batch_size:
                yield from self._write_all(batch)
                batch = []
        yield from self._write_all(batch)

    def _write_all(self, docs: list[Doc]) -> Iterator[Doc]:
        return map(self._write, docs, self._linker.link_many([doc.text for doc in docs]))

    def _write(self, doc: Doc, linked: LinkedText) -> Doc:
        found = [self._span(doc, link.start, link.end, link.concept) for link in linked.links if link.concept]
        spans = [span for span in found if span is not None]
        doc.spans[self._spans_key] = spans
        doc.ents = tuple(filter_spans([*doc.ents, *(span for span in spans if _is_free(span))]))
        return doc

    def _span(self, doc: Doc, start: int, end: int, concept: str) -> Span | None:
        span: Span | None = doc.char_span(start, end, self._label, kb_id=concept, alignment_mode="expand")
        return span


def _is_free(span: Span) -> bool:
    return not any(token.ent_type for token in span)


@Language.factory(  # type: ignore[untyped-decorator]
    "kgslm_linker", assigns=["doc.ents", "doc.spans", "token.ent_kb_id"], default_config=_DEFAULTS
)
def make_linker(nlp: Language, name: str, pack: str | None, linker: str, label: str, spans_key: str) -> SpacyLinker:
    """Build the component; ``pack`` is the folder of a pack. Raises LinkError where none is named."""
    if pack is None:
        raise LinkError(f"{name}: name the pack: nlp.add_pipe('kgslm_linker', config={{'pack': 'path/to/pack'}})")
    return SpacyLinker(LINKERS.load(linker).from_pack(KnowledgePack.open(pack)), label=label, spans_key=spans_key)
