"""`{% lucide "clock" size=20 aria_hidden="true" %}`, instead of the package's own tag of this name."""

from django import template

from caledee.web.icons import icon

register = template.Library()
register.simple_tag(icon, name="lucide")
