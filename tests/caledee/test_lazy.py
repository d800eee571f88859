"""Slow imports are left out for pages that do not need them. Checked in a new interpreter."""

import json
import subprocess
import sys

WEB_APP = """
import json, sys
import caledee.wsgi
from django.urls import get_resolver
get_resolver().url_patterns
late = ("icalendar.", "phonenumbers.", "segno.")
before = sorted(name for name in sys.modules if name.startswith(late))
from scheduling.feeds.ical import write_feed
content = write_feed("Empty", [])
after = "icalendar.cal" in sys.modules
print(json.dumps([before, after, content.decode().splitlines()[:2]]))
"""


def test_no_address_of_the_web_app_imports_what_draws_codes_writes_calendars_or_knows_numbers():
    output = subprocess.run([sys.executable, "-c", WEB_APP], capture_output=True, text=True, check=True).stdout

    assert json.loads(output) == [[], True, ["BEGIN:VCALENDAR", "VERSION:2.0"]]
