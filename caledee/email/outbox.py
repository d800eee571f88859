"""The emails on their way: each is queued with a record of it, sent once, and marked with what became of it.

To email something: write a task that returns the email, or None if there is nothing to say any more,

    @app.task(name="scheduling.mail_confirmation", queue=QUEUE, retry=PatientRetry())
    @recorded
    def send_confirmation(booking_id: str, ..., *, now: datetime) -> Email | None: ...

and queue it in the transaction of the change: `queue_emails(send_confirmation, [Outgoing(...)], now=now)`.

At most once: a job that runs twice, as that of a killed worker does, sends nothing that is marked as sent. Between the
mail server's "250" and the commit of the mark lie a few milliseconds in which no order of steps can help: a worker
killed just then leaves an email that was taken and is not marked, and it goes out again, under the same Message-ID, by
which mail programs and calendars can tell. (Marking first would lose the email instead.) An email whose final dot no
server answered may have been taken, too: it is sent again at most three more times, hours apart.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial, wraps
from typing import TYPE_CHECKING, Protocol
from uuid import UUID, uuid4

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from caledee.email.allowance import Place, claim_place
from caledee.email.failures import EmailDelayed, EmailRefused, EmailUnanswered, Fault, Refusal
from caledee.email.messages import MOST_ATTEMPTS, UNANSWERED_PAUSES, Email, connected, deliver, hand_over
from caledee.email.models import EmailRecord, EmailRole, Undelivered
from caledee.limits.mailboxes import take_place
from caledee.ops.logs import current_request, of_request

if TYPE_CHECKING:
    from procrastinate.types import JSONDict

logger = logging.getLogger(__name__)

# Attempts go on for three days; whatever is left after that was lost to something other than the mail server.
LONGEST_WAY = timedelta(days=4)
# One line of the log says it for all emails that meet with the same.
ALARM_EVERY = timedelta(hours=1)
ALARM = 0x656D61696C  # a lock's number: "email"

REASONS = {
    Refusal.ADDRESS: Undelivered.ADDRESS,
    Refusal.MAIL: Undelivered.MAIL,
    Refusal.IMPOSSIBLE: Undelivered.IMPOSSIBLE,
}


class EmailTask(Protocol):
    name: str

    def batch_defer(self, *task_kwargs: "JSONDict") -> list[int]: ...


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An email to be queued: what the record says of it, and what its task is given.

    `kind` is a choice of `EMAIL_KINDS`. `organizer` is whose meeting it is about, `person` the recipient if that is a
    user. `message_id` must be the email's. `key` is the ID of the record. If someone typed the recipient's address,
    `place` says what happens if their mailbox is full.
    """

    subject: UUID
    name: str
    kind: str
    role: EmailRole
    address: str
    message_id: str
    job: "JSONDict"
    organizer: AbstractBaseUser | None = None
    person: AbstractBaseUser | None = None
    place: Place | None = None
    key: UUID = field(default_factory=uuid4)


def queue_emails(task: EmailTask, mails: Iterable[Outgoing], *, now: datetime) -> int:
    """Record the emails and queue a job for each. One whose Message-ID was ever queued before is left out.

    Returns how many were queued. In the transaction of what they tell of, they commit or vanish with it. Raises
    MailboxFull where one needs a place in its mailbox and there is none.
    """
    outgoing = {mail.key: mail for mail in mails}
    with transaction.atomic(savepoint=False):
        EmailRecord.objects.bulk_create(
            [_record(each, task, now) for each in outgoing.values()], ignore_conflicts=True
        )
        new = set(EmailRecord.objects.filter(pk__in=outgoing).values_list("pk", flat=True))
        for key, mail in outgoing.items():
            if key in new and mail.place == Place.NEEDED:
                take_place(mail.address, now=now)
        named = {"request_id": name} if (name := current_request()) else {}
        jobs = [{**_job(mail), **named, "mail_id": str(key)} for key, mail in outgoing.items() if key in new]
        if jobs:
            task.batch_defer(*jobs)
    return len(jobs)


