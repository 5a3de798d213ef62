"""The pack's manifest: its form, its fingerprint, and the checks at open."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kgslm.artifacts import MANIFEST, read_manifest, write_manifest
from kgslm.errors import KgslmError, PackError
from kgslm.packs.store import is_provenance

KIND = "pack"
FORMAT_VERSION = 2
_UNSEALED = ("kind", "format_version", "files", "seal")


def fingerprint(digests: Mapping[str, Mapping[str, str]]) -> str:
    """The pack's fingerprint: 64 hexadecimal digits that stand for what the pack says, whoever says it.

    digests: table to column to digest. Sources and licences are left aside, so that a pack that was written to
    another format and read back has the fingerprint that it had.
    """
    said = {
        table: {column: digest for column, digest in columns.items() if not is_provenance(table, column)}
        for table, columns in digests.items()
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def write_pack_manifest(folder: Path, facts: Mapping[str, Any]) -> None:
    """Write the manifest of a pack whose other files are in place. facts: fingerprint and ``tables`` among them."""
    write_manifest(folder, KIND, FORMAT_VERSION, {**facts, "seal": _seal(facts, FORMAT_VERSION)})


def read_pack_manifest(folder: Path, *, verify: bool | None) -> dict[str, Any]:
    """Read and check the manifest. verify: compare every file with its checksum, None where that is quick.

    Raises PackError where the folder is no whole pack, was changed after the build or is from a newer kgslm.
    """
    try:
        manifest = read_manifest(folder, KIND, FORMAT_VERSION, verify=verify)
    except KgslmError as error:
        raise PackError(str(error)) from error
    if manifest["format_version"] != FORMAT_VERSION:
        raise PackError(f"{folder}: built by an older kgslm; build the pack again")
    facts = {key: value for key, value in manifest.items() if key not in _UNSEALED}
    whole = manifest.get("seal") == _seal(facts, manifest["format_version"])
    whole = whole and facts.get("fingerprint") == fingerprint(facts.get("tables", {}))
    if verify:
        text = json.dumps(manifest, ensure_ascii=False, indent=2) + "\n"
        whole = whole and (folder / MANIFEST).read_bytes() == text.encode()
    if not whole:
        raise PackError(f"{folder / MANIFEST}: changed after the build; build the pack again")
    return manifest


def _seal(facts: Mapping[str, Any], format_version: int) -> str:
    """A checksum of the manifest's own facts, so that a change to them is noticed as one to the tables is."""
    return hashlib.sha256(json.dumps([format_version, dict(facts)], sort_keys=True).encode()).hexdigest()
