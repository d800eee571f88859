"""Collect a person's profile and everything they created as plain values for a file. Leaves out secrets."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.db.models import QuerySet

from caledee.accounts.models import User
from oneoff.board.rows import state_of
from oneoff.models import OneOffMeeting
from oneoff.permissions import one_offs_on_board
from scheduling.calendars.models import Connection
from scheduling.models import Activity, Booking, EventType, Schedule, Weekday

ONE_MINUTE = timedelta(minutes=1)
Values = dict[str, object]

PERSON = ["name", "email", "handle", "time_zone", "plan", "clock", "week_start", "color_scheme", "room_template"]
DETAILS = ["name", "description", "location_kind", "location", "room_kind"]
BOOKING = [
    *["uid", *DETAILS, "start", "end", "invitee_name", "invitee_email", "invitee_time_zone", "notes"],
    *["created_at", "cancelled_at", "cancelled_by", "cancel_reason", "forgotten_at"],
]
CONNECTION = ["kind", "label", "host", "own_addresses", "connected_at"]
CALENDAR = ["name", "counts", "chosen_at", "tentative_counts", "read_at"]


def collect_data(person: User, *, now: datetime) -> Values:
    """Collect everything, in a fixed number of queries. Moments are in UTC, durations in minutes."""
    return {
        "exported_at": now,
        "profile": _profile(person),
        "organizations": _organizations(person),
        "invitations_sent": list(
            person.invitations_sent.order_by("created_at").values(
                "organization__name", "email", "role", "created_at", "accepted_at"
            )
        ),
        "working_hours": [_schedule(each) for each in _schedules(person)],
        "event_types": [_event_type(each) for each in EventType.objects.of(person)],
        "calendars": [_connection(each) for each in _connections(person)],
        "one_off_meetings": [_one_off(each, now) for each in one_offs_on_board(person).for_board()],
        "meetings": _meetings(Booking.objects.of(person)),
        "meetings_as_cohost": _meetings(Booking.objects.filter(cohosts=person)),
        "emails": list(
            person.emails.order_by("queued_at").values("kind", "name", "address", "queued_at", "sent_at", "failed_at")
        ),
        "history": list(Activity.objects.filter(organizer=person).values("at", "kind", "name", "by_name", "facts")),
    }


def all_meetings(person: User) -> QuerySet[Booking]:
    """Return all meetings the person organizes or cohosts, including past and cancelled ones, in order of time."""
    return Booking.objects.taking_part(person).select_related("organizer").order_by("start", "pk")


def _profile(person: User) -> Values:
    former = person.former_handles.order_by("left_at").values("handle", "left_at")
    emails = EmailAddress.objects.filter(user=person).order_by("pk").values("email", "verified", "primary")
    return {name: getattr(person, name) for name in PERSON} | {
        "joined_at": person.date_joined,
        "last_sign_in": person.last_login,
        "email_addresses": list(emails),
        "former_handles": list(former),
    }


def _organizations(person: User) -> list[Values]:
    memberships = person.memberships.order_by("organization__name", "pk").values_list(
        "organization__name", "organization__handle", "role"
    )
    return [{"name": name, "handle": handle, "role": role} for name, handle, role in memberships]


def _schedules(person: User) -> QuerySet[Schedule]:
    return Schedule.objects.filter(organizer=person).prefetch_related("weekly_hours", "date_overrides").order_by("pk")


def _schedule(schedule: Schedule) -> Values:
    weekly = schedule.weekly_hours.all()
    return {
        "time_zone": schedule.time_zone,
        "weekly": [{"day": Weekday(each.weekday).label, "start": each.start, "end": each.end} for each in weekly],
        "dates": [{"date": each.date, "start": each.start, "end": each.end} for each in schedule.date_overrides.all()],
    }


def _event_type(event_type: EventType) -> Values:
    return {name: getattr(event_type, name) for name in [*DETAILS, "slug", "created_at", "paused_at"]} | {
        "minutes": event_type.duration // ONE_MINUTE,
        "minutes_before": event_type.before_buffer // ONE_MINUTE,
        "minutes_after": event_type.after_buffer // ONE_MINUTE,
        "minutes_of_notice": event_type.minimum_notice // ONE_MINUTE,
        "minutes_between_starts": event_type.start_increment // ONE_MINUTE,
        "days_ahead": event_type.booking_window.days,
    }


def _connections(person: User) -> QuerySet[Connection]:
    return Connection.objects.filter(person=person).prefetch_related("calendars")


def _connection(connection: Connection) -> Values:
    """Leave out the address and the credentials, which are secrets."""
    return {name: getattr(connection, name) for name in CONNECTION} | {
        "calendars": [{name: getattr(each, name) for name in CALENDAR} for each in connection.calendars.all()]
    }


def _one_off(one_off: OneOffMeeting, now: datetime) -> Values:
    booking = one_off.link.booking
    return {name: getattr(one_off, name) for name in [*DETAILS, "invitee_name", "invitee_email"]} | {
        "organizer": one_off.organizer.name,
        "created_by": one_off.created_by.name if one_off.created_by else None,
        "cohosts": [each.name for each in one_off.people[1:]],
        "minutes": one_off.duration // ONE_MINUTE,
        "created_at": one_off.created_at,
        "valid_until": one_off.valid_until,
        "times_held": one_off.hold_times,
        "times": [{"start": each.start, "end": each.end} for each in one_off.proposed_times.all()],
        "state": state_of(one_off, now=now),
        "opened_at": one_off.link.opened_at,
        "closed_at": one_off.link.closed_at,
        "booked_as": booking.uid if booking else None,
    }


def _meetings(bookings: QuerySet[Booking]) -> list[Values]:
    rows = bookings.order_by("start", "pk").values("pk", "organizer__name", "event_type__slug", *BOOKING)
    cohosts = _cohosts_of(bookings)
    return [_meeting(row, cohosts) for row in rows]


def _meeting(row: Mapping[str, object], cohosts: Mapping[object, list[str]]) -> Values:
    return {name: row[name] for name in BOOKING} | {
        "organizer": row["organizer__name"],
        "event_type": row["event_type__slug"],
        "cohosts": cohosts.get(row["pk"], []),
    }


def _cohosts_of(bookings: QuerySet[Booking]) -> dict[object, list[str]]:
    """Return the names by booking. Query the through table, which is small: few meetings have cohosts."""
    found: dict[object, list[str]] = defaultdict(list)
    pairs = Booking.cohosts.through.objects.filter(booking__in=bookings.values("pk"))
    for key, name in pairs.order_by("user__name", "user__handle").values_list("booking_id", "user__name"):
        found[key].append(name)
    return found
