"""The dictionary linker: names of the pack in any case, number and word order, at dictionary speed.

Tokens become stem classes, windows of classes become order-free 64-bit keys by running sums, and all keys of a text
are looked up at once; only what is found there is compared with the names, once for each distinct surface.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from kgslm.errors import KgslmError, LinkError
from kgslm.linking.abbreviations import Definitions, find_abbreviations, occurrences, write_out
from kgslm.linking.hashing import KeyTable, running_sums
from kgslm.linking.lexicon import Lexicon, build_lexicon, open_lexicon, save_lexicon
from kgslm.linking.matching import CERTAIN, KIND_WEIGHTS, name_score
from kgslm.linking.stopwords import EVERYDAY
from kgslm.linking.tokens import Tokens, tokenise
from kgslm.linking.vocabulary import UNKNOWN
from kgslm.linking.windows import find_windows
from kgslm.packs.items import NAME_KINDS
from kgslm.records import Candidate, Link, LinkedText

if TYPE_CHECKING:
    from kgslm.packs import KnowledgePack

_SEPARATOR = "\n\n"  # ends a sentence, so that no link runs from one text into the next
_BATCH_CHARACTERS = 200_000
_REMEMBERED = 200_000
_NIL: tuple[Candidate, ...] = ()


class DictionaryLinker:
    """Links the names of a lexicon. Nothing is learnt, and nothing but the text decides."""

    def __init__(self, lexicon: Lexicon, *, max_candidates: int = 16, abbreviations: bool = True) -> None:
        """abbreviations: read the short forms that a text defines as their long forms."""
        self.lexicon = lexicon
        self._defined: Callable[[str], Definitions] = find_abbreviations if abbreviations else _none
        self._max_candidates = max_candidates
        self._vocabulary = lexicon.vocabulary()
        self._table = KeyTable(lexicon.keys)
        self._longest = lexicon.longest
        self._known: dict[str, tuple[Candidate, ...]] = {}

    @classmethod
    def from_pack(cls, pack: KnowledgePack) -> DictionaryLinker:
        """The linker of a pack. The lexicon is built once and kept in the pack's folder, where that is writable."""
        folder = pack.derived("lexicon")
        try:
            return cls(open_lexicon(folder, pack.fingerprint))
        except LinkError:
            lexicon = build_lexicon(pack.names())
        try:
            save_lexicon(lexicon, folder, pack.fingerprint)
        except (OSError, KgslmError):
            return cls(lexicon)  # a pack that others own can be used all the same
        return cls(open_lexicon(folder, pack.fingerprint))

    @classmethod
    def from_names(cls, names: Iterable[tuple[str, str, str]]) -> DictionaryLinker:
        """A linker of (concept id, name, kind) rows; kind: preferred, exact, narrow, broad or related."""
        return cls(build_lexicon(names))

    def link(self, text: str) -> LinkedText:
        """Find mentions and their concepts; the longest match wins, then the better one, then the left one."""
        return self._link_batch([text])[0]

    def link_many(self, texts: Iterable[str]) -> Iterator[LinkedText]:
        """Stream the links of many texts, in order; faster than one by one."""
        batch: list[str] = []
        characters = 0
        for text in texts:
            batch.append(text)
            characters += len(text)
            if characters >= _BATCH_CHARACTERS:
                yield from self._link_batch(batch)
                batch, characters = [], 0
        yield from self._link_batch(batch)

    def link_mention(self, text: str, start: int, end: int) -> Link:
        """The concept of one given mention; NIL where it is no name in any variant.

        Raises LinkError where ``start:end`` is not a span of the text.
        """
        if not 0 <= start < end <= len(text):
            raise LinkError(f"{start}-{end} is not a span of a text of {len(text)} characters")
        surface = text[start:end]
        return _link(start, surface, self._meant(surface, self._defined(text)))

    def _meant(self, surface: str, definitions: Definitions) -> tuple[Candidate, ...]:
        """The concepts of a mention in a text that defines these short forms."""
        long = write_out(surface, definitions) if definitions else surface
        return (self._whole(long) if long != surface else _NIL) or self._whole(surface)

    def _whole(self, surface: str) -> tuple[Candidate, ...]:
        return self._wholes([surface])[0]

    def _wholes(self, surfaces: Sequence[str]) -> list[tuple[Candidate, ...]]:
        """What each surface means where all of it is one name."""
        tokens = tokenise(_SEPARATOR.join(surfaces))
        codes = self._vocabulary.codes(tokens)
        ends = np.cumsum([len(surface) + len(_SEPARATOR) for surface in surfaces])
        owners = np.searchsorted(ends, tokens.starts, side="right")
        content = np.flatnonzero(codes > 0)
        firsts = np.searchsorted(owners[content], np.arange(len(surfaces) + 1))
        sums = running_sums(codes[content])
        positions, groups = self._table.find(sums[firsts[1:]] - sums[firsts[:-1]])
        strange = set(owners[codes == UNKNOWN].tolist())
        found = [_NIL] * len(surfaces)
        for at, group in zip(positions.tolist(), groups.tolist(), strict=True):
            classes = codes[content[firsts[at] : firsts[at + 1]]].tolist()
            if classes and at not in strange:
                found[at] = self._candidates(surfaces[at], classes, group)
        return found

    def _link_batch(self, texts: Sequence[str]) -> list[LinkedText]:
        joined = _SEPARATOR.join(texts)
        links = self._links(joined, self._short_forms(texts))
        linked = []
        position = base = 0
        for text in texts:
            end = base + len(text)
            own = []
            while position < len(links) and links[position][0] < end:
                start, surface, candidates = links[position]
                own.append(_link(start - base, surface, candidates))
                position += 1
            linked.append(LinkedText(text, tuple(own)))
            base = end + len(_SEPARATOR)
        return linked

    def _short_forms(self, texts: Sequence[str]) -> dict[int, tuple[int, tuple[Candidate, ...]]]:
        """Start to (end, concepts of the long form) of the defined short forms, in the texts joined."""
        places: list[tuple[int, int, str]] = []
        base = 0
        for text in texts:
            definitions = self._defined(text)
            if definitions:
                places += [(base + start, base + end, long) for start, end, long in occurrences(text, definitions)]
            base += len(text) + len(_SEPARATOR)
        if not places:
            return {}
        longs = list(dict.fromkeys(long for _, _, long in places))
        meant = dict(zip(longs, self._wholes(longs), strict=True))
        sure = {long for long, candidates in meant.items() if candidates and candidates[0].score >= CERTAIN}
        return {start: (end, meant[long]) for start, end, long in places if long in sure}

    def _links(
        self, text: str, short_forms: Mapping[int, tuple[int, tuple[Candidate, ...]]]
    ) -> list[tuple[int, str, tuple[Candidate, ...]]]:
        """(start, surface, candidates) of the chosen mentions, in order of start."""
        tokens = tokenise(text)
        codes = self._vocabulary.codes(tokens)
        windows = find_windows(tokens, codes, self._table, self._longest)
        starts, ends = tokens.starts[windows[:, 2]].tolist(), tokens.ends[windows[:, 3]].tolist()
        content = codes[codes > 0]
        found = []
        for (first, last, first_token, last_token, group), start, end in zip(
            windows.tolist(), starts, ends, strict=True
        ):
            if short_forms and short_forms.get(start, (0,))[0] == end:
                continue  # it means what the text says that it means
            surface = text[start:end]
            candidates = self._known.get(surface)
            if candidates is None:
                candidates = self._candidates(surface, content[first : last + 1].tolist(), group)
            if (
                candidates
                and candidates[0].score >= CERTAIN
                and (surface.lower() not in EVERYDAY or _stands_out(tokens, first_token))
            ):
                found.append((first - last, -candidates[0].score, first_token, last_token, start, surface, candidates))
        for start, (end, candidates) in short_forms.items():
            first_token = int(np.searchsorted(tokens.starts, start))
            last_token = int(np.searchsorted(tokens.ends, end))
            length = first_token - last_token
            found.append((length, -candidates[0].score, first_token, last_token, start, text[start:end], candidates))
        return _choose(found, len(tokens))

    def _candidates(self, surface: str, classes: list[int], group: int) -> tuple[Candidate, ...]:
        """The concepts that ``surface`` may name, best first; remembered, for it depends on the surface alone."""
        lexicon = self.lexicon
        best: dict[int, float] = {}
        for row in range(int(lexicon.firsts[group]), int(lexicon.firsts[group + 1])):
            own = lexicon.classes[lexicon.class_firsts[row] : lexicon.class_firsts[row + 1]].tolist()
            score = name_score(surface, classes, lexicon.names[row].as_py(), own)
            if score:
                concept = int(lexicon.concepts[row])
                weighted = score * KIND_WEIGHTS[NAME_KINDS[int(lexicon.kinds[row])]]
                best[concept] = max(weighted, best.get(concept, 0.0))
        ranked = sorted(
            (-score, lexicon.preferred[concept].as_py(), lexicon.ids[concept].as_py())
            for concept, score in best.items()
        )
        candidates = tuple(
            Candidate(id_, name, round(-score, 4)) for score, name, id_ in ranked[: self._max_candidates]
        )
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        self._known[surface] = candidates
        return candidates


