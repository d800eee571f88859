from datetime import timedelta

import pytest

from scheduling.event_type_rules import EventTypeDetails
from scheduling.event_types import LimitReached, create_event_type
from scheduling.models import Booking, EventType
from tests.factories import book_event_type, make_one_off
from tests.support.times import NOW

PAGE = "/event-types/"


def typed(**changes):
    """Return what the form sends, with these changes. None leaves a field out."""
    fields = {
        "name": "First lesson",
        "slug": "",
        "duration": "45",
        "location_kind": "phone",
        "location": "+44 20 7946 0018",
        "description": "We get to know each other.",
        "before_buffer": "5",
        "after_buffer": "10",
        "minimum_notice": "120",
        "booking_window": "30",
        "start_increment": "15",
    }
    return {key: value for key, value in (fields | changes).items() if value is not None}


def intro_of(user):
    return user.event_types.get(slug="intro")


def make_event_type(user, name, **fields):
    slug = name.lower().replace(" ", "-")
    return EventType.objects.create(
        organizer=user,
        name=name,
        slug=slug,
        duration=timedelta(minutes=15),
        created_at=NOW + timedelta(minutes=user.event_types.count()),
        **fields,
    )


def rows_on(response):
    return [(row.name, row.is_active) for row in response.context["rows"]]


def said_on(response):
    return [str(message) for message in response.context["messages"]]


def test_list_shows_own_event_types_and_neither_strangers_nor_one_offs(browser_of, ada, grace):
    make_event_type(ada, "Lesson", paused_at=NOW)
    make_event_type(grace, "Compiler talk")
    make_one_off(ada, "09:00", name="Interview with Dana")

    response = browser_of(ada).get(PAGE)

    page = response.content.decode()
    assert rows_on(response) == [("Intro call", True), ("Lesson", False)]
    assert "http://caledee.test/ada/intro/" in page
    assert "Compiler talk" not in page
    assert "Interview with Dana" not in page


def test_list_offers_both_ways_to_create_without_a_team(browser_of, mary):
    ways = browser_of(mary).get(PAGE).context["ways_to_create"]

    assert [(way.title, way.address) for way in ways] == [
        ("One-on-one", "/event-types/new/"),
        ("One-off meeting", "/one-offs/new/"),
    ]


def test_list_without_event_types_says_what_they_are_for(browser_of, ada):
    ada.event_types.all().delete()

    page = browser_of(ada).get(PAGE).content.decode()

    assert "No event types yet" in page
    assert 'href="/event-types/new/"' in page


def test_plan_with_a_limit_says_how_much_is_used_and_counts_no_one_offs(browser_of, ada, mary):
    make_event_type(mary, "Lesson", paused_at=NOW)
    make_one_off(mary, "09:00")

    limited = browser_of(mary).get(PAGE).content.decode()
    unlimited = browser_of(ada).get(PAGE).content.decode()

    assert "1 of 1 event types used." in limited
    assert "One-off meetings don't count." in limited
    assert "event types used" not in unlimited


@pytest.mark.parametrize("more", [0, 2])
def test_list_takes_six_queries_at_any_length(browser_of, ada, django_assert_num_queries, more):
    for number in range(more):
        make_event_type(ada, f"Lesson {number}")
    browser = browser_of(ada)

    with django_assert_num_queries(6):
        assert len(rows_on(browser.get(PAGE))) == 1 + more


def test_creating_writes_what_was_typed_and_returns_to_the_list(browser_of, ada):
    response = browser_of(ada).post("/event-types/new/", typed())

    made = EventType.objects.get(slug="first-lesson")
    assert (response.status_code, response["Location"]) == (302, PAGE)
    assert (made.organizer, made.name, made.description) == (ada, "First lesson", "We get to know each other.")
    assert (made.location_kind, made.location) == ("phone", "+44 20 7946 0018")
    assert [made.duration, made.before_buffer, made.after_buffer] == [timedelta(minutes=m) for m in (45, 5, 10)]
    assert (made.minimum_notice, made.booking_window) == (timedelta(hours=2), timedelta(days=30))
    assert (made.start_increment, made.created_at, made.paused_at) == (timedelta(minutes=15), NOW, None)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "n" * 101),
        ("slug", "Not An Address"),
        ("slug", "intro"),
        ("duration", "4"),
        ("duration", "9" * 400),
        ("duration", "half an hour"),
        ("location_kind", "moon"),
        ("location", "12"),
        ("description", "d" * 2001),
        ("before_buffer", "-1"),
        ("after_buffer", "99999999999999999999"),
        ("minimum_notice", "1e9"),
        ("booking_window", "0"),
        ("start_increment", "NaN"),
    ],
)
def test_a_wrong_field_is_said_beside_it_and_nothing_is_lost(browser_of, ada, field, value):
    response = browser_of(ada).post("/event-types/new/", typed(**{field: value}))

    form = response.context["form"]
    assert response.status_code == 422
    assert list(form.errors) == [field]
    assert {name: form[name].value() for name in typed()} == typed(**{field: value})
    assert [event_type.slug for event_type in EventType.objects.all()] == ["intro"]


