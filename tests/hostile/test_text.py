"""Legitimate text reaches other people unchanged: on pages, in emails and calendars, and in exports."""

import json
from email import message_from_bytes
from email.header import decode_header, make_header
from email.utils import parseaddr

import pytest
from django.core import mail as outbox
from django.urls import reverse
from icalendar import Calendar

from tests.authority.world import undone
from tests.hostile.checks import check_answer, check_emails, check_page, newest_job
from tests.hostile.test_forms import values_in
from tests.hostile.values import LEGITIMATE
from tests.scheduling.views.typed import typed

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", LEGITIMATE)
def test_invitee_is_read_as_written(site, name):
    text, jobs = LEGITIMATE[name], newest_job()
    sent = typed("2026-12-01T08:00:00Z", name=text, location=text, notes=f"{text}\n{text}")
    with undone():
        answer = site.visitors["anonymous"].post("/alan/asking/", list(sent.items()))
        assert answer.status == 302
        address = answer.headers["Location"]
        page = check_answer(site.visitors["anonymous"].get(address))
        listed = check_answer(site.visitors["himself"].get("/meetings/"))
        emails = check_emails(jobs)
        (event,) = Calendar.from_ical(site.visitors["anonymous"].get(f"{address}calendar.ics").content).events
        export = json.loads(site.visitors["himself"].get("/settings/data/caledee.json").content)

    assert text in raw_text(page)
    assert text in raw_text(listed)
    assert event["LOCATION"] == text
    assert text in event["SUMMARY"] + event["DESCRIPTION"]
    assert text in json.dumps(export, ensure_ascii=False).replace('\\"', '"').replace("\\\\", "\\")
    # To the invitee's address, which was typed, too, nothing is sent of what was typed with it.
    for email, is_told in zip(
        sorted(emails, key=lambda each: each["To"] == sent["email"]), [True, False], strict=True
    ):
        assert (text in email.get_body(["plain"]).get_content()) == is_told
        assert (text in raw_text(check_page(email.get_body(["html"]).get_content(), is_email=True))) == is_told
    assert text.replace("=?", "= ?") in {answered_to(email.message().as_bytes()) for email in outbox.outbox}


def answered_to(octets: bytes) -> str:
    """Whose name Reply-To has, by the older of the two parsers: the newer one of Python 3.13.0 puts a space between
    encoded words, which RFC 2047 (section 6.2) says is none."""
    words, _ = parseaddr(message_from_bytes(octets)["Reply-To"])
    return str(make_header(decode_header(words)))


def raw_text(page) -> str:
    return "".join(each if isinstance(each, str) else raw_text(each) for each in page.content)


@pytest.mark.parametrize("name", LEGITIMATE)
def test_organizer_finds_what_was_typed_with_the_mistake(site, name):
    text = LEGITIMATE[name]
    sent = [
        ("name", text),
        ("description", text),
        ("invitee_name", text),
        ("location_kind", "address"),
        ("create", "1"),
    ]
    with undone():
        answer = site.visitors["owner"].post("/one-offs/new/", sent)
        page = check_answer(answer)

    assert answer.status == 422
    assert {field: values_in(page, field) for field in ["name", "description", "invitee_name"]} == {
        field: [text] for field in ["name", "description", "invitee_name"]
    }


NOTHING_TO_SEE = ["\u200b\u200b", "\u2060\ufeff", "\u115f\u3164", "\u2800", "\u00ad", "\u200f", "\u0301"]


@pytest.mark.parametrize("name", NOTHING_TO_SEE)
def test_name_that_nobody_sees_is_none(site, name):
    with undone():
        answer = site.visitors["anonymous"].post(
            "/alan/asking/", list(typed("2026-12-01T08:00:00Z", name=name, location="x").items())
        )
        created = site.visitors["owner"].post(
            reverse("scheduling:event_type_create"),
            [("name", name), ("duration", "30"), ("location_kind", "ask_invitee"), ("slug", "unseen")],
        )

    assert (answer.status, created.status) == (422, 422)
    assert "Enter your name." in answer.text
