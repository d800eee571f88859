"""Which links in answers are followed with a password."""

import pytest

from scheduling.calendars.providers.dav.hrefs import path_of, resolve


@pytest.mark.parametrize(
    ("base", "href", "address"),
    [
        ("https://cloud.example.org/dav/", "ada/", "https://cloud.example.org/dav/ada/"),
        ("https://cloud.example.org/dav/", "/ada%40home/", "https://cloud.example.org/ada%40home/"),
        ("https://cloud.example.org/dav/", " /ada/\n", "https://cloud.example.org/ada/"),
        ("https://cloud.example.org/dav/", "https://CLOUD.example.org:443/ada/", "https://cloud.example.org/ada/"),
        ("https://cloud.example.org:8443/", "https://cloud.example.org:8443/a", "https://cloud.example.org:8443/a"),
        # iCloud keeps each account on a numbered server.
        ("https://caldav.icloud.com/", "https://p34-caldav.icloud.com:443/1/", "https://p34-caldav.icloud.com/1/"),
        ("https://p34-caldav.icloud.com/", "https://p101-caldav.icloud.com/1/", "https://p101-caldav.icloud.com/1/"),
        # Encryption can be added.
        ("http://cloud.example.org/", "https://cloud.example.org/a", "https://cloud.example.org/a"),
        # A server behind a proxy doesn't know that it is encrypted.
        ("https://cloud.example.org/", "http://cloud.example.org/a", "https://cloud.example.org/a"),
        ("https://cloud.example.org:8443/", "http://cloud.example.org:8443/a", "https://cloud.example.org:8443/a"),
        ("https://cloud.example.org:8443/", "http://cloud.example.org/a", "https://cloud.example.org:8443/a"),
    ],
)
def test_links_to_the_same_server_are_followed(base, href, address):
    assert resolve(base, href) == address


@pytest.mark.parametrize(
    ("base", "href"),
    [
        ("https://cloud.example.org/", "https://evil.example.com/"),
        ("https://cloud.example.org/", "//evil.example.com/"),
        ("https://cloud.example.org/", "https://cloud.example.org.evil.example.com/"),
        ("https://cloud.example.org/", "https://cloud.example.org@evil.example.com/"),
        ("https://cloud.example.org/", "https://cloud.example.org:8443/"),
        ("https://cloud.example.org/", "http://cloud.example.org:8080/"),
        ("http://cloud.example.org:8080/", "https://cloud.example.org/"),
        ("https://cloud.example.org/", "http://evil.example.com/"),
        ("https://cloud.example.org/", "file:///etc/passwd"),
        ("https://cloud.example.org/", "https://[::1/"),
        ("https://cloud.example.org/", "https://cloud.example.org:22/"),
        ("https://caldav.icloud.com/", "http://p34-caldav.icloud.com/"),
        ("https://caldav.icloud.com/", "https://p34-caldav.icloud.com:8443/"),
        ("https://caldav.icloud.com/", "https://p34-caldav.icloud.com.example.com/"),
        ("https://caldav.icloud.com/", "https://evil-p34-caldav.icloud.com/"),
        ("https://caldav.icloud.com/", "https://p34-caldav-icloud.com/"),
        ("https://caldav.icloud.com/", "https://www.icloud.com/"),
        ("https://cloud.example.org/", "https://p34-caldav.icloud.com/"),
        ("https://p34-caldav.icloud.com/", "https://cloud.example.org/"),
    ],
)
def test_links_to_other_servers_are_not_followed(base, href):
    assert resolve(base, href) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://cloud.example.org/ada%40home/", "https://cloud.example.org/ada@home"),
        ("https://cloud.example.org/K%c3%a4lte/", "https://cloud.example.org/K\u00e4lte/"),
    ],
)
def test_paths_are_the_same_in_any_escaping(one, other):
    assert path_of(one) == path_of(other)
