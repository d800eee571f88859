"""What is mailed about one-off meetings themselves; a booking's mails are in scheduling.notifications."""

from collections.abc import Iterable
from uuid import UUID

from django.utils import timezone
from procrastinate.contrib.django import app

from caledee.accounts.models import User
from caledee.mail import QUEUE, PatientRetry, deliver
from oneoff.access import creator_still_allowed
from oneoff.letters import (
    write_answer,
    write_counter_proposal,
    write_letter,
    write_notice,
    write_reopening,
)
from oneoff.models import CounterProposal, OneOffMeeting
from scheduling.models import Activity


def announce_one_off(one_off: OneOffMeeting, people: Iterable[User]) -> None:
    """Queue the mails that tell these people of the one-off meeting for which their time is wanted."""
    for person in people:
        cohost = {} if person == one_off.organizer else {"cohost_id": str(person.pk)}
        mail_one_off.defer(one_off_id=str(one_off.pk), **cohost)


def announce_withdrawal(noted: Activity) -> None:
    """Queue the mail that tells the organizer that somebody else took back one of the times."""
    if noted.by is not None and noted.by != noted.organizer:
        mail_activity.defer(activity_id=noted.pk, person_id=str(noted.organizer_id))


def announce_deletion(noted: Activity, people: Iterable[User]) -> None:
    """Queue the mails that tell these people, but for who did it, that the one-off meeting is gone."""
    if noted.by is None:
        return
    for person in {each.pk: each for each in people if each != noted.by}.values():
        mail_activity.defer(activity_id=noted.pk, person_id=str(person.pk))


def announce_reopening(noted: Activity, one_off: OneOffMeeting) -> None:
    """Queue the mails that tell all whose time it takes again, but for who did it, of its new link."""
    for person in one_off.people:
        if person != noted.by:
            mail_reopening.defer(activity_id=noted.pk, person_id=str(person.pk))


def announce_counter_proposal(proposal: CounterProposal) -> None:
    """Queue the mails that tell the organizer, and who made the meeting for them, of the times somebody asks for."""
    for person in (proposal.one_off.organizer, *creator_still_allowed(proposal.one_off)):
        mail_counter_proposal.defer(proposal_id=str(proposal.pk), person_id=str(person.pk))


def announce_answer(proposal: CounterProposal) -> None:
    """Queue the mail that tells who asked for other times that they were declined, or that it is too late."""
    mail_answer.defer(proposal_id=str(proposal.pk))


@app.task(name="oneoff.mail_one_off", queue=QUEUE, retry=PatientRetry())
def mail_one_off(one_off_id: str, cohost_id: str = "") -> None:
    """Nothing is sent where it was deleted meanwhile, or can be booked no more: a booking has mails of its own."""
    one_off = _find(one_off_id)
    if one_off is None or not one_off.link.is_open(timezone.now()):
        return
    wanted = cohost_id or str(one_off.organizer_id)
    for person in one_off.people:
        if str(person.pk) == wanted:
            deliver(write_letter(one_off, person))


@app.task(name="oneoff.mail_activity", queue=QUEUE, retry=PatientRetry())
def mail_activity(activity_id: int, person_id: str) -> None:
    noted = Activity.objects.select_related("organizer", "by").filter(pk=activity_id).first()
    person = User.objects.filter(pk=person_id, is_active=True).first()
    if noted is not None and person is not None:
        deliver(write_notice(noted, person))


@app.task(name="oneoff.mail_reopening", queue=QUEUE, retry=PatientRetry())
def mail_reopening(activity_id: int, person_id: str) -> None:
    """Nothing is sent where it was booked, or reopened again, or deleted meanwhile."""
    noted = Activity.objects.select_related("by").filter(pk=activity_id).first()
    one_off = _find(noted.subject) if noted else None
    if noted is None or one_off is None or not one_off.link.is_open(timezone.now()):
        return
    for person in one_off.people:
        if str(person.pk) == person_id:
            deliver(write_reopening(noted, one_off, person))


@app.task(name="oneoff.mail_counter_proposal", queue=QUEUE, retry=PatientRetry())
def mail_counter_proposal(proposal_id: str, person_id: str) -> None:
    """Nothing is sent of what was answered or deleted meanwhile."""
    proposal = _find_proposal(proposal_id)
    person = User.objects.filter(pk=person_id, is_active=True).first()
    if proposal is not None and person is not None and proposal.answered_at is None:
        deliver(write_counter_proposal(proposal, person))


@app.task(name="oneoff.mail_answer", queue=QUEUE, retry=PatientRetry())
def mail_answer(proposal_id: str) -> None:
    proposal = _find_proposal(proposal_id)
    if proposal is not None and proposal.answered_at is not None:
        deliver(write_answer(proposal))


def _find(key: UUID | str) -> OneOffMeeting | None:
    found = OneOffMeeting.objects.select_related("organizer", "created_by", "current_link")
    return found.prefetch_related("proposed_times", "cohosts").filter(pk=key).first()


def _find_proposal(key: str) -> CounterProposal | None:
    found = CounterProposal.objects.select_related("one_off__organizer", "one_off__current_link", "booking")
    return found.prefetch_related("times").filter(pk=key).first()
