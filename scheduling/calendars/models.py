"""Connections to people's calendars elsewhere, and when those calendars are busy.

Of what is in them, only times are stored: no titles, places, guests or descriptions.
"""

import json
import uuid
from collections.abc import Collection
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce
from django.urls import reverse

from caledee.accounts.models import User
from caledee.sealed import SealedTextField
from caledee.timekeeping.periods import Period
from scheduling.calendars.providers.protocol import Account
from scheduling.calendars.reading import Failure, NoteKind
from scheduling.models import Booking

# The longest row. Readers of a window can bound the start from below with it, which lets them use the index.
LONGEST_ROW = timedelta(hours=24)
NAME_MAX_LENGTH = 100
FAILURES = [(failure.value, failure.value.replace("_", " ")) for failure in Failure]


class ConnectionKind(models.TextChoices):
    FEED = "feed", "Calendar address"
    CALDAV = "caldav", "CalDAV"


class Connection(models.Model):
    """A person's account at a calendar server, or the address of one calendar.

    `address` and `credentials` are secrets; `host` is the part of the address that can be shown and logged.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="calendar_connections")
    kind = models.CharField(max_length=12, choices=ConnectionKind)
    label = models.CharField(max_length=NAME_MAX_LENGTH)
    host = models.CharField(max_length=255)
    address = SealedTextField(editable=False)
    # JSON: user name and password. Empty for a calendar address.
    credentials = SealedTextField(blank=True, default="", editable=False)
    # Email addresses under which the person is invited to entries, in lower case, besides the one of their account.
    own_addresses = ArrayField(models.CharField(max_length=254), default=list, blank=True)
    connected_at = models.DateTimeField()
    # Since when a search for its calendars is running, when the last one found them, and why the last one failed.
    searching_since = models.DateTimeField(null=True, blank=True)
    found_at = models.DateTimeField(null=True, blank=True)
    failure = models.CharField(max_length=16, choices=FAILURES, blank=True, default="")
    # When its server refused the credentials, and when the person was notified. Nothing is read until they reconnect.
    needs_reconnecting_at = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["connected_at", "id"]

    def __str__(self) -> str:
        return self.label

    def get_absolute_url(self) -> str:
        return reverse("calendars:connection", args=[self.pk])

    @property
    def account(self) -> Account:
        """Return where and how to sign in, decrypted. Raises KeyMissing."""
        credentials = json.loads(self.credentials.reveal() or "{}")
        return Account(self.address.reveal(), credentials.get("username", ""), credentials.get("password", ""))


class OutsideCalendarQuerySet(models.QuerySet["OutsideCalendar"]):
    def of(self, people: Collection[User]) -> "OutsideCalendarQuerySet":
        return self.filter(person__in=people)

    def counting(self) -> "OutsideCalendarQuerySet":
        return self.filter(counts=True)

    def closed(self, now: datetime) -> "OutsideCalendarQuerySet":
        """Return counting calendars that were never read, or not for longer than their limit.

        What is in them is unknown, so no time of their person is offered.
        """
        return self.counting().filter(_is_old(now))

    def troubled(self, now: datetime) -> "OutsideCalendarQuerySet":
        """Return counting calendars that are closed, or whose last reading failed."""
        return self.counting().filter(_is_old(now) | ~Q(failure=""))


class OutsideCalendar(models.Model):
    """One calendar of a connection, and what is known of it.

    `person` is the connection's, repeated for the reader of busy times.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="calendars")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="outside_calendars")
    # Identifies it at its server, such as a path. Empty for a calendar address.
    remote = models.TextField(blank=True, default="", editable=False)
    name = models.CharField(max_length=NAME_MAX_LENGTH)
    is_own = models.BooleanField(default=True)
    can_write = models.BooleanField(default=False)
    counts = models.BooleanField(default=False)
    # When it began to count, or not to.
    chosen_at = models.DateTimeField()
    tentative_counts = models.BooleanField(default=True)
    # How long a reading counts as current. None means CALENDAR_STALE_SECONDS.
    stale_after = models.DurationField(null=True, blank=True)

    # What its server called its last state (an ETag, a sync token, a hash), and the window read at that state.
    state = models.TextField(blank=True, default="", editable=False)
    read_from = models.DateTimeField(null=True, blank=True)
    read_until = models.DateTimeField(null=True, blank=True)
    # When the last reading began that was whole or found nothing changed, and the last one that was whole.
    read_at = models.DateTimeField(null=True, blank=True)
    read_whole_at = models.DateTimeField(null=True, blank=True)
    # When what a check before a booking found was last added. A reading that began earlier doesn't know of it.
    added_at = models.DateTimeField(null=True, blank=True)
    # How often the calendar asks to be read.
    refresh_interval = models.DurationField(null=True, blank=True)
    # How many of its entries were unclear, by `NoteKind`.
    notes = models.JSONField(default=dict, blank=True)

    tried_at = models.DateTimeField(null=True, blank=True)
    # None if it isn't read until the person does something.
    next_try_at = models.DateTimeField(null=True, blank=True)
    # When a job to read it was last queued.
    queued_at = models.DateTimeField(null=True, blank=True)
    # The failure of the last attempt, since when attempts fail, and how many have failed in a row.
    failure = models.CharField(max_length=16, choices=FAILURES, blank=True, default="")
    failing_since = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0)

    # Set only by `scheduling.calendars.refreshing.own_meetings.with_uids`.
    organized_uids: list[str]
    cohosted_uids: list[str]

    objects = OutsideCalendarQuerySet.as_manager()

    class Meta:
        # Not by connection: that would join it, and lock it with each locked calendar.
        ordering = ["name", "id"]
        indexes = [
            models.Index(fields=["next_try_at"], condition=Q(counts=True), name="outside_calendar_due"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["connection", "remote"], name="outside_calendar_unique"),
            models.CheckConstraint(
                condition=Q(failure="", failing_since=None, failures=0)
                | ~Q(failure="") & Q(failing_since__isnull=False, failures__gt=0),
                name="outside_calendar_fails_since",
            ),
            models.CheckConstraint(
                condition=Q(read_at=None, read_whole_at=None, read_from=None, read_until=None)
                | Q(read_at__gte=F("read_whole_at"), read_from__lt=F("read_until")),
                name="outside_calendar_read_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def limit(self) -> timedelta:
        """How long a reading counts."""
        return usual_stale_after() if self.stale_after is None else self.stale_after

    def closes_at(self) -> datetime | None:
        """Return when its person's pages close unless it is read again, or None if it was never read."""
        return None if self.read_at is None else self.read_at + self.limit

    def is_closed(self, now: datetime) -> bool:
        """Return whether it closes its person's pages, like `OutsideCalendarQuerySet.closed`."""
        closes_at = self.closes_at()
        return self.counts and (closes_at is None or closes_at < now)

    @property
    def noted(self) -> dict[NoteKind, int]:
        """Return the notes in the order of `NoteKind`, in which the database doesn't keep them."""
        return {kind: self.notes[kind] for kind in NoteKind if kind in self.notes}


class OutsideBusy(models.Model):
    """A period in which a calendar is busy: merged with what overlaps it there, and cut at LONGEST_ROW.

    Only `scheduling.calendars.refreshing.store` writes rows. They are never in the ledger: they can overlap bookings
    and each other.
    """

    calendar = models.ForeignKey(OutsideCalendar, on_delete=models.CASCADE, related_name="busy_rows")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="outside_busy_rows", db_index=False
    )
    start = models.DateTimeField()
    end = models.DateTimeField()
    is_tentative = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["person", "start"], name="outside_busy_person_start")]
        constraints = [
            models.CheckConstraint(
                condition=Q(start__lt=F("end"), start__gte=F("end") - LONGEST_ROW), name="outside_busy_length"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.start} - {self.end}"

    @property
    def period(self) -> Period:
        return Period(self.start, self.end)


class MovedOutside(models.Model):
    """A meeting of Caledee that has another time in a connected calendar than here."""

    calendar = models.ForeignKey(OutsideCalendar, on_delete=models.CASCADE, related_name="moved_meetings")
    booking = models.ForeignKey(Booking, on_delete=models.CASCADE, related_name="moved_outside")
    start = models.DateTimeField()
    end = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["calendar", "booking"], name="moved_outside_unique"),
            models.CheckConstraint(condition=Q(start__lt=F("end")), name="moved_outside_start_before_end"),
        ]

    def __str__(self) -> str:
        return f"{self.booking}: {self.start} - {self.end}"

    @property
    def period(self) -> Period:
        return Period(self.start, self.end)


class ClosedPages(models.Model):
    """A person who was notified that their pages offer no times. Deleted when the pages open again."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="closed_pages")
    told_at = models.DateTimeField()
    # When they were reminded that the pages are still closed.
    reminded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "closed pages"

    def __str__(self) -> str:
        return f"closed pages of {self.person}"


def usual_stale_after() -> timedelta:
    return timedelta(seconds=settings.CALENDAR_STALE_SECONDS)


def _is_old(now: datetime) -> Q:
    """Return the condition that nothing is known of a calendar, or only what was read too long ago."""
    limit = Coalesce(F("stale_after"), Value(usual_stale_after()))
    return Q(read_at=None) | Q(read_at__lt=Value(now) - limit)
