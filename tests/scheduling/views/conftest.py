import pytest
import time_machine
from django.test import Client

from tests.support.times import NOW


@pytest.fixture(autouse=True)
def now():
    """The clock stands still, on a Monday morning."""
    with time_machine.travel(NOW, tick=False):
        yield NOW


@pytest.fixture
def clock(now):
    """To be moved on: `clock.move_to(moment)`."""
    with time_machine.travel(now, tick=False) as traveller:
        yield traveller


@pytest.fixture
def browser_of():
    """A browser in which this person is signed in."""

    def browse(user):
        browser = Client()
        browser.force_login(user)
        return browser

    return browse
