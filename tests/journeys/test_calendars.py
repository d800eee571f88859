"""Connecting a calendar, and what it then takes, in a real browser against the real demo."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import psycopg
import pytest
from playwright.sync_api import Page, expect

from tests.journeys.calendar_feed import CalendarFeed, serving_feed
from tests.journeys.steps import (
    add_time,
    coming,
    event_type_slots,
    expect_accessible,
    full_name,
    pick_day,
    sign_in,
    slots,
)
from tests.support.demo_process import wait_until

LONDON = ZoneInfo("Europe/London")
READ_EARLIER = """
    UPDATE calendars_outsidecalendar
    SET read_at = read_at - interval '5 minutes', read_whole_at = read_whole_at - interval '5 minutes'
"""


@pytest.fixture
def feed():
    with serving_feed() as feed:
        yield feed


def hours(day: date, start: int, end: int) -> tuple[datetime, datetime]:
    return datetime.combine(day, time(start), LONDON), datetime.combine(day, time(end), LONDON)


def local_clocks(moments: list[str]) -> list[str]:
    return [f"{datetime.fromisoformat(each).astimezone(LONDON):%H:%M}" for each in moments]


def add_feed_by_keyboard(page: Page, feed: CalendarFeed) -> None:
    page.goto("/calendars/")
    expect_accessible(page)
    page.get_by_role("link", name="Connect a CalDAV account").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Add a calendar address")).to_be_visible()
    page.get_by_label("Calendar address").focus()
    page.keyboard.type("https://127.1.2.3:22/")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Calendar address")).to_be_focused()
    expect_accessible(page)
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type(feed.url)
    page.keyboard.press("Enter")


def test_a_calendar_is_connected_by_keyboard_and_takes_time(visit, demo_server, feed):
    day = coming(2)
    feed.entries = [hours(day, 9, 11)]
    karen = visit("Europe/London")
    sign_in(karen, "karen@example.com")
    before = event_type_slots(karen, "/karen/intro/", day)

    # It is found and read while she looks at the page.
    add_feed_by_keyboard(karen, feed)
    expect(karen.get_by_text("Looking for your calendars…")).to_be_visible()
    expect_accessible(karen)
    feed.answering.set()
    expect(karen.get_by_label("Family counts as busy")).to_be_checked()
    expect(karen.get_by_text("Read just now, 1 busy time in the next 60 days")).to_be_visible()
    karen.get_by_text("More settings").click()
    expect_accessible(karen)
    after = event_type_slots(karen, "/karen/intro/", day)
    assert local_clocks([each for each in before if each not in after]) == ["09:00", "09:30", "10:00", "10:30"]
    for page in ("/calendars/", "/calendars/seen/", "/calendars/caldav/"):
        karen.goto(page)
        expect_accessible(karen)

    # An entry that appears while Dana types is noticed before anything is booked.
    dana = visit("Europe/London")
    dana.goto(f"/karen/intro/?date={day}&time_zone=Europe/London")
    dana.locator("[name=slot]:has(time:text-is('14:00'))").click()
    dana.get_by_label("Your name").fill("Dana Scully")
    dana.get_by_label("Email").fill("dana@example.com")
    dana.get_by_label("Notes").fill("I bring the files.")
    feed.entries.append(hours(day, 14, 15))
    with psycopg.connect(demo_server.database_url) as database:
        database.execute(READ_EARLIER)
    dana.get_by_role("button", name="Confirm booking").click()
    expect(dana.get_by_text("That time is no longer free.")).to_be_visible()
    assert dana.get_by_label("Notes").input_value() == "I bring the files."
    assert "Family" not in dana.content()

    # The creator remarks what is there. What comes later hides a time, until it is offered anyway.
    karen.goto("/one-offs/new/")
    karen.get_by_label("Name", exact=True).fill("Chess")
    pick_day(karen, day)
    karen.get_by_label(f"Time on {full_name(day)}").fill("10:30")
    karen.keyboard.press("Tab")
    add_time(karen, day)
    expect(karen.get_by_text("You are busy then in Family.")).to_have_count(1)
    expect_accessible(karen)
    karen.get_by_role("button", name="Create the link").click()
    link = karen.get_by_label("Link", exact=True).input_value()
    dana.goto(link)
    assert local_clocks(slots(dana)) == ["10:30", "11:00"]
    feed.entries.append(hours(day, 11, 12))
    karen.goto("/calendars/")
    karen.get_by_role("link", name="Family").first.click()
    karen.get_by_role("button", name="Read now").click()
    expect(karen.get_by_text("Read just now, 2 busy times in the next 60 days")).to_be_visible()
    karen.goto("/one-offs/")
    expect(karen.get_by_text("Taken in your calendar")).to_be_visible()
    expect_accessible(karen)
    dana.goto(link)
    assert local_clocks(slots(dana)) == ["10:30"]
    karen.get_by_role("button", name="Offer it anyway").click()
    expect(karen.get_by_text("is offered again.")).to_be_visible()
    dana.goto(link)
    assert local_clocks(slots(dana)) == ["10:30", "11:00"]


def test_a_calendar_is_connected_without_javascript(visit, feed):
    day = coming(3)
    feed.entries = [hours(day, 9, 11)]
    karen = visit("Europe/London", javascript=False)
    sign_in(karen, "karen-plain@example.com")
    before = event_type_slots(karen, "/karen-plain/intro/", day)

    karen.goto("/calendars/")
    karen.get_by_role("link", name="Add a calendar address (ICS)").click()
    karen.get_by_label("Calendar address").fill(feed.url)
    karen.get_by_role("button", name="Add calendar").click()
    expect(karen.get_by_text("Looking for your calendars…")).to_be_visible()
    feed.answering.set()
    wait_until(lambda: "Read just now" in check_again(karen), 60, what="the calendar is read")

    expect(karen.get_by_role("heading", name="Family", level=1)).to_be_visible()
    after = event_type_slots(karen, "/karen-plain/intro/", day)
    assert local_clocks([each for each in before if each not in after]) == ["09:00", "09:30", "10:00", "10:30"]


def check_again(page: Page) -> str:
    again = page.get_by_role("link", name="Check again")
    if again.count():
        again.click()
    return page.locator("main").inner_text()
