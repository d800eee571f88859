"""Hours that end with the day: in every notation, a slot that ends at midnight is offered."""

from datetime import date, datetime, time, timedelta
from importlib import import_module
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.apps import apps
from django.db import IntegrityError, transaction

from caledee.accounts.models import User
from caledee.timekeeping.periods import Period
from caledee.timekeeping.reader import say_end, written_for
from caledee.timekeeping.zones import day_bounds, local_time
from scheduling.availability.slots import SlotRules, WorkingHours, open_starts, read_working_hours, working_periods
from scheduling.forms.start import FirstHoursForm
from scheduling.models import DateOverride, WeeklyHours
from tests.support.times import NOW

PAGE = "/availability/"
HALF_HOUR = SlotRules(duration=timedelta(minutes=30), start_increment=timedelta(minutes=30))
LATE = [(9, (12,)), (13, (23, 59)), (20, (23, 59, 59))]
ENDS = ["24:00", "00:00", "23:59", " 24:00 "]


@pytest.fixture(autouse=True)
def now():
    with time_machine.travel(NOW, tick=False):
        yield NOW


@pytest.fixture
def browser(client, ada):
    client.force_login(ada)
    return client


def last_slot(hours: WorkingHours, day: date) -> tuple[str, datetime]:
    """Return the start of a day's last slot, by the clock and as a moment, and the moment at which the day ends."""
    window = Period(*day_bounds(day, hours.zone))
    start = open_starts(working_periods(hours, window), [], HALF_HOUR, window)[-1]
    return f"{local_time(start, hours.zone):%H:%M}", start + HALF_HOUR.duration


@pytest.mark.parametrize("end", ENDS)
def test_weekly_hours_end_with_the_day(browser, ada, end):
    response = browser.post(PAGE, {"time_zone": "Europe/London", "monday-start": "22:00", "monday-end": end})

    assert response.status_code == 302
    assert list(WeeklyHours.objects.values_list("weekday", "start", "end")) == [(0, time(22), time(0))]
    monday = date(2026, 12, 7)
    assert last_slot(read_working_hours(User.objects.get(pk=ada.pk)), monday)[0] == "23:30"


@pytest.mark.parametrize("end", ENDS)
def test_a_date_ends_with_the_day(browser, ada, end):
    fields = {"dates": "open0", "open0-date": "2026-12-24", "open0-start": "22:00", "open0-end": end}
    response = browser.post(PAGE, {"time_zone": "Europe/London", **fields})

    assert response.status_code == 302
    assert list(DateOverride.objects.values_list("date", "start", "end")) == [(date(2026, 12, 24), time(22), time(0))]


@pytest.mark.parametrize("end", ["24:00", "23:59"])
def test_a_date_that_travels_as_a_word_ends_with_the_day(browser, ada, end):
    response = browser.post(PAGE, {"time_zone": "Europe/London", "dates": f"2026-12-24/22:00-{end}"})

    assert response.status_code == 302
    assert list(DateOverride.objects.values_list("end", flat=True)) == [time(0)]


@pytest.mark.parametrize("end", ENDS)
def test_first_hours_end_with_the_day(ada, end):
    data = {"time_zone": "Europe/London", "weekdays": ["0"], "start": "22:00", "end": end}
    form = FirstHoursForm(data, stored=read_working_hours(ada))

    assert form.is_valid(), form.errors
    assert form.working_hours().weekly == {0: [(time(22), time(0))]}


@pytest.mark.parametrize(("start", "end"), [("24:00", "10:00"), ("09:00", "24:01"), ("09:00", "25:00")])
def test_no_other_time_goes_past_the_day(browser, ada, start, end):
    response = browser.post(PAGE, {"time_zone": "Europe/London", "monday-start": start, "monday-end": end})

    assert response.status_code == 422
    assert WeeklyHours.objects.filter(end=time(0)).count() == 0


@pytest.mark.parametrize(
    ("zone", "day", "clock", "hours"),
    [
        ("Europe/London", date(2026, 12, 1), "23:30", 24),
        ("Europe/London", date(2027, 3, 28), "23:30", 23),
        ("Europe/London", date(2026, 10, 25), "23:30", 25),
        # The clocks go forward at midnight: the day ends where the next one begins, at 01:00.
        ("Africa/Cairo", date(2027, 4, 29), "23:30", 24),
        ("Africa/Cairo", date(2027, 4, 30), "23:30", 23),
    ],
)
def test_the_last_slot_ends_where_the_day_ends(zone, day, clock, hours):
    working = WorkingHours(ZoneInfo(zone), {weekday: [(time(0), time(0))] for weekday in range(7)})
    first, last = day_bounds(day, working.zone)

    assert last - first == timedelta(hours=hours)
    assert last_slot(working, day) == (clock, last)


def test_an_end_that_was_stored_as_the_last_minute_is_the_end_of_the_day():
    working = WorkingHours(ZoneInfo("Europe/London"), {0: [(time(22), time(23, 59))]})

    assert last_slot(working, date(2026, 12, 7))[0] == "23:30"


@pytest.mark.django_db
def test_the_database_takes_midnight_as_an_end_and_no_other_end_before_its_start(ada):
    for end in [time(0), time(23)]:
        WeeklyHours.objects.update_or_create(schedule=ada.schedule, weekday=5, start=time(22), defaults={"end": end})
    with pytest.raises(IntegrityError), transaction.atomic():
        WeeklyHours.objects.create(schedule=ada.schedule, weekday=6, start=time(22), end=time(2))


@pytest.mark.django_db
def test_stored_ends_of_2359_become_midnight(ada):
    rows = [WeeklyHours(schedule=ada.schedule, weekday=6, start=time(hour), end=time(*end)) for hour, end in LATE]
    WeeklyHours.objects.bulk_create(rows)

    import_module("scheduling.migrations.0013_end_of_day").end_at_midnight(apps, None)

    found = WeeklyHours.objects.filter(weekday=6).order_by("start").values_list("end", flat=True)
    assert list(found) == [time(12), time(0), time(0)]


def test_the_end_of_the_day_is_said_by_the_readers_clock(ada):
    assert (say_end(time(0)), say_end(time(17))) == ("24:00", "17:00")
    ada.clock = "12"
    with written_for(ada):
        assert (say_end(time(0)), say_end(time(17))) == ("midnight", "5:00 pm")


def test_dates_in_words_end_at_24(browser, ada):
    DateOverride.objects.create(schedule=ada.schedule, date=date(2026, 12, 24), start=time(22), end=time(0))

    assert "22:00 to 24:00" in browser.get(PAGE).text
