from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from caledee.timekeeping.periods import Period
from scheduling.availability import ledger, slots
from scheduling.availability.slots import SlotRules, WorkingHours, open_starts, slots_of, working_periods
from scheduling.availability.taken import Blocked
from scheduling.models import BusyKind, EventType
from tests.scheduling.availability import minute_model
from tests.support.undone import undone

# A zone and a local date around which its clocks change, by an hour or less, by day or over midnight; or never change.
PLACES = [
    ("Europe/London", date(2026, 3, 29)),
    ("Europe/London", date(2026, 10, 25)),
    ("America/New_York", date(2026, 3, 8)),
    ("America/New_York", date(2026, 11, 1)),
    ("Australia/Lord_Howe", date(2025, 10, 5)),
    ("Australia/Lord_Howe", date(2025, 4, 6)),
    ("America/Havana", date(2025, 3, 9)),
    ("America/Havana", date(2025, 11, 2)),
    ("Africa/Cairo", date(2025, 4, 25)),
    ("Africa/Cairo", date(2025, 10, 30)),
    ("Asia/Beirut", date(2025, 3, 30)),
    ("Asia/Beirut", date(2025, 10, 25)),
    ("America/Nuuk", date(2025, 3, 29)),
    ("America/Nuuk", date(2025, 10, 25)),
    ("Pacific/Chatham", date(2026, 4, 5)),
    ("Pacific/Chatham", date(2026, 9, 27)),
    ("Antarctica/Troll", date(2025, 3, 30)),
    ("Pacific/Apia", date(2011, 12, 30)),
    ("Asia/Kathmandu", date(2026, 12, 1)),
    ("Pacific/Kiritimati", date(2026, 12, 1)),
    ("Pacific/Pago_Pago", date(2026, 12, 31)),
]

