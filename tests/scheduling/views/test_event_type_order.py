"""The order of event types, which decides which of them a plan pauses."""

import pytest

from scheduling.event_type_rules import details_of
from scheduling.event_types import change_event_type
from scheduling.models import EventType
from tests.scheduling.views.test_event_types import PAGE, intro_of, make_event_type
from tests.support.pages import read
from tests.support.times import NOW


def moves_on(page):
    return [button.text for button in page.all("button", name="direction")]


def test_what_the_plan_has_no_room_for_is_shown_as_paused_by_it(browser_of, mary):
    make_event_type(mary, "Lesson")
    make_event_type(mary, "Inactive", paused_at=NOW)

    response = browser_of(mary).get(PAGE)

    page = read(response)
    rows = [(row.name, row.is_active, row.is_surplus) for row in response.context["rows"]]
    assert rows == [("Intro call", True, False), ("Lesson", True, True), ("Inactive", False, False)]
    assert [badge.text for badge in page.all("span", class_="badge")] == ["Paused by your plan"]
    assert [link["href"] for link in page.all("a") if link["href"].startswith("/mary/")] == ["/mary/", "/mary/intro/"]
    assert "1 of 1 event types used." in page.text
    assert (
        "Your plan allows 1 active event type, so Caledee has paused 1. The ones at the top of this list" in page.text
    )


def test_order_can_be_changed_where_there_are_two(browser_of, ada):
    browser = browser_of(ada)
    alone = moves_on(read(browser.get(PAGE)))
    make_event_type(ada, "Lesson")
    make_event_type(ada, "Walk")

    assert alone == []
    assert moves_on(read(browser.get(PAGE))) == [
        "Move down Intro call",
        "Move up Lesson",
        "Move down Lesson",
        "Move up Walk",
    ]


def test_moving_keeps_the_focus_on_a_button_that_is_left(browser_of, ada):
    make_event_type(ada, "Lesson")
    walk = make_event_type(ada, "Walk")
    address, browser = f"/event-types/{walk.pk}/move/", browser_of(ada)

    first = browser.post(address, {"direction": "up"})
    second = browser.post(address, {"direction": "up"}, follow=True)

    page = read(second)
    assert first["Location"] == f"/event-types/#move-{walk.pk}-up"
    assert second.redirect_chain == [(f"/event-types/#move-{walk.pk}-down", 302)]
    assert page.by_id(f"move-{walk.pk}-down").text == "Move down Walk"
    assert [row.name for row in second.context["rows"]] == ["Walk", "Intro call", "Lesson"]


@pytest.mark.parametrize("direction", ["", "sideways", "UP", "\0"])
def test_moving_in_no_known_direction_is_refused(browser_of, ada, direction):
    make_event_type(ada, "Lesson")
    stored = list(EventType.objects.values())

    response = browser_of(ada).post(f"/event-types/{intro_of(ada).pk}/move/", {"direction": direction})

    assert response.status_code == 400
    assert list(EventType.objects.values()) == stored


def test_editing_keeps_the_place_that_another_tab_chose(browser_of, ada):
    lesson = make_event_type(ada, "Lesson")
    EventType.objects.filter(pk=lesson.pk).update(position=5)

    change_event_type(lesson, details_of(lesson), active=True, now=NOW)

    lesson.refresh_from_db()
    assert lesson.position == 5
