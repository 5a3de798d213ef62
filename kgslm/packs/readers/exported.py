"""What ``pack export`` writes where a format has no words for it."""

from __future__ import annotations

import json

from kgslm.errors import PackError
from kgslm.packs.items import NAME_KINDS, SourceName, place


def typed_name(text: str, file: str, line: int) -> SourceName:
    """A name as the JSON list of text, kind and type. Raises PackError where it is none."""
    try:
        name, kind, type_ = json.loads(text)
        name.encode()
        type_.encode()
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        message = f'a name is ["text", "kind", "type"], not {text[:60]!r}'
        raise PackError(f"{place(file, line)}: {message}") from error
    if kind not in NAME_KINDS:
        raise PackError(f"{place(file, line)}: the kind {str(kind)[:60]!r} is none of {', '.join(NAME_KINDS)}")
    return SourceName(name, kind, type_)
