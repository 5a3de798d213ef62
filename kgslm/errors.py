"""Every error that kgslm raises on purpose.

The message says where, what is wrong and what to do, in one line: ``diseases.obo:118: is_a target MONDO:9 is
not defined; add it or set on_missing: skip``. The command line prints it behind ``error:`` and exits with 2.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class KgslmError(Exception):
    """Base of all deliberate errors; ``except KgslmError`` catches them and nothing else."""


class PackError(KgslmError):
    """A knowledge source or pack cannot be read, built or used as asked."""


class LinkError(KgslmError):
    """Text cannot be linked as asked."""


class DataError(KgslmError):
    """Labelled data or documents do not have the promised form."""


class ConfigError(KgslmError):
    """A configuration file, key or option is wrong."""


class ModelError(KgslmError):
    """A backbone or saved model cannot be found, loaded or used as asked."""


class MissingExtra(KgslmError):
    """An optional package is needed; the message names the extra that brings it."""

    def __init__(self, package: str, extra: str, *, install: str = "") -> None:
        command = install or f"pip install 'kgslm[{extra}]'"
        super().__init__(f"{package}: this optional package is needed here; install it with: {command}")
        self.package = package
        self.extra = extra


def unknown(what: str, name: str, known: Iterable[str]) -> str:
    """The words for a ``what`` (key, label, arm ...) that is not known: what was meant, or what there is."""
    known = list(known)
    close = get_close_matches(name, known, n=1)
    hint = f"did you mean {close[0]!r}?" if close else f"choose from {', '.join(known)}"
    return f"unknown {what} {name!r}; {hint}"
