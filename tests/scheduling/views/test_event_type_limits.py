"""How often an event type can be booked, as set by its organizer."""

import pytest

from scheduling.models import EventType
from tests.scheduling.views.test_event_types import intro_of, typed
from tests.support.pages import read

CREATE = "/event-types/new/"


def limits_of(event_type):
    return EventType.objects.values_list("daily_limit", "invitee_limit").get(pk=event_type.pk)


def test_a_new_event_type_proposes_five_for_one_person_and_as_many_a_day_as_fit(browser_of, ada):
    page = read(browser_of(ada).get(CREATE))

    assert [page.by_id(f"id_{name}").attributes.get("value", "") for name in ("daily_limit", "invitee_limit")] == [
        "",
        "5",
    ]
    assert limits_of(intro_of(ada)) == (None, None)


@pytest.mark.parametrize(
    ("fields", "stored"),
    [
        ({}, (None, None)),
        ({"daily_limit": "", "invitee_limit": ""}, (None, None)),
        ({"daily_limit": "4", "invitee_limit": "1"}, (4, 1)),
        ({"daily_limit": "100", "invitee_limit": "100"}, (100, 100)),
    ],
)
def test_limits_are_saved_and_nothing_is_no_limit(browser_of, ada, fields, stored):
    browser = browser_of(ada)

    browser.post(CREATE, typed(**fields))
    made = EventType.objects.get(slug="first-lesson")
    edited = browser.post(f"/event-types/{intro_of(ada).pk}/", typed(slug="intro", **fields))

    assert (limits_of(made), edited.status_code, limits_of(intro_of(ada))) == (stored, 302, stored)
    shown = read(browser.get(f"/event-types/{made.pk}/"))
    assert shown.by_id("id_invitee_limit").attributes.get("value", "") == str(stored[1] or "")


@pytest.mark.parametrize("name", ["daily_limit", "invitee_limit"])
@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("0", "Ensure this value is greater than or equal to 1."),
        ("-1", "Ensure this value is greater than or equal to 1."),
        ("101", "Ensure this value is less than or equal to 100."),
        ("1e3", "Enter a whole number, such as 5, or leave it empty for no limit."),
        ("five", "Enter a whole number, such as 5, or leave it empty for no limit."),
        ("9" * 5000, "Enter a whole number, such as 5, or leave it empty for no limit."),
        ("1\x00", "Enter a whole number, such as 5, or leave it empty for no limit."),
    ],
)
def test_a_wrong_limit_is_said_beside_it_and_the_settings_are_open(browser_of, ada, name, value, message):
    response = browser_of(ada).post(CREATE, typed(**{name: value}))

    assert response.status_code == 422
    assert {field: list(errors) for field, errors in response.context["form"].errors.items()} == {name: [message]}
    assert "open" in read(response).one("details", class_="more").attributes
    assert ada.event_types.count() == 1


def test_the_first_event_type_of_a_new_person_has_the_usual_limit(browser_of, ada):
    ada.event_types.all().delete()
    ada.started_at = None
    ada.save()

    browser_of(ada).post("/start/event-type/", {"name": "Hello", "duration": "30", "location_kind": "video"})

    assert limits_of(ada.event_types.get()) == (None, 5)
