"""What a build read, kept, merged, filtered and skipped: the counts add up, for every source."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from kgslm.packs.items import EXCLUDED, Finding
from kgslm.packs.policies import Policies, Policy

KEPT = 200
"""How many findings of a reason are kept with their places, for each source; all are counted."""

_POLICIES = {
    "not defined": "missing",
    "ambiguous name": "missing",
    "obsolete without replacement": "missing",
    "made from a mention": "missing",
    "is_a cycle": "cycle",
    "duplicate id": "duplicate_id",
    "homonym": "homonym",
    "empty name": "empty_name",
    "mixed prefix": "mixed_prefix",
    "no licence": "no_licence",
}


class FindingRow(NamedTuple):
    """A finding as a pack keeps it; see ``Finding``. source: a key of the manifest. policy: what was done about it."""

    source: str
    reason: str
    policy: str
    unit: str
    file: str
    line: int
    message: str
    times: int


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
    """What became of one source. reasons: how often each finding occurred; findings: the first of each, in order."""

    key: str
    root: str = ""
    policies: Policies = field(default_factory=Policies)
    concepts: Tally = field(default_factory=Tally)
    names: Tally = field(default_factory=Tally)
    relations: Tally = field(default_factory=Tally)
    reasons: dict[str, int] = field(default_factory=dict)
    findings: dict[str, list[Finding]] = field(default_factory=dict)

    def tally(self, unit: str) -> Tally:
        """The counts of ``concept``, ``name`` or ``relation``."""
        return {"concept": self.concepts, "name": self.names, "relation": self.relations}[unit]

    def anything(self) -> bool:
        """Whether the source gave anything at all."""
        return bool(self.concepts.read or self.names.read or self.relations.read or self.reasons)

    def found(self, finding: Finding) -> None:
        """Count what a reader found."""
        if finding.unit == "note":
            self.note(finding)
            return
        self.tally(finding.unit).read += finding.times
        self.skip(finding)

    def skip(self, finding: Finding) -> None:
        """Count something that was read and is not in the pack."""
        tally = self.tally(finding.unit)
        if finding.reason in EXCLUDED:
            tally.filtered += finding.times
        else:
            tally.skipped += finding.times
        self.note(finding)

    def note(self, finding: Finding) -> None:
        """Count a finding that costs nothing, such as a concept without a name."""
        self.reasons[finding.reason] = self.reasons.get(finding.reason, 0) + finding.times
        found = self.findings.setdefault(finding.reason, [])
        if len(found) < KEPT:
            found.append(finding)

    def policy(self, finding: Finding) -> Policy:
        """What the build did about a finding."""
        field_ = _POLICIES.get(finding.reason)
        if field_ is None:
            return "keep" if finding.unit == "note" else "skip"
        return getattr(self.policies, field_)  # type: ignore[no-any-return]

    def rows(self) -> Iterator[FindingRow]:
        """The kept findings, by reason."""
        for found in self.findings.values():
            for it in found:
                file, message = self._relative(it.file), self._relative(it.message)
                yield FindingRow(self.key, it.reason, self.policy(it), it.unit, file, it.line, message, it.times)

    def _relative(self, text: str) -> str:
        return text.replace(self.root, "") if self.root else text

    @property
    def examples(self) -> dict[str, list[str]]:
        """The first findings of each reason, word for word."""
        return {reason: [str(finding) for finding in found[:3]] for reason, found in self.findings.items()}

    def figures(self) -> dict[str, Any]:
        """The counts as plain data."""
        counts = {unit: asdict(getattr(self, unit)) for unit in ("concepts", "names", "relations")}
        return {**counts, "reasons": dict(self.reasons)}


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
        sources = [{"key": source.key, **source.figures(), "examples": source.examples} for source in self.sources]
        own = {key: getattr(self, key) for key in ("name", "version", "fingerprint", "counts", "seconds")}
        return {"path": str(self.path), **own, "sources": sources}
