from ipaddress import ip_network

import pytest


@pytest.fixture(autouse=True)
def _loopback_is_allowed(settings):
    settings.CALENDAR_ALLOWED_NETWORKS = [ip_network("127.0.0.0/8")]