def test_extra_settings_are_open_only_when_one_of_them_is_wrong(browser_of, ada):
    wrong_within = browser_of(ada).post("/event-types/new/", typed(before_buffer="-1"))
    wrong_without = browser_of(ada).post("/event-types/new/", typed(name=""))

    assert '<details class="more" open>' in wrong_within.content.decode()
    assert '<details class="more">' in wrong_without.content.decode()


def test_an_empty_form_is_refused(browser_of, ada):
    response = browser_of(ada).post("/event-types/new/", {})

    assert response.status_code == 422
    assert EventType.objects.count() == 1


def test_name_without_latin_letters_needs_an_address_of_its_own(browser_of, ada):
    refused = browser_of(ada).post("/event-types/new/", typed(name="初回面談"))
    accepted = browser_of(ada).post("/event-types/new/", typed(name="初回面談", slug="lesson"))

    assert list(refused.context["form"].errors) == ["slug"]
    assert accepted.status_code == 302
    assert ada.event_types.get(slug="lesson").name == "初回面談"


def test_two_people_may_use_one_address(browser_of, ada, grace):
    make_event_type(grace, "First lesson")

    assert browser_of(ada).post("/event-types/new/", typed()).status_code == 302
    assert EventType.objects.filter(slug="first-lesson").count() == 2


def test_used_up_plan_refuses_to_create_and_keeps_what_was_typed(browser_of, mary):
    browser = browser_of(mary)

    shown = browser.get("/event-types/new/")
    refused = browser.post("/event-types/new/", typed())

    form = refused.context["form"]
    assert shown.status_code == 200
    assert refused.status_code == 422
    assert form.non_field_errors() == [
        "Your plan allows 1 active event type. Deactivate one first. Nothing you typed is lost."
    ]
    assert {name: form[name].value() for name in typed()} == typed()
    assert [event_type.slug for event_type in mary.event_types.all()] == ["intro"]


def test_one_offs_leave_the_plans_room_to_event_types(browser_of, mary):
    make_one_off(mary, "09:00")
    make_one_off(mary, "10:00")
    mary.event_types.update(paused_at=NOW)

    assert browser_of(mary).post("/event-types/new/", typed()).status_code == 302
    assert mary.event_types.active().get().slug == "first-lesson"


def test_limit_holds_in_the_domain_too(mary):
    lesson = EventTypeDetails(name="Lesson", slug="lesson", duration=timedelta(minutes=15))

    with pytest.raises(LimitReached) as raised:
        create_event_type(lesson, owner=mary, now=NOW)

    assert raised.value.limit == 1
    assert mary.event_types.count() == 1


def test_editing_shows_what_is_stored_and_writes_what_was_changed(browser_of, ada):
    found = intro_of(ada)
    browser = browser_of(ada)

    shown = browser.get(f"/event-types/{found.pk}/").context["form"]
    response = browser.post(f"/event-types/{found.pk}/", typed(name="Longer call", slug="longer", duration="60"))

    assert [str(shown[name].value()) for name in ("name", "slug", "duration")] == ["Intro call", "intro", "30"]
    changed = EventType.objects.get(pk=found.pk)
    assert (response.status_code, response["Location"]) == (302, PAGE)
    assert (changed.name, changed.slug, changed.duration) == ("Longer call", "longer", timedelta(hours=1))
    assert (changed.organizer, changed.created_at, changed.paused_at) == (ada, found.created_at, None)


def test_editing_wrongly_changes_nothing_and_keeps_the_old_name_as_heading(browser_of, ada):
    found = intro_of(ada)

    response = browser_of(ada).post(f"/event-types/{found.pk}/", typed(name="Longer call", duration="0"))

    assert response.status_code == 422
    assert response.context["name"] == "Intro call"
    assert EventType.objects.get(pk=found.pk).name == "Intro call"


def test_used_up_plan_still_edits_what_is_on(browser_of, mary):
    found = intro_of(mary)

    assert browser_of(mary).post(f"/event-types/{found.pk}/", typed(slug="intro")).status_code == 302
    assert intro_of(mary).name == "First lesson"


def test_editing_leaves_what_is_off_off(browser_of, ada):
    lesson = make_event_type(ada, "Lesson", paused_at=NOW)

    browser_of(ada).post(f"/event-types/{lesson.pk}/", typed())

    assert EventType.objects.get(pk=lesson.pk).paused_at == NOW


def test_switch_turns_it_off_and_on_and_pressing_twice_changes_nothing_more(browser_of, ada):
    address = f"/event-types/{intro_of(ada).pk}/switch/"
    browser = browser_of(ada)
    states = []

    for data in ({}, {}, {"active": "on"}, {"active": "on"}):
        assert browser.post(address, data)["Location"] == PAGE
        states.append(intro_of(ada).is_active)

    assert states == [False, False, True, True]


