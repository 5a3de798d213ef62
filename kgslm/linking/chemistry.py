"""Chemicals in other words: "Ca2+" is calcium, "NaCl" sodium chloride, "valproate" valproic acid.

Symbols and formulas of what texts mention often, and how English names acids and salts.
"""

from __future__ import annotations

import re

_ELEMENTS = {
    "H": "hydrogen", "Li": "lithium", "B": "boron", "C": "carbon", "N": "nitrogen", "O": "oxygen", "F": "fluorine",
    "Na": "sodium", "Mg": "magnesium", "Al": "aluminum", "Si": "silicon", "P": "phosphorus", "S": "sulfur",
    "Cl": "chlorine", "K": "potassium", "Ca": "calcium", "Ti": "titanium", "V": "vanadium", "Cr": "chromium",
    "Mn": "manganese", "Fe": "iron", "Co": "cobalt", "Ni": "nickel", "Cu": "copper", "Zn": "zinc", "As": "arsenic",
    "Se": "selenium", "Br": "bromine", "Rb": "rubidium", "Sr": "strontium", "Mo": "molybdenum", "Ag": "silver",
    "Cd": "cadmium", "Sn": "tin", "Sb": "antimony", "I": "iodine", "Cs": "cesium", "Ba": "barium", "Gd": "gadolinium",
    "Pt": "platinum", "Au": "gold", "Hg": "mercury", "Tl": "thallium", "Pb": "lead", "Bi": "bismuth", "U": "uranium",
}  # fmt: skip
_FORMULAS = {
    "H2O": "water", "H2O2": "hydrogen peroxide", "CO": "carbon monoxide", "CO2": "carbon dioxide",
    "NO": "nitric oxide", "NO2": "nitrogen dioxide", "N2O": "nitrous oxide", "NH3": "ammonia", "O2": "oxygen",
    "HCl": "hydrochloric acid", "H2S": "hydrogen sulfide", "H2SO4": "sulfuric acid", "HNO3": "nitric acid",
    "NaOH": "sodium hydroxide",
    "NaHCO3": "sodium bicarbonate", "CaCO3": "calcium carbonate", "MgSO4": "magnesium sulfate", "SO2": "sulfur dioxide",
    "CCl4": "carbon tetrachloride", "CHCl3": "chloroform", "CH3OH": "methanol", "O3": "ozone",
    "NaNO2": "sodium nitrite", "KCN": "potassium cyanide", "O2-": "superoxide", "N2": "nitrogen", "H2": "hydrogen",
}  # fmt: skip
_HALIDES = {"F": "fluoride", "Cl": "chloride", "Br": "bromide", "I": "iodide"}
_CHARGE = re.compile(r"\(?\d?[+\u2212-]\)?$")
_COUNT = re.compile(r"\((\d)\)")
_BINARY = re.compile(r"([A-Z][a-z]?)(F|Cl|Br|I)\d?")
_SALT = re.compile(
    r" (?:(?:mono|di|hemi|tri)?(?:sodium|potassium|hydrochloride|hydrobromide|hydrogen|sul(?:f|ph)ate|phosphate|maleate"
    r"|mes[iy]late|bes[iy]late|tos[iy]late|tartrate|bitartrate|citrate|fumarate|succinate|acetate|bromide|chloride|hcl))+$"
)
_CATION = re.compile(r"^(?:(?:mono|di|tri)?(?:sodium|potassium|calcium|magnesium|lithium)) (?=\S+ate$)")


def chemical_names(text: str) -> list[str]:
    """Names of the same chemical, the likeliest first; none for most texts. Not all of them are names."""
    found = [_of_formula(_COUNT.sub(r"\1", text))] if " " not in text and any(map(str.isupper, text)) else []
    name = " ".join(text.lower().split())
    acid = _CATION.sub("", name)
    if acid.endswith("ate") and len(acid) > len("urate"):
        found.append(f"{acid.removesuffix('ate')}ic acid")
    found.append(_SALT.sub("", name))
    return [it for it in dict.fromkeys(found) if it and it != name]


def _of_formula(formula: str) -> str:
    if formula in _FORMULAS:
        return _FORMULAS[formula]
    bare = _CHARGE.sub("", formula)
    binary = _BINARY.fullmatch(bare)
    if binary and binary[1] in _ELEMENTS:
        return f"{_ELEMENTS[binary[1]]} {_HALIDES[binary[2]]}"
    return _ELEMENTS.get(bare, "")
