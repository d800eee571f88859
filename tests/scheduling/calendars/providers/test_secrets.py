"""Nothing that is written down has a path, a user, a password, or what is in a calendar."""

import logging
import traceback

import pytest

from scheduling.calendars.providers.caldav import CalDav
from scheduling.calendars.providers.feed import Feed
from scheduling.calendars.providers.protocol import Account
from scheduling.calendars.reading import ReadingFailed
from tests.scheduling.calendars.providers.samples import OWNER, PATIENCE, WINDOW, at, calendar_of, event
from tests.support.calendar_servers.dav import calendar, found, multistatus, redirect, serve_account, stored
from tests.support.calendar_servers.scripted import Answer, ScriptedServer, wants_basic

WORK = "/s3cret/calendars/ada.lovelace/work/"
SECRETS = ["s3cret", "ada.lovelace", "3ngine", "Secret plans"]
TEXT = calendar_of(event("one", at(10), at(11))).decode()
WRONG = [
    Answer(401, b"Secret plans"),
    Answer(403, b"Secret plans"),
    Answer(500, b"Secret plans"),
    Answer(200, b"Secret plans"),
    Answer(207, b"Secret plans"),
    redirect("ftp://ada.lovelace:3ngine@s3cret/"),
    redirect("http://10.0.0.1/s3cret"),
    redirect("/s3cret/elsewhere"),
]


@pytest.fixture
def account(server) -> Account:
    serve_account(server, calendar(WORK, "Work"), prefix="/s3cret", user="ada.lovelace")
    server.script["PROPFIND", WORK] = multistatus(found(WORK, {"S:getctag": "1"}))
    server.script["REPORT", WORK] = multistatus(stored(f"{WORK}one.ics", TEXT))
    server.script["GET", WORK] = Answer(200, TEXT.encode())
    return Account(server.origin + "/s3cret/", "ada.lovelace", "3ngine")


def ask_everything(server: ScriptedServer, account: Account) -> list[ReadingFailed]:
    """Ask for all that can be asked, and return the failures."""
    calls = [
        lambda: CalDav().find(account, patience=PATIENCE),
        lambda: CalDav().read(account, server.origin + WORK, WINDOW, OWNER, state="", patience=PATIENCE),
        lambda: CalDav().check(account, server.origin + WORK, WINDOW, OWNER, state="", patience=PATIENCE),
        lambda: Feed().read(Account(server.origin + WORK), "", WINDOW, OWNER, state="", patience=PATIENCE),
    ]
    failures = []
    for call in calls:
        try:
            call()
        except ReadingFailed as failed:
            failures.append(failed)
    return failures


def secrets_in(text: str) -> list[str]:
    return [secret for secret in SECRETS if secret in text]


def test_requests_that_succeed_log_no_secret(server, account, caplog):
    caplog.set_level(logging.DEBUG)
    server.guard = wants_basic("ada.lovelace", "3ngine")
    server.script["GET", WORK] = Answer(200, TEXT.encode())

    failures = ask_everything(server, account)

    assert [str(failed) for failed in failures] == ["unauthorized"]  # the feed, which has no password
    assert secrets_in(caplog.text) == []


@pytest.mark.parametrize("answer", WRONG)
def test_requests_that_fail_report_and_log_no_secret(server, account, caplog, answer):
    caplog.set_level(logging.DEBUG)
    server.guard = lambda _request: answer

    failures = ask_everything(server, account)

    assert len(failures) == 4
    for failed in failures:
        assert secrets_in("".join(traceback.format_exception(failed))) == []
    assert secrets_in(caplog.text) == []


def test_an_account_does_not_show_itself(account):
    assert repr(account) == "Account()"