def recorded(write: Callable[..., Email | None]) -> Callable[..., None]:
    """Turn a function that writes an email into one that sends it, if its record says that it still has to be sent.

    It reads the clock once and passes the moment on as `now`. A job without a `mail_id` is from before such emails had
    records: its email is sent in any case.
    """

    @wraps(write)
    def send(*args: object, mail_id: str = "", request_id: str = "", place: str = "", **kwargs: object) -> None:
        now = timezone.now()
        with of_request(request_id):
            if mail_id:
                send_recorded(
                    mail_id, partial(write, *args, now=now, **kwargs), Place(place) if place else None, now=now
                )
            elif email := write(*args, now=now, **kwargs):
                deliver(email)

    return send


def send_recorded(
    mail_id: str, write: Callable[[], Email | None], place: Place | None = None, *, now: datetime
) -> None:
    """Write the email and send it, unless its record is gone or says that there is nothing left to do.

    Raises EmailRefused or EmailDelayed, and what `write` raises, once the record says so.
    """
    record = EmailRecord.objects.filter(pk=mail_id).first()
    if record is None or record.is_done:
        return
    with _alone_with(record):
        record = EmailRecord.objects.filter(pk=mail_id).first()
        if record is None or record.is_done:
            return
        try:
            _send(record, write(), place, now)
        except (EmailDelayed, EmailRefused) as trouble:
            raise _noted(record, trouble) from None
        except DatabaseError:
            raise
        except Exception as error:
            # Something of ours that makes no email, such as a template: the next version of it may.
            _noted(record, EmailDelayed(type(error).__name__, Fault.OURS))
            raise


def give_up_lost_emails(*, now: datetime) -> int:
    """Mark what has waited longer than it is ever tried, so that nothing is lost without a word. Returns how many."""
    before = now - LONGEST_WAY
    lost = (
        EmailRecord.objects.waiting().filter(queued_at__lt=before).filter(Q(resent_at=None) | Q(resent_at__lt=before))
    )
    ours = lost.filter(fault=Fault.OURS).update(failed_at=now, reason=Undelivered.REFUSED_US)
    return ours + lost.update(failed_at=now, reason=Undelivered.GIVEN_UP)


def is_still_telling_for(organizer: AbstractBaseUser) -> bool:
    """Whether an email about any meeting of `organizer`, there or gone, is still on its way: it waits, is being sent,
    or is to be tried again."""
    return EmailRecord.objects.waiting().filter(organizer_id=organizer.pk).exists()


def _record(mail: Outgoing, task: EmailTask, now: datetime) -> EmailRecord:
    return EmailRecord(
        pk=mail.key,
        subject=mail.subject,
        name=mail.name,
        organizer_id=mail.organizer.pk if mail.organizer else None,
        kind=mail.kind,
        role=mail.role,
        person_id=mail.person.pk if mail.person else None,
        address=mail.address,
        message_id=mail.message_id,
        task=task.name,
        job=_job(mail),
        queued_at=now,
        counted_at=now if mail.place == Place.NEEDED else None,
    )


def _job(mail: Outgoing) -> "JSONDict":
    return {**mail.job, "place": mail.place.value} if mail.place else mail.job


@contextmanager
def _alone_with(record: EmailRecord) -> Iterator[None]:
    """Of two workers with the same job, the second is told to come back later.

    The lock is the session's, not a transaction's: a conversation with a mail server may take a quarter of an hour,
    and PostgreSQL cannot clean up behind an open transaction. It is free once a killed worker's session has ended.
    """
    key = int.from_bytes(record.pk.bytes[:8], signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
        if not cursor.fetchone()[0]:
            raise EmailDelayed("another worker is sending it")
    try:
        yield
    finally:
        with suppress(DatabaseError), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [key])


