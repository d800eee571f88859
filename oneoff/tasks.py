"""What is mailed about one-off meetings themselves; a booking's mails are in scheduling.tasks."""

from collections.abc import Iterable
from functools import partial
from uuid import UUID

from django.utils import timezone
from procrastinate.contrib.django import app

from caledee.accounts.models import User
from caledee.email.allowance import Place
from caledee.email.messages import QUEUE, Email, PatientRetry
from caledee.email.models import EmailKind, EmailRecord, EmailRole
from caledee.email.outbox import Outgoing, queue_emails, recorded
from caledee.timekeeping.reader import chosen_clock, written_for
from oneoff.emails.expiry import end_of, running_out, warning_id
from oneoff.emails.messages import (
    activity_id,
    answer_id,
    counter_proposal_id,
    creation_id,
    end_id,
    write_answer,
    write_email,
    write_end_of_proposal,
    write_notice,
    write_proposal,
    write_reopening,
    write_warning,
)
from oneoff.models import Answer, CounterProposal, OneOffMeeting
from oneoff.permissions import creator_still_allowed
from scheduling.models import Activity


def announce_one_off(one_off: OneOffMeeting, people: Iterable[User]) -> None:
    """Queue the mails that tell these people of the one-off meeting for which their time is wanted."""
    mails = [_about(one_off, person, EmailKind.CREATED, creation_id(one_off, person)) for person in people]
    queue_emails(send_creation, mails, now=timezone.now())


def announce_withdrawal(noted: Activity) -> None:
    """Queue the mail that tells the organizer that somebody else took back one of the times."""
    if noted.by is not None and noted.by != noted.organizer:
        mails = [_about_activity(noted, noted.organizer, EmailKind.WITHDRAWN)]
        queue_emails(send_activity, mails, now=timezone.now())


def announce_deletion(noted: Activity, people: Iterable[User]) -> None:
    """Queue the mails that tell these people, but for who did it, that the one-off meeting is gone."""
    if noted.by is None:
        return
    told = {each.pk: each for each in people if each != noted.by}.values()
    mails = [_about_activity(noted, person, EmailKind.DELETED) for person in told]
    queue_emails(send_activity, mails, now=timezone.now())


def announce_end_of_proposals(noted: Activity, proposals: Iterable[CounterProposal]) -> None:
    """Queue the mails that tell who asked for other times that the meeting is deleted, and these with it.

    Each address is told once, however often it asked.
    """
    by_address = {proposal.invitee_email.lower(): proposal for proposal in proposals}
    mails = [_about_end(noted, proposal) for proposal in by_address.values()]
    queue_emails(send_end_of_proposal, mails, now=timezone.now())


def announce_reopening(noted: Activity, one_off: OneOffMeeting) -> None:
    """Queue the mails that tell all whose time it takes again, but for who did it, of its new link."""
    told = [person for person in one_off.people if person != noted.by]
    mails = [_about_activity(noted, person, EmailKind.REOPENED) for person in told]
    queue_emails(send_reopening, mails, now=timezone.now())


def announce_proposal(proposal: CounterProposal) -> None:
    """Queue the mails that tell the organizer, and who made the meeting for them, of the times somebody asks for."""
    told = [proposal.one_off.organizer, *creator_still_allowed(proposal.one_off)]
    mails = [_about_proposal(proposal, person) for person in told]
    queue_emails(send_counter_proposal, mails, now=timezone.now())


def announce_answer(proposal: CounterProposal) -> None:
    """Queue the mail that tells who asked for other times that they were declined, or that it is too late."""
    queue_emails(send_answer, [_about_answer(proposal)], now=timezone.now())


@app.task(name="oneoff.mail_one_off", queue=QUEUE, retry=PatientRetry())
@recorded
def send_creation(one_off_id: str, cohost_id: str = "") -> Email | None:
    """Nothing is sent where it was deleted meanwhile, or can be booked no more: a booking has mails of its own."""
    one_off = _find(one_off_id)
    if one_off is None or not one_off.link.is_open(timezone.now()):
        return None
    person = _taking_part(one_off, cohost_id or str(one_off.organizer_id))
    with written_for(person):
        return write_email(one_off, person) if person else None


@app.task(name="oneoff.mail_activity", queue=QUEUE, retry=PatientRetry())
@recorded
def send_activity(activity_id: int, person_id: str) -> Email | None:
    noted = Activity.objects.select_related("organizer", "by").filter(pk=activity_id).first()
    person = User.objects.filter(pk=person_id, is_active=True).first()
    with written_for(person):
        return write_notice(noted, person) if noted and person else None


@app.task(name="oneoff.mail_end_of_proposal", queue=QUEUE, retry=PatientRetry())
@recorded
def send_end_of_proposal(activity_id: int, message_id: str) -> Email | None:
    """The proposal is gone by then: the address is that of the mail's record, which stays where no job keeps it."""
    noted = Activity.objects.select_related("organizer").filter(pk=activity_id).first()
    record = EmailRecord.objects.filter(message_id=message_id).first()
    return write_end_of_proposal(noted, record.address, message_id) if noted and record else None


@app.task(name="oneoff.mail_reopening", queue=QUEUE, retry=PatientRetry())
@recorded
def send_reopening(activity_id: int, person_id: str) -> Email | None:
    """Nothing is sent where it was booked, or reopened again, or deleted meanwhile."""
    noted = Activity.objects.select_related("by").filter(pk=activity_id).first()
    one_off = _find(noted.subject) if noted else None
    if noted is None or one_off is None or not one_off.link.is_open(timezone.now()):
        return None
    person = _taking_part(one_off, person_id)
    with written_for(person):
        return write_reopening(noted, one_off, person) if person else None


