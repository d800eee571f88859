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
from caledee.mail import QUEUE, PatientRetry, deliver
from scheduling.letters import Recipient, Sides, write_confirmation, write_notice_of_cancellation
from scheduling.models import Activity, ActivityKind, Booking

if TYPE_CHECKING:
    from procrastinate.types import JSONDict

logger = logging.getLogger(__name__)

HOURS_JOBS_ARE_KEPT = 7 * 24


def announce_booking(booking: Booking) -> None:
    """Queue the confirmations to all who take part: of a new booking, or of one whose sequence a change raised."""
    mail_confirmation.batch_defer(*_jobs(booking))


def announce_cancellation(booking: Booking) -> None:
    """Queue the cancellations to all who were to take part."""
    mail_cancellation.batch_defer(*_jobs(booking))


@app.task(name="scheduling.mail_confirmation", queue=QUEUE, retry=PatientRetry())
def mail_confirmation(booking_id: str, sequence: int, recipient: str, cohost_id: str = "") -> None:
    """Nothing is sent where the booking has been deleted, cancelled, or changed again, of which another job tells."""
    booking = _find(booking_id)
    if booking is None or booking.is_cancelled or booking.sequence != sequence:
        return
    sides = _sides(booking, recipient, cohost_id)
    if sides is not None:
        deliver(write_confirmation(sides, accepted_by=_accepter(booking), now=timezone.now()))


@app.task(name="scheduling.mail_cancellation", queue=QUEUE, retry=PatientRetry())
def mail_cancellation(booking_id: str, sequence: int, recipient: str, cohost_id: str = "") -> None:
    booking = _find(booking_id)
    if booking is None or not booking.is_cancelled or booking.sequence != sequence:
        return
    sides = _sides(booking, recipient, cohost_id)
    if sides is not None:
        deliver(write_notice_of_cancellation(sides, cancelled_by=_canceller(booking), now=timezone.now()))


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


def _jobs(booking: Booking) -> "list[JSONDict]":
    """One for each side, and one for each cohost, whom the job names by id."""
    _, *cohosts = booking.people
    job: JSONDict = {"booking_id": str(booking.pk), "sequence": booking.sequence}
    return [
        {**job, "recipient": Recipient.INVITEE.value},
        {**job, "recipient": Recipient.ORGANIZER.value},
        *({**job, "recipient": Recipient.COHOST.value, "cohost_id": str(cohost.pk)} for cohost in cohosts),
    ]


def _find(booking_id: str) -> Booking | None:
    found = Booking.objects.select_related("organizer").prefetch_related("cohosts")
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


def _accepter(booking: Booking) -> User | None:
    """Who of ours accepted the time that it is at now, where the invitee had asked for it."""
    made = (ActivityKind.BOOKED, ActivityKind.CHANGED, ActivityKind.ACCEPTED)
    last = Activity.objects.filter(kind__in=made, subject=booking.pk).select_related("by").last()
    return last.by if last and last.kind == ActivityKind.ACCEPTED else None
