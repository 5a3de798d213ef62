"""Names without what running text leaves out: the legal form of a company, a qualifier in brackets."""

from __future__ import annotations

import re

_QUALIFIER = re.compile(r"\s*[(\[][^()\[\]]+[)\]]$")
_FORMS = (
    "Inc|Incorporated|Corp|Corporation|Co|Company|Cos|Ltd|Limited|LLC|LLP|LP|PLC|plc|Plc|AG|SA|NV|BV|SE|GmbH|KG|KGaA|"
    "SpA|SAS|SARL|Oyj|Oy|AB|ASA|AS|A/S|Pty|Pte|Bhd|Tbk|KK|S\\.A|N\\.V|S\\.p\\.A|L\\.L\\.C|L\\.P|P\\.L\\.C"
)
_LEGAL_FORM = re.compile(rf",?(?:\s+(?:&\s+)?(?:{_FORMS})\.?,?)+$")


def shortened(name: str) -> str:
    """The name without a qualifier at its end and without its legal form; empty where it has neither.

    "Alphabet Inc. (Class A)" is "Alphabet", "Colon (anatomy)" is "Colon".
    """
    short = _LEGAL_FORM.sub("", _QUALIFIER.sub("", name)).rstrip(",. ")
    return short if short != name.rstrip(",. ") and len(short) > 1 else ""
