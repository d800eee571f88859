"""Parts: repeated pieces of pages, such as days, rows and fields, drawn by Jinja2.

Pages are Django templates. A part in `templates/parts/` is a Jinja2 template: it sees only the values it is given, and
renders several times as fast, which matters on pages with hundreds of them.
"""

from typing import Any, cast

from django.template import engines
from django.template.backends.jinja2 import Jinja2
from django.utils.safestring import SafeString, mark_safe
from jinja2 import Environment, Undefined

from caledee.timekeeping.wording import say_count
from caledee.web.icons import icon

ENGINE = "parts"


def environment(**options: Any) -> Environment:
    # With DEBUG, Django would write the names of undefined values into the page.
    options["undefined"] = Undefined
    made = Environment(trim_blocks=True, lstrip_blocks=True, **options)  # noqa: S701 - Django's backend says autoescape
    made.globals["icon"] = icon
    made.globals["say_count"] = say_count
    return made


def draw(name: str, /, **values: object) -> SafeString:
    """Draw the part with this name in `templates/parts/`."""
    return mark_safe(parts_engine().env.get_template(name).render(values))  # noqa: S308 - escaped by the engine


def parts_engine() -> Jinja2:
    return cast(Jinja2, engines[ENGINE])
