"""Emails about membership in an organization, read back as the recipient would."""

import email
import email.policy

import pytest
import time_machine
from django.db import transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from caledee.accounts.models import INVITATION_LASTS, Membership, Organization, Role
from caledee.accounts.tasks import send_invitation, send_removal, send_role
from caledee.accounts.teams.invitations import accept_invitation, resend_invitation, withdraw_invitation
from caledee.accounts.teams.memberships import change_role, leave_organization, remove_member, transfer_ownership
from caledee.accounts.teams.organizations import delete_organization
from caledee.email.models import EmailRecord
from tests.factories import make_invitation, make_person
from tests.support.times import NOW


@pytest.fixture(autouse=True)
def now():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def dana(db):
    return make_person("dana")


@pytest.fixture
def invitation(organization, ada):
    return make_invitation(organization, "dana@example.com", ada, Role.ADMIN)


TASKS = {task.name: task for task in (send_invitation, send_role, send_removal)}


def jobs():
    return list(ProcrastinateJob.objects.order_by("id").values_list("task_name", "queue_name", "args"))


def run_jobs(mailoutbox):
    """Run all queued jobs, and return the emails they sent."""
    mailoutbox.clear()
    for name, _, arguments in jobs():
        TASKS[name](**arguments)
    return [parse(message) for message in mailoutbox]


def parse(message):
    return email.message_from_bytes(message.message(policy=email.policy.SMTP).as_bytes(), policy=email.policy.default)


def text_of(message):
    return message.get_body(("plain",)).get_content().replace("\r\n", "\n")


def test_invitation_says_who_where_as_what_and_until_when(invitation, mailoutbox):
    [message] = run_jobs(mailoutbox)

    assert (message["To"], message["From"], message["Reply-To"], message["Subject"]) == (
        "dana@example.com",
        "Ada Lovelace via Caledee <caledee@caledee.test>",
        "Ada Lovelace <ada@example.com>",
        "Invitation to Analytical Engines on Caledee",
    )
    assert text_of(message) == (
        "Analytical Engines\n\n"
        "Ada Lovelace invites you to join Analytical Engines on Caledee, a scheduling app.\n\n"
        "Your role\nAdmin\nAdmins invite and manage members, and create one-off meetings for them.\n\n"
        "For this address only\ndana@example.com\n\n"
        "Valid until\nMonday 30 November 2026, 08:00 UTC\n\n"
        f"View invitation:\nhttp://caledee.test/invitations/{invitation.token}/\n\n"
        "--\nYou're receiving this email because someone on Caledee entered this address. If you don't know them, you "
        "can ignore it.\n"
    )
    assert f"http://caledee.test/invitations/{invitation.token}/" in message.get_body(("html",)).get_content()


def test_jobs_name_no_address_and_no_token(organization, invitation, ada, dana):
    accept_invitation(invitation, dana, now=NOW)
    change_role(organization, dana, Role.MEMBER, by=ada, now=NOW)
    remove_member(organization, dana, by=ada, now=NOW)

    assert [(name, queue) for name, queue, _ in jobs()] == [
        ("accounts.mail_invitation", "mail"),
        ("accounts.mail_role", "mail"),
        ("accounts.mail_removal", "mail"),
    ]
    assert [word for word in ("dana", "ada@", "Analytical", invitation.token) if word in str(jobs())] == []


def test_a_name_cannot_break_out_of_its_place(organization, ada, mailoutbox):
    Organization.objects.update(name="Engines\r\nBcc: x@example.com\u202e")
    make_invitation(organization, "dana@example.com", ada)

    [message] = run_jobs(mailoutbox)

    assert (message["Subject"], message["Bcc"]) == ("Invitation to Engines Bcc: x@example.com on Caledee", None)


def test_it_is_sent_once_when_its_job_runs_twice(invitation, mailoutbox):
    first, second = run_jobs(mailoutbox), run_jobs(mailoutbox)

    assert (len(first), second) == (1, [])


