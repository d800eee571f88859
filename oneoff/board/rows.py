"""One-off meetings as rows for the board and their own page."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from caledee.accounts.models import User
from caledee.timekeeping.periods import Period
from caledee.timekeeping.wording import say_count, say_day, say_duration, say_names, say_time_span
from caledee.timekeeping.zones import local_time
from oneoff.board.reopening import can_be_reopened
from oneoff.conflicts import describe_calendars, say_taken_elsewhere
from oneoff.models import OneOffMeeting, ProposedTime
from oneoff.offer import takes
from scheduling.availability.overlaps import ByDay
from scheduling.availability.taken import Taken, read_taken
from scheduling.rooms import say_place


class State(StrEnum):
    WAITING = "waiting"
    BOOKED = "booked"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class TimeLine:
    """A proposed time in words. Forms send `key` to withdraw it.

    `calendar` says in whose connected calendar a time is taken that could be offered in spite of that, and `remark`
    that it is.
    """

    key: str
    day: str
    span: str
    is_taken: bool = False
    calendar: str = ""
    remark: str = ""

    @property
    def name(self) -> str:
        return f"{self.day}, {self.span}"


@dataclass(frozen=True, slots=True)
class OneOffRow:
    """A one-off as text for the templates."""

    one_off: OneOffMeeting
    state: State
    address: str
    duration: str
    place: str
    organizer: str
    company: str
    can_manage: bool
    status: str
    span: str
    times: list[TimeLine]
    booking_when: str
    booking_who: str
    can_cancel: bool
    can_be_reopened: bool
    asked: str

    @property
    def key(self) -> str:
        return str(self.one_off.pk)

    @property
    def is_held(self) -> bool:
        return self.state is State.WAITING and self.one_off.hold_times

    @property
    def taken_in_calendars(self) -> list[TimeLine]:
        return [time for time in self.times if time.calendar]

    @property
    def deletion(self) -> str:
        """Return what deleting it does."""
        freed = f", and {say_count(len(self.times), 'held time')} will be released" if self.is_held else ""
        return f"The link stops working immediately{freed}."

    @property
    def can_be_deleted(self) -> bool:
        return self.can_manage and self.state is not State.BOOKED


def one_off_row(
    one_off: OneOffMeeting,
    *,
    viewer: User,
    can_manage: bool,
    base_url: str,
    now: datetime,
    proposals: int = 0,
    taken: Mapping[UUID, Sequence[Taken]] = MappingProxyType({}),
) -> OneOffRow:
    """Return the row, without queries if the one-off was loaded `for_board`.

    `proposals` is the number of suggestions without an answer, `taken` comes from `taken_times`.
    """
    zone = one_off.organizer.zone
    booking = one_off.link.booking
    left = times_left(one_off, now=now)
    free = [time for time in left if not any(takes(each, time) for each in taken.get(time.pk, ()))]
    return OneOffRow(
        one_off=one_off,
        state=state_of(one_off, now=now),
        address=base_url + one_off.link.get_absolute_url(),
        duration=say_duration(one_off.duration),
        place=say_place(one_off, one_off.organizer),
        organizer=_say_organizer(one_off, viewer),
        company=_say_company(one_off, viewer),
        can_manage=can_manage,
        status=_say_status(one_off, left, free, now),
        span=_say_days(free, one_off),
        times=[_time_line(time, one_off, viewer, taken.get(time.pk, ())) for time in left],
        booking_when=f"{say_day(local_time(booking.start, zone).date())}, {say_time_span(booking.period, zone)}"
        if booking
        else "",
        booking_who=f"{booking.invitee_name}, {booking.invitee_email}" if booking and not booking.forgotten_at else "",
        can_cancel=can_manage and booking is not None and not booking.is_cancelled and booking.start > now,
        can_be_reopened=can_manage and can_be_reopened(one_off, now=now),
        asked=f"{say_count(proposals, 'suggestion')} to answer" if proposals and can_manage else "",
    )


def rows_by_state(rows: Iterable[OneOffRow]) -> dict[State, list[OneOffRow]]:
    """Group the rows by state. Waiting and ended ones keep their order, booked ones are ordered by time."""
    by_state: dict[State, list[OneOffRow]] = {state: [] for state in State}
    for row in rows:
        by_state[row.state].append(row)
    by_state[State.BOOKED].sort(key=_booked_start)
    return by_state


def state_of(one_off: OneOffMeeting, *, now: datetime) -> State:
    booking = one_off.link.booking
    if booking is not None:
        return State.BOOKED if booking.lies_ahead(now) else State.ENDED
    return State.WAITING if one_off.link.is_open(now) and times_left(one_off, now=now) else State.ENDED


def times_left(one_off: OneOffMeeting, *, now: datetime) -> list[ProposedTime]:
    """Return the proposed times in the future, if the link is open."""
    if not one_off.link.is_open(now):
        return []
    return [time for time in one_off.proposed_times.all() if time.start > now]


def taken_times(one_offs: Iterable[OneOffMeeting], *, now: datetime) -> dict[UUID, list[Taken]]:
    """Return by ID what overlaps each future proposed time. Only a connected calendar can overlap one that is held.

    Makes at most one query if the one-offs were loaded `for_board`.
    """
    waiting = [(each, left) for each in one_offs if (left := times_left(each, now=now))]
    if not waiting:
        return {}
    people = {person for one_off, _ in waiting for person in one_off.people}
    times = [time for _, left in waiting for time in left]
    window = Period(min(time.start for time in times), max(time.end for time in times))
    taken = read_taken(people, window, now=now)
    taken_of = {person.pk: ByDay([each for each in taken if each.person == person.pk]) for person in people}
    found = {}
    for one_off, left in waiting:
        for time in left:
            against = [each for person in one_off.people for each in taken_of[person.pk].overlapping(time.period)]
            if others := [each for each in against if each.claim != one_off.pk]:
                found[time.pk] = others
    return found


def _time_line(time: ProposedTime, one_off: OneOffMeeting, viewer: User, taken: Sequence[Taken]) -> TimeLine:
    zone = one_off.organizer.zone
    ours, elsewhere = any(each.is_ours for each in taken), [each for each in taken if not each.is_ours]
    return TimeLine(
        key=str(time.pk),
        day=say_day(local_time(time.start, zone).date()),
        span=say_time_span(time.period, zone),
        is_taken=any(takes(each, time) for each in taken),
        calendar=say_taken_elsewhere(elsewhere, one_off.people, viewer)
        if elsewhere and not (ours or time.offered_anyway)
        else "",
        remark=describe_calendars(elsewhere, one_off.people, viewer) if time.offered_anyway else "",
    )


def _say_organizer(one_off: OneOffMeeting, viewer: User) -> str:
    if one_off.organizer == viewer:
        made_by_another = one_off.created_by is not None and one_off.created_by != viewer
        return f"Created for you by {one_off.created_by}" if made_by_another else ""
    if one_off.created_by == one_off.organizer:
        return f"Created by {one_off.organizer.name}"
    by = " by you" if one_off.created_by == viewer else f" by {one_off.created_by}" if one_off.created_by else ""
    return f"For {one_off.organizer.name}, created{by}" if by else f"For {one_off.organizer.name}"


def _say_company(one_off: OneOffMeeting, viewer: User) -> str:
    """Return such as "With you and Alan Turing"."""
    cohosts = one_off.people[1:]
    if not cohosts:
        return ""
    mine, others = [each for each in cohosts if each == viewer], [each for each in cohosts if each != viewer]
    return f"With {say_names(['you'] * len(mine) + [each.name for each in others])}"


def _say_status(one_off: OneOffMeeting, left: list[ProposedTime], free: list[ProposedTime], now: datetime) -> str:
    match state_of(one_off, now=now), one_off.link.booking:
        case State.WAITING, _:
            return _say_left(len(left), len(free))
        case State.BOOKED, _:
            return "Booked"
        case _, None:
            return "Expired without a booking" if one_off.proposed_times.all() else "All times withdrawn"
        case _, booking if booking.is_cancelled:
            return f"Cancelled by {booking.get_cancelled_by_display()}"
        case _, booking if booking.no_show_at:
            return "No-show"
    return "Took place"


def _say_left(left: int, free: int) -> str:
    if not free:
        return "All times are taken"
    return f"{say_count(free, 'time')} left" + (f", {left - free} taken" if free < left else "")


def _say_days(left: list[ProposedTime], one_off: OneOffMeeting) -> str:
    """Return the first and the last day that are left."""
    days = sorted({local_time(time.start, one_off.organizer.zone).date() for time in left})
    if not days:
        return ""
    return say_day(days[0]) if len(days) == 1 else f"{say_day(days[0])} to {say_day(days[-1])}"


def _booked_start(row: OneOffRow) -> datetime:
    booking = row.one_off.link.booking
    assert booking is not None
    return booking.start
