from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core import signing
from django.test import Client
from icalendar import Calendar

from scheduling.bookings.book import book, cancel
from scheduling.bookings.offers import EventTypeOffer, Invitee
from scheduling.models import Booking, BusyTime, Canceller
from tests.scheduling.views.typed import TEN, typed
from tests.support.pages import read
from tests.support.tables import all_rows
from tests.support.times import NOW, at, between

DANA = Invitee(name="Dana Scott", email="dana@example.com", time_zone="Asia/Kathmandu", notes="About\nlattices.")
DURING, AFTER = at("2026-12-01 10:00"), at("2026-12-01 10:30")


@pytest.fixture
def booking(ada):
    offer = EventTypeOffer(ada.event_types.get())
    return book(offer, offer.slot(TEN), DANA, now=NOW)


def facts_on(page) -> dict[str, str]:
    facts = page.one("dl", class_="facts named")
    return {term.text: detail.text for term, detail in zip(facts.all("dt"), facts.all("dd"), strict=True)}


def link_named(page, text: str) -> str:
    (link,) = [each for each in page.all("a") if each.text == text]
    return link["href"]


def names_on(page) -> list[str]:
    return [each.text for each in page.one("main").all("a") + page.one("main").all("button")]


def cancel_page(booking) -> str:
    return f"/bookings/{booking.token}/cancel/"


def test_page_says_at_once_that_it_is_booked(client, booking):
    page = read(client.get(f"/bookings/{booking.token}/"))

    assert page.one("h1").text == "Booked."
    assert page.one("div", class_="outcome good").one("p").text == "We're sending a confirmation to dana@example.com."


def test_page_says_what_when_where_and_who(client, booking):
    facts = facts_on(read(client.get(f"/bookings/{booking.token}/")))

    assert facts == {
        "What": "Intro call, 30 minutes",
        "When": "Tuesday 1 December 2026, 15:45 to 16:15 (Kathmandu, UTC+5:45) "
        "For Ada Lovelace: 10:00 to 10:30 (London, GMT)",
        "Where": "Video call https://meet.example.com/ada",
        "Who": "Ada Lovelace Dana Scott, dana@example.com",
        "Notes": "About lattices.",
    }


def test_organizers_time_is_only_shown_if_clocks_there_differ(client, booking):
    Booking.objects.update(invitee_time_zone="Europe/Lisbon")

    facts = facts_on(read(client.get(f"/bookings/{booking.token}/")))

    assert facts["When"] == "Tuesday 1 December 2026, 10:00 to 10:30 (Lisbon, WET)"


def test_organizers_day_is_shown_if_it_is_another(client, booking):
    Booking.objects.update(invitee_time_zone="Pacific/Kiritimati")

    assert facts_on(read(client.get(f"/bookings/{booking.token}/")))["When"] == (
        "Wednesday 2 December 2026, 00:00 to 00:30 (Kiritimati, UTC+14) "
        "For Ada Lovelace: Tuesday 1 December 2026, 10:00 to 10:30 (London, GMT)"
    )


def test_booking_can_be_put_into_calendars(client, booking):
    page = read(client.get(f"/bookings/{booking.token}/"))

    google = parse_qs(urlsplit(link_named(page, "Google Calendar")).query)
    assert google["dates"] == ["20261201T100000Z/20261201T103000Z"]
    outlook = parse_qs(urlsplit(link_named(page, "Outlook")).query)
    assert (outlook["startdt"], outlook["enddt"]) == (["2026-12-01T10:00:00Z"], ["2026-12-01T10:30:00Z"])
    response = client.get(link_named(page, "Calendar file (.ics)"))
    (event,) = Calendar.from_ical(response.content).walk("VEVENT")
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="meeting.ics"'
    assert (event.decoded("dtstart"), event.decoded("dtend")) == (DURING, AFTER)
    assert str(event["uid"]) == booking.uid


@pytest.mark.parametrize("end", ["", "cancel/", "calendar.ics"])
def test_answers_keep_the_address_a_secret(client, booking, end):
    response = client.get(f"/bookings/{booking.token}/{end}")

    assert response.status_code == 200
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert response["Cache-Control"] == "no-store"


