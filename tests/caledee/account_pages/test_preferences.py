"""Clock, first day of the week and colors, on every page that uses them."""

import email
import email.policy

import pytest

from caledee.accounts.models import User
from caledee.accounts.preferences import ColorScheme
from caledee.timekeeping.clock import Clock, WeekStart
from oneoff.tasks import send_creation
from scheduling.bookings.book import cancel
from scheduling.models import Canceller
from scheduling.tasks import send_cancellation, send_confirmation
from tests.caledee.account_pages.typed import typed
from tests.factories import book_event_type, book_one_off, make_one_off
from tests.support.pages import read
from tests.support.times import NOW


def prefer(person, **preferences):
    User.objects.filter(pk=person.pk).update(**preferences)
    person.refresh_from_db()


def text_of(message):
    raw = message.message(policy=email.policy.SMTP).as_bytes()
    body = email.message_from_bytes(raw, policy=email.policy.default).get_body(("plain",))
    return body.get_content()


@pytest.fixture
def ada_on_12_hours(ada):
    prefer(ada, clock=Clock.TWELVE, week_start=WeekStart.SUNDAY)
    return ada


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("/meetings/", "2:30 pm to 3:00 pm (London, GMT)"),
        ("/one-offs/", "Tuesday 1 December 2026, 4:00 pm to 4:30 pm (London, GMT)"),
        ("/availability/", "Working 9:00 am to 5:00 pm"),
        ("/ada/intro/?date=2026-12-02&time_zone=Europe/London", "4:30 pm to 5:00 pm, London"),
        ("/event-types/", "Intro call"),
    ],
)
def test_pages_use_the_clock_of_the_signed_in_person(browser_of, client, ada_on_12_hours, address, words):
    book_event_type(ada_on_12_hours, "14:30")
    book_one_off(make_one_off(ada_on_12_hours, "16:00"), "16:00")

    text = read(browser_of(ada_on_12_hours).get(address)).text

    assert words in text
    assert [clock for clock in ("14:30", "16:00", "09:00", "17:00") if clock in text] == []


def test_invitees_see_24_hours_regardless_of_the_organizers_clock(client, ada_on_12_hours):
    booking = book_event_type(ada_on_12_hours, "14:30")

    pages = [read(client.get(address)).text for address in (booking.get_absolute_url(), "/ada/intro/?date=2026-12-02")]

    assert ("14:30 to 15:00" in pages[0], "16:30 to 17:00" in pages[1]) == (True, True)
    assert [text for text in pages if " pm" in text] == []


def test_each_request_has_its_own_reader(browser_of, ada_on_12_hours, grace):
    one_off = make_one_off(ada_on_12_hours, "16:00")
    browsers = [browser_of(ada_on_12_hours), browser_of(grace)] * 2

    texts = [read(browser.get(f"/one-offs/{one_off.pk}/")).text for browser in browsers]

    assert ["4:00 pm to 4:30 pm" in text for text in texts] == [True, False] * 2
    assert ["16:00 to 16:30" in text for text in texts] == [False, True] * 2


def test_the_creators_fields_use_the_readers_clock_too(browser_of, ada_on_12_hours):
    book_event_type(ada_on_12_hours, "14:30")
    data = {"name": "x", "duration": "30", "location_kind": "video", "hold_times": "on", "times": "2026-12-01T14:45"}

    page = read(browser_of(ada_on_12_hours).post("/one-offs/new/", data | {"refresh": "1"}))

    assert page.by_id("clock-0")["value"] == "2:45 pm"
    assert page.by_id("remove-0").text == "Remove 2:45 pm on Tuesday 1 December 2026"
    assert page.one("span", class_="proposed-end").text == "to 3:15 pm"
    assert "Booked 2:30 pm to 3:00 pm: Intro call" in page.text


