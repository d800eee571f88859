from collections.abc import Hashable
from functools import lru_cache

from django import template
from django.template import Context, RequestContext, Template
from django.utils.safestring import SafeString

MOST_REMEMBERED = 4096

register = template.Library()


@register.simple_tag(takes_context=True)
def component(context: RequestContext, name: str, **values: Hashable) -> SafeString:
    """`{% component "components/month-day.html" day=day %}`: an include that is drawn once for each set of values.

    For what a page repeats and pages have in common. The template sees its values alone, neither page nor request, so
    that what was drawn for one reader is right for all.
    """
    assert context.template is not None
    return _drawn(context.template.engine.get_template(name), **values)


# By type too: text that is to be escaped equals the same text that is not. A changed template is another object.
@lru_cache(maxsize=MOST_REMEMBERED, typed=True)
def _drawn(source: Template, /, **values: Hashable) -> SafeString:
    return source.render(Context(values))
