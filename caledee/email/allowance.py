"""The place that an email to an address that somebody typed takes in the tally of its mailbox."""

from datetime import datetime
from enum import StrEnum

from django.db import transaction

from caledee.email.models import EmailRecord
from caledee.limits.mailboxes import MailboxFull, note_email, take_place


class Place(StrEnum):
    """What happens where its mailbox is full, and when it is counted."""

    # Of what an invitee does and can do again later: it is refused. The place is taken when the email is queued.
    NEEDED = "needed"
    # Of what must be possible at any time, or comes later by itself: the email is left out. Taken when it is sent.
    WANTED = "wanted"
    # Of what the organizer's side does: it is sent all the same, and counted when it is sent.
    GRANTED = "granted"


def claim_place(record: EmailRecord, place: Place, *, now: datetime) -> bool:
    """Whether an email that waits may be sent: it has a place, or gets one now. A second attempt keeps the first's.

    Where it gets none, its record says so. Locks the record.
    """
    with transaction.atomic():
        locked = EmailRecord.objects.select_for_update(no_key=True).filter(pk=record.pk).first()
        if locked is None or locked.is_done:
            return False
        if locked.counted_at is not None:
            return True
        if not _take(locked.address, place, now):
            locked.dropped_at, locked.over_limit = now, True
            locked.save(update_fields=["dropped_at", "over_limit"])
            return False
        locked.counted_at = now
        locked.save(update_fields=["counted_at"])
        return True


def _take(address: str, place: Place, now: datetime) -> bool:
    if place == Place.GRANTED:
        note_email(address, now=now)
        return True
    try:
        take_place(address, now=now)
    except MailboxFull:
        return False
    return True
