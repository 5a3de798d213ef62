"""Known texts to token ids: the text first, whole up to its own limit, then its context."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kgslm.errors import ModelError
from kgslm.injection.injector import KnownText


@dataclass(frozen=True, slots=True)
class Tokens:
    """A tokenised text.

    ids, types: one a token; type 1 is the second text of a pair or the context. text_tokens: how many of them are
    text, not context; the pooled vector is their mean. concepts: ids of the concepts mentioned. concept_index: one a
    token; 0 means no concept, n means ``concepts[n - 1]``.
    """

    ids: tuple[int, ...]
    types: tuple[int, ...]
    text_tokens: int
    concepts: tuple[str, ...] = ()
    concept_index: tuple[int, ...] = ()


class Tokeniser:
    """A backbone's tokenizer with the two budgets.

    max_length: tokens of the text, special tokens included. max_context: tokens of context on top of that.
    Raises ModelError where the text alone would be longer than the backbone reads.
    """

    def __init__(self, tokenizer: Any, max_positions: int, max_length: int, max_context: int = 0) -> None:
        if max_length > max_positions:
            raise ModelError(f"max_length: {max_length} tokens, the model reads at most {max_positions}")
        self._tokenizer = tokenizer
        self._max_length = max_length
        self._max_context = min(max_context, max_positions - max_length)
        end = tokenizer.sep_token_id if tokenizer.sep_token_id is not None else tokenizer.eos_token_id
        self._end = () if end is None else (int(end),)

    def encode(self, texts: Sequence[KnownText]) -> list[Tokens]:
        """Tokenise; a text that is too long loses its end, and so do mentions there."""
        if not texts:
            return []
        encoded = self._tokenizer(
            [text.text if text.text_pair is None else (text.text, text.text_pair) for text in texts],
            truncation=True,
            max_length=self._max_length,
            return_offsets_mapping=True,
            return_attention_mask=False,
        )
        return [self._tokens(text, encoded, row) for row, text in enumerate(texts)]

    def count(self, text: str) -> int:
        """The length of a text in tokens, without special ones."""
        return len(self._tokenizer(text, add_special_tokens=False, return_attention_mask=False)["input_ids"])

    def _tokens(self, text: KnownText, encoded: Any, row: int) -> Tokens:
        ids = tuple(encoded["input_ids"][row])
        sequence = encoded.sequence_ids(row)
        types = tuple(int(part == 1) for part in sequence)
        concepts, index = _place(text.mentions, encoded["offset_mapping"][row], sequence)
        context = self._context(text.context)
        return Tokens(
            ids=ids + context,
            types=types + (1,) * len(context),
            text_tokens=len(ids),
            concepts=concepts,
            concept_index=index + (0,) * len(context) if index else (),
        )

    def _context(self, context: str) -> tuple[int, ...]:
        if not context or self._max_context < 2:
            return ()
        room = self._max_context - len(self._end)
        ids = self._tokenizer(context, add_special_tokens=False, return_attention_mask=False)["input_ids"][:room]
        return (*ids, *self._end)


def _place(
    mentions: tuple[tuple[int, int, str], ...], offsets: Sequence[tuple[int, int]], sequence: Sequence[int | None]
) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """The concepts of the mentions, and for each token which of them it belongs to."""
    if not mentions:
        return (), ()
    order: dict[str, int] = {}
    index = []
    position = 0
    for (start, end), part in zip(offsets, sequence, strict=True):
        if part != 0 or start == end:
            index.append(0)
            continue
        while position < len(mentions) and mentions[position][1] <= start:
            position += 1
        if position < len(mentions) and mentions[position][0] < end:
            index.append(order.setdefault(mentions[position][2], len(order) + 1))
        else:
            index.append(0)
    return tuple(order), tuple(index)
