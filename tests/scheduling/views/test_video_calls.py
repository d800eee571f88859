"""The setting for video calls, and the choice of a fresh room that it adds to event types."""

import pytest

from scheduling.forms.video_calls import SUGGESTED
from scheduling.models import Booking, EventType, RoomKind
from scheduling.rooms import NO_RANDOM, NOT_HTTPS, RANDOM_NOT_IN_PATH, REQUIRED, TOO_LONG
from scheduling.views.video_calls import NO_ROOMS_LEFT
from tests.factories import make_collective, make_round_robin
from tests.scheduling.views.typed import typed
from tests.support.pages import read

PAGE = "/settings/video-calls/"
TEMPLATE = "https://meet.example.org/{random}"
PLAIN = ["video", "phone", "address", "ask_invitee"]
WITH_ROOMS = ["video", "fresh_room", "phone", "address", "ask_invitee"]
EVENT_TYPE = {"name": "Lesson", "duration": "30", "location_kind": "fresh_room", "location": "left over"}


def give_rooms(*people):
    for person in people:
        person.room_template = TEMPLATE
        person.save()


def checked(page):
    return [each["value"] for each in page.all("input", name="rooms") if "checked" in each.attributes]


def shown(page):
    return checked(page), page.one("input", name="template").attributes.get("value", "")


def locations(page) -> tuple[list[str], str]:
    """Return the choices of location, and the selected one."""
    options = page.by_id("id_location_kind").all("option")
    (selected,) = [option for option in options if "selected" in option.attributes]
    return [option["value"] for option in options], selected["value"]


def test_at_first_the_organizer_gives_links_and_an_address_is_suggested(browser_of, ada):
    assert shown(read(browser_of(ada).get(PAGE))) == (["link"], SUGGESTED)


def test_a_template_is_saved_and_shown_again(browser_of, ada, grace):
    browser = browser_of(ada)

    response = browser.post(PAGE, {"rooms": "fresh", "template": " meet.example.org/{random}"}, follow=True)

    assert "Saved." in read(response).text
    assert shown(read(response)) == (["fresh"], TEMPLATE)
    ada.refresh_from_db()
    grace.refresh_from_db()
    assert (ada.room_template, grace.room_template) == (TEMPLATE, "")


@pytest.mark.parametrize("left_over", [TEMPLATE, "not an address", "", "x" * 1000])
def test_giving_links_again_removes_the_template_and_says_what_that_means(browser_of, ada, left_over):
    give_rooms(ada)

    response = browser_of(ada).post(PAGE, {"rooms": "link", "template": left_over}, follow=True)

    assert NO_ROOMS_LEFT in read(response).text
    ada.refresh_from_db()
    assert ada.room_template == ""


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("", REQUIRED),
        ("http://meet.example.org/{random}", NOT_HTTPS),
        ("https://meet.example.org/", NO_RANDOM),
        ("https://{random}.example.org/", RANDOM_NOT_IN_PATH),
        ("https://meet.example.org/{random}" + "x" * 200, TOO_LONG),
    ],
)
def test_what_is_no_template_is_refused_beside_the_field_and_kept(browser_of, ada, template, reason):
    give_rooms(ada)

    response = browser_of(ada).post(PAGE, {"rooms": "fresh", "template": template})

    page = read(response)
    assert response.status_code == 422
    assert page.by_id("id_template_error").text == reason
    assert shown(page) == (["fresh"], template)
    ada.refresh_from_db()
    assert ada.room_template == TEMPLATE


@pytest.mark.parametrize("rooms", ["", "moon"])
def test_one_of_the_two_ways_has_to_be_chosen(browser_of, ada, rooms):
    response = browser_of(ada).post(PAGE, {"rooms": rooms, "template": TEMPLATE})

    assert response.status_code == 422
    ada.refresh_from_db()
    assert ada.room_template == ""


def test_settings_lead_to_it(browser_of, ada):
    assert read(browser_of(ada).get("/settings/")).one("a", href=PAGE).text == "Video calls"


@pytest.mark.parametrize(
    "path", ["/event-types/new/", "/event-types/new/collective/", "/event-types/new/round-robin/"]
)
def test_a_fresh_room_is_offered_to_those_who_have_set_one_up(browser_of, ada, path):
    before = read(browser_of(ada).get(path))
    give_rooms(ada)

    after = read(browser_of(ada).get(path))

    assert (locations(before)[0], before.one("a", href=PAGE).text) == (PLAIN, "set up fresh rooms")
    assert (locations(after)[0], after.one("a", href=PAGE).text) == (WITH_ROOMS, "Video calls")


