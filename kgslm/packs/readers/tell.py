"""Gathered triples told as concepts and relations."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache, partial
from itertools import chain
from typing import Any

from kgslm.packs.items import OTHER_LANGUAGE, Finding, Item, SourceConcept, SourceName, SourcePredicate, SourceRelations
from kgslm.packs.readers import vocabulary as v
from kgslm.packs.readers.exported import typed_name
from kgslm.packs.readers.triples import Edge, Foreign, Node, Triples
from kgslm.packs.report import KEPT
from kgslm.records import IS_A

_TRUE = ("true", "1")
_WORDS = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[_\s]+")
_DEEP = 20  # expressions inside expressions are followed no further
_PREFERRED = ("preferred", "label")
_NO_LABEL = (OTHER_LANGUAGE, "concept")
_NAME = (OTHER_LANGUAGE, "name")
_DEFINITION = (f"definition in {OTHER_LANGUAGE}", "note")

_BATCH = 4096
_NO_SUBJECTS = ("_:", *v.SYSTEM)
_CONCEPT = v.SKOS + "Concept"

# tuple.__new__ builds a named tuple in a third of the time of its class.
_concept: Callable[[Iterable[Any]], SourceConcept] = partial(tuple.__new__, SourceConcept)
_name: Callable[[Iterable[str]], SourceName] = partial(tuple.__new__, SourceName)


class Teller:
    """Tells all concepts and relations of gathered triples.

    types: what an individual's class becomes, ``relation``, ``category`` or ``ignore``. file: the place for findings.
    """

    def __init__(self, triples: Triples, types: str, *, only_skos: bool, file: str) -> None:
        self._nodes = triples.nodes
        self._edges = triples.edges
        self._short = triples.shortener
        self._types = types
        self._only_skos = only_skos
        self._file = file
        self._exported: set[str] = set()  # concepts and predicates whose ids the export says
        self._ids = _Memo(self._short)
        self._predicates = _Memo(self._relating)
        self._sorts: dict[tuple[str, str], str] = {}  # (concept, name) to the type of the name

    def items(self) -> Iterator[Item]:
        """All of it, concepts first, in the order of first mention."""
        self._prepare()
        concepts = {key: node for key, node in self._nodes.items() if _is_concept(key, node, self._only_skos)}
        yield from self._foreign(concepts)
        instances: list[Edge] = []
        for key, node in concepts.items():
            classes = [type_ for type_ in node.types if not _is_system(type_)]
            yield self._concept(key, node, classes if self._types == "category" else [])
            if self._types == "relation":
                instances += [(self._ids[key], "instance_of", self._ids[class_]) for class_ in classes]
        yield SourceRelations(instances, self._file)
        yield from self._relations(concepts)
        yield from self._predicate_names()
        yield from self._short.used()

    def _prepare(self) -> None:
        """Bring the names of SKOS-XL labels to their concepts, and what axioms say of names."""
        for key, node in self._nodes.items():
            for kind, label in node.labels:
                form = self._nodes.get(label)
                if form is not None:
                    node.names += [(kind, rank, text) for name, rank, text in form.names if name == v.FORM]
                    forms = [(kind, literal) for name, literal in form.foreign if name == v.FORM]
                    node.foreign = [*node.foreign, *forms]
            facts = node.facts
            if not facts:
                continue
            if "id" in facts:
                self._ids[key] = facts["id"][0]
                self._exported.add(key)
            if "axiom_type" in facts and "axiom_source" in facts:
                for text in facts.get("axiom_target", ()):
                    self._sorts[facts["axiom_source"][0], text] = v.local_part(facts["axiom_type"][0])

    # Concepts

    def _concept(self, key: str, node: Node, classes: list[str]) -> SourceConcept:
        name, names = self._names(key, node)
        definitions = _best(node.definitions)
        first, further = (definitions[0], definitions[1:]) if definitions else ("", ())
        categories = tuple([v.local_part(class_) for class_ in classes])
        facts = self._facts(key, node.facts, categories) if node.facts else (categories, (), (), (), (), False, ())
        return _concept((self._ids[key], name, names, first, *facts, self._file, 0, further))

    def _facts(self, key: str, facts: dict[str, list[str]], categories: tuple[str, ...]) -> tuple[Any, ...]:
        """The fields of a concept from categories to replaced_by; parents are relations here."""
        lists = [tuple(facts.get(field, ())) for field in ("xrefs", "alt_ids", "replaced_by")]
        if key not in self._exported:
            lists = [tuple(map(self._short, values)) for values in lists]
        xrefs, alt_ids, replaced_by = lists
        named = map(v.local_part, facts.get("categories", ()))
        categories = (*named, *categories, *facts.get("category", ()))
        obsolete = any(value in _TRUE for value in facts.get("obsolete", ()))
        return categories, (), tuple(facts.get("tree", ())), xrefs, alt_ids, obsolete, replaced_by

    def _names(self, key: str, node: Node) -> tuple[str, tuple[SourceName, ...]]:
        """The preferred name and the others."""
        if "typed_names" in node.facts:
            return "", tuple(typed_name(text, self._file, 0) for text in node.facts["typed_names"])
        preferred = [(rank, kind != "preferred", text) for kind, rank, text in node.names if kind in _PREFERRED]
        name = min(preferred)[2] if preferred else self._name_of(key)
        sorts = self._sorts
        return name, tuple(
            [
                _name((text, "exact" if kind in _PREFERRED else kind, sorts.get((key, text), "") if sorts else ""))
                for kind, _, text in node.names
                if text != name and kind != v.FORM
            ]
        )

    def _name_of(self, key: str) -> str:
        """The name of what has no label: the words of its IRI; an export would have said it."""
        return "" if key in self._exported else _words(v.local_part(key))

    def _foreign(self, concepts: dict[str, Node]) -> Iterator[Finding]:
        """What the language excludes: names and definitions of a concept, or all of what has no other label.

        A finding for each of the first concepts, then one that stands for all others.
        """
        findings: defaultdict[tuple[str, str], list[Finding]] = defaultdict(list)
        rest: Counter[tuple[str, str]] = Counter()
        for key, node in self._nodes.items():
            for sort, found in _sorts(key, node, key in concepts, self._only_skos) if node.foreign else ():
                times = 1 if sort == _NO_LABEL else len(found)
                if len(findings[sort]) < KEPT:
                    message = _told(self._ids[key], sort, found)
                    findings[sort].append(Finding(sort[0], message, sort[1], self._file, times=times))
                else:
                    rest[sort] += times
        yield from chain.from_iterable(findings.values())
        for (reason, unit), times in rest.items():
            yield Finding(reason, "and more of the kind", unit, self._file, times=times)

    # Relations

    def _relations(self, concepts: dict[str, Node]) -> Iterator[SourceRelations]:
        ids, predicates = self._ids, self._predicates
        for start in range(0, len(self._edges), _BATCH):
            ends: list[Edge] = []
            for subject, property_, object_ in self._edges[start : start + _BATCH]:
                if subject not in concepts:
                    continue
                if object_[:2] == "_:":
                    inside = self._inside(property_, object_, _DEEP)
                    ends += [(ids[subject], self._predicate(part), ids[target]) for part, target in inside]
                elif (object_ in concepts or not object_.startswith(v.SYSTEM)) and predicates[property_]:
                    ends.append((ids[subject], predicates[property_], ids[object_]))
            yield SourceRelations(ends, self._file)

    def _inside(self, property_: str, blank: str, deep: int) -> Iterator[tuple[str, str]]:
        """``(property, target)`` that follow from being of an expression; none where that is too complex."""
        node = self._nodes.get(blank)
        if node is None or property_ not in (v.SUBCLASS, v.EQUIVALENT) or not deep:
            return
        structure = node.structure
        some, target = structure.get(v.ON_PROPERTY, "_:"), structure.get(v.SOME, "_:")
        if "_:" not in (some[:2], target[:2]) and not target.startswith(v.SYSTEM):
            yield some, target
        for member in self._members(structure.get(v.INTERSECTION, "")):
            if member[:2] == "_:":
                yield from self._inside(v.SUBCLASS, member, deep - 1)
            elif not member.startswith(v.SYSTEM):
                yield v.SUBCLASS, member

    def _members(self, start: str) -> Iterator[str]:
        """The members of an RDF list."""
        seen = set()
        while start in self._nodes and start not in seen:
            seen.add(start)
            structure = self._nodes[start].structure
            if v.FIRST in structure:
                yield structure[v.FIRST]
            start = structure.get(v.REST, "")

    def _relating(self, iri: str) -> str:
        """The predicate that a property is; empty for one that annotates."""
        node = self._nodes.get(iri)
        return "" if node is not None and v.ANNOTATION in node.types else self._predicate(iri)

    def _predicate(self, iri: str) -> str:
        return IS_A if iri in v.BROADER else v.RELATIONS.get(iri) or self._ids[iri]

    def _predicate_names(self) -> Iterator[SourcePredicate]:
        for key, node in self._nodes.items():
            if not v.PROPERTIES.isdisjoint(node.types) and not key.startswith(v.SYSTEM):
                labels = [(rank, text) for kind, rank, text in node.names if kind in _PREFERRED]
                name = min(labels)[1] if labels else self._name_of(key)
                if name:
                    yield SourcePredicate(self._ids[key], name)


class _Memo(dict[str, str]):
    """What a function makes of each text, which it is asked for only once."""

    def __init__(self, function: Callable[[str], str]) -> None:
        super().__init__()
        self._function = function

    def __missing__(self, text: str) -> str:
        found = self[text] = self._function(text)
        return found


def _sorts(key: str, node: Node, kept: bool, only_skos: bool) -> Iterator[tuple[tuple[str, str], list[Foreign]]]:
    """``((reason, unit), texts)`` of what the language excludes of a node."""
    foreign = node.foreign
    if not kept:
        if _is_concept(key, node, only_skos, [(kind, 0, "") for kind, _ in foreign]):
            yield _NO_LABEL, foreign
        return
    definitions = [it for it in foreign if it[0] == "definition"]
    if definitions:
        yield _DEFINITION, definitions
    if len(definitions) < len(foreign):
        yield _NAME, [it for it in foreign if it[0] != "definition"] if definitions else foreign


def _told(id_: str, sort: tuple[str, str], found: list[Foreign]) -> str:
    text, language = found[0][1].value, found[0][1].language
    if sort == _NO_LABEL:
        return f"{id_} has no label but {text!r} in {language}"
    return f"{id_} has {text!r} in {language}" + (f" and {len(found) - 1} more" if len(found) > 1 else "")


def _best(definitions: list[tuple[int, int, str]]) -> tuple[str, ...]:
    """The texts of the best property in the best language."""
    if not definitions:
        return ()
    best = min(rank[:2] for rank in definitions)
    return tuple([text for *rank, text in definitions if tuple(rank) == best])


def _words(local: str) -> str:
    """``LegalEntity`` and ``Legal_Entity`` as words; empty for codes, which are no names."""
    if any(sign.isdigit() for sign in local):
        return ""
    return _WORDS.sub(" ", local).strip()


@lru_cache(1024)
def _is_system(iri: str) -> bool:
    """Whether a type is no concept of the world."""
    return iri.startswith(_NO_SUBJECTS)


def _is_concept(key: str, node: Node, only_skos: bool, names: Iterable[tuple[str, int, str]] | None = None) -> bool:
    """Whether the node is a concept, by its own names or by those given."""
    if key[:2] == "_:":
        return False
    if only_skos:
        found = _CONCEPT in node.types
    elif not v.CONCEPTS.isdisjoint(node.types):
        found = True
    else:
        named = any(kind in _PREFERRED for kind, _, _ in (node.names if names is None else names))
        found = named and v.NO_CONCEPTS.isdisjoint(node.types)
    return found and not key.startswith(v.SYSTEM)
