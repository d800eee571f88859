"""Emails about one-off meetings. Those about bookings are in `scheduling.emails.messages`."""

from datetime import datetime

from django.conf import settings
from django.urls import reverse

from caledee.accounts.models import User
from caledee.email.messages import Email, Row, name_message
from caledee.email.text import clean_lines, one_line
from caledee.timekeeping.wording import say_duration, say_names, say_start, say_when
from oneoff.emails.expiry import warning_id
from oneoff.events import OneOffActivity
from oneoff.models import Answer, CounterProposal, OneOffMeeting
from scheduling.feeds.links import booking_link
from scheduling.models import Activity
from scheduling.pages.history import say_facts
from scheduling.rooms import say_place


def creation_id(one_off: OneOffMeeting, person: User) -> str:
    return name_message("one-off", one_off.pk, "created", "organizer" if person == one_off.organizer else person.pk)


def activity_id(line_id: int | None, person: User) -> str:
    return name_message("activity", line_id, person.pk)


def counter_proposal_id(proposal: CounterProposal, person: User) -> str:
    return name_message("counter-proposal", proposal.pk, person.pk)


def answer_id(proposal: CounterProposal) -> str:
    return name_message("counter-proposal", proposal.pk, proposal.answer)


def end_id(line_id: int | None, proposal: CounterProposal) -> str:
    return name_message("activity", line_id, "counter-proposal", proposal.pk)


def write_email(one_off: OneOffMeeting, person: User) -> Email:
    """Tell the organizer or a cohost who created it, and which of their times it takes."""
    organizer, creator = one_off.organizer, one_off.created_by
    is_organizer = person == organizer
    creator_name = one_line(creator.name) if creator else "Someone in your organization"
    name = one_line(one_off.name)
    return Email(
        to=person.mailbox,
        subject=f"New one-off meeting for you: {name}",
        state="One-off meeting",
        heading=name,
        opening=f"{creator_name} created a one-off meeting {_say_part(one_off, person)}.",
        rows=_rows(one_off, person),
        action="Open the meeting and its link" if is_organizer else "Open the meeting",
        link=f"{settings.BASE_URL}{one_off.get_absolute_url()}",
        why="You're receiving this email because the meeting was created for you."
        if is_organizer
        else "You're receiving this email because you take part in this meeting.",
        message_id=creation_id(one_off, person),
        sender_name=creator_name if creator else "",
        reply_to=(creator_name, creator.mailbox) if creator else None,
    )


def write_notice(noted: Activity, person: User) -> Email:
    """Tell a person that someone deleted a one-off meeting or withdrew one of its times."""
    name, by = one_line(noted.name), one_line(noted.by_name)
    is_deleted = noted.kind == OneOffActivity.DELETED
    done = "deleted this one-off meeting" if is_deleted else "withdrew a time of this one-off meeting"
    times = "Its link no longer works." if is_deleted else "The time is no longer offered."
    time = say_facts(noted, noted.organizer.zone)
    rows = [
        Row("Organizer", [] if person == noted.organizer else [one_line(noted.organizer.name)]),
        Row("Time", [time] if time else []),
        Row("When", [say_start(noted.at, person.zone)]),
    ]
    return Email(
        to=person.mailbox,
        subject=f"Deleted: {name}" if is_deleted else f"Time withdrawn: {name}",
        state="Deleted" if is_deleted else "Time withdrawn",
        heading=name,
        opening=f"{by} {done}. {times}",
        rows=[row for row in rows if row.lines],
        action="Your one-off meetings" if is_deleted else "See the remaining times",
        link=f"{settings.BASE_URL}{reverse('oneoff:board')}"
        if is_deleted
        else f"{settings.BASE_URL}{reverse('oneoff:detail', args=[noted.subject])}",
        why="You're receiving this email because someone else changed a one-off meeting of yours.",
        message_id=activity_id(noted.pk, person),
        sender_name=by,
        reply_to=(by, noted.by.mailbox) if noted.by else None,
    )


