"""The history of one-off meetings and bookings. Written in the transaction of what it tells of, never changed."""

from datetime import datetime
from uuid import UUID

from caledee.accounts.models import User
from scheduling.models import Activity, ActivityKind


def note_activity(
    kind: ActivityKind,
    *,
    subject: UUID,
    name: str,
    organizer: User,
    by: User | str | None,
    at: datetime,
    details: str = "",
) -> Activity:
    """Add a line to the history of the one-off meeting or the booking whose id is `subject`.

    `by` is one of our people, or the name of an invitee, or None where nobody did it.
    """
    return Activity.objects.create(
        kind=kind,
        subject=subject,
        name=name,
        organizer=organizer,
        by=by if isinstance(by, User) else None,
        by_name=by.name if isinstance(by, User) else by or "",
        at=at,
        details=details,
    )
