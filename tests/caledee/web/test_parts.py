"""Parts: what Jinja2 renders within a page of Django's templates."""

from datetime import time
from pathlib import Path

import pytest
from django.template import engines
from django.test import override_settings
from django.utils.safestring import mark_safe

from caledee.web.day_strip import StripTime, day_strip
from caledee.web.forms import FormRenderer
from caledee.web.parts import draw, parts_engine


@pytest.fixture
def within_a_page(monkeypatch):
    """Render a part from this source within a page whose context has more than the part gets."""

    def render(source, tag, **context):
        environment = parts_engine().env
        monkeypatch.setattr(environment, "get_template", lambda _name: environment.from_string(source))
        page = engines["django"].from_string("{% load parts %}" + tag)
        return page.render(context)

    return render


def test_a_part_sees_what_it_is_handed_and_nothing_of_the_page(within_a_page):
    drawn = within_a_page("{{ name }}{{ user }}", '{% part "x.jinja" name=name %}', name="Ada", user="Grace")
    assert drawn == "Ada"


def test_text_is_escaped_and_markup_is_not(within_a_page):
    source, tag = "<b{{ more }}>{{ name }}</b>", '{% part "x.jinja" name=name more=more %}'
    drawn = within_a_page(source, tag, name="<i>", more=mark_safe(' class="x"'))
    assert drawn == '<b class="x">&lt;i&gt;</b>'


def test_a_part_is_not_escaped_again(within_a_page):
    assert within_a_page("{{ icon('x') }}", '{% part "x.jinja" %}').startswith("<svg")


def test_what_nobody_hands_over_is_left_out_even_where_mistakes_are_shown(settings):
    settings.DEBUG = True
    with override_settings(TEMPLATES=settings.TEMPLATES):
        drawn = draw("day-strip.jinja", strip=day_strip([StripTime("held", time(9), time(10), "<Lunch>")]))
    assert '<div class="day-strip">' in drawn
    assert "<li>Held 09:00 to 10:00: &lt;Lunch&gt;</li>" in drawn


def test_every_part_can_be_read(settings):
    parts = sorted((Path(settings.BASE_DIR) / "templates" / "parts").glob("*.jinja"))
    assert len(parts) > 3
    for part in parts:
        parts_engine().env.get_template(part.name)


def test_widgets_are_parts_and_those_of_the_admin_stay_templates():
    renderer = FormRenderer()
    assert renderer.get_template("django/forms/widgets/input.html").backend is parts_engine()
    assert renderer.get_template("admin/widgets/split_datetime.html").backend is engines["django"]
