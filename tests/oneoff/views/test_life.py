"""Everything after the link was sent: moving, suggesting times, answering, reopening, no-shows."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from oneoff.models import CounterProposal, OneOffMeeting, SingleUseLink
from scheduling.bookings.book import cancel
from scheduling.models import Booking, BusyTime, Canceller
from tests.factories import book_event_type, book_one_off, half_hour, make_one_off, offer_of, time_of
from tests.support.browsers import browser_of
from tests.support.pages import moments_on, read
from tests.support.tables import all_rows
from tests.support.times import NOW


@pytest.fixture
def one_off(ada):
    return make_one_off(ada, "09:00", "10:00", "11:00")


@pytest.fixture
def booking(one_off):
    return book_one_off(one_off, "10:00")


@pytest.fixture
def link(one_off):
    return offer_of(one_off).link.get_absolute_url()


def asking(**changes):
    fields = {
        "times": ["2026-12-08T10:00", "2026-12-09T11:30"],
        "name": "Dana Scott",
        "email": "dana@example.com",
        "time_zone": "Europe/Paris",
        "note": "I fly on Monday.",
    }
    return {key: value for key, value in (fields | changes).items() if value is not None}


def proposal_address(proposal, what) -> str:
    return f"/one-offs/{proposal.one_off_id}/proposals/{proposal.pk}/{what}/"


def test_the_change_page_shows_free_times_and_moves_the_meeting(client, ada, one_off, booking):
    address = f"/bookings/{booking.token}/reschedule/"
    book_event_type(ada, "09:00")
    before = all_rows()

    assert moments_on(read(client.get(address))) == ["2026-12-01T11:00:00Z"]
    assert all_rows() == before
    response = client.post(address, {"slot": str(time_of(one_off, "11:00").pk)})

    assert (response.status_code, response["Location"]) == (302, f"/bookings/{booking.token}/")
    assert Booking.objects.get(pk=booking.pk).period == half_hour("11:00")


def test_a_lost_race_shows_the_times_that_are_left(client, ada, one_off, booking):
    time = time_of(one_off, "11:00")
    book_event_type(ada, "11:00")

    response = client.post(f"/bookings/{booking.token}/reschedule/", {"slot": str(time.pk)})

    assert (response.status_code, moments_on(read(response))) == (409, ["2026-12-01T09:00:00Z"])
    assert Booking.objects.get(pk=booking.pk).period == half_hour("10:00")


@pytest.mark.parametrize("slot", ["", "tea", "\0", "2026-12-01T11:00:00Z"])
def test_an_invalid_time_is_an_error(client, booking, slot):
    before = all_rows()

    assert client.post(f"/bookings/{booking.token}/reschedule/", {"slot": slot}).status_code == 422
    assert all_rows() == before


def test_the_booking_page_offers_changes_until_the_meeting_starts(client, booking):
    def offered(now):
        with time_machine.travel(now, tick=False):
            page = read(client.get(f"/bookings/{booking.token}/"))
        words = [each.text for each in page.all("a", class_="button")]
        return [each for each in words if each in {"Change the time", "Suggest other times"}]

    assert offered(NOW) == ["Change the time", "Suggest other times"]
    assert offered(booking.start) == []
    cancel(booking, by=Canceller.INVITEE, now=NOW)
    assert offered(NOW) == []


def test_suggesting_times_shows_the_form_and_sends_it_once(client, ada, link):
    before = all_rows()
    page = read(client.get(f"{link}propose/?time_zone=Europe/Paris"))
    assert (page.one("h1").text, len(page.all("input", name="times_date"))) == ("Suggest other times", 3)
    assert all_rows() == before

    nonce = page.one("input", name="nonce")["value"]
    for _ in range(2):
        response = client.post(f"{link}propose/", asking(nonce=nonce))
        assert (response.status_code, response["Location"]) == (302, f"{link}?sent=yes")

    proposal = CounterProposal.objects.get()
    assert [f"{time.start:%d %H:%M}" for time in proposal.times.all()] == ["08 09:00", "09 10:30"]
    assert (proposal.note, proposal.booking, BusyTime.objects.count()) == ("I fly on Monday.", None, 3)
    said = read(client.get(response["Location"])).one("p", class_="message success").text
    assert said.startswith("Sent. Ada Lovelace gets your times by email")
    assert "Sent." not in client.get(link).text
    assert list(client.cookies) == []


def test_a_stranger_with_the_link_sees_nothing_of_it(client, link):
    client.post(f"{link}propose/", asking())

    for address in (link, f"{link}propose/"):
        page = Client().get(address).content.decode()
        assert not [word for word in ("Dana", "dana@example.com", "I fly", "2026-12-09", "9 December") if word in page]


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"times": ["", "", ""]}, "times", "Enter at least one time that suits you."),
        ({"times": None}, "times", "Enter at least one time that suits you."),
        ({"times": [f"2026-12-08T1{n}:00" for n in range(4)]}, "times", "Enter at most 3 times."),
        ({"times": ["2026-12-08T10:00", "2026-12-08T10:00"]}, "times", "This time is listed twice."),
        ({"times": ["2026-11-22T10:00"]}, "times", "This time is in the past."),
        ({"times": ["2027-12-08T10:00"]}, "times", "Choose a time within the next 366 days."),
        ({"times": ["2027-03-28T02:30"]}, "times", "02:30 doesn't exist on this day"),
        ({"times": ["2026-12-08T10:00:30"]}, "times", "Enter a time of day, such as 9:00 or 2:30 pm."),
        ({"times": ["tea"]}, "times", "Enter a date and time, such as"),
        ({"times": ["2099-12-08T10:00"]}, "times", "Choose a time within the next 366 days."),
        ({"name": " "}, "name", "Enter your name."),
        ({"email": "dana"}, "email", "Enter a full email address"),
        ({"time_zone": "Mars"}, "time_zone", "No time zone matches “Mars”."),
        ({"note": "x" * 1001}, "note", "at most 1000 characters"),
    ],
)
def test_errors_are_shown_and_everything_typed_is_kept(client, link, changes, field, words):
    response = client.post(f"{link}propose/", asking(**changes))

    page = read(response)
    assert (response.status_code, CounterProposal.objects.count()) == (422, 0)
    assert words in page.by_id("main").text
    assert list(response.context["form"].errors) == [field]
    days, clocks = page.all("input", name="times_date"), page.all("input", name="times_clock")
    pairs = [(day["value"], clock["value"]) for day, clock in zip(days, clocks, strict=True)]
    shown = ["T".join(pair).removesuffix("T") for pair in pairs if any(pair)]
    assert shown == sorted(text for text in asking(**changes).get("times", []) if text)
    assert page.one("input", name="email")["value"] == asking(**changes)["email"]


def test_the_form_asks_for_the_location_if_the_invitee_chooses_it(client, ada):
    one_off = make_one_off(ada, "15:00", location_kind="ask_invitee", location="")
    link = offer_of(one_off).link.get_absolute_url()

    assert list(client.post(f"{link}propose/", asking()).context["form"].errors) == ["location"]
    client.post(f"{link}propose/", asking(location="+33 1 23 45 67 89"))
    proposal = CounterProposal.objects.get()
    browser_of(ada).post(proposal_address(proposal, "accept"), {"time": str(proposal.times.first().pk)})

    assert Booking.objects.get().location == "+33 1 23 45 67 89"


def test_too_many_suggestions_are_rejected_and_everything_typed_is_kept(client, link):
    for n in range(3):
        assert client.post(f"{link}propose/", asking(note=f"Note {n}")).status_code == 302

    response = client.post(f"{link}propose/", asking(note="One more"))

    assert (response.status_code, CounterProposal.objects.count()) == (409, 3)
    assert response.context["form"]["note"].value() == "One more"
    assert "more times for this meeting now. Nothing was sent." in read(response).one("p", class_="message error").text


def test_times_cannot_be_suggested_at_a_closed_link(client, one_off, booking, link):
    assert client.get(f"{link}propose/").status_code == 410
    assert client.post(f"{link}propose/", asking()).status_code == 410
    assert client.post(f"/ada/o/{'x' * 24}/propose/", asking()).status_code == 404
    assert CounterProposal.objects.count() == 0


def test_the_invitee_who_booked_suggests_a_move_and_sees_the_answer(client, ada, booking):
    address = f"/bookings/{booking.token}/propose/"
    assert client.get(address).status_code == 200

    response = client.post(address, {"times": ["2026-12-08T10:00"], "note": "I fly on Monday."})

    assert (response.status_code, response["Location"]) == (302, f"/bookings/{booking.token}/?sent=yes")
    sent = read(client.get(response["Location"])).one("p", class_="message success").text
    assert sent == (
        "Sent. Ada Lovelace gets your times by email and answers you by email. Your meeting stays as it is until then."
    )
    proposal = CounterProposal.objects.get()
    assert (proposal.booking, proposal.times.get().start.hour) == (booking, 9)
    section = read(client.get(response["Location"])).one("section", class_="asked stack tight").text
    assert "Tuesday 8 December 2026, 10:00 to 10:30 (Paris, CET) Not answered yet." in section
    browser_of(ada).post(proposal_address(proposal, "decline"), {"note": "I teach then."})
    section = read(client.get(response["Location"])).one("section", class_="asked stack tight").text
    assert section.endswith("Ada Lovelace declined. I teach then.")


def test_times_cannot_be_suggested_for_other_started_or_cancelled_meetings(client, ada, booking):
    address = f"/bookings/{booking.token}/propose/"
    with time_machine.travel(booking.start, tick=False):
        assert (client.get(address).status_code, client.post(address, asking()).status_code) == (200, 409)
    cancel(booking, by=Canceller.INVITEE, now=NOW)
    assert client.post(address, asking())["Location"] == f"/bookings/{booking.token}/"
    assert client.get(f"/bookings/{book_event_type(ada, '15:00').token}/propose/").status_code == 404
    assert CounterProposal.objects.count() == 0


def test_board_and_page_show_the_suggestion_and_one_click_accepts_it(client, ada, link, one_off):
    client.post(f"{link}propose/", asking())
    browser = browser_of(ada)
    assert "1 suggestion to answer" in browser.get("/one-offs/").content.decode()
    page = read(browser.get(f"/one-offs/{one_off.pk}/"))
    first = next(button for button in page.all("button", name="time") if button.text.startswith("Accept"))
    assert first.text == "Accept Tuesday 8 December 2026, 09:00 to 09:30 (London, GMT)"
    proposal = CounterProposal.objects.get()

    for _ in range(2):
        response = browser.post(proposal_address(proposal, "accept"), {"time": first["value"]})
        assert (response.status_code, response["Location"]) == (302, f"/one-offs/{one_off.pk}/")

    assert [booking.invitee_email for booking in Booking.objects.all()] == ["dana@example.com"]
    assert client.get(link).status_code == 410
    other = proposal.times.last()
    assert browser.post(proposal_address(proposal, "accept"), {"time": str(other.pk)}).status_code == 409


def test_a_time_taken_in_the_meantime_names_the_conflict(client, ada, link, one_off):
    client.post(f"{link}propose/", asking(times=["2026-12-01T16:00"]))
    proposal = CounterProposal.objects.get()
    book_event_type(ada, "15:00")
    before = all_rows()

    response = browser_of(ada).post(proposal_address(proposal, "accept"), {"time": str(proposal.times.get().pk)})

    assert response.status_code == 409
    assert "Already booked: Intro call. Nothing was changed." in read(response).text
    after = all_rows()
    sessions = ("sessions.Session", "accounts.User")
    assert {key: rows for key, rows in after.items() if key not in sessions} == {
        key: rows for key, rows in before.items() if key not in sessions
    }


def test_only_people_who_manage_it_can_answer(client, ada, grace, alan, mary):
    panel = make_one_off(ada, "15:00", cohosts=[alan])
    client.post(f"{offer_of(panel).link.get_absolute_url()}propose/", asking())
    proposal = CounterProposal.objects.get()
    time = {"time": str(proposal.times.first().pk)}

    for person in (alan, mary):
        assert browser_of(person).post(proposal_address(proposal, "accept"), time).status_code == 404
        assert browser_of(person).post(proposal_address(proposal, "decline")).status_code == 404
    assert "Dana" not in browser_of(alan).get(f"/one-offs/{panel.pk}/").content.decode().split("History")[0]
    assert browser_of(grace).post(proposal_address(proposal, "decline"), {"note": "x" * 1001}).status_code == 422
    assert browser_of(grace).post(proposal_address(proposal, "decline"), {"note": "No."}).status_code == 302
    assert browser_of(ada).post(proposal_address(proposal, "accept"), time).status_code == 409


@pytest.mark.parametrize("time", ["", "x", "00000000-0000-4000-8000-000000000000"])
def test_accepting_another_time_is_not_found(client, ada, link, time):
    client.post(f"{link}propose/", asking())

    address = proposal_address(CounterProposal.objects.get(), "accept")
    assert browser_of(ada).post(address, {"time": time}).status_code == 404
    assert browser_of(ada).get(address).status_code == 405


def test_reopening_asks_once_and_creates_a_new_link(client, ada, one_off, booking, link):
    cancel(booking, by=Canceller.INVITEE, now=NOW)
    browser, address = browser_of(ada), f"/one-offs/{one_off.pk}/reopen/"
    before = all_rows()
    page = read(browser.get(address))
    assert page.one("h1").text == "Reopen “Interview”?"
    assert len(page.all("li", class_="block held")) == 3
    assert all_rows() == before

    for _ in range(2):
        assert browser.post(address, {"valid_until": ""})["Location"] == f"/one-offs/{one_off.pk}/"

    fresh = OneOffMeeting.objects.get().link.get_absolute_url()
    assert (SingleUseLink.objects.count(), client.get(link).status_code, client.get(fresh).status_code) == (
        2,
        410,
        200,
    )
    history = browser.get(f"/one-offs/{one_off.pk}/").context["history"]
    assert [line.what for line in history] == ["Created", "Booked", "Cancelled", "Reopened with a new link"]


def test_the_invitee_who_booked_through_the_old_link_still_finds_the_booking(client, ada, one_off, link):
    time = str(time_of(one_off, "10:00").pk)
    location = client.post(link, {"slot": time, "name": "Dana", "email": "dana@example.com"})["Location"]
    cancel(Booking.objects.get(), by=Canceller.ORGANIZER, now=NOW)
    browser_of(ada).post(f"/one-offs/{one_off.pk}/reopen/")

    response = client.get(link)

    assert response.status_code == 410
    assert read(response).one("a", class_="button primary")["href"] == location
    assert location not in Client().get(link).content.decode()


@pytest.mark.parametrize("valid_until", ["2026-11-22T10:00", "2027-03-28T01:30", "tea"])
def test_an_invalid_expiry_is_an_error(ada, one_off, booking, valid_until):
    cancel(booking, by=Canceller.INVITEE, now=NOW)

    response = browser_of(ada).post(f"/one-offs/{one_off.pk}/reopen/", {"valid_until": valid_until})

    assert (response.status_code, SingleUseLink.objects.count()) == (422, 1)
    day, _, clock = valid_until.partition("T")
    page = read(response)
    assert page.one("input", name="valid_until_date")["value"] == day
    assert page.one("input", name="valid_until_clock")["value"] == clock


def test_without_free_times_the_page_links_to_a_duplicate(ada, one_off, booking):
    cancel(booking, by=Canceller.INVITEE, now=NOW)
    with time_machine.travel(half_hour("11:00").start, tick=False):
        response = browser_of(ada).post(f"/one-offs/{one_off.pk}/reopen/")

    page = read(response)
    assert (response.status_code, SingleUseLink.objects.count()) == (409, 1)
    assert "None of the times are still free." in page.text
    assert page.one("a", class_="button primary")["href"] == f"/one-offs/new/?duplicate={one_off.pk}"


def test_a_booked_meeting_is_not_reopened(ada, one_off, booking):
    response = browser_of(ada).post(f"/one-offs/{one_off.pk}/reopen/")

    assert (response.status_code, SingleUseLink.objects.count()) == (409, 1)


def test_both_sides_see_when_the_link_expires(client, ada):
    one_off = make_one_off(ada, "09:00", valid_until=half_hour("09:00").start - timedelta(hours=16))
    page = client.get(f"{offer_of(one_off).link.get_absolute_url()}?time_zone=Europe/Paris").content.decode()

    assert "This link is valid until Monday 30 November 2026, 18:00 (Paris)." in page
    organizer_page = browser_of(ada).get(f"/one-offs/{one_off.pk}/").content.decode()
    assert "Monday 30 November 2026, 17:00 (London)" in organizer_page


def test_people_who_manage_it_can_mark_and_unmark_a_no_show(ada, grace, alan, one_off, booking):
    address = f"/meetings/{booking.pk}/no-show/"
    assert browser_of(ada).post(address, {"no_show": "on"}).status_code == 409
    with time_machine.travel(booking.start, tick=False):
        assert browser_of(alan).post(address).status_code == 404
        response = browser_of(grace).post(address, {"no_show": "on"})
        assert (response.status_code, response["Location"]) == (302, f"/one-offs/{one_off.pk}/")
        assert Booking.objects.get().no_show_at == booking.start
        page = read(browser_of(ada).get("/meetings/"))
        assert [badge.text for badge in page.all("span", class_="badge bad")] == ["No-show"]
        detail = browser_of(ada).get(f"/one-offs/{one_off.pk}/")
        assert [line.who for line in detail.context["history"] if line.what == "Marked as a no-show"] == [
            "Grace Hopper"
        ]
        assert browser_of(ada).post(address, {"no_show": "off"})["Location"] == "/meetings/"
    assert Booking.objects.get().no_show_at is None


def test_only_the_organizer_can_mark_a_no_show_of_another_meeting(ada, grace):
    booking = book_event_type(ada, "10:00")
    address = f"/meetings/{booking.pk}/no-show/"
    with time_machine.travel(booking.end, tick=False):
        assert browser_of(grace).post(address).status_code == 404
        assert browser_of(ada).post(address)["Location"] == "/meetings/?show=past"
    assert Booking.objects.get().no_show_at == booking.end
