"""An invitee reads times in their own zone and on their own clock, and finds another zone."""

import pytest
from playwright.sync_api import expect

from tests.journeys.steps import coming, expect_accessible, slots

DAY = coming(2)
PAGE = f"/ada/intro/?date={DAY}"
SEARCH = "Time zone"


def test_times_come_in_the_browsers_zone_and_at_once_on_the_next_visit(visit):
    dana = visit("Asia/Tokyo")

    dana.goto(PAGE)
    expect(dana.get_by_text("Tokyo time", exact=True)).to_be_visible()
    expect_accessible(dana)
    dana.goto("/grace/intro/")

    expect(dana.locator("#times[data-zone-unsure]")).to_have_count(0)
    expect(dana.get_by_text("Tokyo time", exact=True)).to_be_visible()


def test_a_zone_is_found_by_keyboard_and_unknown_text_changes_nothing(visit):
    dana = visit("Asia/Tokyo")
    dana.goto(PAGE)
    dana.get_by_text("Tokyo time", exact=True).click()
    before = slots(dana)

    dana.get_by_label(SEARCH, exact=True).fill("xyzzy")
    dana.get_by_role("button", name="Change time zone").click()
    expect(dana.get_by_text("No time zone matches “xyzzy”.")).to_be_visible()
    expect(dana.get_by_text("Tokyo time", exact=True)).to_be_visible()
    assert slots(dana) == before
    expect_accessible(dana)

    dana.get_by_label(SEARCH, exact=True).fill("")
    dana.get_by_label(SEARCH, exact=True).press_sequentially("berl")
    expect(dana.get_by_label("Berlin, Germany")).to_be_visible()
    expect_accessible(dana)
    dana.keyboard.press("Enter")

    expect(dana.get_by_text("Berlin time")).to_be_visible()


@pytest.mark.parametrize("javascript", [True, False])
def test_an_answer_and_a_clock_are_chosen_with_and_without_javascript(visit, javascript):
    dana = visit("Europe/London", javascript=javascript)
    dana.goto(PAGE)
    if javascript:
        dana.get_by_text("London time", exact=True).click()
    dana.get_by_label(SEARCH, exact=True).fill("Portland")
    dana.get_by_role("button", name="Change time zone").click()
    dana.get_by_label("Portland, Oregon").check()
    if not javascript:
        dana.get_by_role("button", name="Change time zone").click()
    expect(dana.get_by_text("Los Angeles time", exact=True)).to_be_visible()

    dana.get_by_role("button", name="12 h").click()

    expect(dana.get_by_role("button", name="12 h")).to_have_attribute("aria-pressed", "true")
    expect(dana.get_by_text("Los Angeles time", exact=True)).to_be_visible()
