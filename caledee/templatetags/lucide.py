"""`{% lucide %}` of the package lucide, each icon drawn once: to draw one takes longer than a line of a template, and
some pages have fifty."""

from functools import lru_cache

from django import template
from lucide.templatetags.lucide import lucide as draw

register = template.Library()


@register.simple_tag
def lucide(name: str, *, size: int = 24, **attributes: str) -> str:
    return _draw(name, size, tuple(attributes.items()))


@lru_cache(maxsize=256)
def _draw(name: str, size: int, attributes: tuple[tuple[str, str], ...]) -> str:
    return draw(name, size=size, **dict(attributes))
