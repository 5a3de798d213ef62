"""What a build read, kept, merged, filtered and skipped: the counts add up, for every source."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from kgslm.packs.items import EXCLUDED, Finding

EXAMPLES = 3
"""How many findings of a reason are kept word for word."""


@dataclass
class Tally:
    """Counts of one unit: ``read == kept + merged + filtered + skipped``.

    merged: said before, by this or another source. filtered: excluded by the recipe. skipped: see the reasons.
    """

    read: int = 0
    kept: int = 0
    merged: int = 0
    filtered: int = 0
    skipped: int = 0


@dataclass
class SourceReport:
    """What became of one source. reasons: how often each finding occurred; examples: the first of each."""

    key: str
    concepts: Tally = field(default_factory=Tally)
    names: Tally = field(default_factory=Tally)
    relations: Tally = field(default_factory=Tally)
    reasons: dict[str, int] = field(default_factory=dict)
    examples: dict[str, list[str]] = field(default_factory=dict)

    def tally(self, unit: str) -> Tally:
        """The counts of ``concept``, ``name`` or ``relation``."""
        return {"concept": self.concepts, "name": self.names, "relation": self.relations}[unit]

    def found(self, finding: Finding) -> None:
        """Count what a reader found."""
        if finding.unit == "note":
            self.note(finding)
            return
        self.tally(finding.unit).read += 1
        self.skip(finding)

    def skip(self, finding: Finding) -> None:
        """Count something that was read and is not in the pack."""
        tally = self.tally(finding.unit)
        if finding.reason in EXCLUDED:
            tally.filtered += 1
        else:
            tally.skipped += 1
        self.note(finding)

    def note(self, finding: Finding) -> None:
        """Count a finding that costs nothing, such as a concept without a name."""
        self.reasons[finding.reason] = self.reasons.get(finding.reason, 0) + 1
        examples = self.examples.setdefault(finding.reason, [])
        if len(examples) < EXAMPLES:
            examples.append(str(finding))

    def figures(self) -> dict[str, Any]:
        """The counts as plain data; examples are left out, because they name places on this machine."""
        figures = asdict(self)
        del figures["key"], figures["examples"]
        return figures


@dataclass(frozen=True)
class BuildReport:
    """The outcome of a build. counts: what the pack holds, as in its manifest."""

    path: Path
    name: str
    version: str
    fingerprint: str
    counts: dict[str, int]
    sources: tuple[SourceReport, ...]
    seconds: float

    def figures(self) -> dict[str, Any]:
        """Plain data for ``--json``."""
        return {**asdict(self), "path": str(self.path), "sources": [asdict(source) for source in self.sources]}
