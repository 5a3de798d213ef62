"""Compact ids as IRIs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote

NAMESPACE = "urn:kgslm:"
_ABSOLUTE = re.compile(r"(https?|urn):\S+")


class Iris:
    """Makes IRIs of ids: by the pack's prefixes, else under ``urn:kgslm:``. used: the prefixes that occurred."""

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        self._prefixes = prefixes
        self.used: dict[str, str] = {}

    def __call__(self, id_: str) -> str:
        """The IRI of a concept or predicate."""
        if _ABSOLUTE.fullmatch(id_):
            return id_
        prefix, colon, local = id_.partition(":")
        if not colon:
            return NAMESPACE + quote(id_)
        namespace = self.used.setdefault(prefix, self._prefixes.get(prefix, f"{NAMESPACE}{quote(prefix)}:"))
        return namespace + quote(local, safe="/#?=&%~")
