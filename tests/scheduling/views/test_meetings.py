from uuid import uuid4

import pytest
import time_machine

from scheduling.bookings.book import cancel
from scheduling.bookings.offers import Invitee
from scheduling.models import Booking, BusyTime, Canceller
from tests.factories import book_intro, book_one_off, make_one_off
from tests.support.times import NOW, between

PAGE = "/meetings/"
PAST = "/meetings/?show=past"
LONDONER = Invitee(name="Dana Scott", email="dana@example.com", time_zone="Europe/London", notes="About lattices.")
PARISIAN = Invitee(name="Emmy Noether", email="emmy@example.com", time_zone="Europe/Paris")


def cancel_address(booking):
    return f"/meetings/{booking.pk}/cancel/"


def meetings_on(response):
    return {day.heading: [row.booking.invitee_name for row in day.rows] for day in response.context["days"]}


def only_row(response):
    ((day,),) = [response.context["days"]]
    (row,) = day.rows
    return row


def add_booking(organizer, start, end, **fields):
    """Write a row directly for what cannot be booked: meetings in the past."""
    period = between(start, end)
    defaults = {"name": "Intro call", "location_kind": "phone", "location": "+44 20 7946 0018"}
    invitee = {"invitee_name": "Dana Scott", "invitee_email": "dana@example.com", "invitee_time_zone": "Europe/London"}
    return Booking.objects.create(
        organizer=organizer,
        start=period.start,
        end=period.end,
        created_at=NOW,
        uid=str(uuid4()),
        **defaults | invitee | fields,
    )


def test_upcoming_are_grouped_by_the_organizers_days_without_strangers_meetings(browser_of, ada, grace):
    book_intro(ada, "2026-12-01 16:30", PARISIAN)
    book_intro(ada, "2026-12-01 09:00", LONDONER)
    book_intro(ada, "2026-11-24 09:00", LONDONER)
    book_intro(grace, "2026-12-01 15:00", Invitee("Haskell Curry", "curry@example.com", "Europe/Paris"))
    add_booking(ada, "2026-11-20 09:00", "2026-11-20 09:30", invitee_name="Long Past")

    response = browser_of(ada).get(PAGE)

    assert meetings_on(response) == {
        "Tuesday 24 November 2026": ["Dana Scott"],
        "Tuesday 1 December 2026": ["Dana Scott", "Emmy Noether"],
    }
    assert "Haskell Curry" not in response.content.decode()


def test_days_are_those_of_the_organizers_zone(browser_of, ada, mary):
    """09:00 in London on the 1st is 22:00 in Auckland, 13:00 is 02:00 of the next day."""
    add_booking(mary, "2026-12-01 09:00", "2026-12-01 09:30")
    add_booking(mary, "2026-12-01 13:00", "2026-12-01 13:30")

    response = browser_of(mary).get(PAGE)

    assert list(meetings_on(response)) == ["Tuesday 1 December 2026", "Wednesday 2 December 2026"]
    row = response.context["days"][1].rows[0]
    assert row.time == "02:00 to 02:30 (Auckland, NZDT)"
    assert row.invitee_time == "Tuesday 1 December 2026, 13:00 to 13:30 (London, GMT)"


def test_past_are_those_that_are_over_the_last_one_first(browser_of, ada):
    add_booking(ada, "2026-11-20 09:00", "2026-11-20 09:30", invitee_name="Early")
    add_booking(ada, "2026-11-20 10:00", "2026-11-20 10:30", invitee_name="Late")
    add_booking(ada, "2026-11-23 07:00", "2026-11-23 08:00", invitee_name="Just over")
    add_booking(ada, "2026-11-23 07:30", "2026-11-23 08:30", invitee_name="Under way")
    browser = browser_of(ada)

    assert meetings_on(browser.get(PAST)) == {
        "Monday 23 November 2026": ["Just over"],
        "Friday 20 November 2026": ["Late", "Early"],
    }
    assert meetings_on(browser.get(PAGE)) == {"Monday 23 November 2026": ["Under way"]}


