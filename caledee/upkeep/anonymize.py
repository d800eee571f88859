"""Delete what invitees typed, some time after their meeting.

The booking stays, with its time, duration and organizer, because organizers count their meetings. The invitee's name,
email, time zone, notes, location and reasons are deleted from the meeting and from everything that refers to it. So is
the address of a video room that was made for the booking. For a one-off meeting that nobody booked, the invitee and
the suggested times are deleted when the last of its times is old enough. What the organizer wrote, such as the name
and the description, stays.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Case, CharField, Exists, F, JSONField, OuterRef, Q, QuerySet, Value, When

from caledee.accounts.models import INVITATION_LASTS, Invitation
from caledee.email.models import EmailRecord
from caledee.locations import LocationKind
from oneoff.events import OneOffActivity
from oneoff.models import (
    CounterProposal,
    CounterTime,
    OneOffMeeting,
    OneOffMeetingQuerySet,
    ProposedTime,
    SingleUseLink,
)
from scheduling.availability.ledger import lock_organizers
from scheduling.models import Activity, Booking, BookingQuerySet

BATCH = 200
UNKNOWN_ZONE = "UTC"


@dataclass(slots=True)
class Anonymized:
    """How many rows were deleted or anonymized."""

    meetings: int = 0
    one_offs: int = 0
    proposals: int = 0
    history: int = 0
    emails: int = 0
    invitations: int = 0

    def add(self, other: "Anonymized") -> None:
        for each in fields(self):
            setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))


def anonymize_meetings(*, days: int, now: datetime, batch: int = BATCH) -> Anonymized:
    """Delete the data of invitees whose meetings ended at least `days` days ago. Idempotent.

    Works in batches. Each is a transaction that locks the organizers first, as all writers do, and then checks again.
    """
    before = now - timedelta(days=days)
    total = Anonymized()
    for keys in _batches(_old_bookings(before), batch):
        total.add(_anonymize_bookings(keys, before, now))
    for keys in _batches(_old_one_offs(before), batch):
        total.add(_anonymize_one_offs(keys, before))
    total.add(_clear_traces(_is_orphan(before, "at"), _is_orphan(before, "queued_at")))
    total.invitations = _old_invitations(before).delete()[0]
    return total


def count_anonymizable(*, days: int, now: datetime) -> Anonymized:
    """Count what `anonymize_meetings` would change now."""
    before = now - timedelta(days=days)
    bookings, one_offs = _old_bookings(before), _old_one_offs(before)
    subjects = Q(subject__in=bookings.values("pk")) | Q(subject__in=one_offs.values("pk"))
    of_booked = Q(subject__in=OneOffMeeting.objects.filter(current_link__booking__in=bookings).values("pk"))
    activities = _invitee_activities().filter(subjects | of_booked | _is_orphan(before, "at"))
    emails = _invitee_emails().filter(subjects | of_booked | _is_orphan(before, "queued_at"))
    return Anonymized(
        meetings=bookings.count(),
        one_offs=_with_invitee(one_offs | _booked_one_offs(bookings)).count(),
        proposals=_proposals(bookings, one_offs | _booked_one_offs(bookings)).count(),
        history=activities.count(),
        emails=emails.count(),
        invitations=_old_invitations(before).count(),
    )


def _old_bookings(before: datetime) -> BookingQuerySet:
    return Booking.objects.known().filter(end__lt=before)


def _old_one_offs(before: datetime) -> OneOffMeetingQuerySet:
    """Return the one-offs with data of an invitee whose offered, suggested and booked times are all old."""
    late = {"end__gte": before}
    is_late = (
        Exists(ProposedTime.objects.filter(one_off=OuterRef("pk"), **late))
        | Exists(CounterTime.objects.filter(proposal__one_off=OuterRef("pk"), **late))
        | Exists(SingleUseLink.objects.filter(one_off=OuterRef("pk"), booking__end__gte=before))
    )
    has_traces = (
        ~Q(invitee_name="", invitee_email="")
        | Exists(CounterProposal.objects.filter(one_off=OuterRef("pk")))
        | Exists(_invitee_activities().filter(subject=OuterRef("pk")))
        | Exists(_invitee_emails().filter(subject=OuterRef("pk")))
    )
    return OneOffMeeting.objects.filter(~is_late, has_traces, created_at__lt=before)


def _booked_one_offs(bookings: BookingQuerySet) -> OneOffMeetingQuerySet:
    """Return the one-offs whose current booking is one of these."""
    return OneOffMeeting.objects.filter(current_link__booking__in=bookings)


def _old_invitations(before: datetime) -> QuerySet[Invitation]:
    """Return the invitations that were accepted, were withdrawn or expired before then."""
    expired = Q(accepted_at=None, withdrawn_at=None, created_at__lt=before - INVITATION_LASTS)
    return Invitation.objects.filter(expired | Q(accepted_at__lt=before) | Q(withdrawn_at__lt=before))


def _invitee_activities() -> QuerySet[Activity]:
    """Return the activities that name an invitee, and the answers to times that invitees suggested."""
    answers = Q(kind=OneOffActivity.DECLINED) & ~Q(facts={}, details="")
    return Activity.objects.filter(Q(by=None) & ~Q(by_name="") | answers)


def _invitee_emails() -> QuerySet[EmailRecord]:
    return EmailRecord.objects.filter(person=None)


def _is_orphan(before: datetime, moment: str) -> Q:
    """Match rows about something that was deleted."""
    gone = (
        ~Exists(Booking.objects.filter(pk=OuterRef("subject")))
        & ~Exists(OneOffMeeting.objects.filter(pk=OuterRef("subject")))
        & ~Exists(Invitation.objects.filter(pk=OuterRef("subject")))
    )
    return Q(gone) & Q(**{f"{moment}__lt": before})


def _proposals(bookings: BookingQuerySet, one_offs: OneOffMeetingQuerySet) -> QuerySet[CounterProposal]:
    return CounterProposal.objects.filter(Q(booking__in=bookings) | Q(one_off__in=one_offs))


def _with_invitee(one_offs: OneOffMeetingQuerySet) -> OneOffMeetingQuerySet:
    return one_offs.exclude(invitee_name="", invitee_email="")


def _batches(rows: QuerySet, size: int) -> list[Sequence[UUID]]:  # type: ignore[type-arg]
    keys = list(rows.order_by("pk").values_list("pk", flat=True))
    return [keys[start : start + size] for start in range(0, len(keys), size)]


@transaction.atomic
def _anonymize_bookings(keys: Collection[UUID], before: datetime, now: datetime) -> Anonymized:
    chosen = Booking.objects.filter(pk__in=keys)
    lock_organizers(set(chosen.values_list("organizer", flat=True)))
    locked = list(_old_bookings(before).filter(pk__in=keys).select_for_update(no_key=True).order_by("pk"))
    bookings = Booking.objects.filter(pk__in=[each.pk for each in locked])
    one_offs = OneOffMeeting.objects.filter(pk__in=list(_booked_one_offs(bookings).values_list("pk", flat=True)))
    done = _anonymize_traces_of(bookings, one_offs)
    done.meetings = bookings.update(
        invitee_name="",
        invitee_email="",
        invitee_time_zone=UNKNOWN_ZONE,
        invitee_clock="",
        notes="",
        cancel_reason="",
        location=Case(
            When(Q(location_kind=LocationKind.ASK_INVITEE) | ~Q(room_kind=""), then=Value("")),
            default=F("location"),
            output_field=CharField(),
        ),
        forgotten_at=now,
        updated_at=now,
    )
    return done


@transaction.atomic
def _anonymize_one_offs(keys: Collection[UUID], before: datetime) -> Anonymized:
    chosen = OneOffMeeting.objects.filter(pk__in=keys)
    lock_organizers(set(chosen.values_list("organizer", flat=True)))
    still = list(_old_one_offs(before).filter(pk__in=keys).values_list("pk", flat=True))
    return _anonymize_traces_of(Booking.objects.none(), OneOffMeeting.objects.filter(pk__in=still))


def _anonymize_traces_of(bookings: BookingQuerySet, one_offs: OneOffMeetingQuerySet) -> Anonymized:
    """Delete everything about these invitees except the columns of the bookings themselves."""
    subjects = [*bookings.values_list("pk", flat=True), *one_offs.values_list("pk", flat=True)]
    done = _clear_traces(Q(subject__in=subjects), Q(subject__in=subjects))
    proposals = _proposals(bookings, one_offs)
    done.proposals = proposals.count()
    proposals.delete()
    done.one_offs = _with_invitee(one_offs).update(invitee_name="", invitee_email="")
    return done


def _clear_traces(activities: Q, emails: Q) -> Anonymized:
    """Keep what happened in the history, but not who did it."""
    return Anonymized(
        history=_invitee_activities()
        .filter(activities)
        .update(
            by_name=Case(When(by=None, then=Value("")), default=F("by_name"), output_field=CharField()),
            facts=Case(
                When(kind=OneOffActivity.DECLINED, then=Value({}, JSONField())),
                default=F("facts"),
                output_field=JSONField(),
            ),
            details=Case(
                When(kind=OneOffActivity.DECLINED, then=Value("")), default=F("details"), output_field=CharField()
            ),
        ),
        emails=_invitee_emails().filter(emails).delete()[0],
    )
