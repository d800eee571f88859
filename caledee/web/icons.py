"""Icons of the lucide package, each drawn once: drawing is slow, and some pages have fifty."""

from functools import lru_cache

from django.utils.safestring import SafeString, mark_safe
from lucide.templatetags.lucide import lucide as draw


def icon(name: str, *, size: int = 24, **attributes: str) -> SafeString:
    return _draw(name, size, tuple(attributes.items()))


@lru_cache(maxsize=256)
def _draw(name: str, size: int, attributes: tuple[tuple[str, str], ...]) -> SafeString:
    return mark_safe(draw(name, size=size, **dict(attributes)))  # noqa: S308 - the package escapes the attributes