def _send(record: EmailRecord, email: Email | None, place: Place | None, now: datetime) -> None:
    # An email that is sent again by hand can be about a meeting that is over.
    if email is None or (record.resent_at and email.useful_until and email.useful_until <= now):
        EmailRecord.objects.waiting().filter(pk=record.pk).update(dropped_at=now)
        return
    if place and not claim_place(record, place, now=now):
        return
    with connected() as server:
        hand_over(replace(email, message_id=record.message_id), server)
        _mark_sent(record, email)


def _mark_sent(record: EmailRecord, email: Email) -> None:
    """Mark it as sent, no matter what its record says by now."""
    facts = {
        # Not the moment at which its job began: the conversation may have taken minutes.
        "sent_at": timezone.now(),
        "address": email.to,
        "attempts": F("attempts") + 1,
        **dict.fromkeys(["failed_at", "dropped_at"]),
        **dict.fromkeys(["reason", "trouble", "fault"], ""),
    }
    _persist(lambda: EmailRecord.objects.filter(pk=record.pk).update(**facts))


def _noted(record: EmailRecord, trouble: EmailDelayed | EmailRefused) -> EmailDelayed | EmailRefused:
    """The trouble, knowing of earlier copies. Where it cannot be written down, it is still what to wait for."""
    try:
        return _persist(lambda: _note_trouble(record, trouble))
    except DatabaseError:
        logger.exception("What an email met with could not be written down")
        return trouble


def _persist[Result](write: Callable[[], Result]) -> Result:
    """Once more by a new connection, where the old one broke during the conversation."""
    try:
        return write()
    except (InterfaceError, OperationalError):
        connection.close()
        return write()


def _note_trouble(record: EmailRecord, trouble: EmailDelayed | EmailRefused) -> EmailDelayed | EmailRefused:
    """Store the trouble, and give the email up if it was the last attempt."""
    now = timezone.now()  # after the conversation, which may have taken minutes
    with transaction.atomic():
        if isinstance(trouble, EmailDelayed) and trouble.fault == Fault.OURS:
            _alarm(trouble, now)
        locked = EmailRecord.objects.select_for_update(no_key=True).filter(pk=record.pk).first()
        if locked is None or locked.is_done:
            return trouble
        locked.attempts += 1
        locked.tried_at, locked.trouble = now, str(trouble)
        if isinstance(trouble, EmailUnanswered):
            locked.unanswered += 1
            trouble = EmailUnanswered(str(trouble), copies=locked.unanswered)
        locked.fault = "" if isinstance(trouble, EmailRefused) else trouble.fault
        if reason := _reason_to_give_up(locked, trouble):
            locked.fail(reason, now=now)
        locked.save()
    return trouble


def _reason_to_give_up(record: EmailRecord, trouble: EmailDelayed | EmailRefused) -> Undelivered | None:
    if isinstance(trouble, EmailRefused):
        return REASONS[trouble.refusal]
    if isinstance(trouble, EmailUnanswered) and trouble.copies > len(UNANSWERED_PAUSES):
        return Undelivered.UNANSWERED
    if record.attempts <= MOST_ATTEMPTS:
        return None
    return Undelivered.REFUSED_US if trouble.fault == Fault.OURS else Undelivered.GIVEN_UP


def _alarm(trouble: EmailDelayed, now: datetime) -> None:
    """Tell the operator, once an hour, however many emails meet with it at once. Needs a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ALARM])
    known = EmailRecord.objects.waiting().filter(fault=Fault.OURS, trouble=str(trouble))
    if not known.filter(tried_at__gt=now - ALARM_EVERY).exists():
        logger.error(
            "Emails cannot be sent from this installation (%s). They wait and are tried again. Check EMAIL_URL and "
            "DEFAULT_FROM_EMAIL; `manage.py emails` shows what waits.",
            trouble,
        )
