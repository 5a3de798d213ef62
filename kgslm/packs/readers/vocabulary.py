"""What the properties of the common RDF vocabularies mean for a pack."""

from __future__ import annotations

import re
from typing import NamedTuple

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
OWL = "http://www.w3.org/2002/07/owl#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
OBO = "http://purl.obolibrary.org/obo/"
OIO = "http://www.geneontology.org/formats/oboInOwl#"

TYPE = RDF + "type"
SUBCLASS = RDFS + "subClassOf"
EQUIVALENT = OWL + "equivalentClass"
ANNOTATION = OWL + "AnnotationProperty"
ON_PROPERTY = OWL + "onProperty"
SOME = OWL + "someValuesFrom"

NAMES = {
    RDFS + "label": "label",
    SKOS + "prefLabel": "preferred",
    SKOS + "altLabel": "exact",
    SKOS + "hiddenLabel": "related",  # often a misspelling: found in text, not shown
    OIO + "hasExactSynonym": "exact",
    OIO + "hasBroadSynonym": "broad",
    OIO + "hasNarrowSynonym": "narrow",
    OIO + "hasRelatedSynonym": "related",
    OBO + "IAO_0000118": "exact",
}
"""Property to the kind of name; a label is the preferred name where there is no preferred label."""

NAMES_BY_LOCAL = dict.fromkeys(
    ("synonym", "abbreviation", "acronym", "commonDesignation", "preferredDesignation"), "exact"
)
"""The same by the last part of the IRI, for the many vocabularies that define their own."""

DEFINITIONS = {SKOS + "definition": 0, OBO + "IAO_0000115": 1, RDFS + "comment": 2}
"""Property to rank; the lowest rank with a text wins."""

FACTS = {
    OIO + "hasDbXref": "xrefs",
    OIO + "hasAlternativeId": "alt_ids",
    OIO + "inSubset": "categories",
    OIO + "hasOBONamespace": "categories",
    SKOS + "notation": "xrefs",
    SKOS + "exactMatch": "xrefs",
    SKOS + "closeMatch": "xrefs",
    OBO + "IAO_0100001": "replaced_by",
    OWL + "deprecated": "obsolete",
}
"""Property to the field of a concept that takes its values."""

BROADER = {SUBCLASS, SKOS + "broader"}
NARROWER = {SKOS + "narrower"}

RELATIONS = {
    SKOS + "related": "related",
    SKOS + "broadMatch": "broad_match",
    SKOS + "narrowMatch": "narrow_match",
    SKOS + "relatedMatch": "related_match",
    EQUIVALENT: "equivalent_to",
    OWL + "sameAs": "equivalent_to",
}
"""Properties of the vocabularies themselves that relate concepts; all others of these namespaces are left aside."""

SYSTEM = (
    RDF,
    RDFS,
    OWL,
    SKOS,
    OIO,
    "http://www.w3.org/2001/XMLSchema#",
    "http://purl.org/dc/terms/",
    "http://purl.org/dc/elements/1.1/",
    "http://xmlns.com/foaf/0.1/",
    "http://creativecommons.org/ns#",
    "http://rdfs.org/ns/void#",
    "http://purl.org/vocab/vann/",
)
"""Namespaces whose properties describe documents and not the world, and whose terms are no concepts."""

CONCEPTS = {OWL + "Class", RDFS + "Class", SKOS + "Concept", OWL + "NamedIndividual", OWL + "Thing"}
"""Types whose members are concepts even without a label."""

PROPERTIES = {
    RDF + "Property",
    *(OWL + kind for kind in ("ObjectProperty", "DatatypeProperty", "AnnotationProperty", "TransitiveProperty")),
    *(OWL + kind for kind in ("SymmetricProperty", "FunctionalProperty", "InverseFunctionalProperty")),
}

NO_CONCEPTS = {
    *PROPERTIES,
    *(OWL + kind for kind in ("Ontology", "Restriction", "Axiom", "AllDifferent", "AllDisjointClasses")),
    *(RDFS + kind for kind in ("Datatype", "Container")),
    *(SKOS + kind for kind in ("ConceptScheme", "Collection", "OrderedCollection")),
    "http://rdfs.org/ns/void#Dataset",
}
"""Types whose members are no concepts, labelled or not."""


class Meaning(NamedTuple):
    """What a property does for a pack.

    field: of the concept that takes its values. name: the kind of name that its texts are. definition: the rank of
    its texts as definitions. link: what a resource as its value is: ``edge`` (subject to value), ``reverse``
    (narrower), ``type``, ``restriction`` or nothing.
    """

    iri: str
    field: str = ""
    name: str = ""
    definition: int | None = None
    link: str = ""

    @property
    def text(self) -> bool:
        """Whether texts as values matter."""
        return bool(self.field or self.name or self.definition is not None)


def meaning(iri: str) -> Meaning:
    """What a property means, by the tables of this file."""
    name = NAMES.get(iri) or NAMES_BY_LOCAL.get(local_part(iri), "")
    return Meaning(iri, FACTS.get(iri, ""), name, DEFINITIONS.get(iri), _link(iri))


def local_part(iri: str) -> str:
    """What follows the last hash, slash or colon."""
    return re.split(r"[#/:]", iri)[-1]


def _link(iri: str) -> str:
    if iri == TYPE:
        return "type"
    if iri in (ON_PROPERTY, SOME):
        return "restriction"
    if iri in NARROWER:
        return "reverse"
    return "edge" if iri in BROADER or iri in RELATIONS or not iri.startswith(SYSTEM) else ""
