"""The sender of the installation: startup finds every mistake in it, and valid ones appear unchanged."""

import email
import email.policy

import pytest
from django.core.exceptions import ImproperlyConfigured

from caledee.email.messages import Email, deliver, name_message
from caledee.email.sender import parse_sender
from tests.caledee.test_settings import COMPLETE, python

FACTS = {"state": "", "heading": "", "opening": "", "rows": [], "action": "", "link": "", "why": ""}


@pytest.mark.parametrize(
    ("text", "sender"),
    [
        ("Caledee <caledee@example.com>", ("Caledee", "caledee@example.com")),
        ("caledee@example.com", ("", "caledee@example.com")),
        ('"Caledee, Inc." <caledee@example.com>', ("Caledee, Inc.", "caledee@example.com")),
        ("Caledee.io <caledee@example.com>", ("Caledee.io", "caledee@example.com")),
        ("Zoë <caledee@bücher.example>", ("Zoë", "caledee@xn--bcher-kva.example")),
        ("Caledee <caledee@localhost>", ("Caledee", "caledee@localhost")),
        ("Caledee <caledee@[192.0.2.7]>", ("Caledee", "caledee@[192.0.2.7]")),
    ],
)
def test_one_mailbox_is_a_sender(text, sender):
    parsed = parse_sender(text, host="caledee.test")

    assert (parsed.display_name, parsed.addr_spec) == sender
    again = parse_sender(str(parsed), host="")
    assert (again.display_name, again.addr_spec) == sender


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("meet.example.com", "caledee@meet.example.com"),
        ("bücher.example", "caledee@xn--bcher-kva.example"),
        ("127.0.0.1", "caledee@[127.0.0.1]"),
        ("2001:db8::7", "caledee@[IPv6:2001:db8::7]"),
        ("localhost", "caledee@localhost"),
    ],
)
@pytest.mark.parametrize("text", ["", "  "])
def test_left_empty_it_is_caledee_at_the_host(host, address, text):
    assert parse_sender(text, host=host).addr_spec == address


@pytest.mark.parametrize(
    "text",
    [
        *["Caledee, Inc. <caledee@example.com>", "a@example.com, b@example.com", "a@example.com b@example.com"],
        *["a@example.com; b@example.com", "Caledee <a@example.com> <b@example.com>", "Caledee", "Caledee <>"],
        *["caledee@::1", "caledee@127.0.0.1", "caledee@-example.com", "caledee@exa mple.com", "caledee@example..com"],
        *["ö@example.com", f"{'a' * 65}@example.com", f"caledee@{'a' * 64}.com", "Caledee <caledee@example.com"],
        *["Caledee\r\nBcc: x <caledee@example.com>", "caledee@example.com\x00", "a..b@example.com", "@example.com"],
    ],
)
def test_anything_else_is_refused_in_one_sentence(text):
    with pytest.raises(ImproperlyConfigured) as refusal:
        parse_sender(text, host="caledee.test")

    assert str(refusal.value).startswith("DEFAULT_FROM_EMAIL must be ")
    assert str(refusal.value).endswith(".")


def test_a_host_that_cannot_send_asks_for_a_sender():
    with pytest.raises(ImproperlyConfigured, match=r"^Set DEFAULT_FROM_EMAIL, such as "):
        parse_sender("", host="-")


ENTRIES = [["manage.py", "check"], ["manage.py", "procrastinate", "worker"], ["-c", "import caledee.wsgi"]]


@pytest.mark.parametrize("entry", ENTRIES)
def test_nothing_starts_with_a_sender_that_sends_nothing(entry):
    run = python(*entry, **COMPLETE, DEFAULT_FROM_EMAIL="Caledee, Inc. <caledee@example.com>")

    assert run.returncode == 1
    assert (
        "DEFAULT_FROM_EMAIL must be a single address, with quotes around a name that contains a comma "
        "(\"Caledee, Inc.\" <caledee@example.com>), not 'Caledee, Inc. <caledee@example.com>'."
    ) in run.stderr


def test_a_base_url_of_ipv6_has_a_sender():
    said = "from django.conf import settings; print(settings.DEFAULT_FROM_EMAIL)"

    run = python("-c", said, **COMPLETE | {"BASE_URL": "https://[2001:db8::7]"}, DEFAULT_FROM_EMAIL="")

    assert run.stdout == "Caledee <caledee@[IPv6:2001:db8::7]>\n"


@pytest.mark.parametrize(
    ("sender", "header", "domain"),
    [
        ('"Caledee, Inc." <caledee@example.com>', '"Caledee, Inc." <caledee@example.com>', "example.com"),
        ('"Zoë" <caledee@xn--bcher-kva.example>', "Zoë <caledee@xn--bcher-kva.example>", "xn--bcher-kva.example"),
        ('"Caledee" <caledee@[IPv6:2001:db8::7]>', "Caledee <caledee@[IPv6:2001:db8::7]>", "[IPv6:2001:db8::7]"),
    ],
)
def test_emails_carry_the_sender_whole(settings, mailoutbox, sender, header, domain):
    settings.DEFAULT_FROM_EMAIL = sender

    deliver(Email(to="dana@example.com", subject="Intro call", message_id=name_message("one", 2), **FACTS))

    octets = mailoutbox[0].message(policy=email.policy.SMTP).as_bytes()
    message = email.message_from_bytes(octets, policy=email.policy.default)
    assert (str(message["From"]), message["Message-ID"]) == (header, f"<one.2@{domain}>")
