"""Radicale and Xandikos, as people run them."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from scheduling.calendars.providers.caldav import CalDav
from scheduling.calendars.providers.protocol import Account, FoundCalendar, NewReading
from scheduling.calendars.reading import Failure, OutsideTime, ReadingFailed
from tests.scheduling.calendars.providers.samples import OWNER, PATIENCE, WINDOW, at, calendar_of, event, period
from tests.support.calendar_servers.real import CalendarServer, radicale, xandikos


@pytest.fixture(scope="module", params=[radicale, xandikos], ids=["Radicale", "Xandikos"])
def running(request) -> Iterator[CalendarServer]:
    with request.param() as server:
        yield server


@pytest.fixture
def work(running, request) -> str:
    """A new calendar."""
    return running.make_calendar(name_of(request), "Work & play")


def name_of(request: pytest.FixtureRequest) -> str:
    """A path that no other test has."""
    return "".join(letter if letter.isalnum() else "-" for letter in request.node.name)


def put(server: CalendarServer, calendar: str, uid: str, start: int, end: int) -> None:
    server.put(calendar, uid, calendar_of(event(uid, at(start), at(end))).decode())


def read(server: CalendarServer, calendar: str, state: str = "") -> NewReading | None:
    return CalDav().read(server.account, calendar, WINDOW, OWNER, state=state, patience=PATIENCE)


def failure_of(account: Account, calendar: str) -> Failure:
    with pytest.raises(ReadingFailed) as raised:
        CalDav().read(account, calendar, WINDOW, OWNER, state="", patience=PATIENCE)
    return raised.value.failure


def test_the_calendars_of_an_account_are_found(running, work):
    running.make_calendar("tasks", "Tasks", component="VTODO")

    found = {each.remote: each for each in CalDav().find(running.account, patience=PATIENCE)}

    assert found[work] == FoundCalendar(work, "Work & play", can_write=True, is_own=True)
    assert "Tasks" not in {each.name for each in found.values()}


def test_a_calendar_is_found_at_its_own_address(running, work):
    account = Account(work, running.account.username, running.account.password)

    assert [each.remote for each in CalDav().find(account, patience=PATIENCE)] == [work]


def test_an_address_without_its_path_is_enough(running, work):
    account = Account(running.origin, running.account.username, running.account.password)

    assert work in {each.remote for each in CalDav().find(account, patience=PATIENCE)}


def test_what_is_put_in_a_calendar_is_read(running, work):
    put(running, work, "ten", 10, 11)
    put(running, work, "twelve", 12, 13)

    assert read(running, work).reading.busy == (OutsideTime(period(10, 11)), OutsideTime(period(12, 13)))


def test_each_calendar_has_its_own_times(running, work, request):
    home = running.make_calendar(f"{name_of(request)}-home", "Home")
    put(running, work, "ten", 10, 11)
    put(running, home, "twelve", 12, 13)

    assert [read(running, each).reading.busy for each in (work, home)] == [
        (OutsideTime(period(10, 11)),),
        (OutsideTime(period(12, 13)),),
    ]


def test_changes_and_deletions_are_seen(running, work):
    put(running, work, "ten", 10, 11)
    first = read(running, work)
    assert read(running, work, first.state) is None

    put(running, work, "ten", 14, 15)
    second = read(running, work, first.state)
    assert second.reading.busy == (OutsideTime(period(14, 15)),)
    assert read(running, work, second.state) is None

    running.delete(work, "ten")
    assert read(running, work, second.state).reading.busy == ()


def test_a_check_sees_what_was_put_a_moment_ago(running, work):
    put(running, work, "ten", 10, 11)
    put(running, work, "twelve", 12, 13)

    reading = CalDav().check(running.account, work, period(12, 14), OWNER, state="", patience=PATIENCE)

    assert reading.busy == (OutsideTime(period(12, 13)),)


def test_whole_days_and_series_are_read(running, work):
    """The day is the owner's, and the series began long before the window."""
    day = ["BEGIN:VEVENT", "UID:day", "DTSTAMP:20261130T120000Z", "DTSTART;VALUE=DATE:20261203", "END:VEVENT", ""]
    running.put(work, "day", calendar_of("\r\n".join(day)).decode())
    began = at(10) - timedelta(days=364)
    running.put(
        *(work, "series"),
        calendar_of(event("series", began, began + timedelta(hours=1), "RRULE:FREQ=WEEKLY")).decode(),
    )

    reading = CalDav().check(running.account, work, period(9, 23, day=2), OWNER, state="", patience=PATIENCE)
    day_after = CalDav().check(running.account, work, period(9, 23, day=3), OWNER, state="", patience=PATIENCE)

    assert reading.busy == (OutsideTime(period(10, 11)),)
    assert day_after.busy == (OutsideTime(period(9, 23, day=3)),)


def test_a_deleted_calendar_is_gone(running, work):
    put(running, work, "ten", 10, 11)
    assert read(running, work).reading.busy != ()

    running.delete(work)

    assert failure_of(running.account, work) == Failure.GONE
    with pytest.raises(ReadingFailed) as raised:
        CalDav().check(running.account, work, period(10, 11), OWNER, state="", patience=PATIENCE)
    assert raised.value.failure == Failure.GONE


@pytest.mark.parametrize("running", [radicale], indirect=True, ids=["Radicale"])
def test_a_wrong_password_is_refused(running, work):
    wrong = Account(running.account.address, running.account.username, "wrong")

    assert failure_of(wrong, work) == Failure.UNAUTHORIZED
    with pytest.raises(ReadingFailed) as raised:
        CalDav().find(wrong, patience=PATIENCE)
    assert raised.value.failure == Failure.UNAUTHORIZED


def test_a_thousand_events_are_read(running, work):
    starts = [at(0, day=1) + timedelta(hours=8 * number) for number in range(1000)]
    events = {
        f"e{number}": event(f"e{number}", start, start + timedelta(hours=1)) for number, start in enumerate(starts)
    }
    running.put_all(work, {uid: calendar_of(each).decode() for uid, each in events.items()})

    busy = read(running, work).reading.busy

    assert [each.period.start for each in busy] == starts
