"""Responses never reveal whether an address has an account: content, size, cookies and queries are the same."""

import re

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from caledee.accounts.models import PendingEmail
from tests.caledee.accounts.steps import KATHERINE, LOGIN, SIGNUP, VERIFY, say_who_one_is, sign_in
from tests.factories import PASSWORD, make_invitation
from tests.support.times import NOW

RESET = reverse("account_reset_password")
EMAIL = reverse("account_email")
# What is random in every answer, and the address itself, which the visitor typed.
RANDOM = {"Content-Security-Policy", "X-Request-ID"}
CHANGING = re.compile(r'csrfmiddlewaretoken" value="[^"]*"|nonce="[^"]*"|"X-CSRFToken": "[^"]*"')


def seen(response, address):
    body = CHANGING.sub("", response.content.decode()).replace(address, "ADDRESS")
    headers = {name: value for name, value in response.headers.items() if name not in RANDOM}
    cookies = {name: (bool(morsel.value), morsel["max-age"]) for name, morsel in response.cookies.items()}
    headers.pop("Content-Length", None)
    return response.status_code, body, headers, cookies


def told(address, ask):
    """Return what the requester sees on this page and the next, and the numbers of queries and queued emails."""
    browser = Client()
    PendingEmail.objects.all().delete()
    with CaptureQueriesContext(connection) as context:
        first = ask(browser, address)
    pages = [seen(first, address)]
    if first.status_code == 302:
        pages.append(seen(browser.get(first["Location"]), address))
    return pages, len(context), PendingEmail.objects.count()


def sign_up(browser, address):
    return browser.post(SIGNUP, KATHERINE | {"email": address})


def reset(browser, address):
    return browser.post(RESET, {"email": address})


def change(browser, address):
    sign_in(browser, change.person)
    say_who_one_is(browser)
    return browser.post(EMAIL, {"email": address})


def sign_in_wrongly(browser, address):
    return browser.post(LOGIN, {"login": address, "password": f"not-{PASSWORD}"})


@pytest.fixture(autouse=True)
def now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.mark.parametrize(
    ("ask", "emails", "most_queries_apart"),
    [(sign_up, (1, 1), 12), (reset, (1, 0), 4), (change, (1, 1), 4), (sign_in_wrongly, (0, 0), 2)],
)
def test_known_and_unknown_addresses_are_answered_alike(ada, grace, mailoutbox, ask, emails, most_queries_apart):
    change.person = ada

    known, known_queries, known_emails = told("grace@example.com", ask)
    unknown, unknown_queries, unknown_emails = told("nobod@example.com", ask)

    assert known == unknown
    assert (known_emails, unknown_emails) == emails
    # Sent by the worker, after the answer: waiting for a mail server tells nothing either.
    assert mailoutbox == []
    assert abs(known_queries - unknown_queries) <= most_queries_apart


def test_an_invitation_says_the_same_whether_its_address_has_an_account(organization, ada, grace):
    pages = []
    grace.memberships.all().delete()
    for address in ["grace@example.com", "nobod@example.com"]:
        token = make_invitation(organization, address, ada).token
        for method in ["get", "post"]:
            response = getattr(Client(), method)(f"/invitations/{token}/")
            location = response.headers.get("Location", "").replace(token, "TOKEN")
            status, body, headers, cookies = seen(response, address)
            headers.pop("Location", None)
            body = body.replace(token, "TOKEN").replace(address.replace("@", "%40"), "ADDRESS")
            pages.append((status, body, headers, cookies, location))

    assert pages[:2] == pages[2:]
    assert [page[0] for page in pages] == [200, 302] * 2


def test_the_page_of_the_code_takes_wrong_codes_alike(ada, grace):
    answers = []
    for address in ["grace@example.com", "nobod@example.com"]:
        browser = Client()
        sign_up(browser, address)
        answers.append([seen(browser.post(VERIFY, {"code": "AAAA-AAAA"}), address) for _ in range(4)])

    assert answers[0] == answers[1]
