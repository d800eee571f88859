"""After the link was sent: booked, moved, cancelled, reopened; other times suggested, accepted, declined."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.steps import add_time, book, coming, continue_as, expect_accessible, pick_day, slots

ZONE = "Asia/Kolkata"


def create(page: Page, name: str, day) -> str:
    """Create a meeting with two times on one day, and return its link."""
    page.goto("/one-offs/new/")
    page.get_by_label("Name", exact=True).fill(name)
    pick_day(page, day)
    add_time(page, day)
    return create_link(page)


def create_link(page: Page) -> str:
    page.get_by_role("button", name="Create the link").click()
    return page.get_by_label("Link", exact=True).input_value()


@pytest.mark.parametrize("javascript", [True, False], ids=["with-javascript", "without-javascript"])
def test_booked_moved_cancelled_reopened_and_booked_again(visit, javascript):
    alan, check = visit(ZONE, javascript=javascript), expect_accessible if javascript else lambda page: None
    continue_as(alan, "alan@example.com")
    name = f"Life {'with' if javascript else 'without'} a script"
    link = create(alan, name, coming(1 if javascript else 2, weeks=8))
    dana = visit(ZONE, javascript=javascript)
    dana.goto(link)
    first, second = slots(dana)
    book(dana, first, "Dana Scully", "dana-life@example.com")
    check(dana)

    # Moved to the other time, then cancelled.
    dana.get_by_role("link", name="Change the time").click()
    assert slots(dana) == [second]
    check(dana)
    dana.locator("[name=slot]").click()
    check(dana)
    dana.get_by_role("button", name="Change to this time").click()
    expect(dana.get_by_role("heading", name="Booked")).to_be_visible()
    assert dana.locator(".facts time").get_attribute("datetime") == second
    dana.get_by_role("button", name="Cancel meeting").click()
    dana.get_by_role("button", name="Cancel meeting").click()
    expect(dana.get_by_role("heading", name="Cancelled")).to_be_visible()

    # Reopened: a new link, the old one stays closed.
    alan.goto("/one-offs/")
    alan.get_by_role("listitem").filter(has_text=name).first.get_by_role("link", name="Reopen").click()
    check(alan)
    alan.get_by_role("button", name="Reopen").click()
    expect(alan.get_by_text("Reopened. Send the new link")).to_be_visible()
    check(alan)
    fresh = alan.get_by_label("Link", exact=True).input_value()
    assert fresh != link
    assert dana.goto(link).status == 410
    dana.goto(fresh)
    assert slots(dana) == [first, second]
    book(dana, first, "Dana Scully", "dana-life@example.com")


@pytest.mark.parametrize("javascript", [True, False], ids=["with-javascript", "without-javascript"])
def test_other_times_are_asked_for_declined_and_accepted(visit, javascript):
    alan, check = visit(ZONE, javascript=javascript), expect_accessible if javascript else lambda page: None
    day = coming(3 if javascript else 4, weeks=8)
    continue_as(alan, "alan@example.com")
    link = create(alan, "Wishes", day)
    address = alan.url
    dana = visit(ZONE, javascript=javascript)

    for note, clock in (("Too early for me.", "3 pm"), ("Or then.", "16.00")):
        dana.goto(link)
        dana.get_by_role("link", name="Suggest other times").click()
        check(dana)
        dana.get_by_role("button", name="Send these times").click()
        expect(dana.get_by_text("Enter at least one time that suits you.").first).to_be_visible()
        check(dana)
        dana.get_by_label("A time that suits you", exact=True).fill(f"{day}")
        dana.get_by_label("A time that suits you, time of day").fill(clock)
        dana.get_by_label("Your name").fill("Dana Scully")
        dana.get_by_label("Email").fill("dana-wishes@example.com")
        dana.get_by_label("Note").fill(note)
        dana.get_by_role("button", name="Send these times").click()
        expect(dana.get_by_text("Sent. Alan Turing gets your times by email")).to_be_visible()
        check(dana)

    alan.goto("/one-offs/")
    check(alan)
    alan.get_by_role("link", name=re.compile("2 suggestions to answer")).first.click()
    expect(alan.get_by_text("Too early for me.")).to_be_visible()
    check(alan)
    alan.get_by_role("link", name="Decline with a message").first.click()
    check(alan)
    alan.get_by_label("Message").fill("I teach then.")
    alan.get_by_role("button", name="Decline").click()
    expect(alan.get_by_text("Declined. Dana Scully is notified by email.")).to_be_visible()
    alan.get_by_role("button", name=re.compile("^Accept")).click()
    expect(alan.get_by_role("heading", name="Booked")).to_be_visible()
    check(alan)
    assert alan.url == address
    assert dana.goto(link).status == 410
