"""The creator's page: what its buttons do, and what its template shows.

Data flows one way: the request fills the forms, the forms describe a draft, the page changes the draft and shows it.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Self

from django.urls import reverse
from django.utils.html import format_html

from caledee.timekeeping.reader import present_clock, present_week_start, say_clock
from caledee.timekeeping.wording import say_day
from caledee.web.month_grid import MonthGrid, month_grid
from oneoff.creator.draft import Draft, read_draft
from oneoff.creator.forms import USUAL_DURATIONS, CreatorForm, TimesForm
from oneoff.creator.rows import day_rows, unreadable_rows
from oneoff.creator.times import proposable_days
from oneoff.creator.wording import (
    ADDED,
    COPIED,
    DAY_FULL,
    REMOVED,
    TIME_REMOVED,
    TOO_MANY,
    say_summary,
    say_whose_times,
)
from oneoff.models import MOST_PROPOSED_TIMES

RARER_FIELDS = ("description", "invitee_name", "invitee_email", "valid_until")


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatorPage:
    """The form, the draft of its times, and what belongs to the page rather than to the meeting.

    `month` is in view, `last_day` was picked last, `announcement` is read out by screen readers, and `focus` names
    the row or button that gets it. `refusal` says why a button changed nothing.
    """

    form: CreatorForm
    draft: Draft
    month: date
    last_day: date | None = None
    announcement: str = ""
    focus: str = ""
    refusal: str = ""

    @classmethod
    def read(cls, form: CreatorForm, times: TimesForm) -> Self:
        """Read the calendars of everyone chosen, and apply the pressed button. Writes nothing."""
        draft = read_draft(
            times.texts,
            people=form.chosen_people,
            viewer=form.me,
            duration=form.chosen_duration,
            now=form.now,
            also_days=times.pressed_days,
        )
        return cls(form=form, draft=draft, month=times.month_in_view, last_day=times.day("last_day")).press(times)

    @property
    def can_be_created(self) -> bool:
        return self.form.is_valid() and not self.draft.has_errors

    @property
    def is_only_taken(self) -> bool:
        """Return whether other meetings are all that prevents creating."""
        return self.form.is_valid() and self.draft.is_only_taken

    def context(self) -> dict[str, Any]:
        return {
            "page": self,
            "form": self.form,
            "usual_durations": self._usual_durations(),
            "more_is_open": any(self.form[name].errors or self.form[name].value() for name in RARER_FIELDS),
            "step_attributes": format_html('hx-post="{}"', reverse("oneoff:create")),
            "grid": self._grid(),
            "days": day_rows(self.draft, self.focus),
            "unreadable": unreadable_rows(self.draft),
            "problem": self._problem(),
            "organizer_name": "You" if self.draft.organizer == self.draft.viewer else self.draft.organizer.name,
            "whose_times": say_whose_times(self.draft.people, self.draft.viewer),
            "hold_times": self._holds_times,
            "clock": present_clock(),
            "summary": self._summary(),
        }

    # What the buttons do

    def press(self, times: TimesForm) -> Self:
        """Return the page after the pressed button, with each time checked."""
        if day := times.day("toggle_day"):
            return self._toggle_day(day)
        if day := times.day("add_time"):
            return self._add_time(day)
        if day := times.day("copy_day"):
            return self._propose(self.draft.with_copies_of(day), announcement=COPIED)
        if (index := times.pressed_index) is not None and index < len(self.draft.times):
            return self._remove_time(index)
        return replace(self, draft=self.draft.checked())

    def _toggle_day(self, day: date) -> Self:
        if day in self.draft.days:
            return self._propose(self.draft.without_day(day), announcement=REMOVED.format(say_day(day)))
        like = self.last_day if self.last_day in self.draft.days else max(self.draft.days, default=None)
        return self._propose(
            self.draft.with_day(day, like=like), last_day=day, announcement=ADDED.format(say_day(day))
        )

    def _add_time(self, day: date) -> Self:
        texts = self.draft.with_time_on(day)
        if texts == self.draft.texts:
            return self._propose(texts, announcement=DAY_FULL.format(say_day(day)))
        added = say_clock(datetime.fromisoformat(texts[-1]).time())
        return self._propose(texts, last_day=day, focus=texts[-1], announcement=ADDED.format(added))

    def _remove_time(self, index: int) -> Self:
        day = self.draft.times[index].day
        return self._propose(self.draft.without_time(index), focus=f"add-{day}", announcement=TIME_REMOVED)

    def _propose(
        self, texts: list[str], *, last_day: date | None = None, focus: str = "", announcement: str = ""
    ) -> Self:
        """Return the page with these times; with those it has if these would be too many."""
        if len(texts) > max(MOST_PROPOSED_TIMES, len(self.draft.times)):
            return replace(self, draft=self.draft.checked(), refusal=TOO_MANY)
        return replace(
            self,
            draft=self.draft.checked(texts),
            last_day=last_day or self.last_day,
            focus=focus,
            announcement=announcement,
        )

    # What the template shows

    @property
    def _holds_times(self) -> bool:
        return bool(self.form["hold_times"].value())

    def _usual_durations(self) -> list[tuple[int, bool]]:
        chosen = str(self.form["duration"].value())
        return [(usual, str(usual) == chosen) for usual in USUAL_DURATIONS]

    def _problem(self) -> str:
        """Return the problem with the times as a whole. An untouched form without times has none yet."""
        return self.refusal or (self.draft.problem if self.form.is_bound or self.draft.times else "")

    def _grid(self) -> MonthGrid:
        first, last = proposable_days(self.draft.zone, self.draft.now)
        return month_grid(
            self.month,
            field="toggle_day",
            today=first,
            is_open=lambda _day: True,
            picked=self.draft.days,
            earliest=first,
            latest=last,
            first_weekday=present_week_start(),
        )

    def _summary(self) -> str:
        """Count the times and days. Times with an error don't count."""
        good = [time for time in self.draft.times if not time.error]
        days = len({time.day for time in good})
        return say_summary(len(good), days, self.draft.zone, hold_times=self._holds_times) if good else ""
