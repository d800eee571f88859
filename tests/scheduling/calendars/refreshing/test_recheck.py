"""Asking calendars right before a booking: who is asked, what is stored, and what silence means."""

import threading
from datetime import timedelta

import pytest

from caledee.sealed import Sealed
from scheduling.bookings.checking import CalendarsUnavailable, check_calendars
from scheduling.bookings.offers import EventTypeOffer, Slot
from scheduling.bookings.team_offers import team_offer
from scheduling.calendars.models import Connection, ConnectionKind, OutsideCalendar
from scheduling.calendars.reading import Failure, OutsideTime, OwnEntry, Reading
from scheduling.calendars.refreshing import recheck as rechecking
from scheduling.calendars.refreshing.recheck import calendars_to_ask, recheck
from tests.factories import book_event_type, half_hour, make_collective, make_one_off, make_round_robin, offer_of
from tests.support.calendars import make_calendar, make_connection
from tests.support.providers import failed
from tests.support.times import NOW

MINUTE = timedelta(minutes=1)
TEN = half_hour("10:00")
LONGER = TEN.padded(MINUTE, MINUTE)
SILENCE = failed(Failure.UNREACHABLE)


def busy(*periods, tentative=(), own=()):
    times = [*map(OutsideTime, periods), *(OutsideTime(each, is_tentative=True) for each in tentative)]
    return Reading(busy=tuple(sorted(times)), own=tuple(own))


def rows(calendar):
    return [(row.period, row.is_tentative) for row in calendar.busy_rows.order_by("start")]


def ask(*people, period=TEN):
    return recheck(calendars_to_ask(people, now=NOW), period, now=NOW)


def test_every_counting_calendar_that_was_not_read_a_moment_ago_is_asked(ada, grace, mary, provider):
    one, two, hers = [make_calendar(each, read_at=NOW - MINUTE) for each in (ada, ada, grace)]
    make_calendar(ada, read_at=NOW - timedelta(seconds=30))
    make_calendar(ada, read_at=NOW - MINUTE, counts=False)
    make_calendar(mary, read_at=NOW - MINUTE)

    assert set(calendars_to_ask([ada, grace], now=NOW)) == {one, two, hers}
    assert ask(ada, grace) == set()

    assert len(provider.checked) == 3
    assert {each.window for each in provider.checked} == {TEN}
    assert {each.patience for each in provider.checked} == {timedelta(seconds=3)}


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({}, "1"),
        ({"read_from": TEN.start}, "1"),
        ({"read_from": TEN.start + MINUTE}, ""),
        ({"read_until": TEN.end}, "1"),
        ({"read_until": TEN.end - MINUTE}, ""),
        ({"read_at": None}, ""),
    ],
)
def test_only_what_changed_in_a_period_that_was_read_is_asked_for(ada, provider, fields, state):
    make_calendar(ada, **{"read_at": NOW - MINUTE, "state": "1"} | fields)

    ask(ada)

    assert [each.state for each in provider.checked] == [state]


def test_people_without_calendars_cost_one_query(ada, grace, django_assert_num_queries):
    offer = EventTypeOffer(ada.event_types.get())

    with django_assert_num_queries(1):
        check(offer)


def test_what_is_busy_is_added_to_what_is_known(ada, provider):
    calendar = make_calendar(ada, half_hour("09:45"), half_hour("12:00"), read_at=NOW - MINUTE)
    provider.on_check = busy(TEN, tentative=[half_hour("10:15")])

    assert ask(ada, period=half_hour("10:00").padded(MINUTE, 15 * MINUTE)) == set()

    assert rows(calendar) == [
        (half_hour("09:45").padded(timedelta(0), 15 * MINUTE), False),
        (half_hour("10:15"), True),
        (half_hour("12:00"), False),
    ]


def test_an_answer_without_busy_times_removes_nothing(ada, provider):
    calendar = make_calendar(ada, TEN, read_at=NOW - MINUTE)

    assert ask(ada) == set()

    assert rows(calendar) == [(TEN, False)]


def test_the_entry_of_an_own_meeting_is_not_busy(ada, provider):
    booking = book_event_type(ada, "10:00")
    calendar = make_calendar(ada, read_at=NOW - MINUTE)
    provider.on_check = busy(own=[OwnEntry(booking.uid, booking.period)])

    assert ask(ada) == set()

    assert rows(calendar) == []
    assert [each.owner.uids for each in provider.checked] == [{booking.uid}]


@pytest.mark.parametrize(("age", "is_relied_on"), [(10 * MINUTE, True), (11 * MINUTE, False)])
def test_without_an_answer_a_reading_of_the_last_ten_minutes_is_relied_on(ada, provider, age, is_relied_on):
    calendar = make_calendar(ada, read_at=NOW - age)
    provider.on_check = SILENCE

    assert ask(ada) == (set() if is_relied_on else {ada})

    calendar.refresh_from_db()
    assert calendar.next_try_at == NOW
    assert calendar.queued_at == NOW


