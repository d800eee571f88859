"""What is mailed to whom, and when.

A mail is a job of its own for each recipient, queued in the transaction that it tells of: it commits or vanishes with
it. A job names the booking and looks at it afresh when it runs, which may be days later, or a second time after a
worker was killed.
"""

import logging
from typing import TYPE_CHECKING

from django.utils import timezone
from procrastinate import JobContext
from procrastinate.contrib.django import app

from caledee.accounts.models import User
from caledee.email.allowance import Place
from caledee.email.messages import QUEUE, Email, PatientRetry
from caledee.email.models import EmailKind, EmailRole
from caledee.email.outbox import Outgoing, give_up_lost_emails, queue_emails, recorded
from caledee.timekeeping.periods import Period
from scheduling.bookings.activity import moved_from
from scheduling.emails.messages import (
    CANCELLED,
    CONFIRMED,
    REMINDER,
    write_confirmation,
    write_notice_of_cancellation,
    write_reminder,
)
from scheduling.emails.reminders import Reminder, due_reminders
from scheduling.emails.sides import Recipient, Sides, all_sides
from scheduling.models import Activity, ActivityKind, Booking, Canceller

if TYPE_CHECKING:
    from procrastinate.types import JSONDict

logger = logging.getLogger(__name__)

HOURS_JOBS_ARE_KEPT = 7 * 24


def announce_booking(booking: Booking, *, by_invitee: bool = True) -> None:
    """Queue the confirmations to all who take part: of a new booking, or of one whose sequence a change raised.

    Raises MailboxFull where the invitee's side did it and has been sent as many emails as it may.
    """
    kind = EmailKind.MOVED if booking.sequence else EmailKind.CONFIRMED
    place = Place.NEEDED if by_invitee else Place.GRANTED
    mails = [_outgoing(sides, kind, CONFIRMED, place=place) for sides in all_sides(booking)]
    queue_emails(send_confirmation, mails, now=timezone.now())


def announce_cancellation(booking: Booking) -> None:
    """Queue the cancellations to all who were to take part. An invitee can cancel however full their mailbox is."""
    place = Place.WANTED if booking.cancelled_by == Canceller.INVITEE else Place.GRANTED
    mails = [_outgoing(sides, EmailKind.CANCELLED, CANCELLED, place=place) for sides in all_sides(booking)]
    queue_emails(send_cancellation, mails, now=timezone.now())


@app.task(name="scheduling.mail_confirmation", queue=QUEUE, retry=PatientRetry())
@recorded
def send_confirmation(booking_id: str, sequence: int, recipient: str, cohost_id: str = "") -> Email | None:
    """Nothing is sent where the booking has been deleted, cancelled, or changed again, of which another job tells."""
    booking = _find(booking_id)
    if booking is None or booking.is_cancelled or booking.sequence != sequence:
        return None
    sides = _sides(booking, recipient, cohost_id)
    if sides is None:
        return None
    return write_confirmation(
        sides, accepted_by=_accepter(booking), moved_from=_time_before(booking), now=timezone.now()
    )


@app.task(name="scheduling.mail_cancellation", queue=QUEUE, retry=PatientRetry())
@recorded
def send_cancellation(booking_id: str, sequence: int, recipient: str, cohost_id: str = "") -> Email | None:
    booking = _find(booking_id)
    if booking is None or not booking.is_cancelled or booking.sequence != sequence:
        return None
    sides = _sides(booking, recipient, cohost_id)
    now = timezone.now()
    return write_notice_of_cancellation(sides, cancelled_by=_canceller(booking), now=now) if sides else None


@app.periodic(cron="* * * * *")
@app.task(name="scheduling.queue_reminders", queueing_lock="scheduling.queue_reminders")
def queue_reminders(timestamp: int) -> None:  # noqa: ARG001
    """Every minute, those that are due. Missed minutes are made up for, as far as a reminder is still one."""
    now = timezone.now()
    due = due_reminders(now=now)
    mails = [
        _outgoing(each.sides, EmailKind.REMINDER, REMINDER, each.lead, place=Place.WANTED, job={"lead": each.lead})
        for each in due
    ]
    queue_emails(send_reminder, mails, now=now)


