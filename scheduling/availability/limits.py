"""Limits of event types per day and per invitee, and which invitees are known to the hosts."""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from caledee.accounts.models import User
from caledee.limits.mailboxes import GMAIL, mailbox_of
from caledee.timekeeping.zones import day_bounds, local_time
from scheduling.models import Booking, Canceller, EventType

# Recent cancellations count toward `invitee_limit`: otherwise, someone could book and cancel endlessly.
CANCELLATIONS_COUNT_FOR = timedelta(hours=24)
SPARE_CANCELLATIONS = 2
# How long an invitee remains known after a meeting.
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
    """Return those of `starts` on whose day in `zone` the daily limit allows another meeting.

    `starts` is in order and not empty. Counts confirmed meetings of this event type with any host, except the one that
    is `moved`. One query. The result is reliable for a booking if the event type or all its hosts are locked.
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
    """Raise InviteeLimitReached, or CancelledTooOften if the invitee's own cancellations fill the limit.

    The event type or its hosts must be locked. At most one query.
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
    """Return whether someone with this email address has recently met one of `people`. One query.

    A booking alone proves nothing, because anyone can make one. The meeting must have taken place: neither cancelled
    nor a no-show.
    """
    met = Booking.objects.confirmed().filter(
        organizer__in=people, start__gt=now - REGULAR_FOR, end__lte=now, no_show_at=None
    )
    return bool(_of_mailbox(met, email))


def _of_mailbox(bookings: QuerySet[Booking], email: str) -> list[Booking]:
    """Return bookings of invitees with the same mailbox as `email`, with only the necessary columns."""
    mailbox = mailbox_of(email)
    local, _, domain = mailbox.rpartition("@")
    of_domain = Q(pk=None)
    for each in GMAIL if domain in GMAIL else {domain, email.rpartition("@")[2]}:
        of_domain |= Q(invitee_email__iendswith=f"@{each}")
    if domain not in GMAIL:
        # Gmail addresses can contain dots anywhere, and other addresses can be in quotes.
        of_domain &= Q(invitee_email__istartswith=local) | Q(invitee_email__startswith='"')
    found = bookings.filter(of_domain).order_by().only("invitee_email", "cancelled_at")
    return [booking for booking in found if mailbox_of(booking.invitee_email) == mailbox]
