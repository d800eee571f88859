"""Adding and reconnecting: what is typed is checked, kept if something is wrong, and never shown again once stored."""

import logging

import pytest

from scheduling.calendars.connecting import (
    ADDRESS_NOT_ALLOWED,
    ADDRESS_REQUIRED,
    ALREADY_CONNECTED,
    NETWORK_NOT_ALLOWED,
    PASSWORD_REQUIRED,
    USERNAME_REQUIRED,
)
from scheduling.calendars.limits import CONNECTING, MOST_CONNECTIONS, TOO_MANY_CONNECTIONS
from scheduling.calendars.models import Connection, ConnectionKind
from scheduling.calendars.reading import Failure
from tests.support.calendars import FEED, make_calendar, make_connection
from tests.support.pages import read
from tests.support.times import NOW

FEEDS, CALDAV = "/calendars/feeds/", "/calendars/caldav/"
ACCOUNT = {"address": "https://cloud.example.com/s3cret-path/", "username": "ada.l", "password": "pass s3cret "}


def errors_beside(response) -> dict[str, str]:
    return {name: errors[0] for name, errors in response.context["form"].errors.items()}


def kept(response) -> dict[str, str]:
    inputs = read(response).one("form", method="post", class_="fields").all("input")
    return {each["name"]: each.attributes.get("value", "") for each in inputs if each["type"] != "hidden"}


def test_an_address_leads_to_its_connection(browser_of, ada):
    response = browser_of(ada).post(FEEDS, {"address": f" {FEED} "})

    connection = Connection.objects.get()
    assert (response.status_code, response["Location"]) == (302, f"/calendars/{connection.pk}/")
    assert (connection.person, connection.kind, connection.account.address) == (ada, ConnectionKind.FEED, FEED)


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("", ADDRESS_REQUIRED),
        ("work.ics", ADDRESS_REQUIRED),
        ("http://calendars.example.com/work.ics", ADDRESS_REQUIRED),
        ("https://calendars.example.com:25/work.ics", ADDRESS_NOT_ALLOWED),
        ("https://127.0.0.1/work.ics", NETWORK_NOT_ALLOWED),
        ("webcal://[::1]/work.ics", NETWORK_NOT_ALLOWED),
        ("https://localhost:8000/work.ics", NETWORK_NOT_ALLOWED),
        (FEED, ALREADY_CONNECTED),
    ],
)
def test_an_address_that_is_refused_stays_in_its_field(browser_of, ada, address, sentence):
    make_connection(ada)

    response = browser_of(ada).post(FEEDS, {"address": address})

    assert (response.status_code, errors_beside(response)) == (422, {"address": sentence})
    assert kept(response) == {"address": address}
    assert sentence in read(response).one("main").text
    assert Connection.objects.count() == 1


def test_an_eleventh_connection_is_refused_beside_the_field(browser_of, ada):
    for _ in range(MOST_CONNECTIONS):
        make_connection(ada)

    response = browser_of(ada).post(FEEDS, {"address": f"{FEED}&more"})

    assert (response.status_code, errors_beside(response)) == (422, {"address": TOO_MANY_CONNECTIONS})
    assert kept(response) == {"address": f"{FEED}&more"}


def test_credentials_that_are_missing_are_asked_for_and_the_rest_is_kept(browser_of, ada):
    browser = browser_of(ada)

    nothing = browser.post(CALDAV)
    assert nothing.status_code == 422
    assert errors_beside(nothing) == {
        "address": ADDRESS_REQUIRED,
        "username": USERNAME_REQUIRED,
        "password": PASSWORD_REQUIRED,
    }

    response = browser.post(CALDAV, ACCOUNT | {"address": "https://10.0.0.1/"})
    assert (response.status_code, errors_beside(response)) == (422, {"address": NETWORK_NOT_ALLOWED})
    assert kept(response) == ACCOUNT | {"address": "https://10.0.0.1/"}
    assert "no-store" in response["Cache-Control"]
    assert not Connection.objects.exists()


def test_a_password_is_never_shown_or_logged_once_it_is_stored(browser_of, ada, caplog):
    caplog.set_level(logging.DEBUG)
    browser = browser_of(ada)

    added = browser.post(CALDAV, ACCOUNT)

    connection = Connection.objects.get()
    assert added["Location"] == connection.get_absolute_url()
    assert connection.account.password == ACCOUNT["password"]
    make_calendar(ada, connection=connection, failure=Failure.UNAUTHORIZED, failing_since=NOW, failures=1)
    pages = [browser.get(f"{connection.get_absolute_url()}{page}") for page in ("", "reconnect/")] + [
        browser.get(page)
        for page in ("/calendars/", "/calendars/seen/", "/event-types/", "/settings/data/caledee.json")
    ]
    assert [page.status_code for page in pages] == [200] * len(pages)
    shown = "".join(page.content.decode() for page in pages) + str(added.headers)
    for secret in ("s3cret", "ada.l"):
        assert secret not in shown
        assert secret not in caplog.text


def test_the_twenty_first_attempt_in_an_hour_waits_and_is_kept(browser_of, ada, grace, settings):
    settings.RATE_LIMITS = True
    browser, connection = browser_of(ada), make_connection(ada)
    for _ in range(CONNECTING.most - 1):
        assert browser.post(FEEDS, {"address": FEED}).status_code == 422
    assert browser.post(f"{connection.get_absolute_url()}reconnect/", {"address": FEED}).status_code == 302

    answers = [
        browser.post(FEEDS, {"address": f"{FEED}&more"}),
        browser.post(CALDAV, ACCOUNT),
        browser.post(f"{connection.get_absolute_url()}reconnect/", {"address": f"{FEED}&new"}),
    ]

    assert [(each.status_code, each["Retry-After"]) for each in answers] == [(429, "3600")] * 3
    assert [kept(each) for each in answers] == [{"address": f"{FEED}&more"}, ACCOUNT, {"address": f"{FEED}&new"}]
    assert "Too many attempts. Nothing was sent yet." in read(answers[0]).one("main").text
    assert Connection.objects.get().account.address == FEED
    assert browser_of(grace).post(FEEDS, {"address": FEED}).status_code == 302


def test_reconnecting_replaces_the_account_and_shows_nothing_stored(browser_of, ada):
    connection = make_connection(ada, ConnectionKind.CALDAV, needs_reconnecting_at=NOW)
    browser, page = browser_of(ada), f"{connection.get_absolute_url()}reconnect/"

    assert kept(browser.get(page)) == {"address": "", "username": "", "password": ""}
    refused = browser.post(page, ACCOUNT | {"password": ""})
    assert (refused.status_code, errors_beside(refused)) == (422, {"password": PASSWORD_REQUIRED})
    assert kept(refused) == ACCOUNT | {"password": ""}

    response = browser.post(page, ACCOUNT)

    assert (response.status_code, response["Location"]) == (302, connection.get_absolute_url())
    connection.refresh_from_db()
    assert (connection.account.address, connection.account.username) == (ACCOUNT["address"], "ada.l")
    assert (connection.host, connection.searching_since) == ("cloud.example.com", NOW)
    assert connection.needs_reconnecting_at is None
