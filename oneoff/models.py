import uuid
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, When
from django.urls import reverse

from caledee.accounts.models import User, validate_time_zone
from caledee.locations import DETAIL_MAX_LENGTH
from caledee.timekeeping.clock import Clock
from caledee.timekeeping.periods import Period
from caledee.web.tokens import make_token
from scheduling.models import LONGEST_DURATION, SHORTEST_DURATION, Booking, MeetingDetails

MOST_PROPOSED_TIMES = 100
FURTHEST_PROPOSED_TIME = timedelta(days=366)


class OneOffMeetingQuerySet(models.QuerySet["OneOffMeeting"]):
    def for_board(self) -> "OneOffMeetingQuerySet":
        return self.select_related("organizer", "created_by", "current_link__booking").prefetch_related(
            "proposed_times", "cohosts"
        )

    def waiting_first(self, now: datetime) -> "OneOffMeetingQuerySet":
        """Put waiting meetings first, then booked ones that haven't ended; newest first in each group."""
        ahead = ProposedTime.objects.filter(one_off=OuterRef("pk"), start__gt=now)
        open_links = SingleUseLink.objects.filter(pk=OuterRef("current_link"), closed_at=None)
        booked = Booking.objects.confirmed().filter(single_use_link=OuterRef("current_link"), end__gt=now)
        # Subqueries with one value, looked up per meeting. A join or EXISTS would read all rows.
        rows = self.alias(
            next_time=Subquery(ahead.order_by().values("pk")[:1]),
            open_link=Subquery(open_links.values("pk")),
            booked_ahead=Subquery(booked.order_by().values("pk")),
        )
        valid = Q(valid_until=None) | Q(valid_until__gt=now)
        stage = Case(
            # First, because it needs no lookup, and after some years it applies to nearly all meetings.
            When(last_end__lte=now, then=2),
            When(Q(open_link__isnull=False, next_time__isnull=False) & valid, then=0),
            When(booked_ahead__isnull=False, then=1),
            default=2,
        )
        return rows.order_by(stage, "-created_at", "pk")


class OneOffMeeting(MeetingDetails):
    """A meeting that happens once. It can't be edited: times are withdrawn, or it is booked or deleted."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organizer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="one_off_meetings")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="created_one_off_meetings",
    )
    # The other hosts. Every time is held for each of them.
    cohosts = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="cohosted_one_off_meetings")
    hold_times = models.BooleanField(default=True)
    valid_until = models.DateTimeField(null=True, blank=True)
    invitee_name = models.CharField(max_length=100, blank=True)
    invitee_email = models.EmailField(max_length=254, blank=True)
    created_at = models.DateTimeField()
    # When the last time ever proposed ends, so the board doesn't look up times and bookings of old meetings. NULL if
    # unknown.
    last_end = models.DateTimeField(null=True, editable=False)
    # NULL only while the meeting and its first link are created. A reopened meeting gets a new link.
    current_link = models.OneToOneField(
        "SingleUseLink", on_delete=models.RESTRICT, null=True, editable=False, related_name="current_of"
    )

    objects = OneOffMeetingQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "id"]
        indexes = [models.Index(fields=["organizer", "-created_at"], name="one_off_organizer_created")]
        constraints = [
            *MeetingDetails.Meta.constraints,
            models.CheckConstraint(
                condition=Q(duration__range=(SHORTEST_DURATION, LONGEST_DURATION)),
                name="one_off_duration_range",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("oneoff:detail", args=[self.pk])

    @property
    def link(self) -> "SingleUseLink":
        """Return the link that can be shared, open or closed."""
        assert self.current_link is not None
        self.current_link.one_off = self  # saves a query
        return self.current_link

    @property
    def people(self) -> list[User]:
        """Return everyone whose time it takes: the organizer, then the cohosts by name."""
        return [self.organizer, *sorted(self.cohosts.all(), key=lambda person: (person.name, person.handle))]


class ProposedTime(models.Model):
    """An offered time. `end` is `start` plus the duration of the meeting, stored for database constraints."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    one_off = models.ForeignKey(OneOffMeeting, on_delete=models.CASCADE, related_name="proposed_times")
    start = models.DateTimeField()
    end = models.DateTimeField()
    # The organizer knows that a connected calendar is busy then, and offers the time in spite of that.
    offered_anyway = models.BooleanField(default=False, db_default=False)

    class Meta:
        ordering = ["start"]
        constraints = [
            models.UniqueConstraint(fields=["one_off", "start"], name="proposed_time_unique"),
            models.CheckConstraint(condition=Q(start__lt=F("end")), name="proposed_time_start_before_end"),
        ]

    def __str__(self) -> str:
        return f"{self.start} - {self.end}"

    @property
    def period(self) -> Period:
        return Period(self.start, self.end)