def test_a_calendar_that_fails_already_is_tried_again_in_its_time(ada, provider):
    later = NOW + 8 * MINUTE
    failing = {"failure": Failure.UNREACHABLE, "failing_since": NOW - MINUTE, "failures": 3, "next_try_at": later}
    calendar = make_calendar(ada, read_at=NOW - MINUTE, **failing)
    provider.on_check = SILENCE

    ask(ada)

    calendar.refresh_from_db()
    assert (calendar.next_try_at, calendar.queued_at) == (later, None)


def test_a_server_that_hangs_is_not_waited_for(ada, grace, provider, monkeypatch):
    monkeypatch.setattr(rechecking, "PATIENCE", timedelta(seconds=0.2))
    hanging = threading.Event()
    provider.meanwhile = lambda: hanging.wait(30)
    make_calendar(ada, read_at=NOW - 11 * MINUTE)

    try:
        assert ask(ada) == {ada}
    finally:
        hanging.set()


def test_a_refused_sign_in_is_not_tried_again(ada, provider):
    connection = make_connection(ada, needs_reconnecting_at=NOW - MINUTE)
    make_calendar(ada, connection=connection, read_at=NOW - 11 * MINUTE)

    assert ask(ada) == {ada}

    assert provider.checked == []


def test_credentials_that_cannot_be_decrypted_count_as_silence(ada, provider):
    make_calendar(ada, read_at=NOW - 11 * MINUTE)
    Connection.objects.update(address=Sealed("unreadable"))

    assert ask(ada) == {ada}

    assert provider.checked == []


# Before a booking


def check(offer):
    check_calendars(offer, Slot("2026-12-01T10:00:00Z", TEN), now=NOW)


def test_buffers_are_asked_about_too(ada, provider):
    event_type = ada.event_types.get()
    event_type.before_buffer, event_type.after_buffer = 10 * MINUTE, 20 * MINUTE
    event_type.save()
    make_calendar(ada, read_at=NOW - MINUTE)

    check(EventTypeOffer(event_type))

    assert [each.window for each in provider.checked] == [TEN.padded(10 * MINUTE, 20 * MINUTE)]


def test_a_time_that_is_taken_anyway_sends_no_request(ada, provider):
    book_event_type(ada, "10:00")
    make_calendar(ada, read_at=NOW - 11 * MINUTE)
    provider.on_check = SILENCE

    check(EventTypeOffer(ada.event_types.get()))

    assert provider.checked == []


def test_nothing_is_booked_without_an_answer(ada, provider):
    make_calendar(ada, read_at=NOW - 11 * MINUTE)
    provider.on_check = SILENCE

    with pytest.raises(CalendarsUnavailable):
        check(EventTypeOffer(ada.event_types.get()))


def test_closed_pages_are_not_asked_about(ada, provider):
    make_calendar(ada, read_at=NOW - timedelta(hours=2))

    with pytest.raises(CalendarsUnavailable):
        check(EventTypeOffer(ada.event_types.get()))

    assert provider.checked == []


def test_a_collective_meeting_needs_the_calendars_of_all_hosts(organization, ada, alan, provider):
    offer = team_offer(make_collective(organization, ada, alan))
    make_calendar(alan, read_at=NOW - 11 * MINUTE)
    provider.on_check = SILENCE

    with pytest.raises(CalendarsUnavailable):
        check(offer)


def test_a_round_robin_meeting_goes_to_a_host_whose_calendars_are_known(organization, ada, alan, provider):
    offer = team_offer(make_round_robin(organization, ada, alan))
    make_calendar(ada, read_at=NOW - 11 * MINUTE)
    provider.on_check = SILENCE

    check(offer)
    assert offer.people == [alan]

    make_calendar(alan, read_at=NOW - 11 * MINUTE)
    with pytest.raises(CalendarsUnavailable):
        check(offer)


def test_a_time_that_is_offered_anyway_needs_no_calendar(ada, provider):
    make_calendar(ada, TEN)
    one_off = make_one_off(ada, "10:00", "11:00")
    OutsideCalendar.objects.update(read_at=NOW - 11 * MINUTE, read_whole_at=NOW - 11 * MINUTE)
    provider.on_check = SILENCE
    offer = offer_of(one_off)
    ten, eleven = offer.open_slots(now=NOW)

    check_calendars(offer, ten, now=NOW)
    with pytest.raises(CalendarsUnavailable):
        check_calendars(offer, eleven, now=NOW)


def test_caldav_calendars_are_asked_like_addresses(ada, provider):
    account = '{"username": "ada", "password": "secret"}'
    connection = make_connection(ada, ConnectionKind.CALDAV, credentials=account)
    make_calendar(ada, connection=connection, read_at=NOW - MINUTE)

    ask(ada)

    assert [(each.account.username, each.account.password) for each in provider.checked] == [("ada", "secret")]
