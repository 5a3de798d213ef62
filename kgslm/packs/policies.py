"""What a build does about what it finds wrong: stop, leave it out, or take it as it is."""

from __future__ import annotations

from typing import Literal, TypeAlias

from kgslm.config import Config

Policy: TypeAlias = Literal["error", "skip", "keep"]
"""error stops the build; skip leaves out what is wrong; keep takes it as it is. All three count it."""


class Policies(Config):
    """What to do about each kind of finding.

    missing: relations to concepts that no source defines, or whose name is ambiguous or obsolete; keep makes concepts
    of those that are not defined. cycle: is_a relations that would make a concept its own ancestor. duplicate_id: a
    concept that one source describes twice; keep unites the descriptions, skip takes the first. homonym: a name that
    several concepts have; skip takes it from those that do not prefer it. empty_name: skip and keep are the same.
    mixed_prefix: ids that differ from others of the pack in the spelling of the prefix alone, ``hp:1`` beside
    ``HP:2``; skip leaves out the concepts of the rarer spelling. no_licence: a source that states none; skip leaves
    the source out.
    """

    missing: Policy = "skip"
    cycle: Policy = "skip"
    duplicate_id: Policy = "keep"
    homonym: Policy = "keep"
    empty_name: Policy = "skip"
    mixed_prefix: Policy = "keep"
    no_licence: Policy = "keep"

    def over(self, general: Policies) -> Policies:
        """These where they were given, else the general ones."""
        return general.model_copy(update={field: getattr(self, field) for field in self.model_fields_set})


PASSED = Policies(cycle="keep", duplicate_id="keep", homonym="keep", mixed_prefix="keep", no_licence="keep")
"""For what a build has checked before: whatever it let pass is let pass again."""
