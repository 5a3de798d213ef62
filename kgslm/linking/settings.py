"""What a linker takes for the same, and which of its mentions it keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, ValidationError

from kgslm.errors import ConfigError, unknown


@dataclass(frozen=True)
class LinkSettings:
    """Every way of reading has a switch; the defaults are right for running text.

    overlap: of mentions that share words, keep the ``longest``; or also the ``nested`` ones, which end with a kept one
    ("colitis" in "ulcerative colitis"); or ``all``.
    spelling: "oedema" for "edema". plurals: "nevi" for "nevus", "pits" for "pit". hyphens: "skin-picking" for "skin
    picking", and the same for slashes. compounds: "pre-auricular" and "pre auricular" for "preauricular". shortened:
    names without their legal form or qualifier, "Alphabet" for "Alphabet Inc. (Class A)".
    word_order: "absence seizures" for "Seizures, absence". other_endings: "cardiac abnormality" for "Cardiac
    abnormal". numerals: "type II" for "type 2". word_synonyms: "renal" for "kidney", where the names of the lexicon
    use them for each other. coordination: "breast and ovarian cancer" is both. back_off: a given mention that is no
    name ("severe asthma") is linked by the name in it; completion: or by the name that it is most of ("incontinence"
    for "Urinary incontinence"); other_words: or by a name in other words ("nephropathy" for "Kidney diseases").
    senses: of several concepts that a surface may mean, it means that which the text names in other words, too.
    abbreviations: short forms that a text defines stand for their long forms. lone_abbreviations: those of two letters,
    too, that a longer text neither defines nor writes out. bearers: an abbreviation that a text uses as the name of a
    gene or the like ("the WT1 gene") is not what it otherwise stands for. bare_heads: a word that heads at least one in
    fifty of the names ("disease") is a mention on its own, too.
    skip_sections: headings, separated by commas ("discussion, references"), of sections without mentions.
    lone_doubtful: in a long text, a reading that is doubtful (other endings, order or words) is kept, too, where the
    text has no other mention of its concept.
    assertions: tell negated, hypothetical, historical and other people's mentions, in languages that have rules for it.
    least_score: what the best reading of a mention in running text must score; 0.9 leaves names as they are, in any
    case and number. least_probability: the context linker leaves out a mention in running text whose best concept it
    holds for less likely. max_candidates: concepts kept for one mention.
    """

    overlap: Literal["longest", "nested", "all"] = "longest"
    spelling: bool = True
    plurals: bool = True
    hyphens: bool = True
    compounds: bool = True
    shortened: bool = True
    word_order: bool = True
    other_endings: bool = True
    numerals: bool = True
    word_synonyms: bool = True
    abbreviations: bool = True
    lone_abbreviations: bool = False
    bearers: bool = True
    bare_heads: bool = False
    coordination: bool = True
    back_off: bool = True
    completion: bool = True
    other_words: bool = True
    senses: bool = True
    skip_sections: str = ""
    lone_doubtful: bool = False
    assertions: bool = True
    least_score: Annotated[float, Field(ge=0, le=1)] = 0.0
    least_probability: Annotated[float, Field(ge=0, le=1)] = 0.3
    max_candidates: Annotated[int, Field(ge=1)] = 16


DEFAULT_SETTINGS = LinkSettings()


def parse_settings(values: Mapping[str, str]) -> LinkSettings:
    """Settings from their names and values in words: ``{"overlap": "nested", "numerals": "off"}``.

    Raises ConfigError, in one line, for an unknown name or value.
    """
    known = [field.name for field in fields(LinkSettings)]
    for name in values:
        if name not in known:
            raise ConfigError(f"linker: {unknown('setting', name, known)}")
    try:
        return TypeAdapter(LinkSettings).validate_python(dict(values))
    except ValidationError as error:
        fault = error.errors()[0]
        raise ConfigError(f"linker: {'.'.join(map(str, fault['loc']))}: {fault['msg']}") from error