def test_sent_twice_it_is_recognised_as_the_same(invitation, mailoutbox):
    first = run_jobs(mailoutbox)
    EmailRecord.objects.update(sent_at=None)  # as where a worker is killed before it can mark it
    second = run_jobs(mailoutbox)

    assert [message["Message-ID"] for message in first] == [message["Message-ID"] for message in second]


def test_resending_emails_only_the_new_link(organization, invitation, ada, mailoutbox):
    new = resend_invitation(invitation, by=ada, now=NOW)

    [message] = run_jobs(mailoutbox)

    assert new.token in text_of(message)
    assert invitation.token not in text_of(message)


@pytest.mark.parametrize("how", ["withdrawn", "accepted", "expired", "organization deleted"])
def test_nothing_is_sent_of_an_invitation_that_is_over(organization, invitation, ada, dana, now, mailoutbox, how):
    if how == "withdrawn":
        withdraw_invitation(invitation, by=ada, now=NOW)
    elif how == "accepted":
        accept_invitation(invitation, dana, now=NOW)
    elif how == "expired":
        now.move_to(NOW + INVITATION_LASTS)
    else:
        delete_organization(organization, by=ada, now=NOW)

    assert len(jobs()) == 1
    assert run_jobs(mailoutbox) == []


def test_an_inviter_who_is_gone_is_not_named(invitation, ada, mailoutbox):
    ada.delete()

    [message] = run_jobs(mailoutbox)

    assert (message["From"], message["Reply-To"]) == ("Caledee <caledee@caledee.test>", None)
    assert "A member invites you to join" in text_of(message)


def test_member_is_notified_of_a_changed_role(organization, ada, alan, mailoutbox):
    change_role(organization, alan, Role.ADMIN, by=ada, now=NOW)

    [message] = run_jobs(mailoutbox)

    assert (message["To"], message["Subject"]) == ("alan@example.com", "Your role in Analytical Engines")
    assert "Your role in Analytical Engines is now Admin." in text_of(message)
    assert f"http://caledee.test/team/{organization.pk}/" in text_of(message)


def test_new_owner_is_notified(organization, ada, alan, mailoutbox):
    transfer_ownership(organization, alan, by=ada, now=NOW)

    [message] = run_jobs(mailoutbox)

    assert (message["To"], "is now Owner." in text_of(message)) == ("alan@example.com", True)


def test_of_a_role_changed_and_lost_again_nothing_is_sent(organization, ada, alan, mailoutbox):
    change_role(organization, alan, Role.ADMIN, by=ada, now=NOW)
    leave_organization(organization, alan)

    assert len(jobs()) == 1
    assert run_jobs(mailoutbox) == []


def test_removed_member_is_notified_of_what_they_keep(organization, ada, alan, mailoutbox):
    remove_member(organization, alan, by=ada, now=NOW)

    [message] = run_jobs(mailoutbox)

    assert (message["To"], message["Subject"]) == ("alan@example.com", "You are no longer in Analytical Engines")
    assert "You were removed from the team of Analytical Engines." in text_of(message)
    assert "Your account, your event types, your meetings and your one-off meetings." in text_of(message)


def test_member_who_is_back_is_not_notified(organization, ada, alan, mailoutbox):
    remove_member(organization, alan, by=ada, now=NOW)
    Membership.objects.create(organization=organization, user=alan, role=Role.MEMBER)

    assert run_jobs(mailoutbox) == []


def test_own_changes_are_not_emailed(organization, ada, grace, alan):
    change_role(organization, grace, Role.MEMBER, by=grace, now=NOW)
    leave_organization(organization, alan)

    assert jobs() == []


def test_a_job_is_rolled_back_with_its_subject(organization, ada, alan):
    with transaction.atomic():
        remove_member(organization, alan, by=ada, now=NOW)
        queued = len(jobs())
        transaction.set_rollback(True)

    assert (queued, jobs()) == (1, [])
