"""Labels to concepts: which part of the graph does a label speak of?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from kgslm.errors import ConfigError
from kgslm.packs import KnowledgePack


@dataclass(frozen=True, slots=True)
class Grounding:
    """What one label stands for.

    concepts: ids of the concepts that the label names. members: those and all narrower ones. Both are empty where
    the pack has nothing for the label; evidence then never speaks for it.
    """

    label: str
    concepts: tuple[str, ...] = ()
    members: frozenset[str] = frozenset()


def ground_labels(
    pack: KnowledgePack,
    labels: Iterable[str],
    given: Literal["auto"] | Mapping[str, Iterable[str]] = "auto",
    label_names: Mapping[str, str] | None = None,
) -> tuple[Grounding, ...]:
    """Ground every label, in the given order.

    given: ``auto``, or concept ids, tree numbers, categories or names by label; labels that it leaves out are
    grounded as by ``auto``: the label itself, then its name in ``label_names``, is looked up as a concept id, a tree
    number, a category and a name, in this order. Raises ConfigError where a given concept is not in the pack.
    """
    label_names = label_names or {}
    named = {} if given == "auto" else dict(given)
    grounded = []
    for label in labels:
        if label in named:
            roots = tuple(root for term in named[label] for root in _required(pack, term, label))
        else:
            words = (label, label_names.get(label, ""), label.replace("_", " "))
            roots = next((found for word in words if word and (found := _look_up(pack, word))), ())
        grounded.append(_ground(pack, label, roots))
    return tuple(grounded)


@dataclass(frozen=True, slots=True)
class _Root:
    """A starting point. branch: the tree number that was named, where only its branch is meant."""

    concept: str
    branch: str = ""


def _ground(pack: KnowledgePack, label: str, roots: tuple[_Root, ...]) -> Grounding:
    members: set[str] = set()
    for root in roots:
        members.add(root.concept)
        members.update(_branch(pack, root))
    return Grounding(label, tuple(dict.fromkeys(root.concept for root in roots)), frozenset(members))


def _branch(pack: KnowledgePack, root: _Root) -> Iterable[str]:
    """The narrower concepts of a root.

    A concept may sit in several branches of a tree, so the concepts below a tree number are those whose own tree
    numbers continue it, not all that is below the concept that sits there.
    """
    below = pack.descendants(root.concept)
    if not root.branch:
        return below
    start = f"{root.branch}."
    return [id_ for id_ in below if any(number.startswith(start) for number in pack.concept(id_).tree)]


def _required(pack: KnowledgePack, term: str, label: str) -> tuple[_Root, ...]:
    found = _look_up(pack, term)
    if not found:
        raise ConfigError(
            f"inject.evidence.labels.{label}: {term!r} is no concept, tree number, category or name of the pack "
            f"{pack.name}; look it up with: kgslm pack search"
        )
    return found


def _look_up(pack: KnowledgePack, term: str) -> tuple[_Root, ...]:
    if term in pack:
        return (_Root(pack.concept(term).id),)
    if (concept := pack.by_tree(term)) is not None:
        return (_Root(concept, branch=term),)
    if members := pack.by_category(term):
        return tuple(_Root(member) for member in members)
    return tuple(_Root(found) for found in pack.find(term))
