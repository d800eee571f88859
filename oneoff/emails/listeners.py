"""Who gets an email when something happens to a one-off meeting. Nobody is notified of what they did themselves."""

from caledee.email.allowance import Place
from caledee.email.outbox import queue_emails
from oneoff.emails.kinds import OneOffEmail
from oneoff.emails.messages import creation_id
from oneoff.emails.outgoing import about_answer, about_end, about_event, about_one_off, about_suggestion
from oneoff.events import (
    Created,
    Deleted,
    Reopened,
    SuggestionDeclined,
    SuggestionSettled,
    TimesSuggested,
    TimeWithdrawn,
)
from oneoff.permissions import creator_still_allowed
from oneoff.tasks import (
    send_activity,
    send_answer,
    send_counter_proposal,
    send_creation,
    send_end_of_proposal,
    send_reopening,
)
from scheduling.events import Entry


def queue_creations(event: Created, entry: Entry) -> None:
    """Notify the people whose time it takes."""
    notified = [person for person in event.people if person != event.by]
    emails = [
        about_one_off(event.one_off, person, OneOffEmail.CREATED, creation_id(event.one_off, person))
        for person in notified
    ]
    queue_emails(send_creation, emails, now=entry.at)


def queue_withdrawal(event: TimeWithdrawn, entry: Entry) -> None:
    """Notify the organizer if someone else withdrew the time."""
    organizer = event.one_off.organizer
    if event.by is not None and event.by != organizer:
        queue_emails(send_activity, [about_event(event, entry, organizer, OneOffEmail.WITHDRAWN)], now=entry.at)


def queue_deletions(event: Deleted, entry: Entry) -> None:
    """Notify the people whose time it took, and the person who created it for them."""
    if event.by is None:
        return
    concerned = [*event.people, *creator_still_allowed(event.one_off)]
    notified = {person.pk: person for person in concerned if person != event.by}.values()
    emails = [about_event(event, entry, person, OneOffEmail.DELETED) for person in notified]
    queue_emails(send_activity, emails, now=entry.at)


def queue_ends_of_suggestions(event: Deleted, entry: Entry) -> None:
    """Notify the invitees whose suggested times wait for an answer. Each address gets one email."""
    by_address = {proposal.invitee_email.lower(): proposal for proposal in event.waiting}
    emails = [about_end(event.one_off, entry, proposal) for proposal in by_address.values()]
    queue_emails(send_end_of_proposal, emails, now=entry.at)


def queue_reopenings(event: Reopened, entry: Entry) -> None:
    """Notify the people whose time it takes again."""
    notified = [person for person in event.one_off.people if person != event.by]
    emails = [about_event(event, entry, person, OneOffEmail.REOPENED) for person in notified]
    queue_emails(send_reopening, emails, now=entry.at)


def queue_suggestion(event: TimesSuggested, entry: Entry) -> None:
    """Notify the organizer, and the person who created the meeting for them."""
    one_off = event.proposal.one_off
    notified = [one_off.organizer, *creator_still_allowed(one_off)]
    queue_emails(send_counter_proposal, [about_suggestion(event.proposal, each) for each in notified], now=entry.at)


def queue_answer(event: SuggestionDeclined, entry: Entry) -> None:
    """Notify the invitee that the suggested times are declined."""
    queue_emails(send_answer, [about_answer(event.proposal, Place.GRANTED)], now=entry.at)


def queue_late_answer(event: SuggestionSettled, entry: Entry) -> None:
    """Notify the invitee that someone else has booked. The person who booked gets a confirmation instead."""
    if event.proposal.invitee_email.lower() != event.booked_by.lower():
        queue_emails(send_answer, [about_answer(event.proposal, Place.WANTED)], now=entry.at)
