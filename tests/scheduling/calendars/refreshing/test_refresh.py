"""Reading a calendar: what is asked, what is stored, and that a failure keeps what was read before."""

from datetime import UTC, datetime, timedelta
from statistics import median
from time import process_time
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, connection

from caledee.timekeeping.periods import Period
from scheduling.bookings.book import cancel
from scheduling.calendars.connecting import choose, disconnect
from scheduling.calendars.models import ConnectionKind, MovedOutside, OutsideBusy, OutsideCalendar
from scheduling.calendars.reading import Failure, NoteKind, OwnEntry
from scheduling.calendars.refreshing.refresh import refresh
from scheduling.calendars.refreshing.store import add, next_reading
from scheduling.models import Canceller
from tests.factories import book_event_type, book_team, half_hour, make_collective
from tests.support.calendars import FEED, make_calendar, make_connection
from tests.support.providers import failed, reading
from tests.support.times import NOW, between

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LATER = NOW + 5 * MINUTE
TEN, ELEVEN, NOON = half_hour("10:00"), half_hour("11:00"), half_hour("12:00")


def rows(calendar):
    return list(calendar.busy_rows.order_by("start").values_list("start", "end", "is_tentative"))


def row(period, is_tentative=False):
    return (period.start, period.end, is_tentative)


@pytest.fixture
def calendar(ada):
    return make_calendar(ada, TEN, state="1", failure="", next_try_at=NOW)


def test_a_whole_reading_replaces_the_one_before(calendar, provider):
    provider.answers = [reading(ELEVEN, tentative=[NOON], state="2", notes={NoteKind.UNKNOWN_ZONE: 2})]

    refresh(calendar.pk, now=LATER)

    assert rows(calendar) == [row(ELEVEN), row(NOON, True)]
    calendar.refresh_from_db()
    assert calendar.state == "2"
    assert calendar.noted == {NoteKind.UNKNOWN_ZONE: 2}
    assert (calendar.read_at, calendar.read_whole_at, calendar.tried_at) == (LATER, LATER, LATER)
    assert (calendar.read_from, calendar.read_until) == (datetime(2026, 11, 22, tzinfo=UTC), LATER + 400 * DAY)


def test_rows_that_stay_are_not_written_again(calendar, provider):
    kept = calendar.busy_rows.get()
    provider.answers = [reading(TEN, NOON, state="2")]

    refresh(calendar.pk, now=LATER)

    assert calendar.busy_rows.get(start=TEN.start) == kept
    assert rows(calendar) == [row(TEN), row(NOON)]


def test_what_overlaps_is_merged_and_long_times_are_cut_at_a_day(calendar, provider):
    three_days = between("2026-12-01 00:00", "2026-12-04 06:00")
    provider.answers = [reading(three_days, half_hour("10:00"), tentative=[TEN], state="2")]

    refresh(calendar.pk, now=LATER)

    first = three_days.start
    assert rows(calendar) == [
        row(Period(first, first + DAY)),
        row(TEN, True),
        row(Period(first + DAY, first + 2 * DAY)),
        row(Period(first + 2 * DAY, first + 3 * DAY)),
        row(Period(first + 3 * DAY, three_days.end)),
    ]


def test_the_provider_learns_what_it_needs_and_nothing_else(ada, grace, organization, provider):
    booking = book_event_type(ada, "10:00")
    cancelled = cancel(book_event_type(ada, "11:00"), by=Canceller.INVITEE, now=NOW)
    cohosted = book_team(make_collective(organization, grace, ada), "16:00")
    book_event_type(grace, "17:00")
    connection = make_connection(
        ada, ConnectionKind.CALDAV, own_addresses=["lovelace@example.org"], credentials='{"username": "ada"}'
    )
    calendar = make_calendar(ada, connection=connection, state="1", next_try_at=NOW)
    provider.answers = [None]

    refresh(calendar.pk, now=LATER)

    [asked] = provider.asked
    assert (asked.account.address, asked.account.username, asked.account.password) == (FEED, "ada", "")
    assert asked.owner.zone == ZoneInfo("Europe/London")
    assert asked.owner.addresses == {"ada@example.com", "lovelace@example.org"}
    assert asked.owner.uids == {booking.uid, cancelled.uid, cohosted.uid}
    assert asked.window == Period(datetime(2026, 11, 22, tzinfo=UTC), LATER + 400 * DAY)
    assert (asked.remote, asked.state, asked.patience) == ("Work", "1", timedelta(seconds=90))