# After all else that waits: thousands may be due at once, and somebody who just booked looks for their mail now.
@app.task(name="scheduling.mail_reminder", queue=QUEUE, retry=PatientRetry(), priority=-1)
@recorded
def send_reminder(booking_id: str, sequence: int, recipient: str, lead: int, cohost_id: str = "") -> Email | None:
    """Nothing is sent where the booking has changed since, where it is too late, or where nobody wants it any more."""
    booking = _find(booking_id)
    if booking is None or booking.is_cancelled or booking.sequence != sequence:
        return None
    sides = _sides(booking, recipient, cohost_id)
    if sides is None or not Reminder(sides, lead).is_wanted(now=timezone.now()):
        return None
    return write_reminder(sides, lead)


@app.periodic(cron="41 * * * *")
@app.task(name="scheduling.give_up_lost_mails")
def give_up_lost(timestamp: int) -> None:  # noqa: ARG001
    if lost := give_up_lost_emails(now=timezone.now()):
        logger.error("%s mails have waited for longer than they are tried, and are given up", lost)


@app.periodic(cron="* * * * *")
@app.task(name="scheduling.retry_stalled_jobs", pass_context=True)
async def retry_stalled_jobs(context: JobContext, timestamp: int) -> None:  # noqa: ARG001
    """Queue again what a worker was doing when it was killed: its heartbeat has stopped, its jobs stay "doing"."""
    for job in await context.app.job_manager.get_stalled_jobs():
        logger.warning("Job %s of a worker that is gone is queued again", job.id)
        await context.app.job_manager.retry_job(job)


@app.periodic(cron="17 3 * * *")
@app.task(name="scheduling.forget_finished_jobs", pass_context=True)
async def forget_finished_jobs(context: JobContext, timestamp: int) -> None:  # noqa: ARG001
    """Failed jobs stay, for somebody to look at."""
    await context.app.job_manager.delete_old_jobs(nb_hours=HOURS_JOBS_ARE_KEPT)


def _outgoing(
    sides: Sides, kind: EmailKind, what: str, *details: object, place: Place, job: "JSONDict | None" = None
) -> Outgoing:
    """The job names a cohost by id. The place is the invitee's: what our own people get is not counted."""
    booking = sides.booking
    cohost = {"cohost_id": str(sides.cohost.pk)} if sides.cohost else {}
    return Outgoing(
        subject=booking.pk,
        name=booking.name,
        organizer=booking.organizer,
        kind=kind,
        role=EmailRole(sides.recipient),
        person=sides.person,
        place=place if sides.to_invitee else None,
        address=sides.reader.email,
        message_id=sides.message_id(what, *details),
        job={
            "booking_id": str(booking.pk),
            "sequence": booking.sequence,
            "recipient": sides.recipient.value,
            **cohost,
            **(job or {}),
        },
    )


def _find(booking_id: str) -> Booking | None:
    found = Booking.objects.known().select_related("organizer").prefetch_related("cohosts")
    return found.filter(pk=booking_id).first()


def _sides(booking: Booking, recipient: str, cohost_id: str) -> Sides | None:
    """None for a cohost whose account is gone."""
    if recipient != Recipient.COHOST:
        return Sides(booking, Recipient(recipient))
    cohost = next((person for person in booking.cohosts.all() if str(person.pk) == cohost_id), None)
    return Sides(booking, Recipient.COHOST, cohost) if cohost else None


def _canceller(booking: Booking) -> User | None:
    """Who of ours cancelled it."""
    done = Activity.objects.filter(kind=ActivityKind.CANCELLED, subject=booking.pk).select_related("by").last()
    return done.by if done else None


def _time_before(booking: Booking) -> Period | None:
    """When it was until its last move."""
    last = Activity.objects.filter(kind=ActivityKind.CHANGED, subject=booking.pk).last() if booking.sequence else None
    return moved_from(last) if last else None


def _accepter(booking: Booking) -> User | None:
    """Who of ours accepted the time that it is at now, where the invitee had asked for it."""
    made = (ActivityKind.BOOKED, ActivityKind.CHANGED, ActivityKind.ACCEPTED)
    last = Activity.objects.filter(kind__in=made, subject=booking.pk).select_related("by").last()
    return last.by if last and last.kind == ActivityKind.ACCEPTED else None