def write_warning(one_off: OneOffMeeting, expiry: datetime, *, now: datetime) -> Email:
    """Tell the organizer that it expires soon and nobody has booked it."""
    organizer, name = one_off.organizer, one_off.name
    left = [say_when(time.period, organizer.zone) for time in one_off.proposed_times.all() if time.start > now]
    opened = "Its link has been opened." if one_off.link.opened_at else "Its link hasn't been opened."
    rows = [
        Row("Expires", [say_start(expiry, organizer.zone)]),
        Row("Times left", left),
        Row("For", [one_line(text) for text in (one_off.invitee_name, one_off.invitee_email) if text]),
    ]
    return Email(
        to=organizer.mailbox,
        subject=f"Expires soon: {one_line(name)}",
        state="Expires soon",
        heading=one_line(name),
        opening=f"Nobody has booked this one-off meeting yet, and it expires within a day. {opened}",
        rows=[row for row in rows if row.lines],
        action="Open the meeting and its link",
        link=f"{settings.BASE_URL}{one_off.get_absolute_url()}",
        why="You're receiving this email because you organize this one-off meeting. You get it once per link.",
        message_id=warning_id(one_off),
        reply_to=(one_line(one_off.invitee_name), one_off.invitee_email) if one_off.invitee_email else None,
    )


def write_reopening(noted: Activity, one_off: OneOffMeeting, person: User) -> Email:
    """Tell a host that someone else reopened the meeting, and which of their times it takes."""
    by, name = one_line(noted.by_name), one_line(one_off.name)
    return Email(
        to=person.mailbox,
        subject=f"Reopened: {name}",
        state="Reopened",
        heading=name,
        opening=f"{by} reopened this one-off meeting {_say_part(one_off, person)}. It has a new link; the old one "
        "stays closed.",
        rows=_rows(one_off, person),
        action="Open the meeting and its link" if person == one_off.organizer else "Open the meeting",
        link=f"{settings.BASE_URL}{one_off.get_absolute_url()}",
        why="You're receiving this email because you take part in this meeting.",
        message_id=activity_id(noted.pk, person),
        sender_name=by,
        reply_to=(by, noted.by.mailbox) if noted.by else None,
    )


def write_proposal(proposal: CounterProposal, person: User) -> Email:
    """Tell the organizer side which times the invitee suggests. Replies go to the invitee."""
    one_off, booking = proposal.one_off, proposal.booking
    who, name = one_line(proposal.invitee_name), one_line(one_off.name)
    suggests = "would like to move this meeting" if booking else "can't make any of the times you offered"
    rows = [
        Row("Suggested times", [say_when(time.period, person.zone) for time in proposal.times.all()]),
        Row("Currently booked", [say_when(booking.period, person.zone)] if booking else []),
        Row("Who", [who, proposal.invitee_email]),
        Row("Organizer", [] if person == one_off.organizer else [one_line(one_off.organizer.name)]),
        Row("Where", [one_line(proposal.location)] if proposal.location else []),
        Row("Their note", clean_lines(proposal.note), quoted=True),
    ]
    return Email(
        to=person.mailbox,
        subject=f"Suggested times: {name}",
        state="Suggested times",
        heading=name,
        opening=f"{who} {suggests}, and suggests others. They aren't held until you accept one."
        if booking is None
        else f"{who} {suggests}. It isn't moved until you accept a time.",
        rows=[row for row in rows if row.lines],
        action="Accept a time or decline",
        link=f"{settings.BASE_URL}{one_off.get_absolute_url()}",
        why="You're receiving this email because you offered this meeting.",
        message_id=counter_proposal_id(proposal, person),
        reply_to=(who, proposal.invitee_email),
    )


