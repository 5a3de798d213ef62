"""IRIs as compact ids."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from kgslm.packs.items import SourcePrefix
from kgslm.packs.readers import vocabulary as v

_CUT = re.compile(r"[#/_:=-]")
_OBO = re.compile(re.escape(v.OBO) + r"([A-Za-z][A-Za-z0-9]*)_(\w+)")


class Shortener:
    """IRIs to compact ids: the longest declared namespace, or the OBO rule (``.../obo/HP_0000001`` is HP:0000001)."""

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        self._prefixes: dict[str, str] = {}
        self._namespaces: dict[str, str] = {}
        self._used: dict[str, str] = {}
        self._spaces: dict[str, str] = {}  # to what each becomes, but for those of _longer
        self._longer = {v.OBO}  # spaces in which there are namespaces that go on behind the last slash or hash
        self.declare(prefixes)

    def declare(self, prefixes: Mapping[str, str]) -> None:
        """Add prefixes; one that is taken, or whose namespace has another prefix, is left aside."""
        self._spaces.clear()
        for prefix, namespace in sorted(prefixes.items()):
            if prefix and prefix not in self._prefixes and namespace not in self._namespaces:
                self._prefixes[prefix] = namespace
                self._namespaces[namespace] = prefix
                space = namespace[: max(namespace.rfind("/"), namespace.rfind("#")) + 1]
                if space != namespace:
                    self._longer.add(space)

    def used(self) -> Iterator[SourcePrefix]:
        """The prefixes of the ids given so far."""
        for prefix, namespace in sorted(self._used.items()):
            yield SourcePrefix(prefix, namespace)

    def __call__(self, iri: str) -> str:
        """The compact id of an IRI; the IRI itself where no namespace fits."""
        if "://" not in iri:
            return iri
        end = max(iri.rfind("/"), iri.rfind("#")) + 1
        space = iri[:end]
        if space in self._longer or end == len(iri):
            return self._shorten(iri)
        known = self._spaces.get(space)
        if known is None:
            known = self._spaces[space] = self._shorten(f"{space}x")[:-1]
        return known + iri[end:]

    def _shorten(self, iri: str) -> str:
        obo = _OBO.fullmatch(iri)
        # The empty rest is left out: a namespace itself has no compact form.
        for match in reversed(list(_CUT.finditer(iri, 0, len(iri) - 1))):
            namespace = iri[: match.end()]
            prefix = self._namespaces.get(namespace)
            if obo and namespace == v.OBO:
                break  # files declare obo: for it, but everyone writes HP:0000001, not obo:HP_0000001
            if prefix is not None:
                self._used[prefix] = namespace
                return f"{prefix}:{iri[len(namespace) :]}"
        if obo:
            self._used.setdefault(obo[1], f"{v.OBO}{obo[1]}_")
            return f"{obo[1]}:{obo[2]}"
        return iri