def test_a_first_reading_gets_five_minutes(ada, provider):
    calendar = make_calendar(ada, read_at=None, next_try_at=NOW)
    provider.answers = [reading(TEN)]

    refresh(calendar.pk, now=NOW)

    assert (provider.asked[0].state, provider.asked[0].patience) == ("", timedelta(minutes=5))
    assert rows(calendar) == [row(TEN)]


def test_nothing_changed_takes_one_request_and_two_queries(calendar, provider, django_assert_num_queries):
    provider.answers = [None]

    with django_assert_num_queries(2):
        refresh(calendar.pk, now=LATER)

    calendar.refresh_from_db()
    assert len(provider.asked) == 1
    assert (calendar.read_at, calendar.read_whole_at, calendar.state) == (LATER, NOW, "1")
    assert rows(calendar) == [row(TEN)]


@pytest.mark.parametrize(("after", "state"), [(DAY - MINUTE, "1"), (DAY, "")])
def test_the_whole_window_is_read_once_a_day_even_if_nothing_changed(calendar, provider, after, state):
    provider.answers = [reading(TEN)]

    refresh(calendar.pk, now=NOW + after)

    assert [asked.state for asked in provider.asked] == [state]


@pytest.mark.parametrize(
    ("kind", "asked", "minutes"),
    [
        (ConnectionKind.CALDAV, None, 5),
        (ConnectionKind.CALDAV, HOUR, 5),
        (ConnectionKind.FEED, None, 15),
        (ConnectionKind.FEED, MINUTE, 15),
        (ConnectionKind.FEED, 20 * MINUTE, 20),
        (ConnectionKind.FEED, HOUR, 30),
    ],
)
def test_the_next_reading_is_queued_within_the_interval(kind, asked, minutes):
    # Due calendars are looked for once a minute.
    assert next_reading(kind, asked, limit=HOUR, now=NOW) == NOW + (minutes - 1) * MINUTE


@pytest.mark.parametrize(
    ("kind", "limit", "seconds"),
    [
        (ConnectionKind.FEED, 30 * MINUTE, 14 * 60),
        (ConnectionKind.CALDAV, MINUTE, 0),
        (ConnectionKind.FEED, MINUTE, 0),
    ],
)
def test_a_second_attempt_is_possible_before_the_pages_close(kind, limit, seconds):
    assert next_reading(kind, HOUR, limit=limit, now=NOW) == NOW + timedelta(seconds=seconds)


def test_short_intervals_are_due_at_once(settings):
    settings.CALENDAR_REFRESH_SECONDS = 20

    assert next_reading(ConnectionKind.CALDAV, None, limit=HOUR, now=NOW) == NOW
    assert next_reading(ConnectionKind.FEED, None, limit=HOUR, now=NOW) == NOW


def test_a_calendar_that_is_not_due_is_left_alone(ada, provider):
    refresh(make_calendar(ada, next_try_at=LATER).pk, now=NOW)
    refresh(make_calendar(ada, next_try_at=None, name="B").pk, now=NOW)
    refresh(make_calendar(ada, next_try_at=NOW, name="C", counts=False).pk, now=NOW)

    assert provider.asked == []


