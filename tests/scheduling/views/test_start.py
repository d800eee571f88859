"""The first three steps of a new person."""

from datetime import time, timedelta

import pytest
from allauth.account.models import EmailAddress

from caledee.accounts.models import User
from caledee.web.clock_fields import NO_TIME
from scheduling.availability.slots import WorkingHours, read_working_hours
from scheduling.models import EventType
from tests.support.pages import read

HOURS = {"time_zone": "Asia/Kolkata", "weekdays": ["0", "2"], "start": "10:00", "end": "16:30"}
CALL = {"name": "First call", "duration": "45", "location_kind": "video", "location": ""}

UNKNOWN = "No time zone matches “{}”. Choose one of these, or enter a city."


@pytest.fixture
def nina(db):
    """A new user whose browser reports London."""
    return User.objects.create_user(
        "nina@example.com", "caledee-demo", name="Nina Simone", handle="nina", time_zone="Europe/London"
    )


@pytest.fixture
def browser(browser_of, nina):
    return browser_of(nina)


def hours_of(person) -> WorkingHours:
    return read_working_hours(User.objects.get(pk=person.pk))


def test_after_signing_in_a_new_person_goes_to_the_first_steps(client, nina):
    EmailAddress.objects.create(user=nina, email=nina.email, verified=True, primary=True)

    response = client.post("/accounts/login/", {"login": "nina@example.com", "password": "caledee-demo"})

    assert (response.status_code, response["Location"]) == (302, "/start/")


def test_person_who_finished_them_goes_where_everyone_goes(client, ada):
    response = client.post("/accounts/login/", {"login": "ada@example.com", "password": "caledee-demo"})

    assert (response.status_code, response["Location"]) == (302, "/event-types/")


def test_the_first_step_begins_with_what_is_known(browser):
    form = browser.get("/start/").context["form"]

    assert {name: form[name].value() for name in form.fields} == {
        "time_zone": "Europe/London",
        "weekdays": [0, 1, 2, 3, 4],
        "start": time(9),
        "end": time(17),
    }


def test_the_first_step_saves_zone_and_hours(browser, nina):
    response = browser.post("/start/", HOURS)

    assert (response.status_code, response["Location"]) == (302, "/start/event-type/")
    assert User.objects.get(pk=nina.pk).time_zone == "Asia/Kolkata"
    spans = [(time(10), time(16, 30))]
    assert (hours_of(nina).zone.key, hours_of(nina).weekly) == ("Asia/Kolkata", {0: spans, 2: spans})


def test_hours_may_last_until_midnight(browser, nina):
    assert browser.post("/start/", HOURS | {"end": "00:00"}).status_code == 302
    assert hours_of(nina).weekly[0] == [(time(10), time(0))]


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        (
            {"time_zone": "Mars/Olympus"},
            "time_zone",
            UNKNOWN.format("Mars/Olympus"),
        ),
        (
            {"time_zone": "../../etc/passwd"},
            "time_zone",
            UNKNOWN.format("../../etc/passwd"),
        ),
        ({"time_zone": ""}, "time_zone", "Choose your time zone."),
        ({"weekdays": []}, "weekdays", "Choose at least one day."),
        ({"weekdays": ["7"]}, "weekdays", "Select a valid choice. 7 is not one of the available choices."),
        ({"end": "10:00"}, "end", "The end must be after the start."),
        ({"end": "25:00"}, "end", NO_TIME),
        ({"start": "\x00"}, "start", "Null characters are not allowed."),
    ],
)
def test_what_is_wrong_with_the_hours_is_said_and_nothing_typed_is_lost(browser, nina, changes, field, reason):
    sent = HOURS | changes

    response = browser.post("/start/", sent)

    assert response.status_code == 422
    assert response.context["form"].errors == {field: [reason]}
    kept = {name: response.context["form"][name].value() for name in sent}
    assert kept == sent
    assert User.objects.get(pk=nina.pk).time_zone == "Europe/London"


def test_each_step_but_the_last_can_be_skipped_alone(browser, nina):
    ways_on = [
        link["href"]
        for address in ("/start/", "/start/event-type/", "/start/link/")
        for link in read(browser.get(address)).one("main").all("a")
        if link.text == "Skip this step"
    ]

    assert ways_on == ["/start/event-type/", "/start/link/"]


def test_the_second_step_makes_an_event_type_that_can_be_booked(browser, nina):
    response = browser.post("/start/event-type/", CALL)

    assert (response.status_code, response["Location"]) == (302, "/start/link/")
    made = EventType.objects.get()
    assert (made.organizer, made.name, made.slug, made.duration, made.is_active) == (
        nina,
        "First call",
        "first-call",
        timedelta(minutes=45),
        True,
    )


def test_a_second_submit_of_the_second_step_makes_no_second_event_type(browser):
    browser.post("/start/event-type/", CALL)

    response = browser.post("/start/event-type/", CALL)

    assert (response.status_code, response["Location"]) == (302, "/start/link/")
    assert EventType.objects.count() == 1


def test_a_name_without_letters_for_an_address_asks_for_one(browser):
    response = browser.post("/start/event-type/", CALL | {"name": "通话"})

    assert response.status_code == 422
    assert response.context["form"].errors == {"slug": ["Enter an address of the letters a to z, digits and hyphens."]}
    assert read(response).one("input", name="slug")
    assert browser.post("/start/event-type/", CALL | {"name": "通话", "slug": "call"}).status_code == 302
    assert EventType.objects.get().slug == "call"


def test_the_third_step_shows_the_link(browser):
    browser.post("/start/event-type/", CALL)

    page = read(browser.get("/start/link/"))

    assert page.by_id("link")["value"] == "http://caledee.test/nina/first-call/"


def test_the_third_step_without_an_event_type_has_no_link_to_show(browser):
    page = read(browser.get("/start/link/"))

    assert page.one("h1").text == "Links come from event types"
    assert page.all("input", id="link") == []


@pytest.mark.parametrize(
    ("sent", "address"), [({}, "/event-types/"), ({"one_off": "1"}, "/one-offs/new/")], ids=["finish", "one-off"]
)
def test_finishing_or_skipping_ends_the_first_steps_for_good(browser, nina, now, sent, address):
    response = browser.post("/start/finish/", sent)

    assert (response.status_code, response["Location"]) == (302, address)
    assert User.objects.get(pk=nina.pk).started_at == now
    for page in ("/start/", "/start/event-type/", "/start/link/"):
        assert browser.get(page)["Location"] == "/event-types/"
    assert browser.post("/start/", HOURS)["Location"] == "/event-types/"
    assert User.objects.get(pk=nina.pk).time_zone == "Europe/London"


def test_nothing_is_finished_by_looking(browser, nina):
    assert browser.get("/start/finish/").status_code == 405
    assert User.objects.get(pk=nina.pk).started_at is None


def test_a_stranger_is_asked_to_sign_in(client, db):
    assert client.get("/start/")["Location"] == "/accounts/login/?next=/start/"