def test_used_up_plan_refuses_to_switch_on_another(browser_of, mary):
    lesson = make_event_type(mary, "Lesson", paused_at=NOW)
    browser = browser_of(mary)

    refused = browser.post(f"/event-types/{lesson.pk}/switch/", {"active": "on"}, follow=True)
    browser.post(f"/event-types/{intro_of(mary).pk}/switch/", {})
    accepted = browser.post(f"/event-types/{lesson.pk}/switch/", {"active": "on"}, follow=True)

    words = "Your plan allows 1 active event type. “Lesson” stays inactive: deactivate another one first."
    assert said_on(refused)[-1] == words
    assert rows_on(refused) == [("Intro call", True), ("Lesson", False)]
    assert rows_on(accepted) == [("Intro call", False), ("Lesson", True)]


def test_deleting_keeps_its_bookings(browser_of, ada):
    booking = book_event_type(ada, "09:00")
    lesson = make_event_type(ada, "Lesson")

    response = browser_of(ada).post(f"/event-types/{intro_of(ada).pk}/delete/")

    assert (response.status_code, response["Location"]) == (302, PAGE)
    assert list(ada.event_types.all()) == [lesson]
    kept = Booking.objects.get()
    assert (kept.pk, kept.event_type, kept.cancelled_at) == (booking.pk, None, None)


def test_strangers_and_unknown_ids_are_not_found_and_change_nothing(browser_of, ada, grace):
    mine = intro_of(ada)
    unknown = "00000000-0000-4000-8000-000000000000"
    browser = browser_of(grace)

    for key in (mine.pk, unknown):
        assert browser.get(f"/event-types/{key}/").status_code == 404
        assert browser.post(f"/event-types/{key}/", typed()).status_code == 404
        assert browser.post(f"/event-types/{key}/switch/").status_code == 404
        assert browser.post(f"/event-types/{key}/move/", {"direction": "up"}).status_code == 404
        assert browser.post(f"/event-types/{key}/delete/").status_code == 404

    assert list(ada.event_types.values_list("name", "paused_at")) == [("Intro call", None)]


def test_only_who_is_signed_in_gets_anywhere(client, ada):
    mine = intro_of(ada).pk
    for address in (PAGE, "/event-types/new/", f"/event-types/{mine}/"):
        assert client.get(address)["Location"] == f"/accounts/login/?next={address}"
    for step in ("switch", "move", "delete"):
        address = f"/event-types/{mine}/{step}/"
        assert client.post(address)["Location"] == f"/accounts/login/?next={address}"
    assert intro_of(ada).is_active


def test_wrong_methods_are_refused(browser_of, ada):
    browser, mine = browser_of(ada), intro_of(ada).pk

    assert browser.post(PAGE).status_code == 405
    assert browser.put("/event-types/new/").status_code == 405
    assert browser.delete(f"/event-types/{mine}/").status_code == 405
    assert browser.get(f"/event-types/{mine}/switch/").status_code == 405
    assert browser.get(f"/event-types/{mine}/move/").status_code == 405
    assert browser.get(f"/event-types/{mine}/delete/").status_code == 405
    assert intro_of(ada).is_active


def test_settings_left_out_have_their_usual_values(browser_of, ada):
    kept = {"name": "Plain", "duration": "30", "location_kind": "video", "location": ""}

    assert browser_of(ada).post("/event-types/new/", kept).status_code == 302

    made = ada.event_types.get(slug="plain")
    assert (made.is_active, made.before_buffer, made.after_buffer, made.minimum_notice) == (True, *[timedelta(0)] * 3)
    assert (made.booking_window, made.start_increment) == (timedelta(days=60), timedelta(minutes=30))


def test_what_is_created_off_counts_for_no_plan(browser_of, mary):
    response = browser_of(mary).post("/event-types/new/", typed(active="off"))

    assert response.status_code == 302
    assert {each.slug: each.is_active for each in mary.event_types.all()} == {"intro": True, "first-lesson": False}


def test_the_form_switches_off_and_on(browser_of, ada):
    address = f"/event-types/{intro_of(ada).pk}/"

    browser_of(ada).post(address, typed(slug="intro", active="off"))
    assert not intro_of(ada).is_active

    browser_of(ada).post(address, typed(slug="intro"))
    assert not intro_of(ada).is_active

    browser_of(ada).post(address, typed(slug="intro", active="on"))
    assert intro_of(ada).is_active


def test_used_up_plan_refuses_to_switch_on_by_the_form(browser_of, mary):
    lesson = make_event_type(mary, "Lesson", paused_at=NOW)

    response = browser_of(mary).post(f"/event-types/{lesson.pk}/", typed(name="Renamed", active="on"))

    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["active"]
    lesson.refresh_from_db()
    assert (lesson.name, lesson.is_active) == ("Lesson", False)
