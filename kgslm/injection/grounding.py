"""Labels to concepts: which part of the graph does a label speak of?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from kgslm.errors import ConfigError, PackError
from kgslm.injection.likeness import Likeness
from kgslm.packs import KnowledgePack
from kgslm.packs.ids import normal
from kgslm.packs.walk import Walker, distinct

How = Literal["", "given", "id", "tree number", "category", "name", "synonym", "likeness"]

PAIR_STATES = ("pair:agrees", "pair:differs", "pair:absent")
"""What the second text of a pair may do with a concept: say it as the first text does, say it where the first denies it
or the other way round, or say what the first has not. Labels of pairs can be grounded to these as to concepts."""


@dataclass(frozen=True, slots=True)
class Grounding:
    """What one label stands for.

    concepts: ids of the concepts that the label names. members: those and all narrower ones. related: concepts that
    a chosen predicate connects with a member. All are empty where the pack has nothing for the label; evidence then
    never speaks for it. how: what the label was taken for, empty for nothing; why: the same in words.
    """

    label: str
    concepts: tuple[str, ...] = ()
    members: frozenset[str] = frozenset()
    related: frozenset[str] = frozenset()
    how: How = ""
    why: str = ""


def ground_labels(
    pack: KnowledgePack,
    labels: Iterable[str],
    given: Literal["auto"] | Mapping[str, Iterable[str]] = "auto",
    label_names: Mapping[str, str] | None = None,
    descriptions: Mapping[str, str] | None = None,
    predicates: Iterable[str] = (),
    likeness: Likeness | None = None,
) -> tuple[Grounding, ...]:
    """Ground every label, in the given order.

    given: ``auto``, or concept ids, tree numbers, categories or names by label; labels that it leaves out are
    grounded as by ``auto``: the label itself, then its name in ``label_names``, is looked up as a concept id, a tree
    number, a category and a name, in this order; where nothing is found, ``likeness`` looks for concepts that are
    described like the label's name and its text in ``descriptions``. predicates: those that make a concept a related
    one. Raises ConfigError where a given concept or a predicate is not in the pack.
    """
    names, texts = label_names or {}, descriptions or {}
    named = {} if given == "auto" else dict(given)
    grounded = []
    for label in labels:
        if label in named:
            roots = tuple(root for term in named[label] for root in _required(pack, term, label))
        else:
            roots = _automatic(pack, label, names.get(label, "")) or _alike(likeness, label, names, texts)
        grounded.append(_ground(pack, label, roots))
    return _with_related(pack, tuple(grounded), tuple(predicates))


def grounding_report(pack: KnowledgePack, groundings: Iterable[Grounding]) -> list[dict[str, Any]]:
    """For each label what it was grounded to and why: ``label``, ``how``, ``why``, ``concepts`` (``id`` and ``name``),
    and how many concepts are ``members`` and ``related``. ``how`` is empty for a label that the pack does not know.
    """
    return [
        {
            "label": grounding.label,
            "how": grounding.how,
            "why": grounding.why,
            "concepts": [{"id": id_, "name": concept_name(pack, id_)} for id_ in grounding.concepts],
            "members": len(grounding.members),
            "related": len(grounding.related),
        }
        for grounding in groundings
    ]


def concept_name(pack: KnowledgePack, id_: str) -> str:
    """The preferred name; what ``PAIR_STATES`` lists has itself for a name."""
    return id_ if id_ in PAIR_STATES else pack.concept(id_).name


@dataclass(frozen=True, slots=True)
class _Root:
    """A starting point. branch: the tree number that was named, where only its branch is meant."""

    concept: str
    how: How
    why: str
    branch: str = ""


def _ground(pack: KnowledgePack, label: str, roots: tuple[_Root, ...]) -> Grounding:
    members: set[str] = set()
    for root in roots:
        members.add(root.concept)
        members.update(_branch(pack, root))
    if not roots:
        return Grounding(label)
    reasons = dict.fromkeys(root.why for root in roots)
    concepts = tuple(dict.fromkeys(root.concept for root in roots))
    return Grounding(label, concepts, frozenset(members), how=roots[0].how, why="; ".join(reasons))


def _branch(pack: KnowledgePack, root: _Root) -> Iterable[str]:
    """The narrower concepts of a root.

    A concept may sit in several branches of a tree, so the concepts below a tree number are those whose own tree
    numbers continue it, not all that is below the concept that sits there.
    """
    if root.concept in PAIR_STATES:
        return ()
    below = pack.descendants(root.concept)
    if not root.branch:
        return below
    start = f"{root.branch}."
    return [id_ for id_ in below if any(number.startswith(start) for number in pack.concept(id_).tree)]


def _required(pack: KnowledgePack, term: str, label: str) -> tuple[_Root, ...]:
    found = (_Root(term, "given", f"state {term}"),) if term in PAIR_STATES else _look_up(pack, term)
    if not found:
        raise ConfigError(
            f"inject.evidence.labels.{label}: {term!r} is no concept, tree number, category or name of the pack "
            f"{pack.name}; look it up with: kgslm pack search"
        )
    return tuple(_Root(root.concept, "given", f"given as the {root.why}", root.branch) for root in found)


def _automatic(pack: KnowledgePack, label: str, name: str) -> tuple[_Root, ...]:
    words = (label, name, label.replace("_", " "))
    return next((found for word in words if word and (found := _look_up(pack, word))), ())


def _look_up(pack: KnowledgePack, term: str) -> tuple[_Root, ...]:
    if term in pack:
        return (_Root(pack.concept(term).id, "id", f"id {term}"),)
    if (concept := pack.by_tree(term)) is not None:
        return (_Root(concept, "tree number", f"tree number {term}", branch=term),)
    if members := pack.by_category(term) or pack.by_category(term.lower()):
        return tuple(_Root(member, "category", f"category {term}") for member in members)
    return tuple(_named(pack, found, term) for found in pack.find(term))


def _named(pack: KnowledgePack, id_: str, term: str) -> _Root:
    how: How = "name" if normal(pack.concept(id_).name) == normal(term) else "synonym"
    return _Root(id_, how, f"{how} {term}")


def _alike(
    likeness: Likeness | None, label: str, names: Mapping[str, str], texts: Mapping[str, str]
) -> tuple[_Root, ...]:
    if likeness is None:
        return ()
    name = names.get(label) or label.replace("_", " ")
    found = likeness.find(name, texts.get(label, ""))
    return tuple(_Root(it.concept, "likeness", f"described like {name} ({it.score:.2f})") for it in found)


def _with_related(
    pack: KnowledgePack, groundings: tuple[Grounding, ...], predicates: tuple[str, ...]
) -> tuple[Grounding, ...]:
    if not predicates:
        return groundings
    try:
        walker = Walker(pack, predicates)
    except PackError as error:
        raise ConfigError(f"inject.evidence.predicates: {str(error).partition(': ')[2]}") from error
    return tuple(_related(pack, walker, grounding) for grounding in groundings)


def _related(pack: KnowledgePack, walker: Walker, grounding: Grounding) -> Grounding:
    """One step along the predicates, in either direction: a drug for the disease that it treats, and the other way."""
    rows = np.array(sorted(pack.row(id_) for id_ in grounding.members if id_ in pack), np.int64)
    reached = {pack.ids[row] for row in distinct(walker.onward(rows).target).tolist()} if len(rows) else set()
    related = frozenset(reached - grounding.members)
    return Grounding(grounding.label, grounding.concepts, grounding.members, related, grounding.how, grounding.why)
