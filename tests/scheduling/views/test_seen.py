"""The page of what Caledee sees, and its answer to why a time isn't bookable."""

import pytest

from tests.factories import book_event_type, half_hour
from tests.support.calendars import make_calendar
from tests.support.pages import read

PAGE = "/calendars/seen/"


def ask(browser, event_type, day="2026-12-01", clock="10:00"):
    return browser.get(PAGE, {"event_type": str(event_type.pk), "at_date": day, "at_clock": clock})


def test_fourteen_days_show_meetings_and_calendars_by_name(browser_of, ada):
    book_event_type(ada, "09:00")
    make_calendar(ada, half_hour("10:00"), name="Work")

    week = browser_of(ada).get(PAGE).context["week"]

    assert len(week) == 14
    assert list(week[8].strip.words) == [
        "Working 09:00 to 17:00",
        "Booked 09:00 to 09:30: Intro call",
        "Busy in Work 10:00 to 10:30",
    ]


@pytest.mark.parametrize(
    ("clock", "sentence"),
    [
        ("09:00", "You have a meeting (Intro call), 09:00 to 09:30 (London, GMT)."),
        ("10:00", "You are busy in Work, 10:00 to 10:30 (London, GMT)."),
        ("11:00", "It can be booked."),
        ("18:00", "It is outside your working hours."),
    ],
)
def test_why_a_time_is_not_bookable(browser_of, ada, clock, sentence):
    book_event_type(ada, "09:00")
    make_calendar(ada, half_hour("10:00"), name="Work")

    page = read(ask(browser_of(ada), ada.event_types.get(), clock=clock))

    assert [item.text for item in page.one("div", class_="message").all("li")] == [sentence]


@pytest.mark.parametrize(("day", "clock"), [("", ""), ("2026-12-01", "quarter"), ("2027-03-28", "01:30")])
def test_a_time_that_cannot_be_read_is_an_error_beside_the_field(browser_of, ada, day, clock):
    response = ask(browser_of(ada), ada.event_types.get(), day, clock)

    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["at"]


def test_nobody_asks_about_event_types_of_others(browser_of, ada, grace):
    response = ask(browser_of(grace), ada.event_types.get())

    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["event_type"]
