"""Compact ids: one spelling for each prefix, and the namespaces behind them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from kgslm.errors import ConfigError


class Prefixes:
    """Brings ids to the recipe's spelling: ``MSH:D1`` and ``http://id.nlm.nih.gov/mesh/D1`` become ``MESH:D1``.

    namespaces: prefix to namespace. synonyms: other spelling of a prefix to the prefix.
    Raises ConfigError where two prefixes share a namespace or a synonym is a prefix itself.
    """

    def __init__(self, namespaces: Mapping[str, str], synonyms: Mapping[str, str]) -> None:
        self._converter = None
        if namespaces or synonyms:
            from curies import Converter, Record

            others: dict[str, list[str]] = {}
            for synonym, prefix in synonyms.items():
                others.setdefault(prefix, []).append(synonym)
            # A prefix without a namespace needs one for the library; no id is an IRI of that one.
            spaces = {**{prefix: f"urn:prefix:{prefix}:" for prefix in others}, **namespaces}
            records = [
                Record(prefix=prefix, uri_prefix=space, prefix_synonyms=others.get(prefix, []))
                for prefix, space in spaces.items()
            ]
            try:
                self._converter = Converter(records)
            except ValueError as error:
                raise ConfigError(f"prefixes: {' '.join(str(error).split())}") from error

    def __bool__(self) -> bool:
        """Whether any id can change."""
        return self._converter is not None

    def __call__(self, id_: str) -> str:
        """The id in the recipe's spelling; itself where no prefix of the recipe fits."""
        if self._converter is None:
            return id_
        return self._converter.compress_or_standardize(id_, passthrough=True) or id_

    def all(self, ids: tuple[str, ...]) -> tuple[str, ...]:
        """Several at once."""
        return tuple([self(id_) for id_ in ids])


def mixed_prefixes(ids: Iterable[str]) -> dict[str, str]:
    """Spellings of prefixes that differ from a more frequent one only in case or separator, each to that one.

    ``HP_`` and ``hp:`` are spellings of ``HP:``. A spelling is the prefix with its separator.
    """
    counts = Counter(map(_spelling, ids))
    del counts[""]
    best: dict[str, str] = {}
    for spelling, count in counts.items():
        key = spelling[:-1].casefold()
        if key not in best or (count, spelling) > (counts[best[key]], best[key]):
            best[key] = spelling
    return {spelling: main for spelling in counts if (main := best[spelling[:-1].casefold()]) != spelling}


def _spelling(id_: str) -> str:
    """The prefix with its separator; empty where the id has none."""
    prefix, colon, local = id_.partition(":")
    if colon:
        return "" if local.startswith("//") else f"{prefix}:"
    prefix, underscore, local = id_.partition("_")
    # HP_0001250 is an id as the last part of an OBO IRI; a_word_of_text is none.
    return f"{prefix}_" if underscore and prefix.isalpha() and local.isdigit() else ""


def spelled(id_: str, spellings: Mapping[str, str]) -> str | None:
    """The id with the main spelling of its prefix; None where it has that."""
    spelling = _spelling(id_)
    main = spellings.get(spelling)
    return None if main is None else main + id_[len(spelling) :]