@pytest.mark.parametrize("failure", Failure)
def test_every_failure_keeps_what_was_read(calendar, provider, failure):
    provider.answers = [failed(failure)]

    refresh(calendar.pk, now=LATER)

    calendar.refresh_from_db()
    assert rows(calendar) == [row(TEN)]
    assert (calendar.read_at, calendar.state) == (NOW, "1")
    assert (calendar.failure, calendar.failing_since, calendar.failures) == (failure, LATER, 1)
    assert calendar.tried_at == LATER


def test_an_error_of_our_own_counts_as_a_failure_and_is_reported(calendar, provider):
    provider.answers = [ZeroDivisionError()]

    with pytest.raises(ZeroDivisionError):
        refresh(calendar.pk, now=LATER)

    calendar.refresh_from_db()
    assert (calendar.failure, calendar.read_at) == (Failure.UNREACHABLE, NOW)
    assert calendar.next_try_at > LATER
    assert rows(calendar) == [row(TEN)]


def test_credentials_that_cannot_be_decrypted_are_a_failure(calendar, provider, settings):
    settings.SECRET_KEY = "another one"

    refresh(calendar.pk, now=LATER)

    calendar.refresh_from_db()
    assert calendar.failure == Failure.KEY_MISSING
    assert provider.asked == []


def test_a_success_ends_the_failures(calendar, provider):
    provider.answers = [failed(Failure.UNREACHABLE), failed(Failure.UNREACHABLE), None]
    for minutes in (0, 5, 15):
        refresh(calendar.pk, now=LATER + minutes * MINUTE)

    calendar.refresh_from_db()
    assert (calendar.failure, calendar.failing_since, calendar.failures) == ("", None, 0)
    assert calendar.read_at == LATER + 15 * MINUTE


def test_an_own_meeting_at_its_time_is_left_out(ada, calendar, provider):
    booking = book_event_type(ada, "14:00")
    provider.answers = [reading(TEN, own=[OwnEntry(booking.uid, booking.period)], state="2")]

    refresh(calendar.pk, now=LATER)

    assert rows(calendar) == [row(TEN)]
    assert not MovedOutside.objects.exists()


def test_an_own_meeting_that_was_cancelled_here_is_left_out(ada, calendar, provider):
    booking = cancel(book_event_type(ada, "14:00"), by=Canceller.INVITEE, now=NOW)
    provider.answers = [reading(own=[OwnEntry(booking.uid, booking.period)], state="2")]

    refresh(calendar.pk, now=LATER)

    assert rows(calendar) == []


def test_an_own_meeting_at_another_time_is_busy_then_and_remembered(ada, calendar, provider):
    booking = book_event_type(ada, "14:00")
    provider.answers = [reading(own=[OwnEntry(booking.uid, NOON)], state="2"), reading(state="3")]

    refresh(calendar.pk, now=LATER)

    assert rows(calendar) == [row(NOON)]
    assert [(each.booking, each.period) for each in MovedOutside.objects.all()] == [(booking, NOON)]
    booking.refresh_from_db()
    assert not booking.is_cancelled
    assert booking.period == half_hour("14:00")

    refresh(calendar.pk, now=LATER + HOUR)

    assert not MovedOutside.objects.exists()


def test_a_reading_that_began_earlier_does_not_replace_a_later_one(calendar, provider):
    def read_again():
        provider.meanwhile = lambda: None
        refresh(calendar.pk, now=LATER + MINUTE)

    provider.answers = [reading(ELEVEN, state="old"), reading(NOON, state="new")]
    provider.meanwhile = read_again

    refresh(calendar.pk, now=LATER)

    calendar.refresh_from_db()
    assert rows(calendar) == [row(NOON)]
    assert (calendar.state, calendar.read_at) == ("new", LATER + MINUTE)


def test_a_failure_that_began_earlier_does_not_hide_a_later_success(calendar, provider):
    def read_again():
        provider.meanwhile = lambda: None
        refresh(calendar.pk, now=LATER + MINUTE)

    provider.answers = [failed(Failure.UNREACHABLE), reading(NOON, state="new")]
    provider.meanwhile = read_again

    refresh(calendar.pk, now=LATER)

    calendar.refresh_from_db()
    assert (calendar.failure, calendar.read_at) == ("", LATER + MINUTE)


