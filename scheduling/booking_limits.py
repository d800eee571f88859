"""How much of an event type may be booked: on one day, and by one invitee at a time."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Q

from caledee.zones import day_bounds, local_time
from scheduling.models import Booking, EventType

GMAIL = frozenset({"gmail.com", "googlemail.com"})


class InviteeLimitReached(Exception):
    """The invitee has as many meetings of this ahead as one person may have. Another time will not help."""


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
    """Raises InviteeLimitReached. At most one query; the event type, or who takes its meetings, is locked."""
    if event_type.invitee_limit is None:
        return
    mailbox = mailbox_of(email)
    domain = mailbox.rpartition("@")[2]
    of_domain = Q(pk=None)
    for each in GMAIL if domain in GMAIL else {domain}:
        of_domain |= Q(invitee_email__iendswith=f"@{each}")
    ahead = Booking.objects.confirmed().upcoming(now).filter(of_domain, event_type=event_type)
    emails = ahead.order_by().values_list("invitee_email", flat=True)
    if sum(mailbox_of(each) == mailbox for each in emails) >= event_type.invitee_limit:
        raise InviteeLimitReached


def mailbox_of(email: str) -> str:
    """Where mail to this address arrives, as far as that is known: what has another ending after a plus, or other
    dots at Gmail, is the same mailbox. Only to compare by: mail goes to what was typed."""
    local, _, domain = email.strip().lower().rpartition("@")
    local = local.partition("+")[0] or local
    if domain in GMAIL:
        local, domain = local.replace(".", ""), "gmail.com"
    return f"{local}@{domain}"
