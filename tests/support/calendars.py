"""Connected calendars for the tests, as if they had been read."""

from datetime import datetime, timedelta

from caledee.accounts.models import User
from caledee.timekeeping.periods import Period
from scheduling.calendars.models import Connection, ConnectionKind, OutsideBusy, OutsideCalendar
from tests.support.times import NOW

FEED = "https://calendars.example.com/work.ics?key=secret"
DAY = timedelta(days=1)
WINDOW = timedelta(days=400)


def make_connection(
    person: User, kind: ConnectionKind = ConnectionKind.FEED, *, now: datetime = NOW, **fields: object
) -> Connection:
    described = {"label": "Work", "host": "calendars.example.com", "address": FEED, "found_at": now}
    return Connection.objects.create(person=person, kind=kind, connected_at=now, **described | fields)


def make_calendar(
    person: User,
    *periods: Period,
    connection: Connection | None = None,
    name: str = "Work",
    counts: bool = True,
    read_at: datetime | None = NOW,
    is_tentative: bool = False,
    **fields: object,
) -> OutsideCalendar:
    """Make a calendar that is busy in these periods, each at most a day long. Never read if `read_at` is None."""
    connection = connection or make_connection(person)
    if read_at is not None:
        fields = {
            "read_at": read_at,
            "read_whole_at": read_at,
            "read_from": read_at - DAY,
            "read_until": read_at + WINDOW,
            "next_try_at": read_at + timedelta(minutes=5),
        } | fields
    calendar = OutsideCalendar.objects.create(
        connection=connection, person=person, name=name, remote=name, counts=counts, **{"chosen_at": NOW} | fields
    )
    OutsideBusy.objects.bulk_create(
        OutsideBusy(calendar=calendar, person=person, start=period.start, end=period.end, is_tentative=is_tentative)
        for period in periods
    )
    return calendar