def _none(text: str) -> Definitions:
    return {}


def _choose(
    found: list[tuple[int, float, int, int, int, str, tuple[Candidate, ...]]], count: int
) -> list[tuple[int, str, tuple[Candidate, ...]]]:
    """Matches that do not overlap: the longest in content tokens first, then the better, then the left one."""
    found.sort(key=lambda match: match[:4])
    taken = bytearray(count)
    chosen = []
    for _, _, first, last, start, surface, candidates in found:
        if not any(taken[first : last + 1]):
            taken[first : last + 1] = b"\x01" * (last + 1 - first)
            chosen.append((start, surface, candidates))
    chosen.sort(key=lambda match: match[0])
    return chosen


def _stands_out(tokens: Tokens, index: int) -> bool:
    """Whether a word is in capitals and the words beside it are not, so that capitals mark an acronym here."""
    beside = [other for other in (index - 1, index + 1) if 0 <= other < len(tokens)]
    words = [tokens.surfaces[other] for other in beside if tokens.sentences[other] == tokens.sentences[index]]
    return tokens.surfaces[index].isupper() and not any(len(word) > 1 and word.isupper() for word in words)


def _link(start: int, surface: str, candidates: tuple[Candidate, ...]) -> Link:
    if not candidates:
        return Link(start, start + len(surface), surface, None, score=0.0)
    best = candidates[0]
    return Link(start, start + len(surface), surface, best.concept, best.name, best.score, False, candidates)
