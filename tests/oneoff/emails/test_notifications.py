import email
import email.policy
from datetime import UTC, datetime, timedelta

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from oneoff.creator.create import Details, create_one_off, delete_one_off, withdraw_time
from oneoff.models import SingleUseLink
from oneoff.tasks import send_activity, send_creation
from tests.factories import let_meet

# Emails are sent by the real clock, for which these times never pass.
NOW = datetime(2099, 11, 23, 8, tzinfo=UTC)
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


def test_a_teammate_is_notified_of_a_one_off_made_for_them(one_off):
    assert {"one_off_id": str(one_off.pk)} in jobs()


def test_nobody_is_notified_of_their_own_one_off(ada):
    before = jobs()

    create_one_off(DETAILS, STARTS, organizer=ada, created_by=ada, now=NOW)

    assert jobs() == before


def test_the_email_says_who_created_what_at_which_times(one_off, mailoutbox):
    send_creation(str(one_off.pk))

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

Ada Lovelace created a one-off meeting with you as its organizer.

Times offered, 30 minutes each
Tuesday 1 December 2099, 14:30 to 15:00 (Kolkata, IST)
Thursday 3 December 2099, 00:15 to 00:45 (Kolkata, IST)

Until one is booked
These times are held. Your other links don't offer them.

Where
Video call – Alan Turing will send the link

For
Dana O'Brien
dana@example.com

About
> Second round.
> Bring slides.

Open the meeting and its link:
http://caledee.test/one-offs/{one_off.pk}/

--
You're receiving this email because the meeting was created for you.
"""
    )


def test_the_email_says_that_times_are_not_held(one_off, mailoutbox):
    one_off.hold_times = False
    one_off.save()

    send_creation(str(one_off.pk))

    _, text = text_of(mailoutbox[0])
    assert "These times aren't held. They can be booked through your other links." in text


def test_a_creator_who_has_left_is_not_named(one_off, ada, mailoutbox):
    ada.delete()

    send_creation(str(one_off.pk))

    message, text = text_of(mailoutbox[0])
    assert "Someone in your organization created a one-off meeting" in text
    assert (str(message["From"]), message["Reply-To"]) == ("Caledee <caledee@caledee.test>", None)


def test_nothing_is_sent_about_a_deleted_or_closed_one_off(one_off, ada, alan, mailoutbox):
    other = create_one_off(
        DETAILS, [start + timedelta(days=7) for start in STARTS], organizer=alan, created_by=ada, now=NOW
    )
    delete_one_off(one_off, by=None, now=NOW)
    SingleUseLink.objects.filter(one_off=other).update(closed_at=NOW)

    send_creation(str(one_off.pk))
    send_creation(str(other.pk))

    assert mailoutbox == []


def test_an_email_sent_twice_can_be_recognized(one_off, mailoutbox):
    send_creation(str(one_off.pk))
    send_creation(str(one_off.pk))

    assert [message.extra_headers["Message-ID"] for message in mailoutbox] == [
        f"<one-off.{one_off.pk}.created.organizer@caledee.test>"
    ] * 2


def run(task, name):
    for args in (
        ProcrastinateJob.objects.filter(task_name=f"oneoff.{name}").order_by("id").values_list("args", flat=True)
    ):
        task(**args)


def told(mailoutbox):
    return [(message.to[0].partition("@")[0], message.subject, opening_of(message)) for message in mailoutbox]


def opening_of(message):
    return text_of(message)[1].split("\n\n")[1]


def test_organizer_and_cohosts_are_notified_of_a_panel_made_by_someone_else(ada, grace, alan, mary, mailoutbox):
    let_meet(ada, grace, alan, mary)
    panel = create_one_off(DETAILS, STARTS, organizer=alan, cohosts=[grace, mary, ada], created_by=ada, now=NOW)

    run(send_creation, "mail_one_off")

    created = "Ada Lovelace created a one-off meeting with you"
    subject = "New one-off meeting for you: Interview"
    assert told(mailoutbox) == [
        ("alan", subject, f"{created} as its organizer, and Ada Lovelace, Grace Hopper and Mary Somerville."),
        ("grace", subject, f"{created} and Alan Turing, Ada Lovelace and Mary Somerville."),
        ("mary", subject, f"{created} and Alan Turing, Ada Lovelace and Grace Hopper."),
    ]
    times = "Tuesday 1 December 2099, 04:00 to 04:30 (New York, EST)"
    assert times in text_of(mailoutbox[1])[1]
    assert len({message.extra_headers["Message-ID"] for message in mailoutbox}) == 3
    assert all(panel.link.token not in str(text_of(message)) for message in mailoutbox)


def test_others_are_notified_of_a_deletion_and_who_did_it(one_off, ada, mailoutbox):
    delete_one_off(one_off, by=ada, now=NOW)

    run(send_activity, "mail_activity")

    assert told(mailoutbox) == [
        (
            "alan",
            "Deleted: Interview",
            "Ada Lovelace deleted this one-off meeting. Its link no longer works.",
        )
    ]
    message, text = text_of(mailoutbox[0])
    assert (message["Reply-To"], "Organizer" in text) == ("Ada Lovelace <ada@example.com>", False)
    assert "http://caledee.test/one-offs/" in text


def test_creator_and_cohosts_are_notified_when_the_organizer_deletes_it(ada, grace, alan, mailoutbox):
    panel = create_one_off(DETAILS, STARTS, organizer=alan, cohosts=[grace], created_by=ada, now=NOW)
    delete_one_off(panel, by=alan, now=NOW)

    run(send_activity, "mail_activity")

    assert [(who, opening) for who, _, opening in told(mailoutbox)] == [
        (who, "Alan Turing deleted this one-off meeting. Its link no longer works.") for who in ("grace", "ada")
    ]


def test_a_creator_who_lost_the_role_is_not_notified(one_off, ada, alan, mailoutbox):
    ada.memberships.update(role="member")
    delete_one_off(one_off, by=alan, now=NOW)

    run(send_activity, "mail_activity")

    assert mailoutbox == []


def test_the_organizer_is_notified_of_a_time_that_someone_else_withdrew(one_off, ada, alan, mailoutbox):
    first, second = one_off.proposed_times.select_related("one_off")
    withdraw_time(first, by=ada, now=NOW)
    withdraw_time(first, by=ada, now=NOW)
    withdraw_time(second, by=alan, now=NOW)

    run(send_activity, "mail_activity")

    opening = "Ada Lovelace withdrew a time of this one-off meeting. The time is no longer offered."
    assert told(mailoutbox) == [("alan", "Time withdrawn: Interview", opening)]
    _, text = text_of(mailoutbox[0])
    assert "Time\nTuesday 1 December 2099, 14:30 to 15:00 (Kolkata, IST)\n" in text
    assert f"http://caledee.test/one-offs/{one_off.pk}/" in text