def test_a_meeting_says_who_where_when_and_where_it_leads(browser_of, ada):
    booking = book_intro(ada, "2026-12-01 09:00", LONDONER)

    response = browser_of(ada).get(PAGE)

    row, page = only_row(response), response.content.decode()
    assert row.time == "09:00 to 09:30 (London, GMT)"
    assert row.invitee_time == ""
    assert row.place == "Video call: https://meet.example.com/ada"
    assert "Dana Scott" in page
    assert 'href="mailto:dana@example.com"' in page
    assert "About lattices." in page
    assert f'href="/meetings/{booking.pk}/calendar.ics"' in page
    assert booking.token not in page
    assert f'action="{cancel_address(booking)}"' in page


def test_the_invitees_time_is_shown_where_their_clocks_differ(browser_of, ada):
    book_intro(ada, "2026-12-01 09:00", PARISIAN)

    row = only_row(browser_of(ada).get(PAGE))

    assert row.invitee_time == "Tuesday 1 December 2026, 10:00 to 10:30 (Paris, CET)"


def test_a_booked_one_off_is_a_meeting_like_any(browser_of, ada):
    book_one_off(make_one_off(ada, "09:00", name="Interview with Dana"), "09:00", LONDONER)

    assert only_row(browser_of(ada).get(PAGE)).booking.name == "Interview with Dana"


def test_what_people_typed_is_shown_as_text(browser_of, ada):
    add_booking(ada, "2026-12-01 09:00", "2026-12-01 09:30", invitee_name="<b>Bob</b>", notes="<i>1</i>\n2")

    page = browser_of(ada).get(PAGE).content.decode()

    assert "&lt;b&gt;Bob&lt;/b&gt;" in page
    assert "&lt;i&gt;1&lt;/i&gt;<br>2" in page
    assert "<b>Bob" not in page


def test_empty_pages_say_what_will_be_there(browser_of, ada):
    browser = browser_of(ada)

    assert "No upcoming meetings" in browser.get(PAGE).content.decode()
    assert "No past meetings" in browser.get(PAST).content.decode()


@pytest.mark.parametrize("number", [1, 3])
def test_list_takes_eight_queries_at_any_length(browser_of, ada, django_assert_num_queries, number):
    for hour in range(9, 9 + number):
        book_intro(ada, f"2026-12-01 {hour:02}:00", PARISIAN)
    browser = browser_of(ada)

    with django_assert_num_queries(8):
        assert len(browser.get(PAGE).context["page"]) == number


@pytest.mark.parametrize(
    ("asked", "shown"),
    [("", 1), ("2", 2), ("3", 2), ("0", 2), ("-1", 2), ("nonsense", 1), ("9" * 30, 2), ("9" * 5000, 1), ("\x00", 1)],
)
def test_long_lists_come_in_pages_and_odd_page_numbers_do_no_harm(browser_of, ada, asked, shown):
    for number in range(26):
        day = 1 + number
        add_booking(ada, f"2026-12-{day:02} 09:00", f"2026-12-{day:02} 09:30")

    response = browser_of(ada).get(PAGE, {"page": asked})

    assert response.context["page"].number == shown
    assert len(response.context["page"]) == {1: 25, 2: 1}[shown]


def test_paging_through_the_past_stays_in_the_past(browser_of, ada):
    for number in range(26):
        day = 1 + number % 20
        add_booking(ada, f"2026-11-{day:02} 09:00", f"2026-11-{day:02} 09:30")

    assert "?show=past&amp;page=2" in browser_of(ada).get(PAST).content.decode()


def test_cancelling_frees_the_time_and_says_who_and_why(browser_of, ada):
    booking = book_intro(ada, "2026-12-01 09:00", LONDONER)
    browser = browser_of(ada)

    response = browser.post(cancel_address(booking), {"reason": "I am ill."})

    cancelled = Booking.objects.get()
    assert (response.status_code, response["Location"]) == (302, PAGE)
    assert (cancelled.cancelled_at, cancelled.cancelled_by, cancelled.cancel_reason) == (NOW, "organizer", "I am ill.")
    assert BusyTime.objects.count() == 0
    shown = browser.get(PAGE)
    row, page = only_row(shown), shown.content.decode()
    assert (row.cancelled_by, row.can_be_cancelled) == ("you", False)
    assert "by you: I am ill." in page
    assert cancel_address(booking) not in page
    assert "calendar.ics" not in page