@pytest.mark.parametrize(("end", "title"), [("", "Your meeting"), ("cancel/", "Cancel your meeting")])
def test_title_names_nobody_and_forms_keep_their_origin(client, booking, end, title):
    page = read(client.get(f"/bookings/{booking.token}/{end}"))

    assert page.one("title").text == title
    assert page.one("meta", name="referrer")["content"] == "same-origin"


@pytest.mark.parametrize("end", ["", "cancel/", "calendar.ics"])
def test_unknown_booking_is_not_found(client, booking, end):
    other = "A" * len(booking.token)

    assert client.get(f"/bookings/{other}/{end}").status_code == 404
    assert client.get(f"/bookings/{booking.token[:-1]}/{end}").status_code == 404
    assert client.get(f"/bookings/{booking.pk}/{end}").status_code == 404


def test_looking_changes_nothing(client, booking):
    before = all_rows()

    for end in ["", "cancel/", "calendar.ics"]:
        address = f"/bookings/{booking.token}/{end}"
        assert client.get(address).status_code == client.head(address).status_code == 200

    assert all_rows() == before


def test_only_the_cancellation_can_be_posted(client, booking):
    assert client.post(f"/bookings/{booking.token}/").status_code == 405
    assert client.post(f"/bookings/{booking.token}/calendar.ics").status_code == 405
    assert client.put(cancel_page(booking)).status_code == 405
    assert Booking.objects.confirmed().count() == 1


def test_page_asks_for_the_booking_and_whether_it_could_be_booked_again(client, booking, django_assert_num_queries):
    # The booking, its cohosts, and its event type.
    with django_assert_num_queries(3):
        client.get(f"/bookings/{booking.token}/")


def test_cancelling_asks_first(client, booking):
    page = read(client.get(cancel_page(booking)))

    assert page.one("h1").text == "Cancel this meeting?"
    assert facts_on(page)["What"] == "Intro call, 30 minutes"
    assert [label.text for label in page.all("label")] == ["Reason (optional)"]
    assert names_on(page) == ["https://meet.example.com/ada", "Keep it", "Cancel meeting"]


def test_cancelling_frees_the_time_and_says_so(client, booking):
    response = client.post(cancel_page(booking), {"reason": "I am ill.\r\nSorry."})

    assert (response.status_code, response["Location"]) == (302, f"/bookings/{booking.token}/")
    booking.refresh_from_db()
    assert (booking.cancelled_at, booking.cancelled_by) == (NOW, Canceller.INVITEE)
    assert booking.cancel_reason == "I am ill.\nSorry."
    assert list(BusyTime.objects.all()) == []
    page = read(client.get(response["Location"]))
    assert page.one("h1").text == "Cancelled."
    outcome = page.one("div", class_="outcome bad")
    assert [each.text for each in outcome.all("p") + outcome.all("blockquote")] == [
        "You cancelled this meeting.",
        "I am ill. Sorry.",
    ]
    assert names_on(page) == ["https://meet.example.com/ada", "Book another time"]


def test_reason_is_optional(client, booking):
    assert client.post(cancel_page(booking)).status_code == 302
    assert Booking.objects.get().cancelled_at == NOW


def test_an_organizer_who_cancels_here_does_so_as_the_organizer(booking, ada, browser_of):
    browser_of(ada).post(cancel_page(booking))

    assert Booking.objects.get().cancelled_by == Canceller.ORGANIZER


def test_an_invitee_may_be_signed_in_as_someone_else(booking, alan, browser_of):
    browser_of(alan).post(cancel_page(booking))

    assert Booking.objects.get().cancelled_by == Canceller.INVITEE


def test_cancelling_twice_is_harmless(client, booking, clock):
    client.post(cancel_page(booking), {"reason": "First"})
    clock.move_to(NOW + timedelta(minutes=5))
    before = all_rows()

    response = client.post(cancel_page(booking), {"reason": "Second"})

    assert (response.status_code, response["Location"]) == (302, f"/bookings/{booking.token}/")
    assert client.get(cancel_page(booking))["Location"] == f"/bookings/{booking.token}/"
    assert all_rows() == before


