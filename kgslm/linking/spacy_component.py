"""A spaCy pipeline component: the concepts of a pack as spans and entities of a ``Doc``.

::

    nlp = spacy.blank("en")
    nlp.add_pipe("kgslm_linker", config={"pack": "build/medical"})
    doc = nlp("No fever, but seizures.")
    [(span.text, span.kb_id_, span._.kgslm_negated) for span in doc.spans["kgslm"]]

spaCy finds the component through an entry point; nothing of kgslm needs to be imported.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.util import filter_spans

from kgslm.errors import LinkError
from kgslm.linking.assertion_rules import FLAGS
from kgslm.linking.languages import languages
from kgslm.linking.protocol import ENGLISH, Linker, LinkerSpec
from kgslm.linking.settings import parse_settings
from kgslm.packs import KnowledgePack
from kgslm.records import Link, LinkedText

_DEFAULTS: dict[str, Any] = {
    "pack": None,
    "linker": "dictionary",
    "label": "CONCEPT",
    "spans_key": "kgslm",
    "settings": {},
}

EXTENSIONS: dict[str, Any] = {
    "kgslm_name": "",
    "kgslm_score": None,
    "kgslm_candidates": None,
    **{f"kgslm_{flag}": False for flag in FLAGS},
}
"""The extensions of a span, with their values for spans of others."""


class SpacyLinker:
    """Writes ``doc.spans[spans_key]``, and into ``doc.ents`` where no other entity stands already.

    Each span has the concept as ``kb_id_``, ``label`` as its label, and as extensions ``span._.kgslm_name``,
    ``kgslm_score``, ``kgslm_candidates`` (a list of ``{concept, name, score}``, best first) and a flag each:
    ``kgslm_negated``, ``kgslm_hypothetical``, ``kgslm_historical``, ``kgslm_other_person``. A mention that ends inside
    a token is widened to whole tokens. The component is pickled with its linker; one of a pack as the pack's folder.
    """

    def __init__(self, linker: Linker, *, label: str = "CONCEPT", spans_key: str = "kgslm") -> None:
        self._linker = linker
        self._label = label
        self._spans_key = spans_key
        _register()

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        _register()  # the process may be another one

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
        found = [self._span(doc, link) for link in linked.links if link.concept]
        spans = [span for span in found if span is not None]
        doc.spans[self._spans_key] = spans
        doc.ents = tuple(filter_spans([*doc.ents, *(span for span in spans if _is_free(span))]))
        return doc

    def _span(self, doc: Doc, link: Link) -> Span | None:
        span: Span | None = doc.char_span(
            link.start, link.end, self._label, kb_id=link.concept, alignment_mode="expand"
        )
        if span is not None:
            span._.kgslm_name, span._.kgslm_score = link.name, link.score
            # Plain lists and dicts, which a Doc can be written with.
            span._.kgslm_candidates = [
                {"concept": it.concept, "name": it.name, "score": it.score} for it in link.candidates
            ]
            for flag in FLAGS:
                if getattr(link, flag):
                    span._.set(f"kgslm_{flag}", True)
        return span


def _register() -> None:
    for name, default in EXTENSIONS.items():
        if not Span.has_extension(name):
            Span.set_extension(name, default=default)


def _is_free(span: Span) -> bool:
    return not any(token.ent_type for token in span)


@Language.factory(  # type: ignore[untyped-decorator]
    "kgslm_linker", assigns=["doc.ents", "doc.spans", "token.ent_kb_id"], default_config=_DEFAULTS
)
def make_linker(
    nlp: Language, name: str, pack: str | None, linker: str, label: str, spans_key: str, settings: dict[str, Any]
) -> SpacyLinker:
    """Build the component, for the language of the pipeline where its words are known, or else for English.

    pack: the folder of a pack. settings: of the linker, see LinkSettings. Raises LinkError where no pack is named,
    ConfigError for an unknown linker or setting.
    """
    if pack is None:
        raise LinkError(f"{name}: name the pack: nlp.add_pipe('kgslm_linker', config={{'pack': 'path/to/pack'}})")
    spec = LinkerSpec(linker, parse_settings(settings), nlp.lang if nlp.lang in languages() else ENGLISH)
    return SpacyLinker(spec.load(KnowledgePack.open(pack)), label=label, spans_key=spans_key)
