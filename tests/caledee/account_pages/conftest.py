import pytest
import time_machine
from django.core.cache import cache

from tests.support.times import NOW


@pytest.fixture(autouse=True)
def now(settings):
    """The clock stands still, on a Monday morning, and nobody has tried anything yet."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    cache.clear()
    with time_machine.travel(NOW, tick=False):
        yield NOW
