"""Rich Release Format: the UMLS Metathesaurus and RxNorm (https://www.ncbi.nlm.nih.gov/books/NBK9685)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar, Literal

from kgslm.errors import PackError
from kgslm.packs.files import SourceFile
from kgslm.packs.items import Finding, Item
from kgslm.packs.readers.rrf_concepts import Concepts, Wanted
from kgslm.packs.readers.rrf_relations import Relations
from kgslm.packs.readers.rrf_tables import Release, releases
from kgslm.packs.sources import SourceConfig

_PREFIXES = {"MR": "UMLS:", "RXN": "RXNORM:"}


class RrfSource(SourceConfig):
    """A folder or archive with MRCONSO, MRREL, MRSTY and MRDEF, or RXNCONSO, RXNREL and RXNSTY; ``.RRF``, ``.RRF.gz``.

    A CUI becomes a concept with the id ``UMLS:C0027051``, an RXCUI one with ``RXNORM:1191``. Its name is the one that
    the release prefers (TS=P, STT=PF, ISPREF=Y), or the best by term type where that one is left out; codes of the
    vocabularies become cross-references (``SNOMEDCT_US:22298006``), semantic types categories.

    A row of MRREL says what the *second* concept is to the first: REL=PAR says that CUI2 is a parent of CUI1, so
    ``CUI1 is_a CUI2``; RB that CUI2 is broader; RELA=treats that CUI2 treats CUI1. Parents and children (and RELA=isa)
    become ``is_a``, broader and narrower ``broader``, other rows their RELA, or a name for their REL; a row that says
    in the other direction what the vocabulary said (DIR=N) is left out. The vocabulary is where a relation is from.

    language: of names and definitions, such as ENG, or several in order of preference, or ``*``. vocabularies: the
    abbreviations (SAB) of those to take, in order of preference; all by default. suppressed: whether to take obsolete
    and suppressible rows. semantic_types: TUIs or names; only concepts that have one of them. relations: all, those
    of the hierarchy (``is_a`` and ``broader``), or none. id_prefix: put before the ids in place of the usual one.
    separate: whether each vocabulary is a source of its own, with its restriction category as licence (``UMLS licence
    category 3``), so that an export can leave it out.
    """

    suffixes: ClassVar[tuple[str, ...]] = (".rrf",)

    kind: Literal["rrf"] = "rrf"
    language: str | tuple[str, ...] = "ENG"
    vocabularies: tuple[str, ...] = ()
    suppressed: bool = False
    semantic_types: tuple[str, ...] = ()
    relations: Literal["all", "hierarchy", "none"] = "all"
    id_prefix: str = ""
    separate: bool = False

    def read(self, files: Sequence[SourceFile]) -> Iterator[Item]:
        """Stream concepts and relations. Raises PackError for rows of the wrong width and where no table is there."""
        found, others = releases(files)
        found = [release for release in found if {"CONSO", "REL"} & release.tables.keys()]
        if not found:
            raise PackError(f"{files[0].name}: no MRCONSO.RRF or MRREL.RRF (or RXN...) among the files")
        for file in others:
            yield Finding("not read", "a table that holds no names or relations of concepts", "note", file.name)
        if self.separate:
            yield Finding("told apart", "each vocabulary is a source of its own", "note", found[0].any.name)
        for release in found:
            yield from self._release(release)

    def _release(self, release: Release) -> Iterator[Item]:
        languages = (self.language,) if isinstance(self.language, str) else self.language
        wanted = Wanted(
            () if "*" in languages else tuple(language.upper() for language in languages),
            self.vocabularies,
            self.suppressed,
            frozenset(self.semantic_types),
            self.id_prefix or _PREFIXES[release.family],
            self.title if self.separate else "",
        )
        concepts = Concepts(wanted, release)
        if "CONSO" in release.tables:
            yield from concepts.items()
        if "REL" in release.tables and self.relations != "none":
            yield from Relations(concepts, release, self.relations == "hierarchy").items()