def test_months_start_on_the_readers_first_day(browser_of, client, ada_on_12_hours):
    address = "/ada/intro/?date=2026-12-02"

    weeks = [
        [head["abbr"] for head in read(browser.get(address)).all("th")]
        for browser in (client, browser_of(ada_on_12_hours))
    ]

    assert [(week[0], week[-1]) for week in weeks] == [("Monday", "Sunday"), ("Sunday", "Saturday")]


@pytest.mark.parametrize(
    ("first", "days"),
    [(WeekStart.MONDAY, ["Monday", "Sunday"]), (WeekStart.SUNDAY, ["Sunday", "Saturday"])],
)
def test_hours_start_on_the_readers_first_day_and_are_saved_on_their_own(browser_of, ada, first, days):
    prefer(ada, week_start=first)
    browser = browser_of(ada)

    page = read(browser.get("/availability/"))
    names = [each["aria-label"] for each in page.all("div", class_="hours-day")]
    browser.post(
        "/availability/", {"time_zone": "Europe/London", "sunday-start": "10:00", "sunday-end": "11:00", "dates": ""}
    )

    assert [names[0], names[-1]] == days
    assert [each.weekday for each in ada.schedule.weekly_hours.all()] == [6]


@pytest.mark.parametrize("clock", Clock)
def test_each_side_gets_emails_on_its_own_clock(ada, mailoutbox, clock):
    prefer(ada, clock=clock)
    booking = book_event_type(ada, "14:30")

    for recipient in ("organizer", "invitee"):
        send_confirmation(str(booking.pk), 0, recipient)
    cancelled = cancel(booking, by=Canceller.INVITEE, now=NOW)
    for recipient in ("organizer", "invitee"):
        send_cancellation(str(booking.pk), cancelled.sequence, recipient)

    says = {Clock.TWELVE: "2:30 pm to 3:00 pm", Clock.TWENTY_FOUR: "14:30 to 15:00"}
    texts = [text_of(message) for message in mailoutbox]
    assert [says[clock] in text for text in texts[::2]] == [True, True]
    assert ["15:30 to 16:00 (Amsterdam, CET)" in text for text in texts[1::2]] == [True, True]
    assert ["pm" in message.subject for message in mailoutbox] == [clock is Clock.TWELVE, False] * 2


def test_emails_about_a_one_off_use_the_organizers_clock(ada, grace, mailoutbox):
    prefer(ada, clock=Clock.TWELVE)
    one_off = make_one_off(ada, "14:30", created_by=grace)

    send_creation(str(one_off.pk))

    assert "2:30 pm to 3:00 pm (London, GMT)" in text_of(mailoutbox[0])


@pytest.mark.parametrize(
    ("scheme", "attribute", "meta"),
    [
        (ColorScheme.SYSTEM, None, "light dark"),
        (ColorScheme.LIGHT, "light", "light"),
        (ColorScheme.DARK, "dark", "dark"),
    ],
)
@pytest.mark.parametrize("address", ["/settings/", "/ada/", "/no-such-page-at-all/"])
def test_chosen_colors_are_in_the_page_itself(browser_of, ada, scheme, attribute, meta, address):
    prefer(ada, color_scheme=scheme)

    page = read(browser_of(ada).get(address))

    assert page.one("html").attributes.get("data-color-scheme") == attribute
    assert page.one("meta", name="color-scheme")["content"] == meta


def test_strangers_get_the_colors_of_their_device(client, ada):
    prefer(ada, color_scheme=ColorScheme.DARK)

    page = read(client.get("/ada/"))

    assert page.one("meta", name="color-scheme")["content"] == "light dark"


def test_changes_show_immediately(browser_of, ada):
    book_event_type(ada, "14:30")
    browser = browser_of(ada)

    browser.post("/settings/", typed(ada, clock="12", color_scheme="dark"))
    page = read(browser.get("/meetings/"))

    assert page.one("html")["data-color-scheme"] == "dark"
    assert "2:30 pm to 3:00 pm" in page.text