def test_nothing_changed_says_nothing_about_a_reading_that_was_stored_meanwhile(calendar, provider):
    provider.answers = [None]
    provider.meanwhile = lambda: OutsideCalendar.objects.filter(pk=calendar.pk).update(state="other")

    refresh(calendar.pk, now=LATER)

    calendar.refresh_from_db()
    assert calendar.read_at == NOW


@pytest.mark.parametrize("answer", [reading(ELEVEN, state="2"), None, failed(Failure.GONE)])
def test_a_calendar_that_was_disconnected_meanwhile_stays_gone(calendar, provider, answer):
    provider.answers = [answer]
    provider.meanwhile = lambda: disconnect(calendar.connection, now=LATER)

    refresh(calendar.pk, now=LATER)

    assert not OutsideCalendar.objects.exists()
    assert not OutsideBusy.objects.exists()


def test_a_calendar_that_stopped_counting_meanwhile_stores_nothing(calendar, provider):
    provider.answers = [reading(ELEVEN, state="2")]
    provider.meanwhile = lambda: choose(calendar, counts=False, now=LATER)

    refresh(calendar.pk, now=LATER)

    calendar.refresh_from_db()
    assert rows(calendar) == []
    assert calendar.read_at is None


def test_a_look_before_a_booking_only_adds(calendar):
    window = between("2026-12-01 10:15", "2026-12-01 11:15")
    before = OutsideCalendar.objects.values().get()

    add(calendar, window, reading(between("2026-12-01 10:15", "2026-12-01 10:45")).reading, now=NOW)
    add(calendar, window, reading().reading, now=NOW)
    add(calendar, window, reading(ELEVEN).reading, now=NOW)

    assert rows(calendar) == [row(between("2026-12-01 10:00", "2026-12-01 10:45")), row(ELEVEN)]
    assert OutsideCalendar.objects.values().get() == before | {"added_at": NOW}


def test_an_error_halfway_leaves_the_last_reading_whole(calendar, provider):
    provider.answers = [reading(ELEVEN, state="2")]
    with connection.cursor() as cursor:
        cursor.execute("""
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'halfway'; END $$;
            CREATE TRIGGER refuse BEFORE INSERT ON calendars_outsidebusy EXECUTE FUNCTION refuse();
        """)

    with pytest.raises(DatabaseError, match="halfway"):
        refresh(calendar.pk, now=LATER)

    calendar.refresh_from_db()
    assert rows(calendar) == [row(TEN)]
    assert (calendar.state, calendar.read_at) == ("1", NOW)


def test_nothing_changed_takes_less_than_fifty_milliseconds_of_cpu_time(calendar, provider):
    provider.answers = [None]
    taken = []
    for number in range(20):
        began = process_time()
        refresh(calendar.pk, now=LATER + number * 15 * MINUTE)
        taken.append(process_time() - began)

    assert len(provider.asked) == 20
    assert median(taken) < 0.05


def test_a_reading_that_began_before_a_check_found_something_is_discarded(calendar, provider):
    OutsideCalendar.objects.update(queued_at=NOW)
    provider.answers = [reading(NOON, state="2")]
    provider.meanwhile = lambda: add(calendar, ELEVEN, reading(ELEVEN).reading, now=LATER + MINUTE)

    refresh(calendar.pk, now=LATER)

    assert rows(calendar) == [row(TEN), row(ELEVEN)]
    calendar.refresh_from_db()
    assert (calendar.state, calendar.read_at, calendar.queued_at) == ("1", NOW, None)
    provider.meanwhile = lambda: None
    refresh(calendar.pk, now=LATER + 2 * MINUTE)
    assert rows(calendar) == [row(NOON)]
