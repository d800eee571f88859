"""BASE_URL and ALLOWED_HOSTS, however they are written, match what browsers send."""

import re

import pytest
from django.conf import settings as present
from django.core import mail
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMessage
from django.test import Client

from caledee.email.sender import parse_sender
from caledee.ops.base_url import host_of, parse_base_url, parse_hosts


@pytest.mark.parametrize(
    ("written", "sent", "sender"),
    [
        ("https://meet.example.com", "https://meet.example.com", "caledee@meet.example.com"),
        (" HTTPS://Meet.Example.COM/\n", "https://meet.example.com", "caledee@meet.example.com"),
        ("https://meet.example.com.:443", "https://meet.example.com", "caledee@meet.example.com"),
        ("http://meet.example.com:8443/", "http://meet.example.com:8443", "caledee@meet.example.com"),
        ("https://Bücher.example", "https://xn--bcher-kva.example", "caledee@xn--bcher-kva.example"),
        ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example", "caledee@xn--bcher-kva.example"),
        ("http://127.0.0.1:80", "http://127.0.0.1", "caledee@[127.0.0.1]"),
        ("http://[::1]:8000", "http://[::1]:8000", "caledee@[IPv6:::1]"),
        ("http://[2001:DB8:0:0::0007]", "http://[2001:db8::7]", "caledee@[IPv6:2001:db8::7]"),
    ],
)
def test_an_address_becomes_what_browsers_send(written, sent, sender):
    parsed = parse_base_url(written)

    assert (parsed, parse_sender("", host=host_of(parsed)).addr_spec) == (sent, sender)
    assert parse_base_url(parsed) == parsed


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("https://example.com/caledee", "it cannot have a path: Caledee is served at the root of a host name."),
        ("https://example.com?x=1", "it cannot have anything after a ? or #."),
        ("https://example.com/#x", "it cannot have anything after a ? or #."),
        ("https://ada:hunter2@example.com", "it cannot hold a user name or password."),
        ("https://example.com:0", "there is no port 0."),
        ("https://example.com:99999", "its host or port is malformed."),
        ("http://::1:8000", "its host or port is malformed."),
        ("https://my_host.example", "“my_host.example” is not a host name."),
        ("https://straße.example", "“straße.example” has different punycode forms: use the one that browsers show."),
        ("http://127.1", "“127.1” is not an IPv4 address."),
        ("http://[::1%25eth0]", "“[::1%25eth0]” is an IPv6 address that browsers write differently."),
    ],
)
def test_what_no_browser_could_ask_for_is_refused(written, reason):
    with pytest.raises(ImproperlyConfigured) as error:
        parse_base_url(written)

    assert str(error.value) == f"BASE_URL must be a URL such as https://caledee.example.com; {reason}"


@pytest.mark.parametrize("written", ["example.com", "ftp://example.com", "https://", "https://exam ple.com"])
def test_half_an_address_is_no_base_url(written):
    with pytest.raises(ImproperlyConfigured, match="BASE_URL must be a full URL"):
        parse_base_url(written)


def test_allowed_hosts_are_written_as_browsers_send_them():
    written = "Bücher.example:8000, .Example.NET. ,, ::1, [2001:DB8::1]:443, 10.0.0.7:80, own.example, *"

    assert parse_hosts(written, "own.example") == [
        *["own.example", "xn--bcher-kva.example", ".example.net", "[::1]", "[2001:db8::1]", "10.0.0.7", "*"]
    ]


@pytest.mark.parametrize("written", ["https://example.com", "*.example.com", "a b", "example.com;example.net", "a/b"])
def test_what_could_never_match_a_host_is_refused(written):
    with pytest.raises(ImproperlyConfigured, match="ALLOWED_HOSTS must be host names"):
        parse_hosts(written, "own.example")


@pytest.mark.parametrize("written", ["https://Bücher.example", "http://[::1]:8000", "https://xn--bcher-kva.example"])
def test_pages_forms_and_emails_work_under_such_an_address(written, settings, ada):
    base_url = parse_base_url(written)
    host = host_of(base_url)
    settings.BASE_URL, settings.ALLOWED_HOSTS, settings.CSRF_TRUSTED_ORIGINS = (
        base_url,
        parse_hosts("", host),
        [base_url],
    )
    browser = Client(enforce_csrf_checks=True)
    sent = {
        "SERVER_NAME": "wsgi",
        "HTTP_HOST": base_url.partition("://")[2],
        "HTTP_ORIGIN": base_url,
        "wsgi.url_scheme": base_url.partition("://")[0],
    }

    token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', browser.get("/accounts/login/", **sent).content.decode())
    form = {"csrfmiddlewaretoken": token[1], "login": "ada@example.com", "password": "caledee-demo"}
    answer = browser.post("/accounts/login/", form, **sent)

    assert (answer.status_code, answer["Location"]) == (302, "/event-types/")
    assert base_url in browser.get("/event-types/", **sent).content.decode()


@pytest.mark.parametrize("written", ["https://Bücher.example", "http://[::1]:8000", "http://127.0.0.1:8000"])
def test_the_default_sender_can_stand_in_an_email(written, settings):
    sender = str(parse_sender("", host=host_of(parse_base_url(written))))

    EmailMessage("Subject", "Text", sender, ["ada@example.com"]).send()

    [message] = mail.outbox
    [mailbox] = message.message()["From"].addresses
    assert f"{mailbox.display_name} <{mailbox.addr_spec}>" == sender
    assert present.SERVER_EMAIL == present.DEFAULT_FROM_EMAIL
