"""Sections of a text that are left out, such as the references of an article or the family history in a record."""

from __future__ import annotations

import re

from kgslm.linking.languages import Language

_LONGEST = 60
"""Characters of a heading."""


class Sections:
    """Finds sections by their headings, each on a line of its own, numbered or not, in any case."""

    def __init__(self, skipped: str, language: Language) -> None:
        """skipped: the headings of what is left out, separated by commas: "discussion, references".

        Such a section goes on until the next heading that the language or ``skipped`` knows.
        """
        self._skipped = {" ".join(name.lower().split()) for name in skipped.split(",")} - {""}
        known = sorted(self._skipped | language.headings, key=len, reverse=True)
        names = "|".join(re.escape(name).replace("\\ ", r"\s+") for name in known)
        number = r"(?:(?:\d+(?:\.\d+)*|[IVX]+)[.)]?[ \t]+)?"
        self._heading = re.compile(rf"^[ \t]*{number}({names})\b(?P<rest>[^\n]*)$", re.IGNORECASE | re.MULTILINE)

    def skipped(self, text: str) -> list[tuple[int, int]]:
        """The spans that are left out, in order; the headings belong to them."""
        if not self._skipped:
            return []
        found: list[tuple[int, int]] = []
        opened: int | None = None
        for match in self._heading.finditer(text):
            if len(match[0].strip()) > _LONGEST or match["rest"].rstrip().endswith((".", ",", ";")):
                continue  # a sentence that begins so
            if opened is not None:
                found.append((opened, match.start()))
            opened = match.start() if " ".join(match[1].lower().split()) in self._skipped else None
        if opened is not None:
            found.append((opened, len(text)))
        return found
