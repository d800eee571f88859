from collections.abc import Iterator
from ipaddress import ip_network

import pytest

from tests.support.calendar_servers.scripted import ScriptedServer, scripted_server


@pytest.fixture(autouse=True)
def loopback_is_allowed(settings):
    settings.CALENDAR_ALLOWED_NETWORKS = [ip_network("127.0.0.0/8")]


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted_server() as started:
        yield started


@pytest.fixture
def other_server() -> Iterator[ScriptedServer]:
    """A server at another host, which must not be asked for anything."""
    with scripted_server("127.0.0.2") as started:
        yield started
