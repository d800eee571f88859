"""Parts: what a page repeats many times and many pages have, such as days, rows and fields. Jinja2 draws them.

A page is a template of Django. A part is one of Jinja2, Django's other template engine, in `templates/parts/`: it sees
nothing but the values that it is handed, and is drawn several times as fast, which shows where a page has hundreds.
"""

from typing import Any, cast

from django.template import engines
from django.template.backends.jinja2 import Jinja2
from django.utils.safestring import SafeString, mark_safe
from jinja2 import Environment, Undefined

from caledee.web.icons import icon

ENGINE = "parts"


def environment(**options: Any) -> Environment:
    # Django's choice for DEBUG would write the names of what is left out into the page.
    options["undefined"] = Undefined
    made = Environment(trim_blocks=True, lstrip_blocks=True, **options)  # noqa: S701 - Django's backend says autoescape
    made.globals["icon"] = icon
    return made


def draw(name: str, /, **values: object) -> SafeString:
    """The part in `templates/parts/` of that name."""
    return mark_safe(parts_engine().env.get_template(name).render(values))  # noqa: S308 - escaped by the engine


def parts_engine() -> Jinja2:
    return cast(Jinja2, engines[ENGINE])
