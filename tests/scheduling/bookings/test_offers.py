from datetime import UTC, date, datetime, time, timedelta

import pytest

from caledee.accounts.models import User
from scheduling.bookings.book import book
from scheduling.bookings.offers import EventTypeOffer, Invitee, OfferClosed, Slot, format_start, parse_start
from scheduling.models import BusyTime, DateOverride, EventType
from tests.support.times import NEW_YORK, NOW, at, between

DANA = Invitee(name="Dana", email="dana@example.com", time_zone="Europe/Paris")


def offer_of(organizer) -> EventTypeOffer:
    return EventTypeOffer(organizer.event_types.get(slug="intro"))


@pytest.mark.parametrize(
    ("value", "start"),
    [
        ("2026-12-01T09:00:00Z", datetime(2026, 12, 1, 9, tzinfo=UTC)),
        ("2026-12-01T10:00:00+01:00", datetime(2026, 12, 1, 9, tzinfo=UTC)),
        ("2026-12-01T09:00Z", datetime(2026, 12, 1, 9, tzinfo=UTC)),
    ],
)
def test_a_slot_value_names_a_moment(value, start):
    assert parse_start(value) == start
    assert format_start(start) == "2026-12-01T09:00:00Z"


@pytest.mark.parametrize(
    "value",
    [
        "",
        "soon",
        "2026-12-01",
        "2026-12-01T09:00:00",
        "2026-02-30T09:00:00Z",
        "\0",
        "9" * 5000,
        "2026-12-01T09:00:00+99:00",
    ],
)
def test_a_slot_value_without_a_moment_names_no_slot(ada, value):
    assert offer_of(ada).slot(value) is None


@pytest.mark.parametrize(
    "value",
    [
        "0001-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59Z",
        "9999-12-31T23:59:59-11:00",
        "1969-12-31T23:59:59Z",
    ],
)
def test_a_slot_value_at_the_edge_of_the_calendar_names_no_slot(ada, value):
    assert offer_of(ada).slot(value) is None


def test_a_slot_is_as_long_as_the_meeting(ada):
    assert offer_of(ada).slot("2026-12-01T09:00:00Z") == Slot(
        "2026-12-01T09:00:00Z", between("2026-12-01 09:00", "2026-12-01 09:30")
    )


def test_the_open_slots_are_those_that_start_within_the_window(ada):
    slots = offer_of(ada).open_slots(between("2026-12-01 16:00", "2026-12-02 09:30"), now=NOW)

    assert slots == [
        Slot("2026-12-01T16:00:00Z", between("2026-12-01 16:00", "2026-12-01 16:30")),
        Slot("2026-12-01T16:30:00Z", between("2026-12-01 16:30", "2026-12-01 17:00")),
        Slot("2026-12-02T09:00:00Z", between("2026-12-02 09:00", "2026-12-02 09:30")),
    ]


def test_person_without_a_schedule_is_booked_in_the_usual_week_of_their_own_zone(ada):
    ada.schedule.delete()
    User.objects.filter(pk=ada.pk).update(time_zone="America/New_York")
    offer = EventTypeOffer(EventType.objects.select_related("organizer").get(organizer=ada))
    friday_and_saturday = between("2026-12-04 00:00", "2026-12-06 00:00", NEW_YORK)

    starts = [slot.period.start for slot in offer.open_slots(friday_and_saturday, now=NOW)]

    assert starts == [at("2026-12-04 09:00", NEW_YORK) + n * timedelta(minutes=30) for n in range(16)]


def test_the_booking_window_ends_on_the_clocks_of_the_schedule_or_without_one_on_the_persons(ada):
    User.objects.filter(pk=ada.pk).update(time_zone="America/New_York")

    def end():
        event_type = EventType.objects.select_related("organizer").get(organizer=ada)
        return EventTypeOffer(event_type).bookable_until(now=NOW)  # Monday 23 November, and sixty days

    assert end() == at("2027-01-23 00:00")
    ada.schedule.delete()
    assert end() == at("2027-01-23 00:00", NEW_YORK)


def test_a_date_with_hours_of_its_own_has_all_of_those_and_no_others(ada):
    first, second = date(2026, 12, 1), date(2026, 12, 2)
    for day, start, end in [(first, None, None), (second, time(10), time(11)), (second, time(14, 30), time(15))]:
        DateOverride.objects.create(schedule=ada.schedule, date=day, start=start, end=end)

    slots = offer_of(ada).open_slots(between("2026-12-01 00:00", "2026-12-03 09:30"), now=NOW)

    assert [f"{slot.period.start:%d %H:%M}" for slot in slots] == ["02 10:00", "02 10:30", "02 14:30", "03 09:00"]


def test_every_slot_on_the_page_is_open_when_it_is_booked_and_no_other(ada):
    offer = offer_of(ada)
    day = between("2026-12-01 00:00", "2026-12-02 00:00")
    on_page = offer.open_slots(day, now=NOW)
    quarters = [day.start + n * timedelta(minutes=15) for n in range(96)]

    found = [slot for start in quarters if offer.is_open(slot := offer.slot(format_start(start)), now=NOW)]

    assert found == on_page
    assert len(on_page) == 16


def test_an_offer_whose_event_type_is_gone_is_closed(ada):
    offer = offer_of(ada)
    EventType.objects.all().delete()

    with pytest.raises(OfferClosed):
        book(offer, offer.slot("2026-12-01T09:00:00Z"), DANA, now=NOW)


def test_a_booking_follows_the_settings_of_the_moment_it_is_made(ada):
    offer = offer_of(ada)
    offer.event_type.organizer.event_types.update(
        name="Longer hello",
        location="https://meet.example.com/new",
        before_buffer=timedelta(minutes=5),
        after_buffer=timedelta(minutes=10),
    )

    booking = book(offer, offer.slot("2026-12-01T09:00:00Z"), DANA, now=NOW)

    row = BusyTime.objects.get(claim=booking.pk)
    assert (booking.name, booking.location) == ("Longer hello", "https://meet.example.com/new")
    assert (row.before_buffer, row.after_buffer) == (timedelta(minutes=5), timedelta(minutes=10))


def test_a_deleted_event_type_leaves_its_bookings(ada):
    offer = offer_of(ada)
    booking = book(offer, offer.slot("2026-12-01T09:00:00Z"), DANA, now=NOW)

    EventType.objects.all().delete()
    booking.refresh_from_db()

    assert (booking.name, booking.event_type, booking.start) == ("Intro call", None, at("2026-12-01 09:00"))
    assert BusyTime.objects.filter(claim=booking.pk).count() == 1
