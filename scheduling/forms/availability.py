"""Forms for working hours. They validate but write nothing."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from caledee.places.forms import TimeZoneField
from caledee.places.tables import present_name
from caledee.timekeeping.reader import say_clock, say_end
from caledee.timekeeping.zones import local_time
from scheduling.availability.day_end import as_end
from scheduling.availability.slots import Hours, WorkingHours
from scheduling.forms.schedule_draft import (
    MOST_DATES,
    MOST_OPENED,
    MOST_PERIODS_A_DAY,
    TypedDate,
    TypedDay,
    TypedHours,
    draft_of,
    open_date,
    read_draft,
)
from scheduling.models import Weekday

NEEDS_TIMES = "Enter a start and an end, such as 9:00 and 17:30, or 9 am and 5:30 pm."
ENDS_EARLY = "The end must be after the start. For hours past midnight, end at 24:00 and add the rest to the next day."
TWICE = "This date is listed twice. Keep one of them, with all its hours."
MINUTES_OF_A_DAY = 24 * 60
LAST_YEAR = 2200
TIME = forms.TimeField(input_formats=["%H:%M"])
DATE = forms.DateField(input_formats=["%Y-%m-%d"])


@dataclass(frozen=True, slots=True)
class Problem:
    """An error to fix, and the id of the field or button to fix it with."""

    target: str
    words: str


class ScheduleForm(forms.Form):
    """A time zone field, and a draft of weekly hours and date overrides with a variable number of rows."""

    time_zone = TimeZoneField(label="Time zone", help_text="The time zone of your hours.")

    def __init__(self, data: QueryDict | None = None, *, stored: WorkingHours, now: datetime) -> None:
        super().__init__(data, initial={"time_zone": present_name(stored.zone.key)})
        self.stored = stored
        self.now = now
        self.draft = draft_of(stored) if data is None else read_draft(data)
        self.problems: list[Problem] = []

    @classmethod
    def on_its_way(cls, data: QueryDict, *, stored: WorkingHours, now: datetime) -> "ScheduleForm":
        """Return the form with its input so far, not validated yet."""
        form = cls(stored=stored, now=now)
        form.initial["time_zone"] = form.fields["time_zone"].widget.value_from_datadict(data, {}, "time_zone") or ""
        form.draft = read_draft(data)
        return form

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        cleaned["weekly"] = {weekday: check_hours(self.draft.week[weekday]) for weekday in Weekday}
        cleaned["overrides"] = self._check_dates(cleaned.get("time_zone", ""))
        self._collect_problems()
        if self.problems:
            self.add_error(None, ValidationError("Check the highlighted hours and dates.", code="hours"))
        return cleaned

    def working_hours(self) -> WorkingHours:
        cleaned = self.cleaned_data
        return WorkingHours(ZoneInfo(cleaned["time_zone"]), cleaned["weekly"], cleaned["overrides"])

    def _check_dates(self, zone_name: str) -> dict[date, list[Hours]]:
        today = local_time(self.now, ZoneInfo(zone_name) if zone_name else self.stored.zone).date()
        checked: dict[date, list[Hours]] = {}
        for each in self.draft.dates:
            hours = check_hours(each)
            try:
                day = self._check_date(each.text, today)
            except ValidationError as error:
                each.error = error.messages[0]
                continue
            if day in checked:
                each.error = TWICE
            checked[day] = hours
        return checked

    def _check_date(self, text: str, today: date) -> date:
        try:
            day: date = DATE.clean(text)
        except ValidationError as error:
            raise ValidationError("Enter a date, such as 2026-12-24.", code="invalid") from error
        if day < today and day not in self.stored.overrides:
            raise ValidationError("This date is in the past. Choose today or a later date.", code="past")
        if day.year > LAST_YEAR:
            raise ValidationError("Choose an earlier date.", code="too_late")
        return day

    def _collect_problems(self) -> None:
        """Open the first invalid dates and link to the first errors."""
        if "time_zone" in self.errors:
            words = " ".join(str(error) for error in self.errors["time_zone"])
            self.problems.append(Problem("id_time_zone", f"Time zone: {words}"))
        wrong = [day for day in self.draft.dates if day.has_errors][:MOST_OPENED]
        for each in wrong:
            open_date(self.draft, each)
        for day in [*self.draft.week, *wrong]:
            self.problems += problems_of(day)
        if len(self.draft.dates) > MOST_DATES:
            self.problems.append(Problem("add-date", f"You can have at most {MOST_DATES} dates."))
        if self.problems and "time_zone" not in self.errors:
            self.draft.focus = self.problems[0].target


def problems_of(day: TypedDay) -> list[Problem]:
    target = day.date_id if isinstance(day, TypedDate) else day.add_id
    found = [(target, day.error), *((row_id, row.error) for row_id, row in day.rows)]
    return [Problem(target, f"{day.name}: {error}") for target, error in found if error]


def check_hours(day: TypedDay) -> list[Hours]:
    """Return the valid hours of one day, in order. Sets errors on the other rows."""
    checked: list[Hours] = []
    for row in day.hours:
        hours = _read_hours(row)
        if hours is None:
            row.error = NEEDS_TIMES
        elif _minutes(hours)[0] >= _minutes(hours)[1]:
            row.error = ENDS_EARLY
        elif clash := next((other for other in checked if _overlap(hours, other)), None):
            row.error = f"These hours overlap {say_clock(clash[0])} to {say_end(clash[1])}."
        else:
            checked.append(hours)
    if len(day.hours) > MOST_PERIODS_A_DAY:
        day.error = f"You can have at most {MOST_PERIODS_A_DAY} periods per day."
    return sorted(checked)


def _read_hours(row: TypedHours) -> Hours | None:
    try:
        return TIME.clean(row.start), as_end(TIME.clean(row.end))
    except ValidationError:
        return None


def _overlap(hours: Hours, other: Hours) -> bool:
    (start, end), (other_start, other_end) = _minutes(hours), _minutes(other)
    return start < other_end and other_start < end


def _minutes(hours: Hours) -> tuple[int, int]:
    """Return start and end in minutes of the day. An end of 00:00 is the end of the day."""
    start, end = hours
    return _minute(start), _minute(end) or MINUTES_OF_A_DAY


def _minute(clock: time) -> int:
    return clock.hour * 60 + clock.minute
