import email
import email.policy
from datetime import UTC, datetime, timedelta

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from oneoff.creator import Details, create_one_off, delete_one_off
from oneoff.models import SingleUseLink
from oneoff.notifications import mail_one_off

NOW = datetime.now(UTC).replace(microsecond=0)
STARTS = [datetime(2099, 12, 1, 9, tzinfo=UTC), datetime(2099, 12, 2, 18, 45, tzinfo=UTC)]
DETAILS = Details(
    name="Interview",
    duration=timedelta(minutes=30),
    location_kind="video",
    description="Second round.\r\n  Bring slides.",
    invitee_name="Dana O'Brien",
    invitee_email="dana@example.com",
)


@pytest.fixture
def one_off(ada, alan):
    return create_one_off(DETAILS, STARTS, organizer=alan, created_by=ada, now=NOW)


def jobs():
    found = ProcrastinateJob.objects.filter(task_name="oneoff.mail_one_off").values_list("args", flat=True)
    return [{name: value for name, value in args.items() if name != "mail_id"} for args in found]


def text_of(message):
    parsed = email.message_from_bytes(
        message.message(policy=email.policy.SMTP).as_bytes(), policy=email.policy.default
    )
    return parsed, parsed.get_body(("plain",)).get_content().replace("\r\n", "\n")


def test_teammate_is_told_of_a_one_off_made_for_them(one_off):
    assert {"one_off_id": str(one_off.pk)} in jobs()


def test_nobody_is_told_of_their_own_one_off(ada):
    before = jobs()

    create_one_off(DETAILS, STARTS, organizer=ada, created_by=ada, now=NOW)

    assert jobs() == before


def test_mail_says_who_made_what_and_which_times_it_takes(one_off, mailoutbox):
    mail_one_off(str(one_off.pk))

    message, text = text_of(mailoutbox[0])
    assert (message["To"], message["Reply-To"], message["Subject"]) == (
        "alan@example.com",
        "Ada Lovelace <ada@example.com>",
        "New one-off meeting for you: Interview",
    )
    assert str(message["From"]) == "Ada Lovelace via Caledee <caledee@caledee.test>"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert (
        text
        == f"""\
Interview

Ada Lovelace has created a one-off meeting with you as its organizer.

Times offered, 30 minutes each
Tuesday 1 December 2099, 14:30 to 15:00 (Asia/Kolkata, IST)
Thursday 3 December 2099, 00:15 to 00:45 (Asia/Kolkata, IST)

Until one is booked
These times are held: nobody can book them otherwise.

Where
Video call – Alan Turing will send the link

For
Dana O'Brien
dana@example.com

About
> Second round.
> Bring slides.

See it and its link:
http://caledee.test/one-offs/{one_off.pk}/

--
You get this mail because the meeting was created for you.
"""
    )


def test_mail_says_that_times_are_not_held(one_off, mailoutbox):
    one_off.hold_times = False
    one_off.save()

    mail_one_off(str(one_off.pk))

    _, text = text_of(mailoutbox[0])
    assert "These times are not held: they can be booked otherwise." in text


def test_creator_who_has_left_is_not_named(one_off, ada, mailoutbox):
    ada.delete()

    mail_one_off(str(one_off.pk))

    message, text = text_of(mailoutbox[0])
    assert "Somebody of your organization has created a one-off meeting" in text
    assert (str(message["From"]), message["Reply-To"]) == ("Caledee <caledee@caledee.test>", None)


def test_nothing_is_sent_of_a_deleted_or_closed_one_off(one_off, ada, alan, mailoutbox):
    other = create_one_off(
        DETAILS, [start + timedelta(days=7) for start in STARTS], organizer=alan, created_by=ada, now=NOW
    )
    delete_one_off(one_off, by=None, now=NOW)
    SingleUseLink.objects.filter(one_off=other).update(closed_at=NOW)

    mail_one_off(str(one_off.pk))
    mail_one_off(str(other.pk))

    assert mailoutbox == []


def test_mail_sent_twice_can_be_recognised(one_off, mailoutbox):
    mail_one_off(str(one_off.pk))
    mail_one_off(str(one_off.pk))

    assert [message.extra_headers["Message-ID"] for message in mailoutbox] == [
        f"<one-off.{one_off.pk}.created.organizer@caledee.test>"
    ] * 2
