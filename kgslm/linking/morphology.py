"""Words that mean what another word names: "hypertensive" what "hypertension" does, "nephropathy" a kidney disease.

Endings of English adjectives, and the Greek and Latin roots of medical words.
"""

from __future__ import annotations

import re

from kgslm.linking.chemistry import chemical_names

_ENDINGS = (
    ("tensive", ("tension",)), ("sive", ("sion",)), ("tive", ("tion",)), ("otic", ("osis",)), ("itic", ("itis",)),
    ("aemic", ("aemia",)), ("emic", ("emia",)), ("etic", ("etes", "esia", "esis")), ("ptic", ("psy", "psis")),
    ("plegic", ("plegia",)), ("genic", ("genesis",)), ("ic", ("ia", "y", "e", "ics")), ("ous", ("us", "y")),
    ("ese", ("esity",)), ("yzed", ("ysis",)), ("ysed", ("ysis",)), ("essed", ("ession",)), ("ated", ("ation",)),
    ("ness", ("",)), ("able", ("ability",)), ("al", ("", "e")), ("ular", ("ule",)), ("ed", ("ion", "")),
    ("ts", ("ce",)), ("ant", ("ance",)), ("ent", ("ency", "ence")),
)  # fmt: skip
"""The ending of an adjective with those of the nouns that it may come from."""

_ROOTS = {
    "nephro": "kidney", "reno": "kidney", "hepato": "liver", "cardio": "heart", "neuro": "nervous system",
    "encephalo": "brain", "myo": "muscle", "cardiomyo": "heart muscle", "gastro": "stomach", "entero": "intestinal",
    "dermato": "skin", "osteo": "bone", "arthro": "joint", "pneumo": "lung", "pneumono": "lung", "oto": "ear",
    "retino": "retinal", "ophthalmo": "eye", "vasculo": "vascular", "angio": "vascular", "arterio": "artery",
    "adeno": "lymph node", "lympho": "lymph", "haemato": "blood", "hemato": "blood", "myelo": "bone marrow",
    "thrombo": "platelet", "cysto": "bladder", "uro": "urinary", "colo": "colon", "psycho": "mental",
    "endocrino": "endocrine", "chondro": "cartilage", "spondylo": "spine", "immuno": "immune", "uveo": "uveal",
}  # fmt: skip
_SUFFIXES = {
    "pathy": "disease", "pathies": "diseases", "pathic": "disease", "toxicity": "disease", "toxic": "disease",
    "toxicities": "diseases", "megaly": "enlargement", "malacia": "softening", "sclerosis": "sclerosis",
    "suppression": "disease", "rrhagia": "hemorrhage", "algia": "pain", "plasty": "surgery",
}  # fmt: skip
_ADJECTIVES = {
    "renal": "kidney", "hepatic": "liver", "cardiac": "heart", "pulmonary": "lung", "cerebral": "brain",
    "cutaneous": "skin", "dermal": "skin", "ocular": "eye", "neural": "nervous system", "gastric": "stomach",
    "myocardial": "heart", "muscular": "muscle", "osseous": "bone", "neurological": "nervous system",
    "neurologic": "nervous system", "psychiatric": "mental", "haematological": "blood", "hematological": "blood",
    "hematologic": "blood", "mammary": "breast", "oral": "mouth", "nasal": "nose",
}  # fmt: skip
_TROUBLE = {
    "toxicity": "disease", "dysfunction": "disease", "injury": "disease", "damage": "disease", "lesions": "diseases",
    "lesion": "disease", "abnormality": "disease", "abnormalities": "diseases", "disorder": "disease",
    "disorders": "diseases", "complications": "diseases", "disturbance": "disorder", "disturbances": "disorders",
    "insufficiency": "failure", "carcinoma": "neoplasm", "tumor": "neoplasm", "tumour": "neoplasm",
    "tumors": "neoplasms", "tumours": "neoplasms", "cancer": "neoplasm", "cancers": "neoplasms",
}  # fmt: skip
_COMPOUND = re.compile(f"({'|'.join(sorted(_ROOTS, key=len, reverse=True))})({'|'.join(_SUFFIXES)})")
_MOST = 4


def derived(text: str) -> list[str]:
    """Other words for the same, the likeliest first; none for most texts. Not all of them are words."""
    words = text.lower().split()
    if not 1 <= len(words) <= _MOST:
        return []
    found = chemical_names(text)
    found += [" ".join([*words[:-1], other]) for other in _of_word(words[-1])] if len(words) == 1 else []
    if compound := _COMPOUND.fullmatch(words[-1]):
        found.append(" ".join([*words[:-1], _ROOTS[compound[1]], _SUFFIXES[compound[2]]]))
    plain = [_ADJECTIVES.get(word, word) for word in words[:-1]]
    if len(words) > 1:
        for first in dict.fromkeys((" ".join(plain), " ".join(words[:-1]))):
            found.append(f"{first} {_TROUBLE.get(words[-1], words[-1])}")
    return [it for it in dict.fromkeys(found) if it != " ".join(words)]


def _of_word(word: str) -> list[str]:
    for ending, nouns in _ENDINGS:
        if word.endswith(ending) and len(word) >= len(ending) + 2:
            return [word.removesuffix(ending) + noun for noun in nouns]
    return []