@app.task(name="oneoff.mail_counter_proposal", queue=QUEUE, retry=PatientRetry())
@recorded
def send_counter_proposal(proposal_id: str, person_id: str) -> Email | None:
    """Nothing is sent of what was answered or deleted meanwhile."""
    proposal = _find_proposal(proposal_id)
    person = User.objects.filter(pk=person_id, is_active=True).first()
    if proposal is None or person is None or proposal.answered_at is not None:
        return None
    with written_for(person):
        return write_proposal(proposal, person)


@app.task(name="oneoff.mail_answer", queue=QUEUE, retry=PatientRetry())
@recorded
def send_answer(proposal_id: str) -> Email | None:
    proposal = _find_proposal(proposal_id)
    if proposal is None or proposal.answered_at is None:
        return None
    with written_for(None, partial(chosen_clock, proposal.invitee_clock)):
        return write_answer(proposal)


@app.periodic(cron="*/5 * * * *")
@app.task(name="oneoff.queue_warnings", queueing_lock="oneoff.queue_warnings")
def queue_warnings(timestamp: int) -> None:  # noqa: ARG001
    """To the organizers whose one-off meetings are about to run out: once for each link."""
    now = timezone.now()
    mails = [
        _about(one_off, one_off.organizer, EmailKind.RUNNING_OUT, warning_id(one_off), link_id=one_off.link.pk)
        for one_off in running_out(now=now)
    ]
    queue_emails(send_warning, mails, now=now)


@app.task(name="oneoff.mail_warning", queue=QUEUE, retry=PatientRetry())
@recorded
def send_warning(one_off_id: str, link_id: int) -> Email | None:
    """Nothing is sent where it was booked, deleted or reopened meanwhile, or has run out."""
    one_off, now = _find(one_off_id), timezone.now()
    if one_off is None or one_off.link.pk != link_id:
        return None
    end = end_of(one_off, now=now)
    with written_for(one_off.organizer):
        return write_warning(one_off, end, now=now) if end else None


def _find(key: UUID | str) -> OneOffMeeting | None:
    found = OneOffMeeting.objects.select_related("organizer", "created_by", "current_link")
    return found.prefetch_related("proposed_times", "cohosts").filter(pk=key).first()


def _find_proposal(key: str) -> CounterProposal | None:
    found = CounterProposal.objects.select_related("one_off__organizer", "one_off__current_link", "booking")
    return found.prefetch_related("times").filter(pk=key).first()


def _taking_part(one_off: OneOffMeeting, key: str) -> User | None:
    return next((person for person in one_off.people if str(person.pk) == key), None)


def _about(one_off: OneOffMeeting, person: User, kind: EmailKind, message_id: str, **job: int) -> Outgoing:
    is_organizer = person == one_off.organizer
    cohost = {} if is_organizer else {"cohost_id": str(person.pk)}
    return Outgoing(
        subject=one_off.pk,
        name=one_off.name,
        organizer=one_off.organizer,
        kind=kind,
        role=EmailRole.ORGANIZER if is_organizer else EmailRole.COHOST,
        person=person,
        address=person.mailbox,
        message_id=message_id,
        job={"one_off_id": str(one_off.pk), **cohost, **job},
    )


def _about_activity(noted: Activity, person: User, kind: EmailKind) -> Outgoing:
    """What is deleted tells no more who was a cohost in it: whoever is not the organizer had a part."""
    return Outgoing(
        subject=noted.subject,
        name=noted.name,
        organizer=noted.organizer,
        kind=kind,
        role=EmailRole.ORGANIZER if person == noted.organizer else EmailRole.PARTY,
        person=person,
        address=person.mailbox,
        message_id=activity_id(noted, person),
        job={"activity_id": noted.pk, "person_id": str(person.pk)},
    )


def _about_end(noted: Activity, proposal: CounterProposal) -> Outgoing:
    message_id = end_id(noted, proposal)
    return Outgoing(
        subject=noted.subject,
        name=noted.name,
        organizer=noted.organizer,
        kind=EmailKind.DELETED,
        role=EmailRole.INVITEE,
        address=proposal.invitee_email,
        place=Place.GRANTED,
        message_id=message_id,
        job={"activity_id": noted.pk, "message_id": message_id},
    )


def _about_proposal(proposal: CounterProposal, person: User) -> Outgoing:
    one_off = proposal.one_off
    return Outgoing(
        subject=one_off.pk,
        name=one_off.name,
        organizer=one_off.organizer,
        kind=EmailKind.PROPOSED,
        role=EmailRole.ORGANIZER if person == one_off.organizer else EmailRole.PARTY,
        person=person,
        address=person.mailbox,
        message_id=counter_proposal_id(proposal, person),
        job={"proposal_id": str(proposal.pk), "person_id": str(person.pk)},
    )


def _about_answer(proposal: CounterProposal) -> Outgoing:
    one_off = proposal.one_off
    return Outgoing(
        subject=one_off.pk,
        name=one_off.name,
        organizer=one_off.organizer,
        kind=EmailKind.ANSWERED,
        role=EmailRole.INVITEE,
        address=proposal.invitee_email,
        place=Place.GRANTED if proposal.answer == Answer.DECLINED else Place.WANTED,
        message_id=answer_id(proposal),
        job={"proposal_id": str(proposal.pk)},
    )
