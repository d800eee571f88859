"""How the organizer is notified of emails that could not be delivered."""

import pytest

from caledee.email.models import EmailRecord, Undelivered
from tests.factories import book_intro, make_one_off
from tests.support.pages import read
from tests.support.times import NOW

WORDS = "The confirmation to edsger@example.com could not be delivered: the mail server refused the address."


@pytest.fixture
def booking(ada):
    return book_intro(ada, "2026-12-01 09:00")


@pytest.fixture
def failed(booking):
    """The record of the invitee's confirmation, which failed."""
    record = EmailRecord.objects.get(subject=booking.pk, role="invitee")
    record.fail(Undelivered.ADDRESS, now=NOW)
    record.save()
    return record


def told(browser, address):
    lists = read(browser.get(address)).all("ul", class_="undelivered")
    return [line.one("div").text for each in lists for line in each.all("li")]


@pytest.mark.parametrize("page", ["/one-offs/", "/meetings/", "/meetings/{}/"])
def test_organizer_is_notified_until_they_dismiss_it(browser_of, ada, booking, failed, page):
    browser, page = browser_of(ada), page.format(booking.pk)
    name = "Intro call. " if page == "/one-offs/" else ""

    before = told(browser, page)
    response = browser.post(f"/meetings/undelivered/{failed.pk}/", {"next": page})
    again = browser.post(f"/meetings/undelivered/{failed.pk}/", {"next": page})

    assert before == [f"{name}{WORDS} Contact them directly. Monday 23 November 2026, 08:00 GMT"]
    assert (response.status_code, response["Location"], again.status_code) == (302, page, 302)
    assert told(browser, page) == []


def test_undelivered_email_to_the_organizer_asks_for_no_contact(browser_of, ada, booking):
    record = EmailRecord.objects.get(subject=booking.pk, role="organizer")
    record.fail(Undelivered.GIVEN_UP, now=NOW)
    record.save()

    assert told(browser_of(ada), "/meetings/") == [
        "The confirmation to you, ada@example.com, could not be delivered: "
        "no mail server accepted it within three days. "
        "Monday 23 November 2026, 08:00 GMT"
    ]


def test_nobody_else_is_notified_or_can_dismiss_it(browser_of, ada, grace, booking, failed):
    booking.cohosts.add(grace)
    browser = browser_of(grace)

    assert [told(browser, page) for page in ["/one-offs/", "/meetings/", f"/meetings/{booking.pk}/"]] == [[], [], []]
    assert browser.post(f"/meetings/undelivered/{failed.pk}/").status_code == 404
    failed.refresh_from_db()
    assert failed.understood_at is None


def test_delivered_email_cannot_be_dismissed(browser_of, ada, booking):
    record = EmailRecord.objects.get(subject=booking.pk, role="organizer")

    assert browser_of(ada).post(f"/meetings/undelivered/{record.pk}/").status_code == 404


@pytest.mark.parametrize(
    "page", ["", "https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil.example"]
)
def test_one_is_never_led_to_another_site(browser_of, ada, failed, page):
    response = browser_of(ada).post(f"/meetings/undelivered/{failed.pk}/", {"next": page})

    assert response["Location"] == "/meetings/"


def test_one_off_shows_its_own_undelivered_emails(browser_of, ada, grace):
    one_off = make_one_off(ada, "09:00", created_by=grace)
    EmailRecord.objects.filter(subject=one_off.pk).update(failed_at=NOW, reason=Undelivered.MAIL)

    assert told(browser_of(ada), f"/one-offs/{one_off.pk}/") == [
        "The invitation email to you, ada@example.com, could not be delivered: the mail server refused "
        "the email. Monday 23 November 2026, 08:00 GMT"
    ]


def test_page_of_a_meeting_shows_facts_and_history(browser_of, ada, booking, failed):
    EmailRecord.objects.filter(subject=booking.pk, role="organizer").update(sent_at=NOW)

    page = read(browser_of(ada).get(f"/meetings/{booking.pk}/"))

    assert page.one("h1").text == "Intro call"
    assert page.one("p", class_="block booked").text == "Tuesday 1 December 2026, 09:00 to 09:30 (London, GMT)"
    assert page.one("a", href=f"/meetings/{booking.pk}/calendar.ics").text == "Calendar file"
    lines = [each.all("span")[0].text for each in page.one("ol", class_="history").all("li")]
    assert lines[0] == "Booked by Edsger Dijkstra: Tuesday 1 December 2026, 09:00 to 09:30 (London, GMT)"
    assert sorted(lines[1:]) == [
        "Confirmation sent to ada@example.com",
        "Confirmation to edsger@example.com not delivered: the mail server refused the address",
    ]


def test_cohost_sees_the_page_and_cannot_cancel(browser_of, ada, grace, booking):
    booking.cohosts.add(grace)

    page = read(browser_of(grace).get(f"/meetings/{booking.pk}/"))

    assert page.all("form", action=f"/meetings/{booking.pk}/cancel/") == []
    assert booking.token not in str(page)
