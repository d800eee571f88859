"""A person sets up rooms, offers one in the creator, and the invitee gets it by booking."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.steps import book, coming, emails_to, expect_accessible, pick_day, sign_in, slots
from tests.support.demo_process import wait_until

ROOM = re.compile(r"https://meet\.example\.org/[A-Za-z0-9]{22}-chess")


@pytest.mark.parametrize("javascript", [True, False], ids=["with-javascript", "without-javascript"])
def test_a_fresh_room_from_the_settings_to_the_booking(visit, demo_server, javascript):
    check = expect_accessible if javascript else lambda page: None
    day = coming(2 if javascript else 3, weeks=3)
    invitee = f"rooms-{'with' if javascript else 'without'}@example.com"
    grace = visit("America/New_York", javascript=javascript)
    sign_in(grace, "grace@example.com")

    # Without rooms, the creator leads to where they are set up.
    grace.goto("/one-offs/new/")
    assert "Video call, a fresh room" not in grace.get_by_label("Location").inner_text()
    grace.get_by_role("link", name="set up fresh rooms").click()
    check(grace)

    # A wrong address is refused with its reason, then a right one is taken.
    grace.get_by_label("A fresh room for each meeting").check()
    address = grace.get_by_label("Address of the rooms")
    address.fill("https://{random}.example.org/")
    grace.get_by_role("button", name="Save").click()
    expect(grace.get_by_text("Move {random} after the host name").first).to_be_visible()
    expect(address).to_have_value("https://{random}.example.org/")
    check(grace)
    address.fill("https://meet.example.org/{random}-{name}")
    grace.get_by_role("button", name="Save").click()
    expect(grace.get_by_text("Saved.")).to_be_visible()
    check(grace)

    # The creator has selected a fresh room, and asks for no link.
    grace.goto("/one-offs/new/")
    expect(grace.get_by_label("Location")).to_have_value("fresh_room")
    expect(grace.get_by_label("Link to the video call")).to_be_hidden()
    grace.get_by_label("Location").select_option("Video call")
    expect(grace.get_by_label("Link to the video call")).to_be_visible()
    grace.get_by_label("Location").select_option("Video call, a fresh room")
    grace.get_by_label("Name", exact=True).fill("Chess")
    pick_day(grace, day)
    expect(grace.get_by_label("Location")).to_have_value("fresh_room")
    check(grace)
    grace.get_by_role("button", name="Create the link").click()
    expect(grace.get_by_text("Video call, a fresh room")).to_be_visible()
    link = grace.get_by_label("Link", exact=True).input_value()

    # The invitee gets the room by booking, on the page and by email.
    dana = visit("Europe/Paris", javascript=javascript)
    dana.goto(link)
    expect(dana.get_by_text("You get the link when you book.")).to_be_visible()
    check(dana)
    book(dana, slots(dana)[0], "Dana Scott", invitee)
    room = dana.get_by_role("link", name="https://meet.example.org/").inner_text()
    assert ROOM.fullmatch(room)
    check(dana)
    wait_until(lambda: emails_to(demo_server.mail_dir, invitee), seconds=60)
    [message] = emails_to(demo_server.mail_dir, invitee)
    assert f"Video call: {room}" in message.get_body(("plain",)).get_content()

    # Grace gives links again, and the creator no longer offers rooms.
    grace.goto("/settings/video-calls/")
    grace.get_by_label("I give a link each time").check()
    grace.get_by_role("button", name="Save").click()
    expect(grace.get_by_text("invitees are now told that you will send the link")).to_be_visible()
