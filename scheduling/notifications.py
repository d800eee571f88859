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

from caledee.mail import QUEUE, PatientRetry, deliver
from scheduling.letters import Recipient, write_confirmation, write_notice_of_cancellation
from scheduling.models import Booking

if TYPE_CHECKING:
    from procrastinate.types import JSONDict

logger = logging.getLogger(__name__)

HOURS_JOBS_ARE_KEPT = 7 * 24


def announce_booking(booking: Booking) -> None:
    """Queue the confirmations to invitee and organizer: of a new booking, or of one whose sequence a change raised."""
    mail_confirmation.batch_defer(*_jobs(booking))


def announce_cancellation(booking: Booking) -> None:
    """Queue the cancellations to invitee and organizer."""
    mail_cancellation.batch_defer(*_jobs(booking))


@app.task(name="scheduling.mail_confirmation", queue=QUEUE, retry=PatientRetry())
def mail_confirmation(booking_id: str, sequence: int, recipient: str) -> None:
    """Nothing is sent where the booking has been deleted, cancelled, or changed again, of which another job tells."""
    booking = _find(booking_id)
    if booking is not None and not booking.is_cancelled and booking.sequence == sequence:
        deliver(write_confirmation(booking, Recipient(recipient), now=timezone.now()))


@app.task(name="scheduling.mail_cancellation", queue=QUEUE, retry=PatientRetry())
def mail_cancellation(booking_id: str, sequence: int, recipient: str) -> None:
    booking = _find(booking_id)
    if booking is not None and booking.is_cancelled and booking.sequence == sequence:
        deliver(write_notice_of_cancellation(booking, Recipient(recipient), now=timezone.now()))


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
    return [
        {"booking_id": str(booking.pk), "sequence": booking.sequence, "recipient": recipient.value}
        for recipient in Recipient
    ]


def _find(booking_id: str) -> Booking | None:
    return Booking.objects.select_related("organizer").filter(pk=booking_id).first()