def write_answer(proposal: CounterProposal, *, now: datetime) -> Email:
    """Tell the invitee that their times are declined, or that the meeting was booked at another time."""
    one_off, organizer = proposal.one_off, one_line(proposal.one_off.organizer.name)
    is_declined, name = proposal.answer == Answer.DECLINED, one_line(proposal.one_off.name)
    state = "Declined" if is_declined else "Already booked"
    action, link = _way_on(proposal, now)
    rows = [
        Row(f"{organizer} says", clean_lines(proposal.answer_note), quoted=True),
        Row("Times you suggested", [say_when(time.period, proposal.invitee_zone) for time in proposal.times.all()]),
    ]
    return Email(
        to=proposal.invitee_email,
        subject=f"{state}: {name}",
        state=state,
        heading=name,
        opening=_say_answer(proposal, organizer),
        rows=[row for row in rows if row.lines],
        action=action,
        link=link,
        why="You're receiving this email because this address was entered when times were suggested.",
        message_id=answer_id(proposal),
        sender_name=organizer,
        reply_to=(organizer, one_off.organizer.mailbox),
    )


def write_end_of_proposal(noted: Activity, address: str, message_id: str) -> Email:
    """Tell an invitee who suggested times that the meeting was deleted."""
    organizer, name = noted.organizer, one_line(noted.name)
    has_page = organizer.is_active
    return Email(
        to=address,
        subject=f"Not taking place: {name}",
        state="Not taking place",
        heading=name,
        opening=f"{one_line(organizer.name)} no longer offers this meeting, so the times you suggested "
        "aren't needed. Nothing was booked.",
        rows=[],
        action="See other meetings you can book" if has_page else "",
        link=f"{settings.BASE_URL}{organizer.get_absolute_url()}" if has_page else "",
        why="You're receiving this email because this address was entered when times were suggested.",
        message_id=message_id,
        sender_name=one_line(organizer.name),
        reply_to=(one_line(organizer.name), organizer.mailbox) if has_page else None,
    )


def _way_on(proposal: CounterProposal, now: datetime) -> tuple[str, str]:
    """Return the label and the address of what the invitee can do next."""
    one_off = proposal.one_off
    if proposal.booking is not None:
        return "See, change or cancel it", booking_link(proposal.booking)
    if one_off.link.is_open(now):
        return "See the available times", f"{settings.BASE_URL}{one_off.link.get_absolute_url()}"
    return "See other meetings you can book", f"{settings.BASE_URL}{one_off.organizer.get_absolute_url()}"


def _say_answer(proposal: CounterProposal, organizer: str) -> str:
    if proposal.answer != Answer.DECLINED:
        return "This meeting was booked at another time or by someone else, so the times you suggested aren't needed."
    if proposal.booking is not None:
        return f"{organizer} can't make any of the times you suggested. Your meeting isn't moved."
    return f"{organizer} can't make any of the times you suggested."


def _say_part(one_off: OneOffMeeting, person: User) -> str:
    """Return such as "with you as its organizer" or "with you and Ada Lovelace"."""
    others = [each.name for each in one_off.people if each != person]
    if person == one_off.organizer:
        return f"with you as its organizer, and {say_names(others)}" if others else "with you as its organizer"
    return f"with you and {say_names(others)}"


def _rows(one_off: OneOffMeeting, person: User) -> list[Row]:
    organizer = one_off.organizer
    times = [say_when(time.period, person.zone) for time in one_off.proposed_times.all()]
    about = clean_lines(one_off.description)
    invitee = [one_line(text) for text in (one_off.invitee_name, one_off.invitee_email) if text]
    rows = [
        Row(f"Times offered, {say_duration(one_off.duration)} each", times),
        Row("Until one is booked", [_say_hold(one_off)]),
        Row("Where", [say_place(one_off, organizer)]),
        Row("Organizer", [] if person == organizer else [one_line(organizer.name)]),
        Row("For", invitee),
        Row("About", about, quoted=True),
    ]
    return [row for row in rows if row.lines]


def _say_hold(one_off: OneOffMeeting) -> str:
    if one_off.hold_times:
        return "These times are held. Your other links don't offer them."
    return "These times aren't held. They can be booked through your other links."
