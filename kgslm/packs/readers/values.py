"""Texts from formats whose values have types, JSON and YAML."""

from __future__ import annotations

from typing import Any

from kgslm.errors import PackError


def text_of(value: Any, field: str, where: str) -> str:
    """A value as text without spaces around it, empty for none; numbers are taken as they are written.

    Raises PackError, with ``where`` and the field's name, for lists, mappings and truth values.
    """
    if value is None:
        return ""
    if isinstance(value, list | dict | bool):
        raise PackError(f"{where}: {field} must be a text")
    text = str(value).strip()
    # JSON and YAML can spell half of a surrogate pair, which no UTF-8 file can hold.
    if not text.isascii() and any("\ud800" <= sign <= "\udfff" for sign in text):
        raise PackError(f"{where}: {field} holds half of a surrogate pair; write the character itself")
    return text


def list_of(value: Any, field: str, where: str) -> list[Any]:
    """A list, empty for none. Raises PackError for anything else."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise PackError(f"{where}: {field} must be a list")
    return value


def mapping_of(value: Any, field: str, where: str) -> dict[str, Any]:
    """A mapping, empty for none. Raises PackError for anything else."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise PackError(f"{where}: {field} must be an object with fields")
    return value


def mappings_of(value: Any, field: str, where: str) -> list[dict[str, Any]]:
    """A list of mappings, empty for none. Raises PackError for anything else."""
    return [mapping_of(item, field, where) for item in list_of(value, field, where)]
