import pytest
import time_machine
from django.core.cache import cache

from tests.support.times import NOW


@pytest.fixture(autouse=True)
def now(settings):
    """Freeze the clock on a Monday morning, with no attempts counted yet."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    cache.clear()
    with time_machine.travel(NOW, tick=False):
        yield NOW
