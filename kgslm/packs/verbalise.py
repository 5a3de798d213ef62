"""Facts in words: a small table of how predicates read, in both directions, and what questions about them say."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from kgslm.records import Relation

if TYPE_CHECKING:
    from kgslm.packs.pack import KnowledgePack


@dataclass(frozen=True, slots=True)
class Wording:
    """How a predicate reads.

    forward: between subject and objects (``aspirin TREATS pain, fever``). inverse: between object and subjects
    (``pain IS TREATED BY aspirin, ibuprofen``); empty where only the forward reading makes a sentence.
    cues: words of questions that ask for such facts, beside those of the two readings; endings do not matter.
    """

    forward: str
    inverse: str = ""
    cues: str = ""


WORDINGS: dict[str, Wording] = {
    "IS_A": Wording("is a kind of", "has the kinds", "kind type form subtype"),
    "PART_OF": Wording("is part of", "has the parts", "part component"),
    "HAS_PART": Wording("has the parts", "is part of", "part component"),
    "RELATED": Wording("is related to", "is related to", "related"),
    "SEE_ALSO": Wording("is related to", "is related to", "related"),
    "ASSOCIATED_WITH": Wording("is associated with", "is associated with", "associated association linked"),
    "CAUSES": Wording("causes", "is caused by", "cause reason lead"),
    "MAY_CAUSE": Wording("may cause", "may be caused by", "cause side effect adverse reaction"),
    "HAS_SIDE_EFFECT": Wording("has the side effects", "is a side effect of", "cause adverse reaction"),
    "TREATS": Wording(
        "treats",
        "is treated by",
        "treatment therapy therapies drug medicine medication remedy used indicated indication help manage give take",
    ),
    "IS_FIRST_LINE_FOR": Wording(
        "is a first-line treatment for", "has the first-line treatments", "first line choice therapy drug treat"
    ),
    "PREVENTS": Wording("prevents", "is prevented by", "prevention prophylaxis avoid protect vaccine"),
    "CONTRAINDICATED_IN": Wording(
        "is contraindicated in",
        "is a contraindication for",
        "contraindication avoid unsafe safe not never take give used",
    ),
    "INTERACTS_WITH": Wording("interacts with", "interacts with", "interaction combine together not avoid"),
    "DIAGNOSES": Wording("helps to diagnose", "is diagnosed by", "diagnosis test detect confirm used"),
    "SCREENS_FOR": Wording("screens for", "is screened for by", "screening test"),
    "MEASURED_BY": Wording("is measured by", "measures", "measure test quantified"),
    "HAS_SYMPTOM": Wording(
        "has the symptoms", "is a symptom of", "symptom sign feature manifestation disease disorder"
    ),
    "HAS_PHENOTYPE": Wording(
        "has the phenotypes",
        "is a phenotype of",
        "phenotype symptom sign feature manifestation finding characteristic disease disorder syndrome",
    ),
    "COMPLICATION_OF": Wording("is a complication of", "has the complications", "complication"),
    "RISK_FACTOR_FOR": Wording("is a risk factor for", "has the risk factors", "risk factor"),
    "LOCATED_IN": Wording("is located in", "is the location of", "where location site"),
    "AFFECTS": Wording("affects", "is affected by", "affect"),
    "REGULATES": Wording("regulates", "is regulated by", "regulator regulation supervise"),
    "GOVERNS": Wording("governs", "is governed by", "law rule"),
    "AMENDS": Wording("amends", "is amended by", "amendment change"),
    "REPEALS": Wording("repeals", "is repealed by", "repeal"),
    "ISSUED_BY": Wording("is issued by", "issues", "issuer"),
    "MEMBER_OF": Wording("is a member of", "has the members", "member belong"),
    "SUBSIDIARY_OF": Wording("is a subsidiary of", "has the subsidiaries", "subsidiary parent own"),
    "HAS_INGREDIENT": Wording("contains", "is an ingredient of", "ingredient contain"),
}
"""How predicates read, by their name in capitals; add a line for a new one. Others read as their own words."""

_ALIASES = {
    "SUBCLASSOF": "IS_A",
    "BROADER": "IS_A",
    "SUBCLASS_OF": "IS_A",
    "RELATED_TO": "RELATED",
    "SEEALSO": "SEE_ALSO",
}


@lru_cache(maxsize=1024)
def wording(predicate: str, readable: str = "") -> Wording:
    """How a predicate reads. readable: its name in words, where its id (``RO:0002331``) says nothing.

    A predicate without a line in the table reads forwards as its words in lower case.
    """
    for name in (predicate, readable):
        key = re.sub(r"[^A-Za-z0-9]+", "_", _local(name)).strip("_")
        split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", key).upper()
        for candidate in (split, key.upper()):
            found = WORDINGS.get(_ALIASES.get(candidate, candidate))
            if found:
                return found
    words = readable or re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", _local(predicate))
    return Wording(" ".join(re.split(r"[\s_\-]+", words)).strip().lower() or predicate)


def sentence(name: str, words: Wording, others: Sequence[str], *, inverse: bool = False) -> str:
    """One sentence about ``name``: ``Metformin treats a, b and c.``

    inverse: ``name`` is the object and ``others`` are the subjects; where the wording has no inverse reading, the
    subjects come first: ``A, b and c has use name.``
    """
    listed = join_names(others)
    if not inverse:
        return _sentence(f"{name} {words.forward} {listed}")
    if words.inverse:
        return _sentence(f"{name} {words.inverse} {listed}")
    return _sentence(f"{listed} {words.forward} {name}")


def verbalise(pack: KnowledgePack, relation: Relation) -> str:
    """A relation as a sentence: ``Metformin treats type 2 diabetes mellitus.`` Raises PackError for unknown ids."""
    names = pack.tables.name
    subject, other = names[pack.row(relation.subject)], names[pack.row(relation.object)]
    return sentence(subject, pack_wording(pack, relation.predicate), [other])


def pack_wording(pack: KnowledgePack, predicate: str) -> Wording:
    """How a predicate reads in this pack: as its recipe's ``wordings`` say, else as ``wording`` does."""
    given = pack.wordings.get(predicate)
    return given if given is not None else wording(predicate, pack.predicate_names.get(predicate, ""))


def join_names(names: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``; semicolons where a name has a comma of its own."""
    comma = "; " if any("," in name for name in names) else ", "
    if len(names) < 3 and comma == ", ":
        return " and ".join(names)
    return f"{comma.join(names[:-1])}{';' if comma == '; ' else ''} and {names[-1]}" if len(names) > 1 else names[0]


def _sentence(text: str) -> str:
    first = text.split(" ", 1)[0]
    # pH, mRNA and the like keep their small letter.
    start = text[0].upper() if first.islower() else text[0]
    return start + text[1:] + ("" if text.endswith(".") else ".")


def _local(predicate: str) -> str:
    return re.split(r"[/#:]", predicate)[-1]
