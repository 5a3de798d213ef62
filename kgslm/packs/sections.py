"""The sources of a build: what is known of each, what became of it, and its relations."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from kgslm.packs.drafts import Mark
from kgslm.packs.items import place
from kgslm.packs.policies import Policies, Policy
from kgslm.packs.report import SourceReport

WIDTH = 6
SUBJECT, PREDICATE, OBJECT, SOURCE, FILE, LINE = range(WIDTH)
"""The columns of the relations of a section."""


class Origin(NamedTuple):
    """What the builder must know of a source.

    by_name: whether its relations may name concepts instead of giving ids. id_prefix: put before ids that have no
    prefix. on_missing: goes before ``policies.missing``. repeats: whether it is the format's way to say more of a
    concept in further records, so that a second one is no duplicate.
    """

    key: str
    by_name: bool = False
    id_prefix: str = ""
    on_missing: Policy | None = None
    repeats: bool = False
    policies: Policies = Policies()

    @property
    def missing(self) -> Policy:
        """What to do about relations to concepts that no source defines."""
        return self.on_missing or self.policies.missing


@dataclass(frozen=True)
class SourceFacts:
    """What the manifest says of a source.

    path: as a person would name it, never a place on this machine. root: what findings leave out of the names of
    files, so that a pack does not tell where it was built.
    """

    kind: str
    path: str = ""
    licence: str = ""
    sha256: str = ""
    root: str = ""


class Section:
    """One source, or one inside another: its report, and its relations as columns of codes, which keeps them small."""

    def __init__(self, origin: Origin, facts: SourceFacts, row: int) -> None:
        self.origin = origin
        self.facts = facts
        policies = origin.policies.model_copy(update={"missing": origin.missing})
        self.report = SourceReport(origin.key, facts.root, policies)
        self.row = row
        self.marks: dict[tuple[str, str], Mark] = {}  # by kind and type of name
        self.own: set[str] = set()  # ids that the source describes, where it may refer to them by name
        self._rows = array("i")

    def __len__(self) -> int:
        return len(self._rows) // WIDTH

    def append(self, row: tuple[int, int, int, int, int, int]) -> None:
        """Add a relation: the codes of subject, predicate, object, set of sources and file, then the line."""
        self._rows.extend(row)

    def extend(self, rows: np.ndarray[Any, Any]) -> None:
        """Add many relations: int32, a row as in ``append`` for each."""
        self._rows.frombytes(rows.tobytes())

    def column(self, number: int) -> np.ndarray[Any, Any]:
        """One of the six columns of all relations, int32."""
        return (
            np.frombuffer(self._rows, np.int32).reshape(-1, WIDTH)[:, number] if self._rows else np.empty(0, np.int32)
        )

    def place(self, file: str, line: int) -> str:
        """Where something stands, for an error."""
        return place(file or self.origin.key, line)
