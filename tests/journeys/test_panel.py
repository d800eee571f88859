"""For a teammate, and a panel of three in three zones: from the creator to everyone's calendar."""

import email.message

from icalendar import Calendar
from playwright.sync_api import Page, expect

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
    slots,
)
from tests.support.demo_process import wait_until

WEEKS = 5  # where no other journey has anything
NAMES = "Ada Lovelace, Alan Turing and Grace Hopper"


def choose_cohost(page: Page, name: str) -> None:
    page.get_by_role("checkbox", name=name).check()
    expect(page.locator(".zone-note").first).to_contain_text(
        name.partition(" (you)")[0] if "(you)" not in name else "you"
    )


def attendees(message: email.message.EmailMessage) -> list[str]:
    invite = next(part for part in message.walk() if part.get_content_type() == "text/calendar")
    [event] = Calendar.from_ical(invite.get_payload(decode=True)).events
    return [str(each) for each in event["ATTENDEE"]]


def test_an_admin_creates_for_a_teammate_who_sees_what_became_of_it(visit):
    day = coming(0, weeks=WEEKS)
    grace = visit("America/New_York")
    continue_as(grace, "grace@example.com")
    grace.goto("/one-offs/new/?organizer=alan")
    grace.get_by_label("Name", exact=True).fill("Thesis talk")
    pick_day(grace, day)
    grace.get_by_role("button", name="Create the link").click()
    link = grace.get_by_label("Link", exact=True).input_value()

    dana = visit("Asia/Tokyo")
    dana.goto(link)
    [moment] = slots(dana)
    book(dana, moment, "Dana Scully", "dana-thesis@example.com")

    alan = visit("Asia/Kolkata")
    continue_as(alan, "alan@example.com")
    alan.goto("/meetings/")
    expect(alan.get_by_text("dana-thesis@example.com")).to_be_visible()
    alan.goto("/one-offs/")
    row = alan.get_by_role("listitem").filter(has_text="Thesis talk")
    expect(row.get_by_text("Created for you by Grace Hopper")).to_be_visible()
    alan.get_by_role("link", name="Thesis talk", exact=True).click()
    history = alan.get_by_role("region", name="History")
    expect(history.get_by_text("Created by Grace Hopper")).to_be_visible()
    expect(history.get_by_text("Booked by Dana Scully")).to_be_visible()
    expect_accessible(alan)

    # An admin finds it among the team's, and calls it off.
    ada = visit("Europe/London")
    continue_as(ada, "ada@example.com")
    ada.goto("/one-offs/?of=alan")
    ada.get_by_role("link", name="Thesis talk", exact=True).click()
    ada.get_by_role("link", name="Cancel meeting").click()
    ada.get_by_label("Reason").fill("The room is flooded.")
    expect_accessible(ada)
    ada.get_by_role("button", name="Cancel meeting").click()
    expect(ada.get_by_text("Cancelled by you")).to_be_visible()
    dana.reload()
    expect(dana.get_by_text("Alan Turing cancelled this meeting.")).to_be_visible()


def test_a_panel_of_three_in_three_zones(visit, demo_server):
    day = coming(1, weeks=WEEKS)
    grace = visit("America/New_York")
    continue_as(grace, "grace@example.com")
    grace.goto("/one-offs/new/")
    grace.get_by_label("Name", exact=True).fill("Panel interview")
    grace.get_by_label("Organizer").select_option("ada")
    expect(grace.get_by_text("Ada Lovelace’s times, in London")).to_be_visible()
    expect(grace.get_by_role("checkbox", name="Ada Lovelace")).to_have_count(0)
    choose_cohost(grace, "Grace Hopper (you)")
    choose_cohost(grace, "Alan Turing")
    pick_day(grace, day)
    add_time(grace, day)
    section = grace.get_by_role("region", name=full_name(day))
    expect(section.get_by_text("Outside working hours for you.")).to_have_count(2)
    grace.set_viewport_size({"width": 360, "height": 800})
    assert grace.evaluate("document.documentElement.scrollWidth <= innerWidth")
    expect_accessible(grace)
    assert proposed_times(grace) == [f"{day}T09:00", f"{day}T09:30"]
    grace.get_by_role("button", name="Create the link").click()
    link = grace.get_by_label("Link", exact=True).input_value()
    assert "/ada/o/" in link

    # Nobody's event type offers the held times.
    held = {f"{day}T09:00:00Z", f"{day}T09:30:00Z"}
    others = visit("Europe/London")
    for handle in ("ada", "alan", "grace"):
        assert not held & set(event_type_slots(others, f"/{handle}/intro/", day))
    assert f"{day}T10:00:00Z" in event_type_slots(others, "/alan/intro/", day)

    address = "dana-panel@example.com"
    dana = visit("Europe/Paris")
    dana.goto(link)
    expect(dana.get_by_text(NAMES)).to_be_visible()
    expect_accessible(dana)
    book(dana, f"{day}T09:30:00Z", "Dana Scully", address)
    expect(dana.get_by_text(NAMES)).to_be_visible()
    assert f"{day}T09:00:00Z" in event_type_slots(others, "/alan/intro/", day)

    # Alan sees it and can't call it off.
    alan = visit("Asia/Kolkata")
    continue_as(alan, "alan@example.com")
    alan.goto("/meetings/")
    meeting = alan.get_by_role("listitem").filter(has_text=address)
    expect(meeting.get_by_text("with you, Ada Lovelace and Grace Hopper")).to_be_visible()
    expect(meeting.get_by_role("button", name="Cancel meeting")).to_have_count(0)

    # All four have an invitation that names all four.
    people = ["ada@example.com", "alan@example.com", "grace@example.com", address]

    def invitations() -> list[email.message.EmailMessage]:
        messages = [message for person in people for message in emails_to(demo_server.mail_dir, person)]
        return [message for message in messages if message["Subject"].startswith("Panel interview: ")]

    wait_until(lambda: len(invitations()) == len(people), 60, what="an email to everyone")
    assert sorted(message["To"] for message in invitations()) == sorted(people)
    assert all(attendees(message) == [f"mailto:{person}" for person in people] for message in invitations())
