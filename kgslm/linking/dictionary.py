"""The dictionary linker: names of the pack in any case, number and word order, at dictionary speed.

Tokens become stem classes, windows of classes become order-free 64-bit keys by running sums, and all keys of a text
are looked up at once; only what is found there is compared with the names, once for each distinct surface.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from kgslm.errors import KgslmError, LinkError
from kgslm.linking.abbreviations import Definitions, write_out
from kgslm.linking.assertion import NO_FLAGS, Asserter, rules_of
from kgslm.linking.back_off import BackOff
from kgslm.linking.candidates import NIL, SEPARATOR, CandidateFinder, Candidates
from kgslm.linking.choice import Mention, choose
from kgslm.linking.collecting import uncollected
from kgslm.linking.coordination import find_coordinated
from kgslm.linking.definitions import Definer, ShortForms
from kgslm.linking.doubt import Doubt
from kgslm.linking.lexicon import Lexicon, build_lexicon, open_lexicon, save_lexicon
from kgslm.linking.link_making import make_link
from kgslm.linking.matching import CERTAIN
from kgslm.linking.sections import Sections
from kgslm.linking.senses import is_open, settled
from kgslm.linking.settings import DEFAULT_SETTINGS, LinkSettings
from kgslm.linking.windows import ReadText, find_windows
from kgslm.records import Link, LinkedText

if TYPE_CHECKING:
    from kgslm.packs import KnowledgePack

_BATCH_CHARACTERS = 200_000
_REMEMBERED = 200_000


class DictionaryLinker:
    """Links the names of a lexicon. Nothing is learnt from examples, and nothing but the text decides."""

    def __init__(
        self, lexicon: Lexicon, settings: LinkSettings = DEFAULT_SETTINGS, *, assertions: Asserter | None = None
    ) -> None:
        """assertions: other rules than those of the lexicon's language; ``settings.assertions`` switches them off."""
        self._own_assertions = assertions
        self._assertions = (assertions or rules_of(lexicon.language)) if settings.assertions else None
        self.lexicon = lexicon
        self.settings = settings
        self._finder = CandidateFinder(lexicon, settings)
        self._back_off = BackOff(self._finder, settings)
        self._definer = Definer(self._finder, self._back_off, settings)
        self._doubt = Doubt(self._finder.words, settings)
        self._sections = Sections(settings.skip_sections, self._finder.words)
        self._least = max(CERTAIN, settings.least_score)
        self._longest = lexicon.longest
        self._usable: dict[tuple[str, int], tuple[Candidates, float, bool]] = {}
        self._last: LinkedText | None = None

    def __reduce__(self) -> tuple[Callable[[], DictionaryLinker], tuple[()]]:
        # All else is worked out again. The lexicon of a pack is pickled as the name of its folder.
        return partial(type(self), self.lexicon, self.settings, assertions=self._own_assertions), ()

    @classmethod
    def from_pack(
        cls,
        pack: KnowledgePack,
        settings: LinkSettings = DEFAULT_SETTINGS,
        *,
        language: str = "en",
        assertions: Asserter | None = None,
    ) -> DictionaryLinker:
        """The linker of a pack. The lexicon is built once and kept in the pack's folder, where that is writable.

        language: of the names, an ISO 639 code. assertions: other rules than those of the language.
        """
        folder = pack.derived("lexicon" if language == "en" else f"lexicon-{language}")
        try:
            return cls(open_lexicon(folder, pack.fingerprint), settings, assertions=assertions)
        except LinkError:
            lexicon = build_lexicon(pack.names(), language)
        try:
            save_lexicon(lexicon, folder, pack.fingerprint)
        except (OSError, KgslmError):
            return cls(lexicon, settings, assertions=assertions)  # a pack that others own can be used all the same
        return cls(open_lexicon(folder, pack.fingerprint), settings, assertions=assertions)

    @classmethod
    def from_names(
        cls, names: Iterable[tuple[str, str, str]], settings: LinkSettings = DEFAULT_SETTINGS, *, language: str = "en"
    ) -> DictionaryLinker:
        """A linker of (concept id, name, kind) rows; kind: preferred, exact, narrow, broad or related."""
        return cls(build_lexicon(names, language), settings)

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
        link = make_link(start, surface, self._meant(surface, self._definer.of_text(text)))
        if self.settings.senses and is_open(link.candidates):
            link = settled([link], self._around(text))[0]
        return self._assertions.mark_mention(text, link) if self._assertions else link

    def _around(self, text: str) -> Sequence[Link]:
        """The links of a text; those of the last one are remembered, as its mentions are asked for one by one."""
        if self._last is None or self._last.text != text:
            self._last = self.link(text)
        return self._last.links

    def _meant(self, surface: str, definitions: Definitions) -> Candidates:
        """The concepts of a mention in a text that defines these short forms."""
        long = write_out(surface, definitions) if definitions else surface
        found = (self._whole(long) if long != surface else NIL) or self._whole(surface)
        return found or self._back_off.meant(long)

    def _whole(self, surface: str) -> Candidates:
        return self._finder.wholes([surface])[0]

    @uncollected()
    def _link_batch(self, texts: Sequence[str]) -> list[LinkedText]:
        joined = SEPARATOR.join(texts)
        definitions = self._definer.of_texts(texts)
        links = self._links(joined, self._definer.places(texts, definitions))
        flags = self._assertions.flags(joined, [(it.start, it.end) for it in links]) if self._assertions else {}
        starts = [mention.start for mention in links]
        linked = []
        position = base = 0
        for text, defined in zip(texts, definitions, strict=True):
            end = base + len(text)
            behind = bisect_left(starts, end, position)
            own = []
            for place, (*_, start, stop, candidates) in enumerate(links[position:behind], position):
                own.append(
                    make_link(start - base, text[start - base : stop - base], candidates, flags.get(place, NO_FLAGS))
                )
            position = behind
            linked.append(LinkedText(text, tuple(self._kept(text, own, defined))))
            base = end + len(SEPARATOR)
        return linked

    def _kept(self, text: str, links: list[Link], definitions: Definitions) -> Sequence[Link]:
        """The links of a text that are not in doubt, each with the meaning that the text speaks for."""
        for start, end in self._sections.skipped(text):
            links = [link for link in links if not start <= link.start < end]
        kept = self._doubt.sift(text, links, definitions)
        return settled(kept, kept) if self.settings.senses else kept

    def _links(self, text: str, short_forms: ShortForms) -> list[Mention]:
        """The chosen mentions, in order of start."""
        reading = self._finder.read(text, short_forms.asides)
        mentions = self._named(text, reading, short_forms)
        tokens = reading.tokens
        for start, (end, _, candidates) in short_forms.places.items():
            if not candidates:
                continue
            first = int(np.searchsorted(tokens.starts, start))
            last = int(np.searchsorted(tokens.ends, end))
            mentions.append(Mention(first - last, -candidates[0].score, first, last, start, end, candidates))
        return choose(mentions, self.settings.overlap)

    def _named(self, text: str, reading: ReadText, short_forms: ShortForms) -> list[Mention]:
        """All mentions of names, overlapping ones too; short forms that the text defines are left out."""
        tokens, content = reading.tokens, reading.content
        windows = find_windows(reading, self._finder.table, self._longest)
        classes = reading.codes[content]
        alone = windows[:, 0] == windows[:, 1]
        windows = windows[~(alone & np.isin(classes[windows[:, 0]], self._finder.heads))]
        firsts, lasts = content[windows[:, 0]], content[windows[:, 1]]
        columns = (*windows.T, firsts, lasts, tokens.starts[firsts], tokens.ends[lasts])
        asides, defined, usable = short_forms.asides, short_forms.places, self._usable
        mentions, known = [], set()
        for low, high, group, first, last, start, end in zip(*(it.tolist() for it in columns), strict=True):
            surface = text[start:end]
            if asides and "(" in surface:
                surface = short_forms.without_asides(text, start, end)
            found = usable.get((surface, group))
            if found is None:
                found = self._use(surface, classes[low : high + 1].tolist(), group)
            candidates, doubt, everyday = found
            if start in defined and not defined[start].allows(end, candidates):
                continue  # it means what the text says that it means
            if doubt and not (everyday and not tokens.stands_out(first)):
                known.add((low, high))
                mentions.append(Mention(low - high, doubt, first, last, start, end, candidates))
        return mentions + (self._coordinated(text, reading, known) if self.settings.coordination else [])

    def _use(self, surface: str, classes: list[int], group: int) -> tuple[Candidates, float, bool]:
        """(concepts, the doubt of a mention of them or 0 where they make none, whether it must stand out)."""
        candidates = self._finder.of_group(surface, classes, group)
        certain = bool(candidates) and candidates[0].score >= self._least
        doubt = -candidates[0].score if certain else 0.0
        if len(self._usable) >= _REMEMBERED:
            self._usable.clear()
        use = self._usable[surface, group] = candidates, doubt, surface.lower() in self._finder.words.everyday
        return use

    def _coordinated(self, text: str, reading: ReadText, known: set[tuple[int, int]]) -> list[Mention]:
        """Mentions of names whose head or modifier stands elsewhere, from their first word to their last one.

        They overlap the mentions that they share words with, and take none but their own words.
        """
        tokens, content = reading.tokens, reading.content
        mentions = []
        for name in find_coordinated(reading, self._finder.table, known):
            candidates = self._finder.of_coordinated(text, reading, name)
            if candidates and candidates[0].score >= self._least:
                first, last = int(content[name.apart[0]]), int(content[name.apart[1]])
                words = name.apart[1] - name.apart[0] + name.shared[1] - name.shared[0] + 1
                whole = content[[*name.apart, *name.shared]]
                start, end = int(tokens.starts[whole.min()]), int(tokens.ends[whole.max()])
                mentions.append(Mention(-words, -candidates[0].score, first, last, start, end, candidates))
        return mentions
