"""The outbox: queue each email with a record of it, send it once, and store the outcome.

To send an email, write a task that returns its content, or None if it has become irrelevant,

    @app.task(name="scheduling.mail_confirmation", queue=QUEUE, retry=PatientRetry())
    @recorded
    def send_confirmation(booking_id: str, ..., *, now: datetime) -> Email | None: ...

and queue it in the transaction of the change: `queue_emails(send_confirmation, [Outgoing(...)], now=now)`.

Emails are sent once: a job that runs again, such as that of a killed worker, skips emails marked as sent. One gap
remains, the milliseconds between the mail server's "250" and the commit of the mark. If the worker is killed there,
the email goes out again, with the same Message-ID, by which email and calendar programs recognize duplicates. (Marking
first would lose the email instead.) If a server does not confirm the final dot, the email is sent again at most three
times, hours apart.
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

# Retries end after three days. Anything older was lost for another reason.
LONGEST_WAY = timedelta(days=4)
# One log line covers all emails that fail for the same reason.
ALARM_EVERY = timedelta(hours=1)
ALARM = 0x656D61696C  # lock number: "email" in ASCII

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
    """An email to queue: the facts of its record and the arguments of its task.

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


def queue_emails(task: EmailTask, emails: Iterable[Outgoing], *, now: datetime) -> int:
    """Record the emails, queue a job for each, and return their number. Skips Message-IDs that were queued before.

    Call it in the transaction of the event: the emails are committed or rolled back with it. Raises MailboxFull if a
    mailbox has no room for an email that needs it.
    """
    outgoing = {email.key: email for email in emails}
    with transaction.atomic(savepoint=False):
        EmailRecord.objects.bulk_create(
            [_record(each, task, now) for each in outgoing.values()], ignore_conflicts=True
        )
        new = set(EmailRecord.objects.filter(pk__in=outgoing).values_list("pk", flat=True))
        for key, email in outgoing.items():
            if key in new and email.place == Place.NEEDED:
                take_place(email.address, now=now)
        named = {"request_id": name} if (name := current_request()) else {}
        jobs = [{**_job(email), **named, "mail_id": str(key)} for key, email in outgoing.items() if key in new]
        if jobs:
            task.batch_defer(*jobs)
    return len(jobs)


def recorded(write: Callable[..., Email | None]) -> Callable[..., None]:
    """Turn a function that writes an email into one that sends it, if its record says that it still has to be sent.

    It reads the clock once and passes the moment on as `now`. A job without a `mail_id` was queued before its kind of
    email had records: it is always sent.
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
    with _lock_email(record):
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
            # An error of our own, such as in a template, which the next version may fix.
            _noted(record, EmailDelayed(type(error).__name__, Fault.OURS))
            raise


def give_up_lost_emails(*, now: datetime) -> int:
    """Mark emails as failed that have waited longer than retries last, and return their number."""
    before = now - LONGEST_WAY
    lost = (
        EmailRecord.objects.waiting().filter(queued_at__lt=before).filter(Q(resent_at=None) | Q(resent_at__lt=before))
    )
    ours = lost.filter(fault=Fault.OURS).update(failed_at=now, reason=Undelivered.REFUSED_US)
    return ours + lost.update(failed_at=now, reason=Undelivered.GIVEN_UP)


def has_emails_on_the_way(organizer: AbstractBaseUser) -> bool:
    """Return whether an email about a meeting of the organizer, even a deleted one, is waiting or being sent."""
    return EmailRecord.objects.waiting().filter(organizer_id=organizer.pk).exists()


def _record(email: Outgoing, task: EmailTask, now: datetime) -> EmailRecord:
    return EmailRecord(
        pk=email.key,
        subject=email.subject,
        name=email.name,
        organizer_id=email.organizer.pk if email.organizer else None,
        kind=email.kind,
        role=email.role,
        person_id=email.person.pk if email.person else None,
        address=email.address,
        message_id=email.message_id,
        task=task.name,
        job=_job(email),
        queued_at=now,
        counted_at=now if email.place == Place.NEEDED else None,
    )


def _job(email: Outgoing) -> "JSONDict":
    return {**email.job, "place": email.place.value} if email.place else email.job


@contextmanager
def _lock_email(record: EmailRecord) -> Iterator[None]:
    """Let one worker at a time send this email. A second one with the same job retries later.

    Locks the session, not a transaction: sending can take a quarter of an hour, and PostgreSQL cannot vacuum past an
    open transaction. The lock of a killed worker is released when its session ends.
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
    """Store the error and return it with the number of earlier copies. If storing fails, the error still decides."""
    try:
        return _persist(lambda: _note_trouble(record, trouble))
    except DatabaseError:
        logger.exception("The outcome of an email could not be stored")
        return trouble


def _persist[Result](write: Callable[[], Result]) -> Result:
    """Run `write`, and again on a new connection if the old one broke while sending."""
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
    """Log a problem of this installation, at most once an hour. Needs a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ALARM])
    known = EmailRecord.objects.waiting().filter(fault=Fault.OURS, trouble=str(trouble))
    if not known.filter(tried_at__gt=now - ALARM_EVERY).exists():
        logger.error(
            "Emails cannot be sent from this installation (%s). They wait and will be retried. Check EMAIL_URL and "
            "DEFAULT_FROM_EMAIL; `manage.py emails` lists them.",
            trouble,
        )
