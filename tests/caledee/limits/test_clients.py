"""Limits identify clients, and nothing a client writes into a request resets them."""

import pytest
from django.core.checks import run_checks
from django.test import RequestFactory

from caledee.limits.clients import client_address, client_network, warn_about_unknown_proxy


def request_from(sender="192.0.2.1", forwarded=None):
    headers = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
    return RequestFactory().get("/", REMOTE_ADDR=sender, **headers)


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "198.51.100.7", "192.0.2.1"),
        (0, None, "192.0.2.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "198.51.100.7, 203.0.113.9", "203.0.113.9"),
        (1, "1.1.1.1,2.2.2.2,3.3.3.3,203.0.113.9", "203.0.113.9"),
        (2, "198.51.100.7, 203.0.113.9, 192.0.2.250", "203.0.113.9"),
        (2, "203.0.113.9", "192.0.2.1"),
        (1, None, "192.0.2.1"),
        (1, "", "192.0.2.1"),
        (1, "198.51.100.7, unknown", "192.0.2.1"),
        (1, "198.51.100.7, ", "192.0.2.1"),
        (1, "\x00, ٣.٣.٣.٣", "192.0.2.1"),
        (1, "203.0.113.9:50123", "203.0.113.9"),
        (1, "[2001:db8::7]:50123", "2001:db8::7"),
        (1, "::ffff:203.0.113.9", "203.0.113.9"),
        (1, "x" * 10_000, "192.0.2.1"),
    ],
)
def test_address_is_what_the_outermost_proxy_of_ours_saw(settings, proxies, forwarded, address):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies

    assert client_address(request_from(forwarded=forwarded)) == address


@pytest.mark.parametrize(
    ("sender", "network"),
    [
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("192.0.2.1", "192.0.2.1"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
    ],
)
def test_ipv6_is_counted_by_the_network_of_one_customer(sender, network):
    assert client_network(request_from(sender)) == network


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"SERVED_OVER_HTTPS": True}, "An https BASE_URL implies a proxy"),
        ({"SECURE_PROXY_SSL_HEADER": ("X", "https")}, "TRUST_X_FORWARDED_PROTO implies a proxy"),
        ({}, ""),
        ({"SERVED_OVER_HTTPS": True, "ALLAUTH_TRUSTED_PROXY_COUNT": 1}, ""),
        ({"SERVED_OVER_HTTPS": True, "DEMO": True}, ""),
    ],
)
def test_check_warns_of_a_proxy_that_is_not_counted(settings, changed, said):
    for name, value in changed.items():
        setattr(settings, name, value)

    warnings = [each for each in run_checks() if each.id == "caledee.limits.W001"]

    assert [each.msg.partition(",")[0] for each in warnings] == ([said] if said else [])


@pytest.mark.parametrize(("proxies", "warnings"), [(0, 1), (1, 0)])
def test_log_warns_once_of_a_proxy_that_is_not_counted(settings, client, db, caplog, proxies, warnings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    warn_about_unknown_proxy.cache_clear()

    client.get("/")
    assert "X-Forwarded-For" not in caplog.text
    for _ in range(3):
        client.get("/", headers={"X-Forwarded-For": "203.0.113.9"})

    said = [record for record in caplog.records if record.name == "caledee.limits.clients"]
    assert [(record.levelname, "TRUSTED_PROXY_COUNT is 0" in record.message) for record in said] == [
        ("WARNING", True)
    ] * warnings
    assert "203.0.113.9" not in caplog.text
