"""Known texts to token ids: the text whole up to its own limit, in one or several windows, and its context."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from kgslm.errors import ModelError
from kgslm.injection.context import Snippet
from kgslm.injection.injector import Candidates, KnownText, Mention

_OVERLAP = 4


@dataclass(frozen=True, slots=True)
class Tokens:
    """A tokenised text, or a window of it.

    ids, types: one a token; type 1 is the second text of a pair or the context. apart: (start, count) of the tokens
    that are not pooled, the context. positions: one a token where they are not 0, 1, 2, ... mentions: what
    is mentioned. mention_index: one a token; 0 means no mention, n means ``mentions[n - 1]``. offsets: the span of
    each token in its text; start equals end for special tokens and context.
    """

    ids: tuple[int, ...]
    types: tuple[int, ...]
    apart: tuple[int, int] = (0, 0)
    positions: tuple[int, ...] = ()
    mentions: tuple[Candidates, ...] = ()
    mention_index: tuple[int, ...] = ()
    offsets: tuple[tuple[int, int], ...] = ()

    @property
    def text_runs(self) -> tuple[tuple[int, int], ...]:
        """The tokens that are pooled, as (first, behind the last)."""
        start, count = self.apart
        runs = ((0, start), (start + count, len(self.ids)))
        return tuple((first, end) for first, end in runs if first < end)

    @property
    def concepts(self) -> Iterator[str]:
        """The ids of all candidates."""
        return (concept for candidates in self.mentions for concept, _ in candidates)


@dataclass(frozen=True, slots=True)
class Layout:
    """How texts and contexts are laid out.

    max_length: tokens of a window of text, special ones included. windows: how many windows a text may have; a
    quarter of each is also in the one before. max_context: tokens of context a window, on top of its text.
    context_first: for backbones whose tokens see only what stands before them. anchored: a sentence of the context
    takes the positions behind its mention (after Liu et al. 2020, K-BERT), instead of those behind the text.
    pool_context: whether the context is pooled with the text.
    """

    max_length: int
    windows: int = 1
    max_context: int = 0
    context_first: bool = False
    anchored: bool = False
    pool_context: bool = False


class Tokeniser:
    """A backbone's tokenizer with a layout. max_positions: the most tokens that the backbone reads.

    Raises ModelError where a text alone would be longer than that.
    """

    def __init__(self, tokenizer: Any, max_positions: int, layout: Layout) -> None:
        if layout.max_length > max_positions:
            raise ModelError(f"max_length: {layout.max_length} tokens, the model reads at most {max_positions}")
        self._tokenizer = tokenizer
        self._layout = layout
        self._max_positions = max_positions
        end = tokenizer.sep_token_id if tokenizer.sep_token_id is not None else tokenizer.eos_token_id
        self._end = () if end is None else (int(end),)

    def encode(self, texts: Sequence[KnownText]) -> list[tuple[Tokens, ...]]:
        """The windows of each text; a text that is too long for them loses its end, and so do mentions there."""
        if not texts:
            return []
        encoded = [*self._encode_all(texts)]
        return [
            tuple(self._windows(text, windows, encoded_in))
            for text, (encoded_in, windows) in zip(texts, encoded, strict=True)
        ]

    def windows(self, texts: Sequence[KnownText]) -> list[tuple[Tokens, ...]]:
        """As many windows of each text as it takes. A second text is not looked at."""
        cut = [self._cut(text.text) for text in texts]
        return [
            tuple(self._windows(text, list(range(len(encoded["input_ids"]))), encoded))
            for text, encoded in zip(texts, cut, strict=True)
        ]

    def count(self, text: str) -> int:
        """The length of a text in tokens, without special ones."""
        return len(self._ids(text))

    def _encode_all(self, texts: Sequence[KnownText]) -> Iterator[tuple[Any, list[int]]]:
        """For each text the tokenizer's answer and the rows of it that are the text's windows."""
        whole = self._tokenizer(
            [text.text if text.text_pair is None else (text.text, text.text_pair) for text in texts],
            truncation=True,
            max_length=self._layout.max_length,
            return_offsets_mapping=True,
            return_attention_mask=False,
        )
        for row, text in enumerate(texts):
            full = len(whole["input_ids"][row]) >= self._layout.max_length
            # A pair is not cut into windows: it would have to be said which parts of the two belong together.
            if self._layout.windows == 1 or not full or text.text_pair is not None:
                yield whole, [row]
                continue
            cut = self._cut(text.text)
            yield cut, list(range(min(self._layout.windows, len(cut["input_ids"]))))

    def _cut(self, text: str) -> Any:
        return self._tokenizer(
            text,
            truncation=True,
            max_length=self._layout.max_length,
            stride=self._layout.max_length // _OVERLAP,
            return_overflowing_tokens=True,
            return_offsets_mapping=True,
            return_attention_mask=False,
        )

    def _windows(self, text: KnownText, rows: list[int], encoded: Any) -> Iterator[Tokens]:
        """The text's windows, each with the sentences about what is mentioned in it; those about what is in none,
        because the text was cut, go to the last.
        """
        left = list(text.context)
        for row in rows:
            offsets, parts = encoded["offset_mapping"][row], encoded.sequence_ids(row)
            places = {snippet: _last_token(snippet, offsets, parts) for snippet in left}
            here = [snippet for snippet in left if row == rows[-1] or places[snippet] is not None]
            left = [snippet for snippet in left if snippet not in here]
            mentions, index = _place(text.mentions, offsets, parts)
            tokens = Tokens(
                ids=tuple(encoded["input_ids"][row]),
                types=tuple(int(part == 1) for part in parts),
                mentions=mentions,
                mention_index=index,
                offsets=tuple((start, end) for start, end in offsets),
            )
            yield self._with_context(tokens, [(snippet, places[snippet]) for snippet in here], parts)

    def _with_context(
        self, text: Tokens, snippets: Sequence[tuple[Snippet, int | None]], parts: Sequence[int | None]
    ) -> Tokens:
        """The window with as many whole sentences as there is room for."""
        size = len(text.ids)
        room = min(self._layout.max_context, self._max_positions - size) - len(self._end)
        ids: list[int] = []
        positions: list[int] = []
        for snippet, place in snippets:
            words = self._ids(snippet.words)
            if len(words) > room - len(ids):
                continue
            first = size + len(ids) if place is None else place + 1
            ids += words
            positions += [min(position, self._max_positions - 1) for position in range(first, first + len(words))]
        if not ids:
            return text
        ids += self._end
        positions += [min(positions[-1] + 1, self._max_positions - 1)] * len(self._end)
        # Behind what opens every text, such as the beginning-of-text token.
        start = (
            next((at for at, part in enumerate(parts) if part is not None), 0) if self._layout.context_first else size
        )
        own = list(range(size))
        return replace(
            text,
            ids=_insert(text.ids, start, ids),
            types=_insert(text.types, start, [1] * len(ids)),
            offsets=(*text.offsets[:start], *((0, 0),) * len(ids), *text.offsets[start:]),
            apart=(0, 0) if self._layout.pool_context else (start, len(ids)),
            positions=_insert(own, start, positions) if self._layout.anchored else (),
            mention_index=_insert(text.mention_index, start, [0] * len(ids)) if text.mention_index else (),
        )

    def _ids(self, text: str) -> list[int]:
        return list(self._tokenizer(text, add_special_tokens=False, return_attention_mask=False)["input_ids"])


def _insert(values: Sequence[int], at: int, more: Sequence[int]) -> tuple[int, ...]:
    return (*values[:at], *more, *values[at:])


def _last_token(snippet: Snippet, offsets: Sequence[tuple[int, int]], parts: Sequence[int | None]) -> int | None:
    """The last token of the mention that a sentence is about."""
    for at in range(len(offsets) - 1, -1, -1):
        start, end = offsets[at]
        if parts[at] == 0 and start < snippet.end and end > snippet.start:
            return at
    return None


def _place(
    mentions: tuple[Mention, ...], offsets: Sequence[tuple[int, int]], parts: Sequence[int | None]
) -> tuple[tuple[Candidates, ...], tuple[int, ...]]:
    """What is mentioned, and for each token which of it it belongs to."""
    if not mentions:
        return (), ()
    order: dict[Candidates, int] = {}
    index = []
    position = 0
    for (start, end), part in zip(offsets, parts, strict=True):
        if part != 0 or start == end:
            index.append(0)
            continue
        while position < len(mentions) and mentions[position].end <= start:
            position += 1
        if position < len(mentions) and mentions[position].start < end:
            index.append(order.setdefault(mentions[position].candidates, len(order) + 1))
        else:
            index.append(0)
    return tuple(order), tuple(index)
