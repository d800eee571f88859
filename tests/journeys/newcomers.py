"""People for a single journey, in the demo's database."""

import os
import subprocess
import sys

from tests.support.demo_process import CHECKOUT

MAKE_PEOPLE = """
from caledee.accounts.plans import Plan
from caledee.demo.people import Person, create_person
for name, handle in {people!r}:
    person = create_person(Person(name, handle, {time_zone!r}, None), None)
    person.plan = Plan({plan!r})
    person.save()
"""


def make_people(demo_server, people: list[tuple[str, str]], time_zone: str, plan: str) -> None:
    """Create people by name and handle, all of them in one process: it takes longer to start than to create them."""
    script = MAKE_PEOPLE.format(people=people, time_zone=time_zone, plan=plan)
    subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", script],
        cwd=CHECKOUT,
        env=os.environ | {"DEMO": "1", "DATABASE_URL": demo_server.database_url, "BASE_URL": demo_server.url},
        check=True,
    )
