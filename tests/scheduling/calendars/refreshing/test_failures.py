"""What follows from each failure: when the next attempt is made, and when the person must do something."""

from datetime import timedelta

import pytest

from scheduling.calendars.connecting import read_now, reconnect
from scheduling.calendars.models import Connection, ConnectionKind
from scheduling.calendars.providers.protocol import Account
from scheduling.calendars.reading import Failure
from scheduling.calendars.refreshing.refresh import refresh
from tests.support.calendars import make_calendar, make_connection
from tests.support.providers import failed, reading
from tests.support.times import NOW

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def calendar(ada):
    return make_calendar(ada, state="1", next_try_at=NOW)


def pauses_after(calendar, provider, *answers):
    """Let each attempt be made when it is due, and return what each left until the next one."""
    pauses, now = [], NOW
    for answer in answers:
        provider.answers = [answer]
        refresh(calendar.pk, now=now)
        calendar.refresh_from_db()
        if calendar.next_try_at is None:
            return [*pauses, None]
        pauses.append(calendar.next_try_at - now)
        now = calendar.next_try_at
    return pauses


@pytest.mark.parametrize(
    "failure", [Failure.UNREACHABLE, Failure.LIMITED, Failure.NOT_A_CALENDAR, Failure.CERTIFICATE]
)
def test_the_pauses_grow_to_a_quarter_of_an_hour_and_differ_by_calendar(calendar, provider, failure):
    pauses = pauses_after(calendar, provider, *[failed(failure)] * 7)

    for pause, minutes in zip(pauses, [1, 2, 4, 8, 15, 15, 15], strict=True):
        assert minutes * MINUTE <= pause <= minutes * MINUTE * 1.2


@pytest.mark.parametrize(
    ("retry_after", "pause"), [(20 * MINUTE, 20 * MINUTE), (timedelta(0), MINUTE), (7 * HOUR, 6 * HOUR)]
)
@pytest.mark.parametrize("failure", [Failure.LIMITED, Failure.UNREACHABLE])
def test_a_server_can_say_how_long_to_wait_up_to_six_hours(calendar, provider, failure, retry_after, pause):
    assert pauses_after(calendar, provider, failed(failure, retry_after)) == [pause]


@pytest.mark.parametrize("failure", [Failure.GONE, Failure.NOT_ALLOWED])
def test_what_lasts_is_tried_again_the_next_day(calendar, provider, failure):
    assert pauses_after(calendar, provider, failed(failure), failed(failure)) == [DAY, DAY]


@pytest.mark.parametrize("failure", [Failure.UNAUTHORIZED, Failure.FORBIDDEN, Failure.KEY_MISSING])
def test_a_refusal_waits_for_the_person(calendar, provider, failure):
    assert pauses_after(calendar, provider, failed(failure)) == [None]
    assert Connection.objects.get().needs_reconnecting_at == NOW


@pytest.mark.parametrize("failure", [Failure.UNREACHABLE, Failure.GONE, Failure.LIMITED])
def test_other_failures_ask_for_nothing(calendar, provider, failure):
    pauses_after(calendar, provider, failed(failure))

    assert Connection.objects.get().needs_reconnecting_at is None


@pytest.mark.parametrize(("failure", "stops"), [(Failure.UNAUTHORIZED, True), (Failure.FORBIDDEN, False)])
def test_refused_credentials_stop_all_calendars_of_the_connection(ada, calendar, provider, failure, stops):
    other = make_calendar(ada, connection=calendar.connection, name="Home", next_try_at=NOW)
    elsewhere = make_calendar(ada, name="Elsewhere", next_try_at=NOW)

    pauses_after(calendar, provider, failed(failure))

    other.refresh_from_db()
    elsewhere.refresh_from_db()
    assert (other.next_try_at is None) is stops
    assert elsewhere.next_try_at == NOW


def test_reconnecting_reads_everything_anew(ada, provider):
    connection = make_connection(ada, ConnectionKind.CALDAV)
    calendar = make_calendar(ada, connection=connection, state="1", next_try_at=NOW)
    pauses_after(calendar, provider, failed(Failure.UNAUTHORIZED))

    reconnect(connection, Account("https://calendars.example.com/", "ada", "new"), now=NOW + HOUR)

    connection.refresh_from_db()
    calendar.refresh_from_db()
    assert (connection.account.username, connection.account.password) == ("ada", "new")
    assert (connection.needs_reconnecting_at, connection.searching_since) == (None, NOW + HOUR)
    assert (calendar.state, calendar.next_try_at, calendar.read_at) == ("", NOW + HOUR, NOW)


def test_a_success_after_a_refusal_lets_the_others_go_on(ada, calendar, provider):
    other = make_calendar(ada, connection=calendar.connection, name="Home", next_try_at=NOW)
    for each in (calendar, other):
        provider.answers = [failed(Failure.UNAUTHORIZED)]
        read_now(each, now=NOW)
        refresh(each.pk, now=NOW)

    provider.answers = [reading(state="2")]
    read_now(calendar, now=NOW + HOUR)
    refresh(calendar.pk, now=NOW + HOUR)

    other.refresh_from_db()
    assert other.next_try_at == NOW + HOUR
    assert Connection.objects.get().needs_reconnecting_at == NOW

    refresh(other.pk, now=NOW + HOUR)

    assert Connection.objects.get().needs_reconnecting_at is None
