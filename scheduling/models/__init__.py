"""Models of scheduling."""

from scheduling.models.activity import ACTIVITY_KINDS, Activity
from scheduling.models.bookings import Booking, BookingQuerySet, Canceller
from scheduling.models.event_types import (
    HIGHEST_LIMIT,
    MOST_HOSTS,
    EventType,
    EventTypeHost,
    EventTypeHostQuerySet,
    EventTypeKind,
    EventTypeQuerySet,
    validate_event_type_slug,
)
from scheduling.models.feeds import CalendarFeed
from scheduling.models.ledger import BusyKind, BusyTime
from scheduling.models.meeting import (
    LONGEST_BUFFER,
    LONGEST_DURATION,
    SHORTEST_DURATION,
    ZERO,
    MeetingDetails,
    RoomKind,
    validate_whole_minutes,
)
from scheduling.models.schedules import DateOverride, Schedule, Weekday, WeeklyHours

__all__ = [
    "ACTIVITY_KINDS",
    "HIGHEST_LIMIT",
    "LONGEST_BUFFER",
    "LONGEST_DURATION",
    "MOST_HOSTS",
    "SHORTEST_DURATION",
    "ZERO",
    "Activity",
    "Booking",
    "BookingQuerySet",
    "BusyKind",
    "BusyTime",
    "CalendarFeed",
    "Canceller",
    "DateOverride",
    "EventType",
    "EventTypeHost",
    "EventTypeHostQuerySet",
    "EventTypeKind",
    "EventTypeQuerySet",
    "MeetingDetails",
    "RoomKind",
    "Schedule",
    "Weekday",
    "WeeklyHours",
    "validate_event_type_slug",
    "validate_whole_minutes",
]
