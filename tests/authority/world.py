"""One set of people and things for many tests: made once, in a transaction that is never committed.

Tests that change something do it in `undone()`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookies import SimpleCookie

import pytest
import time_machine
from django.db import connection, transaction
from django.test import Client

from caledee.accounts.models import User
from tests.authority.matrix import Things
from tests.authority.things import make_people, make_things
from tests.support.browsers import browser_of
from tests.support.times import NOW


@dataclass(frozen=True)
class World:
    people: dict[str, User | None]
    things: Things
    cookies: dict[str, SimpleCookie]

    def browser_of(self, who: str) -> Client:
        """A browser in which they are signed in. All share one session, as signing in takes longer than most pages."""
        browser = Client()
        browser.cookies.load(self.cookies[who].output(header="", sep=";"))
        return browser


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
                things = make_things(people)
                yield World(people, things, {who: cookies_of(person) for who, person in people.items()})
        finally:
            del connection.close
            connection.close()


def cookies_of(person: User | None) -> SimpleCookie:
    return SimpleCookie() if person is None else browser_of(person).cookies


@contextmanager
def undone() -> Iterator[None]:
    """Undo the block. Deferred constraints are checked first."""
    with transaction.atomic():
        yield
        connection.check_constraints()
        transaction.set_rollback(True)
