import pytest
import time_machine
from django.core.cache import cache
from django.test import Client

from tests.times import NOW


@pytest.fixture(autouse=True)
def now(settings):
    """Freeze the clock on a Monday morning, with no attempts counted yet."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    cache.clear()
    with time_machine.travel(NOW, tick=False):
        yield NOW


@pytest.fixture
def browser_of():
    """Return a browser in which this person is signed in."""

    def browse(user):
        browser = Client()
        browser.force_login(user)
        return browser

    return browse
