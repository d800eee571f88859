"""Background tasks: emails about bookings, one for each recipient, and the care of the job queue.

A job has the ID of a booking and reads the booking when it runs, which can be days later, or a second time after a
worker was killed. `scheduling.emails.listeners` queues them.
"""

import logging
from datetime import datetime

from django.utils import timezone
from procrastinate import JobContext
from procrastinate.contrib.django import app

from caledee.accounts.models import User
from caledee.email.allowance import Place
from caledee.email.messages import QUEUE, Email, PatientRetry
from caledee.email.outbox import give_up_lost_emails, queue_emails, recorded
from caledee.timekeeping.periods import Period
from scheduling.bookings.activity import moved_from
from scheduling.bookings.events import BookingActivity
from scheduling.emails.kinds import BookingEmail
from scheduling.emails.messages import REMINDER, write_confirmation, write_notice_of_cancellation, write_reminder
from scheduling.emails.outgoing import about_booking
from scheduling.emails.reminders import Reminder, due_reminders
from scheduling.emails.sides import Recipient, Sides
from scheduling.models import Activity, Booking

logger = logging.getLogger(__name__)

HOURS_JOBS_ARE_KEPT = 7 * 24


@app.task(name="scheduling.mail_confirmation", queue=QUEUE, retry=PatientRetry())
@recorded
def send_confirmation(
    booking_id: str, sequence: int, recipient: str, cohost_id: str = "", *, now: datetime
) -> Email | None:
    """Send nothing if the booking was deleted, cancelled or moved again: another job sends an email about that."""
    booking = _find(booking_id)
    if booking is None or booking.is_cancelled or booking.sequence != sequence:
        return None
    sides = _sides(booking, recipient, cohost_id)
    if sides is None:
        return None
    return write_confirmation(sides, accepted_by=_accepter(booking), moved_from=_time_before(booking), now=now)


@app.task(name="scheduling.mail_cancellation", queue=QUEUE, retry=PatientRetry())
@recorded
def send_cancellation(
    booking_id: str, sequence: int, recipient: str, cohost_id: str = "", *, now: datetime
) -> Email | None:
    booking = _find(booking_id)
    if booking is None or not booking.is_cancelled or booking.sequence != sequence:
        return None
    sides = _sides(booking, recipient, cohost_id)
    return write_notice_of_cancellation(sides, cancelled_by=_canceller(booking), now=now) if sides else None


@app.periodic(cron="* * * * *")
@app.task(name="scheduling.queue_reminders", queueing_lock="scheduling.queue_reminders")
def queue_reminders(timestamp: int) -> None:  # noqa: ARG001
    """Queue the reminders that are due. Those of missed minutes follow while they are still of use."""
    now = timezone.now()
    due = due_reminders(now=now)
    emails = [
        about_booking(
            each.sides, BookingEmail.REMINDER, REMINDER, each.lead, place=Place.WANTED, job={"lead": each.lead}
        )
        for each in due
    ]
    queue_emails(send_reminder, emails, now=now)


# After everything else that waits: thousands may be due at once, and someone who just booked expects an email now.
@app.task(name="scheduling.mail_reminder", queue=QUEUE, retry=PatientRetry(), priority=-1)
@recorded
def send_reminder(
    booking_id: str, sequence: int, recipient: str, lead: int, cohost_id: str = "", *, now: datetime
) -> Email | None:
    """Send nothing if the booking has changed since, if it is too late, or if the reminder was turned off."""
    booking = _find(booking_id)
    if booking is None or booking.is_cancelled or booking.sequence != sequence:
        return None
    sides = _sides(booking, recipient, cohost_id)
    if sides is None or not Reminder(sides, lead).is_wanted(now=now):
        return None
    return write_reminder(sides, lead)


@app.periodic(cron="41 * * * *")
@app.task(name="scheduling.give_up_lost_mails")
def give_up_lost(timestamp: int) -> None:  # noqa: ARG001
    if lost := give_up_lost_emails(now=timezone.now()):
        logger.error("Gave up %s emails that had waited longer than any email is tried", lost)


@app.periodic(cron="* * * * *")
@app.task(name="scheduling.retry_stalled_jobs", pass_context=True)
async def retry_stalled_jobs(context: JobContext, timestamp: int) -> None:  # noqa: ARG001
    """Queue the jobs of killed workers again: the worker's heartbeat has stopped, and its jobs are still "doing"."""
    for job in await context.app.job_manager.get_stalled_jobs():
        logger.warning("Queued job %s again: its worker is gone", job.id)
        await context.app.job_manager.retry_job(job)


@app.periodic(cron="17 3 * * *")
@app.task(name="scheduling.forget_finished_jobs", pass_context=True)
async def forget_finished_jobs(context: JobContext, timestamp: int) -> None:  # noqa: ARG001
    """Keep failed jobs, for an operator to look at."""
    await context.app.job_manager.delete_old_jobs(nb_hours=HOURS_JOBS_ARE_KEPT)


def _find(booking_id: str) -> Booking | None:
    found = Booking.objects.known().select_related("organizer").prefetch_related("cohosts")
    return found.filter(pk=booking_id).first()


def _sides(booking: Booking, recipient: str, cohost_id: str) -> Sides | None:
    """Return None for a cohost whose account is deleted."""
    if recipient != Recipient.COHOST:
        return Sides(booking, Recipient(recipient))
    cohost = next((person for person in booking.cohosts.all() if str(person.pk) == cohost_id), None)
    return Sides(booking, Recipient.COHOST, cohost) if cohost else None


def _canceller(booking: Booking) -> User | None:
    """Who cancelled it on the organizer side."""
    done = Activity.objects.filter(kind=BookingActivity.CANCELLED, subject=booking.pk).select_related("by").last()
    return done.by if done else None


def _time_before(booking: Booking) -> Period | None:
    """The time that it had before its last move."""
    last = (
        Activity.objects.filter(kind=BookingActivity.CHANGED, subject=booking.pk).last() if booking.sequence else None
    )
    return moved_from(last) if last else None


def _accepter(booking: Booking) -> User | None:
    """Who accepted its present time, if the invitee had suggested it."""
    made = (BookingActivity.BOOKED, BookingActivity.CHANGED, BookingActivity.ACCEPTED)
    last = Activity.objects.filter(kind__in=made, subject=booking.pk).select_related("by").last()
    return last.by if last and last.kind == BookingActivity.ACCEPTED else None
