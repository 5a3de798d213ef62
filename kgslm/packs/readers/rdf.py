"""RDF in every syntax of pyoxigraph: OWL and RDFS ontologies, SKOS thesauri."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import quote

from pydantic import Field

from kgslm.errors import PackError
from kgslm.packs.files import SourceFile
from kgslm.packs.items import Item, one_by_one
from kgslm.packs.readers.tell import Teller
from kgslm.packs.readers.triples import Triples
from kgslm.packs.sources import SourceConfig

_SUFFIXES = {
    ".ttl": "TURTLE",
    ".nt": "N_TRIPLES",
    ".nq": "N_QUADS",
    ".trig": "TRIG",
    ".n3": "N3",
    ".jsonld": "JSON_LD",
    ".rdf": "RDF_XML",
    ".owl": "RDF_XML",
    ".xml": "RDF_XML",
}
_XML = re.compile(r"\s*<(\?xml|!DOCTYPE|!--|rdf:RDF)")
_ENTITY = re.compile(r'<!ENTITY\s+(%?\s*\S+)\s+(?:"([^"]*)"|\'([^\']*)\'|\w+)')
_LONGEST_ENTITY = 500
_ROOT = re.compile(r"<(?:[\w.-]+:)?RDF\b[^>]*>")
_XMLNS = re.compile(r"""\bxmlns:([\w.-]+)\s*=\s*["']([^"'<]+)["']""")
_HEAD = 1 << 19


class RdfSource(SourceConfig):
    """An RDF or OWL file, or a folder of them that make up one ontology.

    Concepts are classes, SKOS concepts and individuals, and whatever else has a label and is no property, ontology
    or scheme. Labels and definitions come from rdfs, SKOS, oboInOwl and IAO; a class without any label is named
    by its IRI's last part. subClassOf and broader become is_a; properties between concepts and someValuesFrom
    restrictions become relations; imports are not followed.
    language: of the texts to take, beside those without a language; several with the preferred one first; ``*`` for
    all. Names may be SKOS-XL labels; types of synonyms come from OWL axioms.
    types: what becomes of an individual's class: the relation instance_of, a category, or nothing.
    """

    suffixes: ClassVar[tuple[str, ...]] = tuple(_SUFFIXES)
    example: ClassVar[tuple[str, str]] = (
        "findings.ttl",
        "@prefix t: <http://example.org/t/> .\n@prefix owl: <http://www.w3.org/2002/07/owl#> .\n"
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
        "@prefix obo: <http://purl.obolibrary.org/obo/> .\n"
        't:1 a owl:Class ; rdfs:label "Fever"@en, "Fieber"@de ; obo:IAO_0000118 "Pyrexia" ;\n'
        '    obo:IAO_0000115 "High body temperature." .\nt:2 a owl:Class ; rdfs:label "Cough" .\n',
    )
    only_skos: ClassVar[bool] = False

    kind: Literal["rdf", "owl"] = "rdf"
    language: str | Annotated[tuple[str, ...], Field(min_length=1)] = "en"
    types: Literal["relation", "category", "ignore"] = "relation"

    def read(self, files: Sequence[SourceFile]) -> Iterator[Item]:
        """Concepts and relations of all files together. Raises PackError where a file is no valid RDF."""
        return one_by_one(self.read_many(files))

    def read_many(self, files: Sequence[SourceFile]) -> Iterator[Item]:
        """As ``read``, relations many at a time; whoever changes what is read changes this method."""
        languages = [self.language] if isinstance(self.language, str) else self.language
        triples = Triples(languages, self.prefixes)
        for file in files:
            triples.start_file()
            prefixes = _parse(file, triples)
            triples.shortener.declare(prefixes)
        file_name = files[0].name if len(files) == 1 else ""
        yield from Teller(triples, self.types, only_skos=self.only_skos, file=file_name).items()


class SkosSource(RdfSource):
    """A SKOS thesaurus: only members of skos:Concept become concepts; other types become categories."""

    only_skos: ClassVar[bool] = True
    example: ClassVar[tuple[str, str]] = (
        "findings.ttl",
        "@prefix t: <http://example.org/t/> .\n@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n"
        't:1 a skos:Concept ; skos:prefLabel "Fever"@en, "Fieber"@de ; skos:altLabel "Pyrexia"@en ;\n'
        '    skos:definition "High body temperature." .\nt:2 a skos:Concept ; skos:prefLabel "Cough" .\n',
    )

    kind: Literal["skos"] = "skos"  # type: ignore[assignment]
    types: Literal["relation", "category", "ignore"] = "category"


def _parse(file: SourceFile, triples: Triples) -> dict[str, str]:
    """Feed a file's triples; returns the prefixes that it declares."""
    from pyoxigraph import RdfFormat, parse

    head = file.head(_HEAD)
    syntax = _syntax(file, head)
    # pyoxigraph does not tell the prefixes of XML.
    prefixes = _xml_prefixes(file, head) if syntax == "RDF_XML" else {}
    format_: Any = getattr(RdfFormat, syntax)
    base = f"file:///{quote(file.name.rpartition('/')[2])}"
    try:
        with file.binary() as raw:
            quads = parse(raw, format=format_, base_iri=base, lenient=True)
            triples.feed(quads)
            return prefixes or dict(quads.prefixes)
    except SyntaxError as error:
        line = f":{error.lineno}" if error.lineno else ""
        message = " ".join(str(error.msg).split())
        raise PackError(f"{file.name}{line}: not valid RDF ({format_.name}): {message}") from error
    except (ValueError, MemoryError) as error:  # pyoxigraph raises the latter for tokens of more than 16 MB
        raise PackError(f"{file.name}: not valid RDF ({format_.name}): {' '.join(str(error).split())}") from error


def _syntax(file: SourceFile, head: str) -> str:
    """The syntax by the file's ending; where that says XML or nothing, by its first characters."""
    named = _SUFFIXES.get(file.suffix, "")
    if named not in ("", "RDF_XML"):
        return named
    if "rdf:RDF" not in head and "<Ontology" in head and "http://www.w3.org/2002/07/owl#" in head:
        raise PackError(f"{file.name}:1: this is OWL/XML; save it as RDF/XML or Turtle first")
    return "RDF_XML" if _XML.match(head) else "TURTLE"


def _xml_prefixes(file: SourceFile, head: str) -> dict[str, str]:
    """The declared prefixes. Raises PackError for XML entities that are more than shorthands for namespaces.

    Nested or long entities can make a small file fill the memory; namespaces need neither.
    """
    entities = {}
    for match in _ENTITY.finditer(head):
        name, text = match[1], match[2] or match[3] or ""
        if len(text) > _LONGEST_ENTITY or "&" in text or name.startswith("%"):
            line = head.count("\n", 0, match.start()) + 1
            raise PackError(f"{file.name}:{line}: the XML entity {name!r} is long or nested; write its text out")
        entities[f"&{name};"] = text
    root = _ROOT.search(head)
    declared = _XMLNS.findall(root[0]) if root else []
    return {prefix: entities.get(text, text) for prefix, text in declared}
