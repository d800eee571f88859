"""`{% part "month-grid.jinja" grid=grid %}`: draws a part within a page. It sees the values alone."""

from django import template

from caledee.web.parts import draw

register = template.Library()
register.simple_tag(draw, name="part")