def test_a_fresh_room_is_usual_for_the_event_types_of_those_who_have_set_one_up(browser_of, ada):
    give_rooms(ada)

    selected = [locations(read(browser_of(ada).get(f"/event-types/{end}/")))[1] for end in ("new", "new/round-robin")]

    assert selected == ["fresh_room", "video"]


def test_the_first_steps_ask_for_no_rooms(browser_of, ada):
    ada.event_types.all().delete()
    ada.started_at = None
    ada.save()

    page = read(browser_of(ada).get("/start/event-type/"))

    assert locations(page) == (PLAIN, "video")
    assert page.all("a", href=PAGE) == []


def test_an_event_type_gets_fresh_rooms_and_shows_so(browser_of, ada):
    give_rooms(ada)
    browser = browser_of(ada)

    response = browser.post("/event-types/new/", EVENT_TYPE)

    made = EventType.objects.get(slug="lesson")
    assert response.status_code == 302
    assert (made.location_kind, made.location, made.room_kind) == ("video", "", "template")
    assert "Video call, a fresh room" in read(browser.get("/event-types/")).text
    assert locations(read(browser.get(f"/event-types/{made.pk}/")))[1] == "fresh_room"


@pytest.mark.parametrize("make", [make_collective, make_round_robin])
def test_a_team_event_type_gets_fresh_rooms(browser_of, organization, ada, grace, make):
    give_rooms(ada)
    event_type = make(organization, ada, grace)
    path = f"/event-types/{event_type.pk}/"

    response = browser_of(ada).post(path, EVENT_TYPE | {"slug": "team", "hosts": ["ada", "grace"], "organizer": "ada"})

    event_type.refresh_from_db()
    assert (response.status_code, event_type.room_kind) == (302, "template")
    assert locations(read(browser_of(ada).get(path)))[1] == "fresh_room"


def test_the_organizer_of_a_collective_needs_a_template(browser_of, organization, ada, grace):
    give_rooms(ada)
    sent = EVENT_TYPE | {"hosts": ["ada", "grace"], "organizer": "grace"}

    response = browser_of(ada).post("/event-types/new/collective/", sent)

    page = read(response)
    assert response.status_code == 422
    assert page.by_id("id_location_kind_error").text.startswith("Grace Hopper hasn't set up fresh rooms.")
    assert locations(page)[1] == "fresh_room"


def test_an_event_type_that_lost_its_template_still_shows_the_choice(browser_of, ada):
    EventType.objects.update(location="", room_kind=RoomKind.TEMPLATE)
    browser, key = browser_of(ada), EventType.objects.get().pk

    page, rows = read(browser.get(f"/event-types/{key}/")), read(browser.get("/event-types/"))

    assert locations(page) == (WITH_ROOMS, "fresh_room")
    assert "Video call – Ada Lovelace will send the link" in rows.text
    assert browser.post(f"/event-types/{key}/", EVENT_TYPE).status_code == 422


def test_choosing_a_link_again_ends_fresh_rooms(browser_of, ada):
    give_rooms(ada)
    EventType.objects.update(location="", room_kind=RoomKind.TEMPLATE)
    sent = EVENT_TYPE | {"slug": "intro", "location_kind": "video", "location": "meet.example.com/ada"}

    browser_of(ada).post(f"/event-types/{EventType.objects.get().pk}/", sent)

    made = EventType.objects.get()
    assert (made.location, made.room_kind) == ("https://meet.example.com/ada", "")


def test_the_public_page_promises_the_link_and_shows_it_only_after_the_booking(client, ada):
    give_rooms(ada)
    EventType.objects.update(location="", room_kind=RoomKind.TEMPLATE)

    before = client.get("/ada/intro/")
    after = client.post("/ada/intro/", typed(), follow=True)

    room = Booking.objects.get().location
    assert "Video call You get the link when you book." in read(before).one("dl", class_="facts").text
    assert "meet.example.org" not in before.content.decode()
    assert read(after).one("a", href=room).text == room


def test_a_round_robin_promises_the_link_only_if_every_host_has_rooms(client, organization, ada, grace):
    make_round_robin(organization, ada, grace)
    EventType.objects.filter(slug="team").update(location_kind="video", location="", room_kind=RoomKind.TEMPLATE)
    promises = []
    for person in (ada, grace):
        give_rooms(person)
        promises.append("You get the link when you book." in client.get("/analytical-engines/team/").text)

    assert promises == [False, True]
