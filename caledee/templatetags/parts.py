"""`{% part "month-grid.jinja" grid=grid %}` draws a part within a page. The part sees only these values."""

from django import template

from caledee.web.parts import draw

register = template.Library()
register.simple_tag(draw, name="part")
