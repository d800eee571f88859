from typing import Any

from django import template
from django.utils.safestring import SafeString, mark_safe

from caledee.ops.version import version

register = template.Library()


@register.simple_tag
def caledee_version() -> str:
    return version()


@register.simple_tag(takes_context=True)
def aria_current(context: dict[str, Any], *addresses: str) -> SafeString:
    """Mark a navigation link as the current page or section."""
    request = context.get("request")
    here = request is not None and request.path.startswith(addresses)
    return mark_safe(' aria-current="page"' if here else "")  # noqa: S308 (one of two literals)
