"""The limits of a plan: derived on each read, never stored."""

from datetime import timedelta

import pytest

from caledee.accounts.models import Membership, Organization, Role
from caledee.accounts.plans import Plan
from scheduling.bookings.book import book, reschedule
from scheduling.bookings.offers import EventTypeOffer, OfferClosed
from scheduling.event_type_rules import EventTypeDetails
from scheduling.event_types import create_event_type, delete_event_type, move_event_type, switch_off
from scheduling.models import EventType
from tests.factories import DANA, book_event_type, make_one_off, make_round_robin, on_tuesday
from tests.support.times import NOW


def add(organizer, slug, **fields):
    return EventType.objects.create(
        organizer=organizer,
        name=slug.title(),
        slug=slug,
        duration=timedelta(minutes=30),
        booking_window=timedelta(days=60),
        created_at=fields.pop("created_at", NOW + timedelta(days=400)),
        **fields,
    )


def bookable(organizer):
    return [each.slug for each in EventType.objects.bookable().of(organizer)]


def ranked(organizer):
    return {each.slug: each.is_bookable for each in EventType.objects.of(organizer).with_bookability()}


def join(person, plan, handle="difference-engines"):
    organization = Organization.objects.create(name="Difference Engines", handle=handle, plan=plan)
    return Membership.objects.create(organization=organization, user=person, role=Role.MEMBER)


@pytest.fixture
def lesson(mary):
    """Mary's second event type, which exceeds her plan."""
    return add(mary, "lesson")


@pytest.mark.parametrize(
    ("plan", "slugs"), [(Plan.FREE, ["intro"]), (Plan.PRO, ["intro", "lesson"]), (Plan.TEAM, ["intro", "lesson"])]
)
def test_the_first_that_a_plan_has_room_for_can_be_booked(mary, lesson, plan, slugs):
    mary.plan = plan
    mary.save()

    assert bookable(mary) == slugs
    assert ranked(mary) == {"intro": True, "lesson": "lesson" in slugs}


@pytest.mark.parametrize("plan", Plan)
def test_what_an_organization_offers_has_room_in_the_plan_for_teams_alone(organization, ada, plan):
    event_type = make_round_robin(organization, ada)
    organization.plan = plan
    organization.save()

    rooms = [
        event_type.has_room(),
        EventType.objects.bookable().filter(pk=event_type.pk).exists(),
        EventType.objects.with_bookability().get(pk=event_type.pk).is_bookable,
    ]
    assert rooms == [plan == Plan.TEAM] * 3


def test_a_plan_that_shrinks_pauses_and_one_that_grows_resumes_without_a_write(mary, lesson):
    stored = list(EventType.objects.order_by("pk").values())
    seen = []

    for plan in (Plan.PRO, Plan.FREE, Plan.PRO):
        type(mary).objects.filter(pk=mary.pk).update(plan=plan)
        seen.append(bookable(mary))

    assert seen == [["intro", "lesson"], ["intro"], ["intro", "lesson"]]
    assert list(EventType.objects.order_by("pk").values()) == stored


def test_the_organizer_chooses_the_order(mary, lesson):
    move_event_type(lesson, up=True)
    assert bookable(mary) == ["lesson"]

    move_event_type(lesson, up=False)
    assert bookable(mary) == ["intro"]


def test_what_is_off_takes_no_room(mary, lesson):
    switch_off(mary.event_types.get(slug="intro"), now=NOW)

    assert bookable(mary) == ["lesson"]
    assert ranked(mary) == {"intro": False, "lesson": True}


def test_what_is_deleted_makes_room(mary, lesson):
    delete_event_type(mary.event_types.get(slug="intro"))

    assert bookable(mary) == ["lesson"]


def test_of_one_position_the_older_comes_first_and_of_one_moment_one_of_them(mary):
    intro = mary.event_types.get(slug="intro")
    older = add(mary, "older", created_at=intro.created_at - timedelta(days=1))
    assert bookable(mary) == ["older"]

    EventType.objects.filter(pk=older.pk).update(created_at=intro.created_at)
    assert bookable(mary) == [min(intro, older, key=lambda each: each.pk).slug]


def test_what_is_on_at_someone_else_takes_no_room(ada, mary, lesson):
    add(ada, "earlier", created_at=NOW - timedelta(days=900), position=0)

    assert bookable(mary) == ["intro"]
    assert bookable(ada) == ["earlier", "intro"]


def test_joining_an_organization_with_room_resumes_and_leaving_it_pauses_at_once(mary, lesson):
    join(mary, Plan.FREE)
    assert bookable(mary) == ["intro"]

    membership = join(mary, Plan.TEAM, "analysis")
    assert bookable(mary) == ["intro", "lesson"]

    membership.delete()
    assert bookable(mary) == ["intro"]


def test_the_room_of_an_organization_is_nothing_to_strangers(ada, mary, lesson):
    assert ada.organizations.get().plan == Plan.TEAM
    assert bookable(mary) == ["intro"]


def test_finding_what_can_be_booked_is_one_query_however_many_there_are(mary, django_assert_num_queries):
    for number in range(3):
        add(mary, f"lesson-{number}")

    with django_assert_num_queries(1):
        assert bookable(mary) == ["intro"]


def test_booking_what_has_no_room_is_refused_like_what_is_paused(mary, lesson):
    offer = EventTypeOffer(lesson)
    slot = EventTypeOffer(mary.event_types.get(slug="intro")).slot(on_tuesday("21:00").isoformat())

    with pytest.raises(OfferClosed):
        book(offer, slot, DANA, now=NOW)


def test_moving_a_booking_beyond_the_plans_limit_is_refused(mary, lesson):
    booking = book_event_type(mary, "21:00")
    offer = EventTypeOffer(mary.event_types.get(slug="intro"), moved=booking)
    move_event_type(lesson, up=True)

    with pytest.raises(OfferClosed):
        reschedule(booking, offer, offer.slot(on_tuesday("22:00").isoformat()), now=NOW)

    booking.refresh_from_db()
    assert (booking.start, booking.cancelled_at) == (on_tuesday("21:00"), None)


def test_a_new_one_comes_last(mary, lesson):
    EventType.objects.filter(pk=lesson.pk).update(position=7)
    details = EventTypeDetails(name="New", slug="new", duration=timedelta(minutes=30))

    create_event_type(details, owner=mary, active=False, now=NOW)

    assert [each.slug for each in EventType.objects.of(mary)] == ["intro", "lesson", "new"]


def test_at_the_ends_moving_changes_nothing(mary, lesson):
    stored = list(EventType.objects.order_by("pk").values())

    move_event_type(mary.event_types.get(slug="intro"), up=True)
    move_event_type(lesson, up=False)

    assert list(EventType.objects.order_by("pk").values()) == stored


@pytest.mark.parametrize("plan", Plan)
def test_one_offs_are_unlimited_on_every_plan(mary, plan):
    mary.plan = plan
    mary.save()

    made = [make_one_off(mary, f"{hour:02}:00") for hour in range(5, 17)]

    assert all(one_off.link.is_open(NOW) for one_off in made)
    assert mary.one_off_meetings.count() == 12
