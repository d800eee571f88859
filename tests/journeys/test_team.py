"""An organization of two new people, from its creation to its deletion, in a real browser."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.steps import (
    PASSWORD,
    book,
    coming,
    emails_to,
    expect_accessible,
    full_name,
    pick_day,
    proposed_times,
    sign_in,
    slots,
)
from tests.support.demo_process import wait_until

INVITATION = re.compile(r"http://\S+(/invitations/\w+/)")


def expect_page(page: Page, heading: str) -> None:
    expect(page.get_by_role("heading", name=heading, level=1)).to_be_visible()


def expect_said(page: Page, words: str) -> None:
    expect(page.locator("#messages")).to_contain_text(words)


def confirm(page: Page, action: str) -> None:
    """Press the button that asks, then the one that confirms."""
    page.get_by_role("button", name=action, exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name=action, exact=True).click()


def mailed(demo_server, address: str, subject: str) -> str:
    """Return the text of the newest email with this subject."""
    texts: list[str] = []

    def look() -> list[str]:
        emails = [email for email in emails_to(demo_server.mail_dir, address) if subject in email["Subject"]]
        texts[:] = [email.get_body(("plain",)).get_content() for email in emails]
        return texts

    wait_until(look, what=f"an email to {address}: {subject}")
    return texts[-1]


@pytest.mark.parametrize("javascript", [True, False], ids=["with-javascript", "without-javascript"])
def test_from_an_organization_to_its_end(visit, demo_server, javascript):
    suffix = "" if javascript else "-plain"
    hedy_address = f"hedy{suffix}@example.com"
    lise_address = f"lise{suffix}@example.com"
    engines = f"Hopping Engines{suffix}"
    check = expect_accessible if javascript else lambda page: None
    hedy, lise = visit("Europe/Stockholm", javascript=javascript), visit("Europe/Stockholm", javascript=javascript)

    # Hedy creates an organization and invites Lise.
    sign_in(hedy, hedy_address)
    hedy.goto("/team/")
    expect(hedy.get_by_role("heading", name="You are not in an organization yet")).to_be_visible()
    check(hedy)
    hedy.get_by_role("link", name="Create an organization").click()
    check(hedy)
    hedy.get_by_label("Name").fill(engines)
    hedy.get_by_role("button", name="Create organization").click()
    expect_page(hedy, engines)
    hedy.get_by_role("link", name="Invite").click()
    check(hedy)
    hedy.get_by_label("Email").fill(lise_address)
    hedy.get_by_role("button", name="Send the invitation").click()
    expect_said(hedy, f"An invitation was sent to {lise_address}.")
    expect(hedy.get_by_role("heading", name=f"{lise_address} Member")).to_be_visible()
    check(hedy)

    # Lise follows the link of the email, signs in, and accepts.
    link = INVITATION.search(mailed(demo_server, lise_address, f"Invitation to {engines}"))[1]
    lise.goto(link)
    expect_page(lise, f"Join {engines}")
    check(lise)
    lise.get_by_role("link", name="Sign in").click()
    lise.locator("[name=login]").fill(lise_address)
    lise.locator("[name=password]").fill(PASSWORD)
    lise.get_by_role("button", name="Sign in").click()
    expect_page(lise, f"Join {engines}")
    check(lise)
    lise.get_by_role("button", name="Accept the invitation").click()
    expect_said(lise, f"You have joined “{engines}”. Your role is member.")
    check(lise)

    # Someone else with the same link learns nothing.
    hedy.goto(link)
    expect_page(hedy, "This invitation has been used.")
    check(hedy)

    # Hedy makes Lise an admin, who is told by email, and sees what admins see.
    hedy.goto("/team/")
    expect(hedy.get_by_role("heading", name="Lise Meitner Member")).to_be_visible()
    hedy.get_by_role("link", name="Manage Lise Meitner").click()
    check(hedy)
    # A radio lies under its label, which is what is pressed.
    hedy.get_by_text("Admin. Admins invite").click()
    hedy.get_by_role("button", name="Save").click()
    expect_said(hedy, "Lise Meitner is admin now.")
    assert f"Your role in {engines} is now Admin." in mailed(demo_server, lise_address, f"Your role in {engines}")
    lise.reload()
    expect(lise.get_by_role("link", name="Invite")).to_be_visible()

    # Hedy, the only owner, cannot leave; Lise can.
    confirm(hedy, "Leave")
    expect(hedy.get_by_text(f"You are the only owner of “{engines}”")).to_be_visible()
    check(hedy)
    confirm(lise, "Leave")
    expect_said(lise, f"You have left “{engines}”.")
    expect(lise.get_by_role("heading", name="You are not in an organization yet")).to_be_visible()

    # Without her the organization ends.
    hedy.goto("/team/")
    expect(hedy.get_by_role("heading", name="Hedy Lamarr Owner You")).to_be_visible()
    expect(hedy.get_by_text("Lise Meitner")).to_have_count(0)
    confirm(hedy, "Delete")
    expect_said(hedy, f"“{engines}” was deleted.")


def test_admin_invites_a_teammate_and_creates_a_one_off_that_an_invitee_books_with_them(visit, demo_server):
    grete_address = "grete@example.com"
    maria_address = "maria@example.com"
    grete, maria, invitee = visit("Europe/Stockholm"), visit("Europe/Stockholm"), visit("Europe/Paris")
    day = coming(2)

    # Grete invites Maria, who accepts.
    sign_in(grete, grete_address)
    grete.goto("/team/new/")
    grete.get_by_label("Name").fill("Shell Models")
    grete.get_by_role("button", name="Create organization").click()
    expect_page(grete, "Shell Models")
    grete.get_by_role("link", name="Invite").click()
    grete.get_by_label("Email").fill(maria_address)
    grete.get_by_role("button", name="Send the invitation").click()
    expect_said(grete, f"An invitation was sent to {maria_address}.")
    sign_in(maria, maria_address)
    maria.goto(INVITATION.search(mailed(demo_server, maria_address, "Invitation to Shell Models"))[1])
    maria.get_by_role("button", name="Accept the invitation").click()
    expect_said(maria, "You have joined “Shell Models”. Your role is member.")

    # From the team's page Grete creates a one-off meeting for her.
    grete.goto("/team/")
    grete.get_by_role("link", name="One-off meeting for Maria Mayer").click()
    expect_page(grete, "One-off meeting")
    expect(grete.get_by_label("Organizer")).to_have_value("maria")
    grete.get_by_label("Name", exact=True).fill("Talk with Eugene")
    pick_day(grete, day)
    moment = f"{proposed_times(grete)[0]}:00"
    grete.get_by_role("button", name="Create the link").click()
    expect_page(grete, "Talk with Eugene")
    link = grete.get_by_label("Link", exact=True).input_value()

    # An invitee books it.
    invitee.goto(link)
    (offered,) = slots(invitee)
    assert in_zone(offered, "Europe/Stockholm") == moment
    book(invitee, offered, "Eugene Wigner", "eugene@example.com")

    # Maria has it among her meetings and on her board; in her email, too.
    maria.goto("/meetings/")
    expect(maria.get_by_role("heading", name=full_name(day))).to_be_visible()
    expect(maria.get_by_text("Eugene Wigner, eugene@example.com")).to_be_visible()
    maria.goto("/one-offs/")
    maria.get_by_role("link", name="Talk with Eugene").first.click()
    expect_page(maria, "Talk with Eugene")
    expect(maria.get_by_text("Booked by Eugene Wigner")).to_have_count(1)
    assert "Eugene Wigner" in mailed(demo_server, maria_address, "Talk with Eugene")


def in_zone(moment: str, zone: str) -> str:
    return f"{datetime.fromisoformat(moment).astimezone(ZoneInfo(zone)):%Y-%m-%dT%H:%M:%S}"


def test_order_of_event_types_is_changed_by_keyboard_and_the_focus_stays(visit, demo_server):
    address = "emmy@example.com"
    emmy = visit("Europe/Stockholm")
    sign_in(emmy, address)
    emmy.goto("/event-types/new/")
    emmy.get_by_label("Name").fill("Ring theory")
    emmy.get_by_label("Location").select_option("ask_invitee")
    emmy.get_by_role("button", name="Create event type").click()
    expect_said(emmy, "“Ring theory” is active.")
    titles = emmy.locator("h2.row-title")

    emmy.get_by_role("button", name="Move up Ring theory").focus()
    emmy.keyboard.press("Enter")

    expect_said(emmy, "“Ring theory” was moved up.")
    expect(titles).to_have_text(["Ring theory", "Intro call"])
    expect(emmy.get_by_role("button", name="Move down Ring theory")).to_be_focused()
    expect_accessible(emmy)