five_minutes = st.integers(0, 287).map(lambda n: time(n // 12, n % 12 * 5))
spans_of_a_day = st.tuples(five_minutes, five_minutes).filter(lambda span: span[0] < span[1] or span[1] == time(0))
usual_spans = st.sampled_from([(time(0), time(0)), (time(9), time(17)), (time(22), time(0)), (time(0), time(3))])
hours_of_a_day = st.lists(usual_spans | spans_of_a_day, min_size=1, max_size=3)
buffers = st.sampled_from([0, 0, 0, 0, 5, 10, 45, 720]).map(lambda minutes: timedelta(minutes=minutes))
slot_rules = st.builds(
    SlotRules,
    duration=st.sampled_from([5, 15, 30, 50, 60, 90, 240]).map(lambda minutes: timedelta(minutes=minutes)),
    start_increment=st.sampled_from([5, 15, 25, 30, 60, 100]).map(lambda minutes: timedelta(minutes=minutes)),
    before_buffer=buffers,
    after_buffer=buffers,
)


@st.composite
def situations(draw: st.DrawFn) -> tuple[WorkingHours, list[Blocked], Period]:
    """Draw working hours around a clock change, busy times among them, and a window of up to two days."""
    name, day = draw(st.sampled_from(PLACES))
    hours = WorkingHours(
        ZoneInfo(name),
        draw(st.fixed_dictionaries(dict.fromkeys(range(7), hours_of_a_day))),
        draw(st.dictionaries(st.integers(-1, 1).map(lambda n: day + timedelta(days=n)), st.just([]) | hours_of_a_day)),
    )
    noon = datetime.combine(day, time(12), UTC)

    def moments(spread: int) -> st.SearchStrategy[datetime]:
        return st.integers(-spread, spread).map(lambda minutes: noon + timedelta(minutes=minutes))

    taken = draw(
        st.lists(
            st.builds(
                lambda start, minutes, before, after: Blocked(
                    Period.lasting(start, timedelta(minutes=minutes)), before, after
                ),
                *(moments(2000), st.integers(1, 240), buffers, buffers),
            ),
            max_size=5,
        )
    )
    window = Period.lasting(draw(moments(1200)), timedelta(minutes=draw(st.integers(200, 2880))))
    return hours, taken, window


@given(situations(), slot_rules)
def test_open_starts_are_those_that_counting_minutes_finds(situation, rules):
    hours, taken, window = situation

    found = open_starts(working_periods(hours, window), taken, rules, window)

    assert found == minute_model.open_starts(hours, taken, rules, window)


@given(situations(), slot_rules, st.data())
def test_a_smaller_window_shows_the_same_starts(situation, rules, data):
    hours, taken, window = situation
    length = int(window.duration.total_seconds()) // 60
    first = data.draw(st.integers(0, length - 1))
    part = Period.lasting(
        window.start + timedelta(minutes=first), timedelta(minutes=data.draw(st.integers(1, length - first)))
    )

    def starts_in(asked: Period) -> list[datetime]:
        return open_starts(working_periods(hours, asked), taken, rules, asked)

    assert starts_in(part) == [start for start in starts_in(window) if part.start <= start < part.end]


def save_hours(event_type: EventType, hours: WorkingHours) -> None:
    schedule = event_type.organizer.schedule
    schedule.time_zone = hours.zone.key
    schedule.save()
    schedule.weekly_hours.all().delete()
    for weekday, spans in hours.weekly.items():
        for start, end in dict(spans).items():
            schedule.weekly_hours.create(weekday=weekday, start=start, end=end)
    for day, spans in hours.overrides.items():
        for start, end in dict(spans).items() or [(None, None)]:
            schedule.date_overrides.create(date=day, start=start, end=end)


def as_saved(hours: WorkingHours) -> WorkingHours:
    """Return the same hours as the database holds them: one span for each start."""
    return WorkingHours(
        hours.zone,
        {weekday: list(dict(spans).items()) for weekday, spans in hours.weekly.items()},
        {day: list(dict(spans).items()) for day, spans in hours.overrides.items()},
    )


def save_taken(event_type: EventType, taken: list[Blocked], now: datetime) -> None:
    claim = uuid4()  # of one claim, for these may overlap each other
    claimed = [ledger.Claimed(each.period, None, each.before_buffer, each.after_buffer) for each in taken]
    ledger.claim(claim, BusyKind.BOOKING, [event_type.organizer], claimed, now=now)


@pytest.mark.django_db
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    situation=situations(),
    rules=slot_rules,
    notice=st.sampled_from([0, 7, 90, 1440]).map(lambda minutes: timedelta(minutes=minutes)),
    days=st.integers(0, 3),
    passed=st.integers(-2000, 3000),
)
def test_slots_of_an_event_type_are_those_that_counting_minutes_finds(ada, situation, rules, notice, days, passed):
    hours, taken, window = situation
    now = window.start + timedelta(minutes=passed)
    event_type = EventType(
        organizer=ada,
        duration=rules.duration,
        start_increment=rules.start_increment,
        before_buffer=rules.before_buffer,
        after_buffer=rules.after_buffer,
        minimum_notice=notice,
        booking_window=timedelta(days=days),
    )
    with undone():
        save_hours(event_type, hours)
        save_taken(event_type, taken, now)
        found = slots_of(event_type, [event_type.organizer], window, now=now)

    day_after = now.astimezone(hours.zone).date() + timedelta(days=days + 1)
    bookable_until = first_minute_from(day_after, hours.zone)
    expected = minute_model.open_starts(as_saved(hours), taken, rules, window)
    assert found == [start for start in expected if now + notice <= start < bookable_until]
    assert slots.bookable_until(event_type, hours.zone, now=now) == bookable_until


def first_minute_from(day: date, zone: ZoneInfo) -> datetime:
    """Return the first minute of a local day, or of the next if clocks skip it whole."""
    minutes = minute_model.minutes_on(day, zone) or minute_model.minutes_on(day + timedelta(days=1), zone)
    return minutes[0].moment
