"""How much of an event type may be booked on one day and by one invitee at a time, and which invitees are known."""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from caledee.accounts.models import User
from caledee.limits.mailboxes import GMAIL, mailbox_of
from caledee.timekeeping.zones import day_bounds, local_time
from scheduling.models import Booking, Canceller, EventType

# A cancellation frees its place in `invitee_limit` only so often: else one could book and cancel for ever.
CANCELLATIONS_COUNT_FOR = timedelta(hours=24)
SPARE_CANCELLATIONS = 2
# How long ago a meeting may lie for its invitee to be known.
REGULAR_FOR = timedelta(days=400)


class InviteeLimitReached(Exception):
    """The invitee has as many upcoming bookings of this as one person can have. Another time won't help."""

    sentence = (
        "You've reached the limit of upcoming bookings for this email address. To move or cancel one of them, use the "
        "link in its confirmation."
    )


class CancelledTooOften(InviteeLimitReached):
    """The invitee has booked and cancelled so often in the last day that no other booking is accepted."""

    sentence = (
        "Several meetings were booked and cancelled with this address in the last day. Move a meeting instead of "
        "cancelling it, or book again tomorrow."
    )


def without_full_days(
    starts: Sequence[datetime], event_type: EventType, zone: ZoneInfo, *, moved: Booking | None
) -> list[datetime]:
    """Those of `starts`, which are in order and not none, on whose day in `zone` there is room for one more meeting.

    Confirmed meetings of this event type count, whoever takes them, but for the one that is `moved`. One query. It
    holds for a booking where the event type, or all who can take its meetings, are locked.
    """
    first, last = local_time(starts[0], zone).date(), local_time(starts[-1], zone).date()
    booked = Booking.objects.confirmed().filter(
        event_type=event_type, start__gte=day_bounds(first, zone)[0], start__lt=day_bounds(last, zone)[1]
    )
    if moved is not None:
        booked = booked.exclude(pk=moved.pk)
    days = Counter(local_time(start, zone).date() for start in booked.order_by().values_list("start", flat=True))
    most = event_type.daily_limit
    return [start for start in starts if most is None or days[local_time(start, zone).date()] < most]


def check_invitee_limit(event_type: EventType, email: str, *, now: datetime) -> None:
    """Raises InviteeLimitReached, or CancelledTooOften where it is one's own cancellations that fill the limit.

    At most one query; the event type, or who takes its meetings, is locked.
    """
    most = event_type.invitee_limit
    if most is None:
        return
    counts = Q(cancelled_at=None, end__gt=now) | Q(
        cancelled_by=Canceller.INVITEE, cancelled_at__gt=now - CANCELLATIONS_COUNT_FOR
    )
    of_mailbox = _of_mailbox(Booking.objects.filter(counts, event_type=event_type), email)
    ahead = sum(booking.cancelled_at is None for booking in of_mailbox)
    if ahead >= most:
        raise InviteeLimitReached
    if len(of_mailbox) >= most + SPARE_CANCELLATIONS:
        raise CancelledTooOften


def is_regular(people: Collection[User], email: str, *, now: datetime) -> bool:
    """Whether somebody with this address has met one of `people` not long ago: they are no stranger. One query.

    A booking alone proves nothing, as anybody can make one. What counts is a meeting that took place: it was neither
    cancelled nor missed.
    """
    met = Booking.objects.confirmed().filter(
        organizer__in=people, start__gt=now - REGULAR_FOR, end__lte=now, no_show_at=None
    )
    return bool(_of_mailbox(met, email))


def _of_mailbox(bookings: QuerySet[Booking], email: str) -> list[Booking]:
    """Those whose invitee's address is of the same mailbox as `email`, with hardly anything but that read."""
    mailbox = mailbox_of(email)
    local, _, domain = mailbox.rpartition("@")
    of_domain = Q(pk=None)
    for each in GMAIL if domain in GMAIL else {domain, email.rpartition("@")[2]}:
        of_domain |= Q(invitee_email__iendswith=f"@{each}")
    if domain not in GMAIL:
        # Dots may stand anywhere in a Gmail address, and quotes around any other.
        of_domain &= Q(invitee_email__istartswith=local) | Q(invitee_email__startswith='"')
    found = bookings.filter(of_domain).order_by().only("invitee_email", "cancelled_at")
    return [booking for booking in found if mailbox_of(booking.invitee_email) == mailbox]
