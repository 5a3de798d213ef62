"""Pages from templates: HTML is escaped, and what a template does not get is an error."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any


def render(template: str, page: Mapping[str, Any], filters: Mapping[str, Callable[..., Any]] | None = None) -> str:
    """Fill a template of this room. page: its variables. filters: by the names that the template has for them."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("kgslm.evaluation"),
        autoescape=template.endswith(".html"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= filters or {}
    return environment.get_template(template).render(page)
