"""The allowance of a mailbox: which emails need room in it, and when they are counted."""

from datetime import datetime
from enum import StrEnum

from django.db import transaction

from caledee.email.models import EmailRecord
from caledee.limits.mailboxes import MailboxFull, note_email, take_place


class Place(StrEnum):
    """What happens if the mailbox has no room left, and when the email is counted."""

    # For actions that the invitee can repeat later: refused if there is no room. Counted when queued.
    NEEDED = "needed"
    # For actions that must always be possible, and for scheduled emails: skipped if there is no room. Counted when
    # sent.
    WANTED = "wanted"
    # For actions of the organizer side: always sent. Counted when sent.
    GRANTED = "granted"


def claim_place(record: EmailRecord, place: Place, *, now: datetime) -> bool:
    """Return whether a waiting email can be sent, and count it. A retry keeps the room it already has.

    If there is no room, the record is marked as over the limit. Locks the record.
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
