"""`{{ 2|count:"meeting" }}` and `{{ names|names }}`: counts and lists in templates, worded as everywhere else."""

from django import template

from caledee.timekeeping.wording import say_count, say_names

register = template.Library()
register.filter("count", say_count)
register.filter("names", say_names)
