"""Store what a reading of a connected calendar found. The only writer of busy rows.

Each function is one short transaction that locks the calendar.
"""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime, time, timedelta

from django.conf import settings
from django.db import transaction

from caledee.timekeeping.periods import Period
from scheduling.calendars.models import LONGEST_ROW, ConnectionKind, MovedOutside, OutsideBusy, OutsideCalendar
from scheduling.calendars.providers.protocol import NewReading
from scheduling.calendars.reading import OutsideTime, Reading
from scheduling.calendars.refreshing.own_meetings import Moved, separate_own
from scheduling.calendars.refreshing.rows import BusyRow, rows_of

type Stored = tuple[int, datetime, datetime, bool]

COLUMNS = ("start", "end", "is_tentative")
DAY = timedelta(days=1)
WINDOW = timedelta(days=400)
# A calendar address is read this much less often, because all of it is sent each time. It can ask for still less.
FEED_FACTOR, LONGEST_FEED_INTERVAL = 3, timedelta(minutes=30)
# Due calendars are looked for once a minute. Those that would become due until the next time are read at once.
LOOKED_FOR_EVERY = timedelta(minutes=1)
NO_FAILURE = {"failure": "", "failing_since": None, "failures": 0}


def replace(calendar: OutsideCalendar, new: NewReading, *, now: datetime) -> bool:
    """Replace what is stored by a reading of `window_at(now)` that began at `now`.

    Returns False and stores nothing if a reading that began later is stored already, or if the calendar doesn't count
    any more. The same goes if a check before a booking found something meanwhile: it is read again soon.
    """
    busy, moved = separate_own(new.reading)
    rows = rows_of(busy, LONGEST_ROW)
    with transaction.atomic():
        locked = _lock(calendar)
        if locked is None or (locked.read_at is not None and locked.read_at >= now):
            return False
        if locked.added_at is not None and locked.added_at >= now:
            OutsideCalendar.objects.filter(pk=locked.pk).update(queued_at=None)
            return False
        _write(locked, locked.busy_rows.values_list("pk", *COLUMNS), rows)
        _replace_moved(locked, moved)
        window = window_at(now)
        OutsideCalendar.objects.filter(pk=locked.pk).update(
            state=new.state,
            read_from=window.start,
            read_until=window.end,
            read_whole_at=now,
            refresh_interval=new.reading.refresh_interval,
            notes={str(kind): count for kind, count in new.reading.notes.items()},
            **_read_at(calendar, new.reading.refresh_interval, now),
        )
    return True


def confirm(calendar: OutsideCalendar, *, now: datetime) -> bool:
    """Store that nothing has changed since `calendar` was loaded. Return False if it was stored anew meanwhile.

    One statement.
    """
    same = OutsideCalendar.objects.counting().filter(pk=calendar.pk, state=calendar.state, read_at__lt=now)
    return bool(same.update(**_read_at(calendar, calendar.refresh_interval, now)))


def add(calendar: OutsideCalendar, period: Period, reading: Reading, *, now: datetime) -> None:
    """Add what a reading of `period` alone found there. Nothing is removed: only whole readings can do that.

    `now` is when the answer was there. Whole readings that began earlier are discarded.
    """
    busy, _ = separate_own(reading)
    if not busy:
        return
    with transaction.atomic():
        locked = _lock(calendar)
        if locked is None:
            return
        touching = locked.busy_rows.filter(start__lte=period.end, end__gte=period.start)
        stored = list(touching.values_list("pk", *COLUMNS))
        known = [OutsideTime(Period(start, end), is_tentative) for _, start, end, is_tentative in stored]
        _write(locked, stored, rows_of([*known, *busy], LONGEST_ROW))
        OutsideCalendar.objects.filter(pk=locked.pk).update(added_at=now)


def window_at(now: datetime) -> Period:
    """Return what a whole reading covers: from yesterday in UTC, so that today is in it in every time zone."""
    yesterday = now.astimezone(UTC).date() - DAY
    return Period(datetime.combine(yesterday, time.min, UTC), now + WINDOW)


def next_reading(kind: str, asked: timedelta | None, *, limit: timedelta, now: datetime) -> datetime:
    """Return when to read a calendar of this kind again after a success.

    `asked` is the interval that it asks for. `limit` is how long a reading counts: there is always time for a second
    attempt before the pages close.
    """
    interval = timedelta(seconds=settings.CALENDAR_REFRESH_SECONDS)
    if kind == ConnectionKind.FEED:
        usual = interval * FEED_FACTOR
        interval = max(usual, min(asked or usual, LONGEST_FEED_INTERVAL))
    interval = min(interval, limit / 2)
    return now + interval - min(interval, LOOKED_FOR_EVERY)


def _lock(calendar: OutsideCalendar) -> OutsideCalendar | None:
    """Lock the calendar alone. The usual order would join its connection, which would be locked too."""
    rows = OutsideCalendar.objects.counting().select_for_update(no_key=True)
    return rows.filter(pk=calendar.pk).order_by("pk").first()


def _read_at(
    calendar: OutsideCalendar, asked: timedelta | None, now: datetime
) -> dict[str, datetime | str | int | None]:
    """Return the columns that say that it was read."""
    due = next_reading(calendar.connection.kind, asked, limit=calendar.limit, now=now)
    return {"read_at": now, "tried_at": now, "queued_at": None, "next_try_at": due, **NO_FAILURE}


def _write(calendar: OutsideCalendar, stored: Iterable[Stored], wanted: Collection[BusyRow]) -> None:
    """Turn the stored rows into the wanted ones. Writes only differences: most of a calendar stays the same."""
    missing, surplus = set(wanted), []
    for key, start, end, is_tentative in stored:
        row = BusyRow(start, end, is_tentative)
        if row in missing:
            missing.remove(row)
        else:
            surplus.append(key)
    if surplus:
        OutsideBusy.objects.filter(pk__in=surplus).delete()
    OutsideBusy.objects.bulk_create(
        OutsideBusy(
            calendar=calendar,
            person_id=calendar.person_id,
            start=row.start,
            end=row.end,
            is_tentative=row.is_tentative,
        )
        for row in sorted(missing)
    )


def _replace_moved(calendar: OutsideCalendar, moved: Collection[Moved]) -> None:
    calendar.moved_meetings.all().delete()
    MovedOutside.objects.bulk_create(
        MovedOutside(calendar=calendar, booking_id=each.booking, start=each.period.start, end=each.period.end)
        for each in moved
    )