class SingleUseLink(models.Model):
    """The link to a one-off meeting: open until someone books, then permanently closed.

    A meeting has one link at a time. When it is reopened, it gets a new one and the earlier ones stay closed.
    """

    token = models.CharField(max_length=64, unique=True, default=make_token, editable=False)
    one_off = models.ForeignKey(OneOffMeeting, on_delete=models.CASCADE, related_name="links")
    opened_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    booking = models.OneToOneField(
        Booking, on_delete=models.RESTRICT, null=True, blank=True, related_name="single_use_link"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at=None, booking=None) | Q(closed_at__isnull=False),
                name="single_use_link_booked_is_closed",
            ),
            models.UniqueConstraint(
                fields=["one_off"], condition=Q(closed_at=None), name="single_use_link_one_open_per_meeting"
            ),
        ]

    def __str__(self) -> str:
        return "closed link" if self.closed_at else "open link"

    def get_absolute_url(self) -> str:
        return reverse("oneoff:page", args=[self.one_off.organizer.handle, self.token])

    def is_open(self, now: datetime) -> bool:
        """Return whether it can still be booked: neither closed nor expired."""
        valid_until = self.one_off.valid_until
        return self.closed_at is None and (valid_until is None or now < valid_until)


class Answer(models.TextChoices):
    """The answer to suggested times. OTHERWISE: the meeting was booked at another time or by someone else."""

    ACCEPTED = "accepted", "Accepted"
    DECLINED = "declined", "Declined"
    OTHERWISE = "otherwise", "Booked otherwise"


class CounterProposalQuerySet(models.QuerySet["CounterProposal"]):
    def unanswered(self) -> "CounterProposalQuerySet":
        return self.filter(answered_at=None)

    def open(self, now: datetime) -> "CounterProposalQuerySet":
        """Return those that can still be accepted: one of their times is in the future, and the meeting isn't over."""
        ahead = CounterTime.objects.filter(proposal=OuterRef("pk"), start__gt=now)
        not_booked = Q(booking=None, one_off__current_link__closed_at=None)
        booked = Q(booking__cancelled_at=None, booking__start__gt=now)
        return self.unanswered().filter(Exists(ahead), not_booked | booked)


class CounterProposal(models.Model):
    """Times that an invitee suggests, before anyone has booked or for the `booking` that they made.

    Suggested times aren't held. The invitee's details are copied to the booking when a time is accepted.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    one_off = models.ForeignKey(OneOffMeeting, on_delete=models.CASCADE, related_name="proposals")
    booking = models.ForeignKey(Booking, on_delete=models.CASCADE, null=True, blank=True, related_name="proposals")
    invitee_name = models.CharField(max_length=100)
    invitee_email = models.EmailField(max_length=254)
    invitee_time_zone = models.CharField(max_length=64, validators=[validate_time_zone])
    # The clock of the invitee's browser, or empty if unknown.
    invitee_clock = models.CharField(max_length=2, choices=Clock, blank=True, default="", db_default="")
    location = models.CharField(max_length=DETAIL_MAX_LENGTH, blank=True)
    note = models.TextField(max_length=1000, blank=True)
    created_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=10, choices=Answer, blank=True)
    answer_note = models.TextField(max_length=1000, blank=True)
    # The nonce of the form that created it (caledee.web.forms.NonceField), or empty if there was none.
    nonce = models.CharField(max_length=64, blank=True, default="", db_default="", editable=False)

    objects = CounterProposalQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_at=None, answer="") | Q(answered_at__isnull=False) & ~Q(answer=""),
                name="counter_proposal_answered_somehow",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.one_off}: times suggested by {self.invitee_name}"

    @property
    def invitee_zone(self) -> ZoneInfo:
        return ZoneInfo(self.invitee_time_zone)


class CounterTime(models.Model):
    """A suggested time, as long as the meeting."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    proposal = models.ForeignKey(CounterProposal, on_delete=models.CASCADE, related_name="times")
    start = models.DateTimeField()
    end = models.DateTimeField()

    class Meta:
        ordering = ["start"]
        constraints = [
            models.UniqueConstraint(fields=["proposal", "start"], name="counter_time_unique"),
            models.CheckConstraint(condition=Q(start__lt=F("end")), name="counter_time_start_before_end"),
        ]

    def __str__(self) -> str:
        return f"{self.start} - {self.end}"

    @property
    def period(self) -> Period:
        return Period(self.start, self.end)
