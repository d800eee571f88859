"""`{% component %}`: what is drawn once is right for everybody."""

from dataclasses import dataclass

import pytest
from django.template import Context, Engine
from django.utils.safestring import mark_safe


@dataclass(frozen=True, slots=True)
class Person:
    name: str


@pytest.fixture
def draw():
    engine = Engine(
        loaders=[
            ("django.template.loaders.locmem.Loader", {"name.html": "<b{{ more }}>{{ person.name }}{{ user }}</b>"})
        ],
        libraries={"components": "caledee.templatetags.components"},
    )
    page = engine.from_string('{% load components %}{% component "name.html" person=person more=more %}')
    return lambda **values: page.render(Context(values))


def test_equal_values_are_drawn_alike_and_others_anew(draw):
    drawn = [draw(person=Person(name)) for name in ("Ada", "Grace", "Ada")]
    assert drawn == ["<b>Ada</b>", "<b>Grace</b>", "<b>Ada</b>"]


def test_text_is_escaped_though_the_same_text_was_drawn_as_markup(draw):
    words = ' class="<x>"'
    assert draw(more=mark_safe(words)) == '<b class="<x>"></b>'
    assert draw(more=words) == "<b class=&quot;&lt;x&gt;&quot;></b>"
    assert draw(person=Person("<i>")) == "<b>&lt;i&gt;</b>"


def test_nothing_of_the_page_is_seen_but_what_is_handed_over(draw):
    assert draw(person=Person("Ada"), user="Grace") == "<b>Ada</b>"


def test_what_cannot_be_remembered_is_refused(draw):
    with pytest.raises(TypeError, match="unhashable"):
        draw(person=["Ada"])
