"""Explain to an organizer why a time of an event type of theirs can't be booked."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from caledee.timekeeping.periods import Period, merge
from scheduling.availability.slots import read_working_hours, working_periods
from scheduling.availability.taken import Taken, TakenKind, read_taken
from scheduling.bookings.offers import EventTypeOffer
from scheduling.models import LONGEST_BUFFER

DAY = timedelta(days=1)


class Obstacle(StrEnum):
    PAST = "past"
    NOTICE = "notice"
    WINDOW = "window"
    HOURS = "hours"
    BOOKING = "booking"
    HOLD = "hold"
    CALENDAR = "calendar"
    UNKNOWN = "unknown"
    DAILY_LIMIT = "daily_limit"
    # Nothing is in the way, but slots begin at other times.
    GRID = "grid"
    # The event type itself can't be booked.
    PAUSED = "paused"


OF_TAKEN = {
    TakenKind.BOOKING: Obstacle.BOOKING,
    TakenKind.HOLD: Obstacle.HOLD,
    TakenKind.OUTSIDE: Obstacle.CALENDAR,
    TakenKind.UNKNOWN: Obstacle.UNKNOWN,
}


@dataclass(frozen=True, slots=True)
class WhyNot:
    """One thing that is in the way. `taken` is what takes the time, or is too close to it."""

    obstacle: Obstacle
    taken: Taken | None = None


def why_not(offer: EventTypeOffer, start: datetime, *, now: datetime) -> list[WhyNot]:
    """Return everything that keeps the one-on-one event type from being booked at `start`. Empty if it can be booked.

    At most seven queries.
    """
    meeting = Period.lasting(start, offer.duration)
    found = [*_rules_against(offer, meeting, now), *_taken_against(offer, meeting, now)]
    if not offer.event_type.is_active or not offer.event_type.has_room():
        found.insert(0, WhyNot(Obstacle.PAUSED))
    if found or offer.is_open(offer.slot_at(start), now=now):
        return found
    on_grid = bool(offer.starts(Period.lasting(start, timedelta.resolution), now=now))
    return [WhyNot(Obstacle.DAILY_LIMIT if on_grid else Obstacle.GRID)]


def _rules_against(offer: EventTypeOffer, meeting: Period, now: datetime) -> Iterator[WhyNot]:
    if meeting.start <= now:
        yield WhyNot(Obstacle.PAST)
    elif meeting.start < now + offer.event_type.minimum_notice:
        yield WhyNot(Obstacle.NOTICE)
    if meeting.start >= offer.bookable_until(now=now):
        yield WhyNot(Obstacle.WINDOW)
    working = working_periods(read_working_hours(offer.people[0]), meeting.padded(DAY, DAY))
    if not any(period.contains(meeting) for period in merge(working)):
        yield WhyNot(Obstacle.HOURS)


def _taken_against(offer: EventTypeOffer, meeting: Period, now: datetime) -> list[WhyNot]:
    """Return what is in the meeting's time, or closer to it than the larger of the two buffers between them."""
    nearby = read_taken(offer.people, meeting.padded(LONGEST_BUFFER, LONGEST_BUFFER), now=now)
    return [
        WhyNot(OF_TAKEN[taken.kind], taken)
        for taken in nearby
        if meeting.start < taken.period.end + max(offer.before_buffer, taken.after_buffer)
        and taken.period.start - max(offer.after_buffer, taken.before_buffer) < meeting.end
    ]
