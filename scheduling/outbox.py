"""The mails on their way: each is queued with a record of it, sent once, and marked with what became of it.

To mail something: write a task that returns the letter, or None where there is nothing to tell any more,

    @app.task(name="scheduling.mail_confirmation", queue=QUEUE, retry=PatientRetry())
    @recorded
    def mail_confirmation(booking_id: str, ...) -> Letter | None: ...

and queue it, in the transaction that it tells of, by `queue_mails(mail_confirmation, [Outgoing(...)], now=now)`.

At most once: a job that runs twice, as that of a killed worker does, sends nothing that is marked as sent. Between the
mail server's "250" and the commit of the mark lie a few milliseconds in which no order of steps can help: a worker
killed just then leaves a mail that was taken and is not marked, and it goes out again, under the same Message-ID, by
which mail programs and calendars can tell. (Marking first would lose the mail instead.)
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import wraps
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from caledee.accounts.models import User
from caledee.limits.mailboxes import take_place
from caledee.logs import current_request, of_request
from caledee.mail import MOST_ATTEMPTS, Letter, MailDelayed, MailRefused, Refusal, connected, deliver, hand_over
from scheduling.mail_places import Place, claim_place
from scheduling.models import MailKind, MailRecord, MailRole, Undelivered

if TYPE_CHECKING:
    from procrastinate.types import JSONDict

# Tries go on for three days; whatever is left after that was lost to something other than the mail server.
LONGEST_WAY = timedelta(days=4)

REASONS = {
    Refusal.ADDRESS: Undelivered.ADDRESS,
    Refusal.MAIL: Undelivered.MAIL,
    Refusal.IMPOSSIBLE: Undelivered.IMPOSSIBLE,
}


class MailTask(Protocol):
    def batch_defer(self, *task_kwargs: "JSONDict") -> list[int]: ...


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A mail to be queued: what the record says of it, and what its task is given.

    `person` is the recipient where that is one of ours. Where it is somebody else, whose address was typed, `place`
    says what becomes of it when their mailbox is full. `message_id` must be that of the letter.
    """

    subject: UUID
    name: str
    organizer: User
    kind: MailKind
    role: MailRole
    address: str
    message_id: str
    job: "JSONDict"
    person: User | None = None
    place: Place | None = None


def queue_mails(task: MailTask, mails: Iterable[Outgoing], *, now: datetime) -> int:
    """Record the mails and queue a job for each. One whose Message-ID was ever queued before is left out.

    Returns how many were queued. In the transaction of what they tell of, they commit or vanish with it. Raises
    MailboxFull where one needs a place in its mailbox and there is none.
    """
    outgoing = {record.pk: (record, mail) for mail in mails for record in [_record(mail, now)]}
    with transaction.atomic(savepoint=False):
        MailRecord.objects.bulk_create([record for record, _ in outgoing.values()], ignore_conflicts=True)
        new = set(MailRecord.objects.filter(pk__in=outgoing).values_list("pk", flat=True))
        for key, (_, mail) in outgoing.items():
            if key in new and mail.place == Place.NEEDED:
                take_place(mail.address, now=now)
        jobs = [_job(mail, key) for key, (_, mail) in outgoing.items() if key in new]
        if jobs:
            task.batch_defer(*jobs)
    return len(jobs)


def recorded(write: Callable[..., Letter | None]) -> Callable[..., None]:
    """Turn what writes a letter into a task that sends it, if its record says that it is still to be sent.

    Without a `mail_id`, as of a job queued before there were records, it is sent all the same.
    """

    @wraps(write)
    def send(*args: object, mail_id: str = "", request_id: str = "", place: str = "", **kwargs: object) -> None:
        with of_request(request_id):
            record = MailRecord.objects.filter(pk=mail_id).first() if mail_id else None
            if record is not None and record.is_done:
                return
            letter = write(*args, **kwargs)
            if record is not None:
                _send(record, letter, Place(place) if place else None)
            elif letter is not None:
                deliver(letter)

    return send


def give_up_lost_mails(*, now: datetime) -> int:
    """Mark what has waited longer than it is ever tried, so that nothing is lost without a word. Returns how many."""
    lost = MailRecord.objects.waiting().filter(queued_at__lt=now - LONGEST_WAY)
    return lost.update(failed_at=now, reason=Undelivered.GIVEN_UP)


def is_still_telling_for(organizer: User) -> bool:
    """Whether a mail about any meeting of `organizer`, there or gone, is still on its way: it waits, is being sent, or
    is to be tried again."""
    return MailRecord.objects.waiting().filter(organizer=organizer).exists()


def _record(mail: Outgoing, now: datetime) -> MailRecord:
    return MailRecord(
        subject=mail.subject,
        name=mail.name,
        organizer=mail.organizer,
        kind=mail.kind,
        role=mail.role,
        person=mail.person,
        address=mail.address,
        message_id=mail.message_id,
        queued_at=now,
        counted_at=now if mail.place == Place.NEEDED else None,
    )


def _job(mail: Outgoing, key: UUID) -> "JSONDict":
    named = {"request_id": name} if (name := current_request()) else {}
    placed = {"place": mail.place.value} if mail.place else {}
    return {**mail.job, **named, **placed, "mail_id": str(key)}


def _send(record: MailRecord, letter: Letter | None, place: Place | None) -> None:
    """Raises MailRefused or MailDelayed, after the record has taken note."""
    if letter is None:
        MailRecord.objects.waiting().filter(pk=record.pk).update(dropped_at=timezone.now())
        return
    if place and not claim_place(record, place, now=timezone.now()):
        return
    try:
        # The row is locked until the mark is committed: of two workers with the same job, the second finds it sent.
        with connected() as server, transaction.atomic():
            locked = _lock(record)
            if locked is None or locked.is_done:
                return
            hand_over(replace(letter, message_id=locked.message_id), server)
            locked.address, locked.sent_at = letter.to, timezone.now()
            locked.attempts += 1
            locked.save(update_fields=["address", "sent_at", "attempts"])
    except (MailDelayed, MailRefused) as trouble:
        _note_trouble(record, trouble)
        raise


def _note_trouble(record: MailRecord, trouble: MailDelayed | MailRefused) -> None:
    with transaction.atomic():
        locked = _lock(record)
        if locked is None or locked.is_done:
            return
        locked.attempts += 1
        if isinstance(trouble, MailRefused):
            locked.fail(REASONS[trouble.refusal], now=timezone.now())
        elif locked.attempts > MOST_ATTEMPTS:
            locked.fail(Undelivered.GIVEN_UP, now=timezone.now())
        locked.save(update_fields=["attempts", "failed_at", "reason"])


def _lock(record: MailRecord) -> MailRecord | None:
    return MailRecord.objects.select_for_update(no_key=True).filter(pk=record.pk).first()
