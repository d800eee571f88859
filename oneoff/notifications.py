"""What is mailed about one-off meetings themselves; a booking's mails are in scheduling.notifications."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django import app

from caledee.accounts.models import User
from caledee.mail import QUEUE, Letter, PatientRetry, Row, name_message
from caledee.plain_text import clean_lines, one_line
from oneoff.models import OneOffMeeting
from oneoff.running_out import end_of, running_out, warning_id
from scheduling.models import Activity, ActivityKind, MailKind, MailRole
from scheduling.outbox import Outgoing, queue_mails, recorded
from scheduling.wording import say_duration, say_location, say_names, say_start, say_when


def announce_one_off(one_off: OneOffMeeting, people: Iterable[User]) -> None:
    """Queue the mails that tell these people of the one-off meeting for which their time is wanted."""
    mails = [_about(one_off, person, MailKind.CREATED, _created_id(one_off, person)) for person in people]
    queue_mails(mail_one_off, mails, now=timezone.now())


def announce_withdrawal(noted: Activity) -> None:
    """Queue the mail that tells the organizer that somebody else took back one of the times."""
    if noted.by is not None and noted.by != noted.organizer:
        mails = [_about_activity(noted, noted.organizer, MailKind.WITHDRAWN)]
        queue_mails(mail_activity, mails, now=timezone.now())


def announce_deletion(noted: Activity, people: Iterable[User]) -> None:
    """Queue the mails that tell these people, but for who did it, that the one-off meeting is gone."""
    if noted.by is None:
        return
    told = {each.pk: each for each in people if each != noted.by}.values()
    mails = [_about_activity(noted, person, MailKind.DELETED) for person in told]
    queue_mails(mail_activity, mails, now=timezone.now())


@app.task(name="oneoff.mail_one_off", queue=QUEUE, retry=PatientRetry())
@recorded
def mail_one_off(one_off_id: str, cohost_id: str = "") -> Letter | None:
    """Nothing is sent where it was deleted meanwhile, or can be booked no more: a booking has mails of its own."""
    one_off = _find(one_off_id)
    if one_off is None or not one_off.link.is_open(timezone.now()):
        return None
    wanted = cohost_id or str(one_off.organizer_id)
    person = next((person for person in one_off.people if str(person.pk) == wanted), None)
    return write_letter(one_off, person) if person else None


@app.task(name="oneoff.mail_activity", queue=QUEUE, retry=PatientRetry())
@recorded
def mail_activity(activity_id: int, person_id: str) -> Letter | None:
    noted = Activity.objects.select_related("organizer", "by").filter(pk=activity_id).first()
    person = User.objects.filter(pk=person_id, is_active=True).first()
    return write_notice(noted, person) if noted and person else None


@app.periodic(cron="*/5 * * * *")
@app.task(name="oneoff.queue_warnings", queueing_lock="oneoff.queue_warnings")
def queue_warnings(timestamp: int) -> None:  # noqa: ARG001
    """To the organizers whose one-off meetings are about to run out: once for each link."""
    now = timezone.now()
    mails = [
        _about(one_off, one_off.organizer, MailKind.RUNNING_OUT, warning_id(one_off), link_id=one_off.link.pk)
        for one_off in running_out(now=now)
    ]
    queue_mails(mail_warning, mails, now=now)


@app.task(name="oneoff.mail_warning", queue=QUEUE, retry=PatientRetry())
@recorded
def mail_warning(one_off_id: str, link_id: int) -> Letter | None:
    """Nothing is sent where it was booked, deleted or reopened meanwhile, or has run out."""
    one_off, now = _find(one_off_id), timezone.now()
    if one_off is None or one_off.link.pk != link_id:
        return None
    end = end_of(one_off, now=now)
    return write_warning(one_off, end, now=now) if end else None


def _find(one_off_id: str) -> OneOffMeeting | None:
    found = OneOffMeeting.objects.select_related("organizer", "created_by", "current_link")
    return found.prefetch_related("proposed_times", "cohosts").filter(pk=one_off_id).first()


def _about(one_off: OneOffMeeting, person: User, kind: MailKind, message_id: str, **job: int) -> Outgoing:
    is_organizer = person == one_off.organizer
    cohost = {} if is_organizer else {"cohost_id": str(person.pk)}
    return Outgoing(
        subject=one_off.pk,
        name=one_off.name,
        organizer=one_off.organizer,
        kind=kind,
        role=MailRole.ORGANIZER if is_organizer else MailRole.COHOST,
        person=person,
        address=person.email,
        message_id=message_id,
        job={"one_off_id": str(one_off.pk), **cohost, **job},
    )


def _about_activity(noted: Activity, person: User, kind: MailKind) -> Outgoing:
    """What is deleted tells no more who was a cohost in it: whoever is not the organizer had a part."""
    return Outgoing(
        subject=noted.subject,
        name=noted.name,
        organizer=noted.organizer,
        kind=kind,
        role=MailRole.ORGANIZER if person == noted.organizer else MailRole.PARTY,
        person=person,
        address=person.email,
        message_id=_activity_id(noted, person),
        job={"activity_id": noted.pk, "person_id": str(person.pk)},
    )


def _created_id(one_off: OneOffMeeting, person: User) -> str:
    who = "organizer" if person == one_off.organizer else person.pk
    return name_message("one-off", one_off.pk, "created", who)


def _activity_id(noted: Activity, person: User) -> str:
    return name_message("activity", noted.pk, person.pk)


def write_letter(one_off: OneOffMeeting, person: User) -> Letter:
    """To the organizer or a cohost, in their zone: who made it, what it is, and which of their times it takes."""
    organizer, creator = one_off.organizer, one_off.created_by
    is_organizer = person == organizer
    creator_name = one_line(creator.name) if creator else "Somebody of your organization"
    name = one_line(one_off.name)
    return Letter(
        to=person.email,
        subject=f"New one-off meeting for you: {name}",
        state="One-off meeting",
        heading=name,
        opening=f"{creator_name} has created a one-off meeting {_say_part(one_off, person)}.",
        rows=_rows(one_off, person),
        action="See it and its link" if is_organizer else "See it",
        link=f"{settings.BASE_URL}{one_off.get_absolute_url()}",
        why="You get this mail because the meeting was created for you."
        if is_organizer
        else "You get this mail because you are to take part in this meeting.",
        message_id=_created_id(one_off, person),
        sender_name=creator_name if creator else "",
        reply_to=(creator_name, creator.email) if creator else None,
    )


def write_notice(noted: Activity, person: User) -> Letter:
    """That somebody deleted a one-off meeting, or took back one of its times."""
    name, by = one_line(noted.name), one_line(noted.by_name)
    is_deleted = noted.kind == ActivityKind.DELETED
    done = "deleted this one-off meeting" if is_deleted else "withdrawn a time of this one-off meeting"
    times = "Its link does not work any more." if is_deleted else "It is not on offer any more."
    rows = [
        Row("Organizer", [] if person == noted.organizer else [one_line(noted.organizer.name)]),
        Row("Time", [noted.details] if noted.details else []),
        Row("When", [say_start(noted.at, person.zone)]),
    ]
    return Letter(
        to=person.email,
        subject=f"Deleted: {name}" if is_deleted else f"A time withdrawn: {name}",
        state="Deleted" if is_deleted else "Time withdrawn",
        heading=name,
        opening=f"{by} has {done}. {times}",
        rows=[row for row in rows if row.lines],
        action="Your one-off meetings" if is_deleted else "See what is left",
        link=f"{settings.BASE_URL}{reverse('oneoff:board')}"
        if is_deleted
        else f"{settings.BASE_URL}{reverse('oneoff:detail', args=[noted.subject])}",
        why="You get this mail because somebody else changed a one-off meeting that concerns you.",
        message_id=_activity_id(noted, person),
        sender_name=by,
        reply_to=(by, noted.by.email) if noted.by else None,
    )


def write_warning(one_off: OneOffMeeting, end: datetime, *, now: datetime) -> Letter:
    """To the organizer: nobody has booked it, and soon nobody can."""
    organizer, name = one_off.organizer, one_off.name
    left = [say_when(time.period, organizer.zone) for time in one_off.proposed_times.all() if time.start > now]
    opened = "Its link has been opened." if one_off.link.opened_at else "Its link has not even been opened."
    rows = [
        Row("It runs out", [say_start(end, organizer.zone)]),
        Row("Times left", left),
        Row("For", [one_line(text) for text in (one_off.invitee_name, one_off.invitee_email) if text]),
    ]
    return Letter(
        to=organizer.email,
        subject=f"About to run out: {one_line(name)}",
        state="About to run out",
        heading=one_line(name),
        opening=f"Nobody has booked this one-off meeting yet, and it runs out within a day. {opened}",
        rows=[row for row in rows if row.lines],
        action="See it and its link",
        link=f"{settings.BASE_URL}{one_off.get_absolute_url()}",
        why="You get this mail because you are the organizer of this one-off meeting. It comes once.",
        message_id=warning_id(one_off),
        reply_to=(one_line(one_off.invitee_name), one_off.invitee_email) if one_off.invitee_email else None,
    )


def _say_part(one_off: OneOffMeeting, person: User) -> str:
    """What part `person` has in it: `with you as its organizer`, `with you and Ada Lovelace`."""
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
        Row("Where", [say_location(one_off.location_kind, one_off.location, organizer.name)]),
        Row("Organizer", [] if person == organizer else [one_line(organizer.name)]),
        Row("For", invitee),
        Row("About", about, quoted=True),
    ]
    return [row for row in rows if row.lines]


def _say_hold(one_off: OneOffMeeting) -> str:
    if one_off.hold_times:
        return "These times are held: nobody can book them otherwise."
    return "These times are not held: they can be booked otherwise."