def test_what_the_invitee_cancelled_says_so(browser_of, ada):
    cancel(book_intro(ada, "2026-12-01 09:00", LONDONER), by=Canceller.INVITEE, reason="A cold.", now=NOW)

    assert "by Dana Scott: A cold." in browser_of(ada).get(PAGE).content.decode()


def test_cancelling_twice_does_no_harm(browser_of, ada):
    booking = book_intro(ada, "2026-12-01 09:00", LONDONER)
    browser = browser_of(ada)

    browser.post(cancel_address(booking), {"reason": "I am ill."})
    again = browser.post(cancel_address(booking), {"reason": "Something else."})

    assert (again.status_code, again["Location"]) == (302, PAGE)
    assert (Booking.objects.get().cancel_reason, Booking.objects.get().sequence) == ("I am ill.", 1)


def test_the_cancel_page_asks_once_and_changes_nothing(browser_of, ada):
    booking = book_intro(ada, "2026-12-01 09:00", LONDONER)

    response = browser_of(ada).get(cancel_address(booking))

    page = response.content.decode()
    assert response.status_code == 200
    assert "Tuesday 1 December 2026, 09:00 to 09:30 (London, GMT)" in page
    assert page.count("Cancel meeting</button>") == 1
    assert not Booking.objects.get().is_cancelled


def test_a_reason_too_long_is_refused_and_kept(browser_of, ada):
    booking = book_intro(ada, "2026-12-01 09:00", LONDONER)

    response = browser_of(ada).post(cancel_address(booking), {"reason": "r" * 1001})

    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["reason"]
    assert response.context["form"]["reason"].value() == "r" * 1001
    assert not Booking.objects.get().is_cancelled


def test_a_meeting_that_has_started_cannot_be_cancelled(browser_of, ada):
    booking = book_intro(ada, "2026-12-01 09:00", LONDONER)

    with time_machine.travel(booking.start, tick=False):
        browser = browser_of(ada)
        assert cancel_address(booking) not in browser.get(PAGE).content.decode()
        response = browser.post(cancel_address(booking), {"reason": "Too late."})

    assert response.status_code == 409
    assert "This meeting has already started" in response.content.decode()
    assert not Booking.objects.get().is_cancelled


def test_a_meeting_that_is_over_is_offered_neither_way(browser_of, ada):
    booking = add_booking(ada, "2026-11-20 09:00", "2026-11-20 09:30")

    assert cancel_address(booking) not in browser_of(ada).get(PAST).content.decode()
    assert browser_of(ada).post(cancel_address(booking)).status_code == 409


def test_strangers_and_unknown_ids_are_not_found_and_change_nothing(browser_of, ada, grace):
    booking = book_intro(ada, "2026-12-01 09:00", LONDONER)
    browser = browser_of(grace)

    for address in (cancel_address(booking), f"/meetings/{uuid4()}/cancel/"):
        assert browser.get(address).status_code == 404
        assert browser.post(address, {"reason": ""}).status_code == 404

    assert not Booking.objects.get().is_cancelled
    assert BusyTime.objects.count() == 1


def test_only_who_is_signed_in_gets_anywhere(client, ada):
    booking = book_intro(ada, "2026-12-01 09:00", LONDONER)

    assert client.get(PAGE)["Location"] == f"/accounts/login/?next={PAGE}"
    address = cancel_address(booking)
    assert client.post(address)["Location"] == f"/accounts/login/?next={address}"
    assert not Booking.objects.get().is_cancelled


def test_wrong_methods_are_refused(browser_of, ada):
    booking = book_intro(ada, "2026-12-01 09:00", LONDONER)
    browser = browser_of(ada)

    assert browser.post(PAGE).status_code == 405
    assert browser.delete(cancel_address(booking)).status_code == 405
    assert not Booking.objects.get().is_cancelled
