"""What is mailed about one-off meetings themselves; a booking's mails are in scheduling.notifications."""

from django.conf import settings
from django.utils import timezone
from procrastinate.contrib.django import app

from caledee.mail import QUEUE, Letter, PatientRetry, Row, deliver, name_message
from caledee.plain_text import clean_lines, one_line
from oneoff.models import OneOffMeeting
from scheduling.wording import say_duration, say_location, say_when


def announce_one_off(one_off: OneOffMeeting) -> None:
    """Queue the mail that tells a teammate of the one-off meeting made for them."""
    mail_one_off.defer(one_off_id=str(one_off.pk))


@app.task(name="oneoff.mail_one_off", queue=QUEUE, retry=PatientRetry())
def mail_one_off(one_off_id: str) -> None:
    """Nothing is sent where it was deleted meanwhile, or can be booked no more: a booking has mails of its own."""
    one_off = (
        OneOffMeeting.objects.select_related("organizer", "created_by", "link")
        .prefetch_related("proposed_times")
        .filter(pk=one_off_id)
        .first()
    )
    if one_off is not None and one_off.link.is_open(timezone.now()):
        deliver(write_letter(one_off))


def write_letter(one_off: OneOffMeeting) -> Letter:
    """To the organizer, in their zone: who made it, what it is, and which of their times it takes."""
    organizer, creator = one_off.organizer, one_off.created_by
    creator_name = one_line(creator.name) if creator else "Somebody of your organization"
    name = one_line(one_off.name)
    return Letter(
        to=organizer.email,
        subject=f"New one-off meeting for you: {name}",
        state="One-off meeting",
        heading=name,
        opening=f"{creator_name} has created a one-off meeting with you as its organizer.",
        rows=_rows(one_off),
        action="See it and its link",
        link=f"{settings.BASE_URL}{one_off.get_absolute_url()}",
        why="You get this mail because the meeting was created for you.",
        message_id=name_message("one-off", one_off.pk, "created", "organizer"),
        sender_name=creator_name if creator else "",
        reply_to=(creator_name, creator.email) if creator else None,
    )


def _rows(one_off: OneOffMeeting) -> list[Row]:
    organizer = one_off.organizer
    times = [say_when(time.period, organizer.zone) for time in one_off.proposed_times.all()]
    about = clean_lines(one_off.description)
    invitee = [one_line(text) for text in (one_off.invitee_name, one_off.invitee_email) if text]
    rows = [
        Row(f"Times offered, {say_duration(one_off.duration)} each", times),
        Row("Until one is booked", [_say_hold(one_off)]),
        Row("Where", [say_location(one_off.location_kind, one_off.location, organizer.name)]),
        Row("For", invitee),
        Row("About", about, quoted=True),
    ]
    return [row for row in rows if row.lines]


def _say_hold(one_off: OneOffMeeting) -> str:
    if one_off.hold_times:
        return "These times are held: nobody can book them otherwise."
    return "These times are not held: they can be booked otherwise."
