"""Deleting what invitees typed, a while after their meeting.

The booking stays: when it was, how long and whose, so that what an organizer counts stays true. Name, email, zone,
notes, place, reasons and wishes go, from the meeting itself and from everything that tells of it. Of a one-off meeting
that nobody booked, what was noted and asked for goes once the last of its times is as long ago. What an organizer
wrote (the title of a meeting, its description) is the organizer's, and stays.
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
NOBODYS_ZONE = "UTC"


@dataclass(slots=True)
class Forgotten:
    """How many rows were deleted, or cleared of what an invitee typed."""

    meetings: int = 0
    one_offs: int = 0
    proposals: int = 0
    history: int = 0
    mails: int = 0
    invitations: int = 0

    def add(self, other: "Forgotten") -> None:
        for each in fields(self):
            setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))


def forget_invitees(*, days: int, now: datetime, batch: int = BATCH) -> Forgotten:
    """Forget the invitees of all that has been over for so many days. Doing it again changes nothing more.

    In batches, each a transaction that locks the organizers first, as every writer does, and then looks again.
    """
    before = now - timedelta(days=days)
    total = Forgotten()
    for keys in _batches(_old_bookings(before), batch):
        total.add(_forget_bookings(keys, before, now))
    for keys in _batches(_old_one_offs(before), batch):
        total.add(_forget_one_offs(keys, before))
    total.add(_clear_traces(_is_orphan(before, "at"), _is_orphan(before, "queued_at")))
    total.invitations = _old_invitations(before).delete()[0]
    return total


def count_forgettable(*, days: int, now: datetime) -> Forgotten:
    """What `forget_invitees` would do at this moment; nothing is changed."""
    before = now - timedelta(days=days)
    bookings, one_offs = _old_bookings(before), _old_one_offs(before)
    subjects = Q(subject__in=bookings.values("pk")) | Q(subject__in=one_offs.values("pk"))
    of_booked = Q(subject__in=OneOffMeeting.objects.filter(current_link__booking__in=bookings).values("pk"))
    activities = _strangers_activities().filter(subjects | of_booked | _is_orphan(before, "at"))
    mails = _strangers_emails().filter(subjects | of_booked | _is_orphan(before, "queued_at"))
    return Forgotten(
        meetings=bookings.count(),
        one_offs=_noted(one_offs | _booked_one_offs(bookings)).count(),
        proposals=_proposals(bookings, one_offs | _booked_one_offs(bookings)).count(),
        history=activities.count(),
        mails=mails.count(),
        invitations=_old_invitations(before).count(),
    )


def _old_bookings(before: datetime) -> BookingQuerySet:
    return Booking.objects.known().filter(end__lt=before)


def _old_one_offs(before: datetime) -> OneOffMeetingQuerySet:
    """Those of which every time, offered, asked for or booked, is long over, and that still tell of somebody."""
    late = {"end__gte": before}
    is_late = (
        Exists(ProposedTime.objects.filter(one_off=OuterRef("pk"), **late))
        | Exists(CounterTime.objects.filter(proposal__one_off=OuterRef("pk"), **late))
        | Exists(SingleUseLink.objects.filter(one_off=OuterRef("pk"), booking__end__gte=before))
    )
    tells = (
        ~Q(invitee_name="", invitee_email="")
        | Exists(CounterProposal.objects.filter(one_off=OuterRef("pk")))
        | Exists(_strangers_activities().filter(subject=OuterRef("pk")))
        | Exists(_strangers_emails().filter(subject=OuterRef("pk")))
    )
    return OneOffMeeting.objects.filter(~is_late, tells, created_at__lt=before)


def _booked_one_offs(bookings: BookingQuerySet) -> OneOffMeetingQuerySet:
    """Those whose present booking is among these: nobody waits for anything of them any more."""
    return OneOffMeeting.objects.filter(current_link__booking__in=bookings)


def _old_invitations(before: datetime) -> QuerySet[Invitation]:
    """Accepted, withdrawn or run out that long ago."""
    run_out = Q(accepted_at=None, withdrawn_at=None, created_at__lt=before - INVITATION_LASTS)
    return Invitation.objects.filter(run_out | Q(accepted_at__lt=before) | Q(withdrawn_at__lt=before))


def _strangers_activities() -> QuerySet[Activity]:
    """Those done by nobody of ours that name somebody, and the answers to what a stranger asked for."""
    answers = Q(kind=OneOffActivity.DECLINED) & ~Q(facts={}, details="")
    return Activity.objects.filter(Q(by=None) & ~Q(by_name="") | answers)


def _strangers_emails() -> QuerySet[EmailRecord]:
    return EmailRecord.objects.filter(person=None)


def _is_orphan(before: datetime, moment: str) -> Q:
    """Of something that is gone altogether."""
    gone = (
        ~Exists(Booking.objects.filter(pk=OuterRef("subject")))
        & ~Exists(OneOffMeeting.objects.filter(pk=OuterRef("subject")))
        & ~Exists(Invitation.objects.filter(pk=OuterRef("subject")))
    )
    return Q(gone) & Q(**{f"{moment}__lt": before})


def _proposals(bookings: BookingQuerySet, one_offs: OneOffMeetingQuerySet) -> QuerySet[CounterProposal]:
    return CounterProposal.objects.filter(Q(booking__in=bookings) | Q(one_off__in=one_offs))


def _noted(one_offs: OneOffMeetingQuerySet) -> OneOffMeetingQuerySet:
    return one_offs.exclude(invitee_name="", invitee_email="")


def _batches(rows: QuerySet, size: int) -> "list[Sequence[UUID]]":  # type: ignore[type-arg]
    keys = list(rows.order_by("pk").values_list("pk", flat=True))
    return [keys[start : start + size] for start in range(0, len(keys), size)]


@transaction.atomic
def _forget_bookings(keys: Collection[UUID], before: datetime, now: datetime) -> Forgotten:
    chosen = Booking.objects.filter(pk__in=keys)
    lock_organizers(set(chosen.values_list("organizer", flat=True)))
    locked = list(_old_bookings(before).filter(pk__in=keys).select_for_update(no_key=True).order_by("pk"))
    bookings = Booking.objects.filter(pk__in=[each.pk for each in locked])
    one_offs = OneOffMeeting.objects.filter(pk__in=list(_booked_one_offs(bookings).values_list("pk", flat=True)))
    done = _forget_of(bookings, one_offs)
    done.meetings = bookings.update(
        invitee_name="",
        invitee_email="",
        invitee_time_zone=NOBODYS_ZONE,
        invitee_clock="",
        notes="",
        cancel_reason="",
        location=Case(
            When(location_kind=LocationKind.ASK_INVITEE, then=Value("")),
            default=F("location"),
            output_field=CharField(),
        ),
        forgotten_at=now,
        updated_at=now,
    )
    return done


@transaction.atomic
def _forget_one_offs(keys: Collection[UUID], before: datetime) -> Forgotten:
    chosen = OneOffMeeting.objects.filter(pk__in=keys)
    lock_organizers(set(chosen.values_list("organizer", flat=True)))
    still = list(_old_one_offs(before).filter(pk__in=keys).values_list("pk", flat=True))
    return _forget_of(Booking.objects.none(), OneOffMeeting.objects.filter(pk__in=still))


def _forget_of(bookings: BookingQuerySet, one_offs: OneOffMeetingQuerySet) -> Forgotten:
    """All that tells of the invitees of these, but for the bookings' own columns."""
    subjects = [*bookings.values_list("pk", flat=True), *one_offs.values_list("pk", flat=True)]
    done = _clear_traces(Q(subject__in=subjects), Q(subject__in=subjects))
    proposals = _proposals(bookings, one_offs)
    done.proposals = proposals.count()
    proposals.delete()
    done.one_offs = _noted(one_offs).update(invitee_name="", invitee_email="")
    return done


def _clear_traces(activities: Q, mails: Q) -> Forgotten:
    """The history says what happened, and no more who did it."""
    return Forgotten(
        history=_strangers_activities()
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
        mails=_strangers_emails().filter(mails).delete()[0],
    )
