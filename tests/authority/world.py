"""One set of people and things for many tests: made once, in a transaction that is never committed.

Whoever changes something does it in `undone()`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
import time_machine
from django.db import connection, transaction

from caledee.accounts.models import User
from tests.authority.matrix import Things, make_people, make_things
from tests.support.times import NOW


@dataclass(frozen=True)
class World:
    people: dict[str, User | None]
    things: Things


@pytest.fixture(scope="package")
def world(django_db_setup, django_db_blocker) -> Iterator[World]:
    """The clocks stand still at NOW while it is there. Tests that use it are marked `django_db`, too."""
    with django_db_blocker.unblock():
        connection.ensure_connection()
        # Django closes it after each test, and a server in another thread after each request.
        connection.close = lambda: None
        try:
            with time_machine.travel(NOW, tick=False), undone():
                people = make_people()
                yield World(people, make_things(people))
        finally:
            del connection.close
            connection.close()


@contextmanager
def undone() -> Iterator[None]:
    """Afterwards the database holds what it held before, and would have taken what was written."""
    with transaction.atomic():
        yield
        connection.check_constraints()
        transaction.set_rollback(True)
