"""What the properties of the common RDF vocabularies mean for a pack."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
OWL = "http://www.w3.org/2002/07/owl#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
OBO = "http://purl.obolibrary.org/obo/"
OIO = "http://www.geneontology.org/formats/oboInOwl#"
XL = "http://www.w3.org/2008/05/skos-xl#"
EXPORT = "urn:kgslm:export:"
"""Namespace of what ``pack export`` says beyond OWL and SKOS: id, name (with its type, as JSON), category, tree."""

TYPE = RDF + "type"
SUBCLASS = RDFS + "subClassOf"
EQUIVALENT = OWL + "equivalentClass"
ANNOTATION = OWL + "AnnotationProperty"
ON_PROPERTY = OWL + "onProperty"
SOME = OWL + "someValuesFrom"
INTERSECTION = OWL + "intersectionOf"
FIRST, REST = RDF + "first", RDF + "rest"
STRUCTURE = (ON_PROPERTY, SOME, INTERSECTION, FIRST, REST)

FORM = "form"
LABELS = {XL + "prefLabel": "preferred", XL + "altLabel": "exact", XL + "hiddenLabel": "related"}
"""Properties of SKOS-XL to the kind of name that the label resource behind them gives."""

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
    XL + "literalForm": FORM,
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
    OWL + "annotatedSource": "axiom_source",
    OWL + "annotatedTarget": "axiom_target",
    OIO + "hasSynonymType": "axiom_type",
    EXPORT + "id": "id",
    EXPORT + "name": "typed_names",
    EXPORT + "category": "category",
    EXPORT + "tree": "tree",
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
    XL,
    EXPORT,
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
    XL + "Label",
}
"""Types whose members are no concepts, labelled or not."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a property does for a pack.

    field: of the concept that takes its values. name: the kind of name that its texts are. definition: the rank of
    its texts as definitions. link: what a resource as its value is: ``edge`` (subject to value), ``reverse``
    (narrower), ``type``, ``structure`` (of class expressions and lists), the kind of name that a SKOS-XL label is, or
    nothing. text: whether texts as values matter. nothing: whether no value does. joins: whether it relates concepts.
    """

    iri: str
    field: str
    name: str
    definition: int | None
    link: str
    text: bool
    nothing: bool
    joins: bool


def meaning(iri: str) -> Meaning:
    """What a property means, by the tables of this file."""
    name = NAMES.get(iri) or NAMES_BY_LOCAL.get(local_part(iri), "")
    field, definition, link = FACTS.get(iri, ""), DEFINITIONS.get(iri), _link(iri)
    joins = link in ("edge", "reverse") and not field
    text = bool(field or name or definition is not None)
    return Meaning(iri, field, name, definition, link, text, not (text or link), joins)


@lru_cache(1024)
def local_part(iri: str) -> str:
    """What follows the last hash, slash or colon."""
    return iri[max(iri.rfind("#"), iri.rfind("/"), iri.rfind(":")) + 1 :]


def _link(iri: str) -> str:
    if iri == TYPE:
        return "type"
    if iri in STRUCTURE:
        return "structure"
    if iri in LABELS:
        return LABELS[iri]
    if iri in NARROWER:
        return "reverse"
    return "edge" if iri in BROADER or iri in RELATIONS or not iri.startswith(SYSTEM) else ""
