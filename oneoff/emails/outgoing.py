"""Emails about one-off meetings, as they are queued."""

from caledee.accounts.models import User
from caledee.email.allowance import Place
from caledee.email.models import EmailRole
from caledee.email.outbox import Outgoing
from oneoff.emails.kinds import OneOffEmail
from oneoff.emails.messages import activity_id, answer_id, counter_proposal_id, end_id
from oneoff.events import OneOffEvent
from oneoff.models import CounterProposal, OneOffMeeting
from scheduling.events import Entry


def about_one_off(one_off: OneOffMeeting, person: User, kind: OneOffEmail, message_id: str, **job: int) -> Outgoing:
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


def about_event(event: OneOffEvent, entry: Entry, person: User, kind: OneOffEmail) -> Outgoing:
    """Describe an email whose task reads the history. A deleted meeting no longer says who was a cohost."""
    one_off = event.one_off
    return Outgoing(
        subject=one_off.pk,
        name=one_off.name,
        organizer=one_off.organizer,
        kind=kind,
        role=EmailRole.ORGANIZER if person == one_off.organizer else EmailRole.PARTY,
        person=person,
        address=person.mailbox,
        message_id=activity_id(entry.line_id, person),
        job={"activity_id": entry.line_id, "person_id": str(person.pk)},
    )


def about_end(one_off: OneOffMeeting, entry: Entry, proposal: CounterProposal) -> Outgoing:
    message_id = end_id(entry.line_id, proposal)
    return Outgoing(
        subject=one_off.pk,
        name=one_off.name,
        organizer=one_off.organizer,
        kind=OneOffEmail.DELETED,
        role=EmailRole.INVITEE,
        address=proposal.invitee_email,
        place=Place.GRANTED,
        message_id=message_id,
        job={"activity_id": entry.line_id, "message_id": message_id},
    )


def about_suggestion(proposal: CounterProposal, person: User) -> Outgoing:
    one_off = proposal.one_off
    return Outgoing(
        subject=one_off.pk,
        name=one_off.name,
        organizer=one_off.organizer,
        kind=OneOffEmail.PROPOSED,
        role=EmailRole.ORGANIZER if person == one_off.organizer else EmailRole.PARTY,
        person=person,
        address=person.mailbox,
        message_id=counter_proposal_id(proposal, person),
        job={"proposal_id": str(proposal.pk), "person_id": str(person.pk)},
    )


def about_answer(proposal: CounterProposal, place: Place) -> Outgoing:
    one_off = proposal.one_off
    return Outgoing(
        subject=one_off.pk,
        name=one_off.name,
        organizer=one_off.organizer,
        kind=OneOffEmail.ANSWERED,
        role=EmailRole.INVITEE,
        address=proposal.invitee_email,
        place=place,
        message_id=answer_id(proposal),
        job={"proposal_id": str(proposal.pk)},
    )
