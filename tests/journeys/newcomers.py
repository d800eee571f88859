"""People who each belong to a single journey. They are in the demo's database from the start."""

from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import transaction

from caledee.accounts.models import User
from caledee.accounts.plans import Plan
from caledee.demo.people import PASSWORD, Person, create_person

NEWCOMERS = {
    Plan.FREE: [
        Person("Katherine Johnson", handle, "America/New_York", None) for handle in ("katherine", "katherine-plain")
    ],
    Plan.TEAM: [
        *[Person("Karen Jones", handle, "Europe/London", None) for handle in ("karen", "karen-plain")],
        *[
            Person(name, handle, "Europe/Stockholm", None)
            for name, handle in [
                *[("Hedy Lamarr", handle) for handle in ("hedy", "hedy-plain")],
                *[("Lise Meitner", handle) for handle in ("lise", "lise-plain")],
                *[("Grete Hermann", "grete"), ("Maria Mayer", "maria"), ("Emmy Noether", "emmy")],
            ]
        ],
    ],
}


@transaction.atomic
def create_newcomers() -> None:
    """Create them with a password that the demo accepts. The tests themselves use another hasher."""
    hasher = Argon2PasswordHasher()
    password = hasher.encode(PASSWORD, hasher.salt())
    for plan, people in NEWCOMERS.items():
        created = [create_person(person, None).pk for person in people]
        User.objects.filter(pk__in=created).update(plan=plan, password=password)
