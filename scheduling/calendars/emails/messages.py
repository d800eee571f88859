"""Emails about connected calendars, to their owner."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import models
from django.urls import reverse

from caledee.accounts.models import User
from caledee.email.kinds import EMAIL_KINDS
from caledee.email.messages import Email, Row, name_message
from caledee.email.text import one_line
from caledee.timekeeping.wording import say_moment, say_names
from scheduling.calendars.models import Connection, OutsideCalendar
from scheduling.calendars.status import status_of

WHY = "You're receiving this email because you connected calendars to your Caledee account."
STOP_COUNTING = "If you don't need a calendar any more, stop counting it. Your pages then offer times without it."


@EMAIL_KINDS.add
class CalendarEmail(models.TextChoices):
    CLOSED = "pages_closed", "notification that the pages offer no times"
    STILL_CLOSED = "pages_still_closed", "reminder that the pages offer no times"
    OPENED = "pages_opened", "notification that the pages offer times again"
    RECONNECT = "reconnect", "request to reconnect a calendar"


def closed_id(person: UUID, at: datetime) -> str:
    return name_message("pages-closed", person, _seconds(at))


def reminder_id(person: UUID, closed_at: datetime) -> str:
    return name_message("pages-still-closed", person, _seconds(closed_at))


def opened_id(person: UUID, closed_at: datetime) -> str:
    return name_message("pages-opened", person, _seconds(closed_at))


def reconnect_id(connection: UUID, at: datetime) -> str:
    return name_message("reconnect", connection, _seconds(at))


def write_closed(
    person: User, calendars: Sequence[OutsideCalendar], *, at: datetime, is_reminder: bool, now: datetime
) -> Email:
    """Write that these calendars close the person's pages. `at` is when they were first notified."""
    names = say_names(calendar.name for calendar in calendars)
    return Email(
        to=person.email,
        subject="Your pages still offer no times" if is_reminder else "Your pages offer no times",
        state="Calendars",
        heading="Your pages offer no times",
        opening=f"Caledee can't read {names}, so it doesn't know when you are busy. To avoid double bookings, your "
        "pages offer no times until it can.",
        rows=[
            *(Row(calendar.name, [status_of(calendar, zone=person.zone, now=now).sentence]) for calendar in calendars),
            Row("What you can do", [STOP_COUNTING]),
        ],
        action="View calendars",
        link=f"{settings.BASE_URL}{reverse('calendars:calendars')}",
        why=WHY,
        message_id=reminder_id(person.pk, at) if is_reminder else closed_id(person.pk, at),
    )


def write_opened(person: User, *, at: datetime) -> Email:
    return Email(
        to=person.email,
        subject="Your pages offer times again",
        state="Calendars",
        heading="Your pages offer times again",
        opening="Caledee can read your calendars again. Your pages offer times as usual.",
        rows=[Row("You were notified", [say_moment(at, person.zone)])],
        action="View calendars",
        link=f"{settings.BASE_URL}{reverse('calendars:calendars')}",
        why=WHY,
        message_id=opened_id(person.pk, at),
    )


def write_reconnect(
    connection: Connection, calendars: Sequence[OutsideCalendar], *, at: datetime, now: datetime
) -> Email:
    person, label = connection.person, one_line(connection.label)
    return Email(
        to=person.email,
        subject=f"Reconnect {label}",
        state="Calendars",
        heading=f"Reconnect {label}",
        opening=f"Caledee can no longer read your calendars at {connection.host}. Until you reconnect, it doesn't see "
        "new entries there, and soon your pages will offer no times.",
        rows=[Row(calendar.name, [status_of(calendar, zone=person.zone, now=now).sentence]) for calendar in calendars],
        action="Reconnect",
        link=f"{settings.BASE_URL}{reverse('calendars:connection', args=[connection.pk])}",
        why=WHY,
        message_id=reconnect_id(connection.pk, at),
    )


def _seconds(at: datetime) -> str:
    """Format a moment for a Message-ID."""
    return f"{at.timestamp():.6f}"
