from collections.abc import Collection
from datetime import datetime

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Q

from caledee.accounts.models import User
from caledee.timekeeping.periods import Period
from scheduling.models.meeting import LONGEST_DURATION, ZERO


class BusyKind(models.TextChoices):
    """The kind of busy time: BUSY and BUSY-TENTATIVE in RFC 5545, section 3.2.9."""

    BOOKING = "booking", "Booked"
    HOLD = "hold", "Held"


class BusyTimeQuerySet(models.QuerySet["BusyTime"]):
    def overlapping(self, organizers: Collection[User], window: Period) -> "BusyTimeQuerySet":
        """Rows of these people that overlap `window`, expired holds among them.

        No row is longer than LONGEST_DURATION (the constraint `busy_time_length`). This bounds the start from below,
        and the index on organizer and start finds the rows.
        """
        return self.filter(
            organizer__in=organizers,
            start__gt=window.start - LONGEST_DURATION,
            start__lt=window.end,
            end__gt=window.start,
        )

    def counting(self, now: datetime) -> "BusyTimeQuerySet":
        """All but expired holds."""
        return self.filter(Q(kind=BusyKind.BOOKING) | Q(lapses_at__gt=now))


class BusyTime(models.Model):
    """One taken period of one organizer: a row of the ledger.

    Only `scheduling.availability.ledger` writes rows; `scheduling.availability.taken` reads them for everyone else.
    `claim` is the id of the booking or one-off meeting that takes the time; rows of one claim may overlap. A hold
    expires at `lapses_at`. The buffers keep other meetings at a distance but do not conflict.
    """

    organizer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="busy_times")
    claim = models.UUIDField(db_index=True)
    kind = models.CharField(max_length=10, choices=BusyKind)
    start = models.DateTimeField()
    end = models.DateTimeField()
    during = models.GeneratedField(
        expression=models.Func(F("start"), F("end"), RangeBoundary(), function="tstzrange"),
        output_field=DateTimeRangeField(),
        db_persist=True,
    )
    before_buffer = models.DurationField(default=ZERO)
    after_buffer = models.DurationField(default=ZERO)
    lapses_at = models.DateTimeField(null=True, blank=True)

    objects = BusyTimeQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["organizer", "start"], name="busy_time_organizer_start")]
        constraints = [
            ExclusionConstraint(
                name="busy_time_no_overlap",
                expressions=[
                    ("organizer", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                    ("claim", RangeOperators.NOT_EQUAL),
                ],
                violation_error_message="This time is taken.",
            ),
            models.CheckConstraint(
                condition=Q(start__lt=F("end"), start__gte=F("end") - LONGEST_DURATION),
                name="busy_time_length",
            ),
            models.CheckConstraint(
                condition=Q(kind=BusyKind.BOOKING, lapses_at=None)
                | Q(kind=BusyKind.HOLD, lapses_at__isnull=False, lapses_at__lte=F("start")),
                name="busy_time_holds_lapse",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.start} - {self.end}"

    def has_lapsed(self, now: datetime) -> bool:
        """Return whether this hold has expired."""
        return self.lapses_at is not None and self.lapses_at <= now

    @property
    def period(self) -> Period:
        return Period(self.start, self.end)
