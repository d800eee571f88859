"""Background tasks: emails about one-off meetings. Emails about their bookings are in `scheduling.tasks`."""

from datetime import datetime
from functools import partial
from uuid import UUID

from django.utils import timezone
from procrastinate.contrib.django import app

from caledee.accounts.models import User
from caledee.email.messages import QUEUE, Email, PatientRetry
from caledee.email.models import EmailRecord
from caledee.email.outbox import queue_emails, recorded
from caledee.timekeeping.reader import chosen_clock, written_for
from oneoff.emails.expiry import expiring, expiry_of, warning_id
from oneoff.emails.kinds import OneOffEmail
from oneoff.emails.messages import (
    write_answer,
    write_email,
    write_end_of_proposal,
    write_notice,
    write_proposal,
    write_reopening,
    write_warning,
)
from oneoff.emails.outgoing import about_one_off
from oneoff.models import CounterProposal, OneOffMeeting
from scheduling.models import Activity


@app.task(name="oneoff.mail_one_off", queue=QUEUE, retry=PatientRetry())
@recorded
def send_creation(one_off_id: str, cohost_id: str = "", *, now: datetime) -> Email | None:
    """Send nothing if it was deleted meanwhile or can't be booked now: its booking has emails of its own."""
    one_off = _find(one_off_id)
    if one_off is None or not one_off.link.is_open(now):
        return None
    person = _taking_part(one_off, cohost_id or str(one_off.organizer_id))
    with written_for(person):
        return write_email(one_off, person) if person else None


@app.task(name="oneoff.mail_activity", queue=QUEUE, retry=PatientRetry())
@recorded
def send_activity(activity_id: int, person_id: str, *, now: datetime) -> Email | None:  # noqa: ARG001
    noted = Activity.objects.select_related("organizer", "by").filter(pk=activity_id).first()
    person = User.objects.filter(pk=person_id, is_active=True).first()
    with written_for(person):
        return write_notice(noted, person) if noted and person else None


@app.task(name="oneoff.mail_end_of_proposal", queue=QUEUE, retry=PatientRetry())
@recorded
def send_end_of_proposal(activity_id: int, message_id: str, *, now: datetime) -> Email | None:  # noqa: ARG001
    """Take the address from the record of the email: the suggestion is deleted, and jobs contain no addresses."""
    noted = Activity.objects.select_related("organizer").filter(pk=activity_id).first()
    record = EmailRecord.objects.filter(message_id=message_id).first()
    return write_end_of_proposal(noted, record.address, message_id) if noted and record else None


@app.task(name="oneoff.mail_reopening", queue=QUEUE, retry=PatientRetry())
@recorded
def send_reopening(activity_id: int, person_id: str, *, now: datetime) -> Email | None:
    """Send nothing if it was booked, reopened again or deleted meanwhile."""
    noted = Activity.objects.select_related("by").filter(pk=activity_id).first()
    one_off = _find(noted.subject) if noted else None
    if noted is None or one_off is None or not one_off.link.is_open(now):
        return None
    person = _taking_part(one_off, person_id)
    with written_for(person):
        return write_reopening(noted, one_off, person) if person else None


@app.task(name="oneoff.mail_counter_proposal", queue=QUEUE, retry=PatientRetry())
@recorded
def send_counter_proposal(proposal_id: str, person_id: str, *, now: datetime) -> Email | None:  # noqa: ARG001
    """Send nothing if the suggestion was answered or deleted meanwhile."""
    proposal = _find_proposal(proposal_id)
    person = User.objects.filter(pk=person_id, is_active=True).first()
    if proposal is None or person is None or proposal.answered_at is not None:
        return None
    with written_for(person):
        return write_proposal(proposal, person)


@app.task(name="oneoff.mail_answer", queue=QUEUE, retry=PatientRetry())
@recorded
def send_answer(proposal_id: str, *, now: datetime) -> Email | None:
    proposal = _find_proposal(proposal_id)
    if proposal is None or proposal.answered_at is None:
        return None
    with written_for(None, partial(chosen_clock, proposal.invitee_clock)):
        return write_answer(proposal, now=now)


@app.periodic(cron="*/5 * * * *")
@app.task(name="oneoff.queue_warnings", queueing_lock="oneoff.queue_warnings")
def queue_warnings(timestamp: int) -> None:  # noqa: ARG001
    """Warn the organizers whose one-off meetings are about to expire: once for each link."""
    now = timezone.now()
    emails = [
        about_one_off(
            one_off, one_off.organizer, OneOffEmail.RUNNING_OUT, warning_id(one_off), link_id=one_off.link.pk
        )
        for one_off in expiring(now=now)
    ]
    queue_emails(send_warning, emails, now=now)


@app.task(name="oneoff.mail_warning", queue=QUEUE, retry=PatientRetry())
@recorded
def send_warning(one_off_id: str, link_id: int, *, now: datetime) -> Email | None:
    """Send nothing if it was booked, deleted or reopened meanwhile, or has expired."""
    one_off = _find(one_off_id)
    if one_off is None or one_off.link.pk != link_id:
        return None
    expiry = expiry_of(one_off, now=now)
    with written_for(one_off.organizer):
        return write_warning(one_off, expiry, now=now) if expiry else None


def _find(key: UUID | str) -> OneOffMeeting | None:
    found = OneOffMeeting.objects.select_related("organizer", "created_by", "current_link")
    return found.prefetch_related("proposed_times", "cohosts").filter(pk=key).first()


def _find_proposal(key: str) -> CounterProposal | None:
    found = CounterProposal.objects.select_related("one_off__organizer", "one_off__current_link", "booking")
    return found.prefetch_related("times").filter(pk=key).first()


def _taking_part(one_off: OneOffMeeting, key: str) -> User | None:
    return next((person for person in one_off.people if str(person.pk) == key), None)
