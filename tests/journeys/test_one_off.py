"""The main job, from + Create to the freed times, in a real browser against the real demo."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from tests.journeys.steps import (
    add_time,
    book,
    coming,
    continue_as,
    emails_to,
    event_type_slots,
    expect_accessible,
    full_name,
    pick_day,
    proposed_times,
    show_month,
    slots,
)
from tests.support.demo_process import wait_until

INVITEE_ZONE, INVITEE_CITY = "America/New_York", "New York"
LONDON = ZoneInfo("Europe/London")


def moment_of(local: str) -> str:
    """Return the moment of a proposed London time, as a booking page writes it."""
    moment = datetime.fromisoformat(local).replace(tzinfo=LONDON).astimezone(ZoneInfo("UTC"))
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


@pytest.mark.parametrize("javascript", [True, False], ids=["with-javascript", "without-javascript"])
def test_from_creation_to_booking(visit, demo_server, javascript):
    first_day, second_day = sorted([coming(1), coming(2)] if javascript else [coming(3), coming(4)])
    invitee_address = f"dana-{'with' if javascript else 'without'}@example.com"
    ada = visit("Europe/London", javascript=javascript)

    # Ada creates.
    continue_as(ada, "ada@example.com")
    check = expect_accessible if javascript else lambda page: None
    check(ada)
    ada.get_by_role("button", name="+ Create").click()
    check(ada)
    ada.get_by_role("menuitem", name="One-off meeting").click()
    check(ada)
    ada.get_by_label("Name", exact=True).fill("Interview with Dana")
    pick_day(ada, first_day)
    add_time(ada, first_day)
    pick_day(ada, second_day)
    check(ada)
    proposed = proposed_times(ada)
    assert [time[:10] for time in proposed] == [str(first_day)] * 2 + [str(second_day)] * 2
    assert ada.get_by_label("Hold these times").is_checked()
    assert ada.get_by_label("Name", exact=True).input_value() == "Interview with Dana"
    ada.get_by_role("button", name="Create the link").click()
    link = ada.get_by_label("Link", exact=True).input_value()
    check(ada)
    moments = [moment_of(time) for time in proposed]

    # The times are held against the event type.
    free_before = event_type_slots(ada, "/ada/intro/", first_day)
    assert not set(moments) & set(free_before)
    check(ada)

    # Dana, in another zone, books one.
    dana = visit(INVITEE_ZONE, javascript=javascript)
    dana.goto(link)
    if javascript:
        expect(dana.get_by_text(f"{INVITEE_CITY} time")).to_be_visible()
    else:
        expect(dana.get_by_text("Times are in London time.")).to_be_visible()
        dana.get_by_label("Time zone").fill(INVITEE_CITY)
        dana.get_by_role("button", name="Change time zone").click()
    assert slots(dana) == moments
    check(dana)
    early = datetime.fromisoformat(proposed[1]).replace(tzinfo=LONDON).astimezone(ZoneInfo(INVITEE_ZONE))
    expect(dana.locator(f"time[datetime='{moments[1]}']")).to_have_text(f"{early:%H:%M}")
    ada.goto("/one-offs/")
    row = ada.get_by_role("listitem").filter(has_text="Interview with Dana").first
    expect(row).to_contain_text("Opened" if javascript else "Not opened yet")
    book(dana, moments[1], "Dana Scully", invitee_address)
    check(dana)

    # A third person finds the link closed; Dana finds the way back to the booking.
    third = visit("Asia/Tokyo", javascript=javascript)
    assert third.goto(link).status == 410
    expect(third.get_by_role("heading", name="This meeting is already booked.")).to_be_visible()
    assert "Dana" not in third.content()
    check(third)
    dana.goto(link)
    dana.get_by_role("link", name="your booking").click()
    expect(dana.get_by_role("heading", name="Booked")).to_be_visible()

    # The other times are free again, the booked one is not.
    free_after = event_type_slots(third, "/ada/intro/", first_day) + event_type_slots(third, "/ada/intro/", second_day)
    assert set(moments) & set(free_after) == set(moments) - {moments[1]}

    # Ada sees the booking on the board and among her meetings; both got an invitation.
    ada.goto("/one-offs/")
    booked = ada.get_by_role("region", name="Booked")
    expect(booked.get_by_text(invitee_address)).to_be_visible()
    check(ada)
    ada.goto("/meetings/")
    expect(ada.get_by_text(invitee_address)).to_be_visible()
    check(ada)
    wait_until(lambda: emails_to(demo_server.mail_dir, invitee_address), 60, what="the invitee's email")
    (email,) = emails_to(demo_server.mail_dir, invitee_address)
    kinds = [part.get_content_type() for part in email.walk() if not part.is_multipart()]
    assert kinds == ["text/plain", "text/html", "text/calendar"]
    assert full_name(first_day) in email.get_body(("plain",)).get_content()


def test_time_that_someone_else_booked_is_gone_and_nothing_typed_is_lost(visit):
    day = coming(0, weeks=3)
    ada = visit("Europe/London")
    continue_as(ada, "ada@example.com")
    ada.goto("/one-offs/new/")
    ada.get_by_label("Name", exact=True).fill("Not held")
    pick_day(ada, day)
    add_time(ada, day)
    ada.get_by_text("Hold these times").click()
    expect(ada.get_by_text("not held")).to_be_visible()
    first, second = (moment_of(time) for time in proposed_times(ada))
    ada.get_by_role("button", name="Create the link").click()
    link = ada.get_by_label("Link", exact=True).input_value()
    dana = visit(INVITEE_ZONE)
    dana.goto(link)
    dana.locator(f"[name=slot]:has(time[datetime='{first}'])").click()
    dana.get_by_label("Your name").fill("Dana Scully")
    dana.get_by_label("Email").fill("dana@example.com")
    dana.get_by_label("Notes").fill("I bring the files.")

    rival = visit("Europe/London")
    rival.goto(f"/ada/intro/?date={day}&time_zone=Europe/London")
    book(rival, first, "Rival", "rival@example.com")
    dana.get_by_role("button", name="Confirm booking").click()

    expect(dana.get_by_text("That time is no longer free.")).to_be_visible()
    assert slots(dana) == [second]
    assert dana.get_by_label("Notes").input_value() == "I bring the files."
    expect_accessible(dana)
    dana.locator("[name=slot]").check()
    dana.get_by_role("button", name="Confirm booking").click()
    expect(dana.get_by_role("heading", name="Booked")).to_be_visible()


def test_an_admin_creates_for_a_teammate_in_their_zone(visit):
    day = coming(2, weeks=3)
    grace = visit("America/New_York")
    continue_as(grace, "grace@example.com")
    grace.goto("/one-offs/new/")
    grace.get_by_label("Name", exact=True).fill("Kick-off")

    grace.get_by_label("Organizer").select_option("alan")

    expect(grace.get_by_text("Alan Turing’s times, in Kolkata")).to_be_visible()
    assert grace.get_by_label("Name", exact=True).input_value() == "Kick-off"
    pick_day(grace, day)
    assert proposed_times(grace) == [f"{day}T09:00"]
    expect_accessible(grace)
    grace.get_by_role("button", name="Create the link").click()
    assert "/alan/o/" in grace.get_by_label("Link", exact=True).input_value()


def test_the_creator_by_keyboard_alone(visit):
    day = coming(3, weeks=3)
    ada = visit("Europe/London")
    continue_as(ada, "ada@example.com")
    ada.get_by_role("button", name="+ Create").focus()
    ada.keyboard.press("Enter")
    expect(ada.get_by_role("menuitem", name="One-on-one")).to_be_focused()
    ada.keyboard.press("ArrowDown")
    expect(ada.get_by_role("menuitem", name="One-off meeting")).to_be_focused()
    ada.keyboard.press("Enter")
    expect(ada.get_by_role("heading", name="One-off meeting")).to_be_visible()
    ada.get_by_label("Name", exact=True).focus()
    ada.keyboard.type("By keyboard")

    ada.locator(".month-grid .day[tabindex='0']").focus()
    months_ahead = (day.month - datetime.now(LONDON).month) % 12
    for _ in range(months_ahead):
        heading = ada.locator(".month-grid h2")
        shown = heading.inner_text()
        ada.keyboard.press("PageDown")
        expect(heading).not_to_have_text(shown)
    expect(ada.locator(".day:focus")).to_be_visible()
    reached = int(ada.evaluate("document.activeElement.value.slice(8)"))
    for _ in range(abs(day.day - reached)):
        ada.keyboard.press("ArrowRight" if reached < day.day else "ArrowLeft")
    ada.keyboard.press("Space")
    expect(ada.get_by_role("heading", name=full_name(day))).to_be_visible()

    assert ada.evaluate("document.activeElement.value") == str(day)
    assert [time[:10] for time in proposed_times(ada)] == [str(day)]


def test_nothing_that_is_pressed_quickly_is_lost(visit):
    days = sorted(coming(weekday, weeks=3) for weekday in (0, 1, 2))
    ada = visit("Europe/London")
    continue_as(ada, "ada@example.com")
    ada.goto("/one-offs/new/")
    show_month(ada, min(days))
    days = [day for day in days if day.month == min(days).month]

    first = ada.get_by_role("region", name=full_name(days[0]))

    for day in days:
        ada.get_by_role("button", name=full_name(day), exact=True).click()
    for _ in range(3):
        first.get_by_role("button", name="Add time").click()

    expect(ada.locator("input[name=times]")).to_have_count(len(days) + 3)
    assert [time[:10] for time in proposed_times(ada)] == [*[str(days[0])] * 3, *map(str, days)]
