"""One sense a text: a surface of several meanings has that which the text names in other words, too.

In a text about Pendred syndrome, PDS is not the pigment dispersion syndrome.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from kgslm.linking.candidates import Candidates
from kgslm.records import Link


def is_open(candidates: Candidates) -> bool:
    """Whether the surface alone does not tell which of the concepts is meant."""
    return len(candidates) > 1 and candidates[0].score == candidates[1].score


def settled(links: Sequence[Link], around: Iterable[Link]) -> Sequence[Link]:
    """The links, with that one of several concepts first which a link around names in other words.

    around: links of the same text; those that are open themselves name nothing.
    """
    unsettled = {place for place, link in enumerate(links) if is_open(link.candidates)}
    if not unsettled:
        return links
    named: dict[str, set[str]] = {}
    wanted = {it.concept for place in unsettled for it in links[place].candidates}
    for link in around:
        if link.concept in wanted and link.concept is not None and not is_open(link.candidates):
            named.setdefault(link.concept, set()).add(link.surface)
    if not named:
        return links
    return [_settled(link, named) if place in unsettled else link for place, link in enumerate(links)]


def _settled(link: Link, named: dict[str, set[str]]) -> Link:
    candidates = link.candidates
    for place, it in enumerate(candidates):
        if it.score < candidates[0].score:
            break
        if named.get(it.concept, set()) - {link.surface}:
            chosen = (it, *candidates[:place], *candidates[place + 1 :])
            return replace(link, concept=it.concept, name=it.name, score=it.score, candidates=chosen)
    return link