def test_too_long_a_reason_is_said(client, booking):
    response = client.post(cancel_page(booking), {"reason": "x" * 1001})

    page = read(response)
    assert response.status_code == 422
    assert page.by_id("id_reason_error").text == "Ensure this value has at most 1000 characters (it has 1001)."
    assert page.by_id("id_reason").text == "x" * 1001
    assert Booking.objects.confirmed().count() == 1


def test_a_refusal_does_not_write_the_secret_address_into_the_log(client, booking, clock, caplog):
    clock.move_to(DURING)

    assert client.post(cancel_page(booking)).status_code == 409
    assert client.post(cancel_page(booking), headers={"Origin": "https://evil.example"}).status_code == 403
    assert booking.token not in caplog.text


def test_a_meeting_that_has_started_cannot_be_cancelled(client, booking, clock):
    clock.move_to(DURING)

    response = client.post(cancel_page(booking))

    page = read(response)
    assert response.status_code == 409
    assert page.one("p", class_="message error").text == ("This meeting has already started and can't be cancelled.")
    assert "Cancel meeting" not in names_on(page)
    assert "Cancel meeting" not in names_on(read(client.get(cancel_page(booking))))
    assert Booking.objects.confirmed().count() == 1


@pytest.mark.parametrize(("now", "words"), [(DURING, "This meeting has started."), (AFTER, "This meeting is over.")])
def test_page_says_what_became_of_it(client, booking, clock, now, words):
    clock.move_to(now)

    page = read(client.get(f"/bookings/{booking.token}/"))

    assert page.one("h1").text == words
    assert names_on(page) == ["https://meet.example.com/ada"]


def test_page_says_that_the_organizer_cancelled(client, booking, ada):
    cancel(booking, by=Canceller.ORGANIZER, now=NOW)
    ada.event_types.update(paused_at=NOW)

    page = read(client.get(f"/bookings/{booking.token}/"))

    assert page.one("div", class_="outcome bad").one("p").text == "Ada Lovelace cancelled this meeting."
    assert "If you still want to meet, ask Ada Lovelace for new times." in page.one("main").text
    assert names_on(page) == ["https://meet.example.com/ada"]


def test_what_the_invitee_wrote_is_shown_as_text_only(client, booking):
    Booking.objects.update(notes="<script>alert(1)</script>", location_kind="ask_invitee", location="<b>x</b>")

    page = client.get(f"/bookings/{booking.token}/")

    assert "<script>alert" not in page.text
    assert facts_on(read(page))["Where"] == "<b>x</b>"


def test_booking_outlives_its_event_type(client, booking, ada):
    ada.event_types.all().delete()

    assert facts_on(read(client.get(f"/bookings/{booking.token}/")))["What"] == "Intro call, 30 minutes"


def remembered_by(browser: Client) -> list[str]:
    return signing.loads(browser.cookies["bookings"].value, salt="bookings")


def test_browser_remembers_the_bookings_it_made_each_once(client, ada):
    client.post("/ada/intro/", typed())
    client.post("/ada/intro/", typed())
    client.post("/ada/intro/", typed("2026-12-01T11:00:00Z"))

    assert remembered_by(client) == list(Booking.objects.order_by("start").values_list("token", flat=True))
    cookie = client.cookies["bookings"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")


def test_browser_remembers_no_more_than_its_latest_bookings(client, ada):
    starts = [f"2026-12-{day:02}T{hour:02}:00:00Z" for day in (1, 2, 3) for hour in range(9, 17)]
    for start in starts:
        assert client.post("/ada/intro/", typed(start)).status_code == 302

    tokens = Booking.objects.filter(start__gte=datetime.fromisoformat(starts[4])).order_by("start")
    assert remembered_by(client) == list(tokens.values_list("token", flat=True))
    assert len(client.cookies["bookings"].value) < 1500


def test_what_nobody_signed_is_not_remembered(client, ada):
    client.cookies["bookings"] = "nonsense"

    client.post("/ada/intro/", typed())

    assert remembered_by(client) == [Booking.objects.get().token]
    assert Booking.objects.get().period == between("2026-12-01 10:00", "2026-12-01 10:30")
