"""Emails about accounts and organizations have records like all others: the outcome, and none of the content."""

from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from caledee.accounts.models import PendingEmail, Role
from caledee.accounts.outgoing import queue_email
from caledee.accounts.teams.invitations import accept_invitation
from caledee.accounts.teams.memberships import change_role, remove_member
from caledee.email.failures import EmailDelayed, EmailRefused
from caledee.email.models import EmailRecord
from caledee.ops.environment import parse_email_url
from tests.caledee.email.scripted import ScriptedServer
from tests.factories import book_intro, make_invitation, make_person
from tests.support.times import NOW

CODE = {"code": "BCDF-GHJK"}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def dana(db):
    return make_person("dana")


def run_all():
    for job in ProcrastinateJob.objects.order_by("id"):
        app.tasks[job.task_name](**job.args)


def told():
    """Return the kind and recipient of each record, and whether it was sent."""
    return [
        (each.kind, each.role, each.address, each.person and each.person.handle, each.sent_at is not None)
        for each in EmailRecord.objects.order_by("queued_at", "kind")
    ]


@pytest.fixture
def everything(organization, ada, dana):
    """One email of each kind, all queued."""
    invitation = make_invitation(organization, "dana@example.com", ada, Role.ADMIN)
    accept_invitation(invitation, dana, now=NOW)
    make_invitation(organization, "emmy@example.com", ada)
    change_role(organization, dana, Role.MEMBER, by=ada, now=NOW)
    queue_email(
        "account/email/password_reset_code", dana.email, CODE, now=NOW, lifetime=timedelta(hours=1), person=dana
    )
    queue_email("account/email/password_changed", dana.email, {}, now=NOW, person=dana)
    return invitation


def test_each_has_a_record_and_is_sent_once(everything, organization, ada, dana, mailoutbox):
    EmailRecord.objects.filter(address="dana@example.com", kind="invitation").delete()
    run_all()
    remove_member(organization, dana, by=ada, now=NOW)
    for _ in range(2):
        run_all()

    assert told() == [
        ("account", "owner", "dana@example.com", "dana", True),
        ("code", "owner", "dana@example.com", "dana", True),
        ("invitation", "invited", "emmy@example.com", None, True),
        ("removal", "member", "dana@example.com", "dana", True),
        ("role", "member", "dana@example.com", "dana", True),
    ]
    assert sorted(message.extra_headers["Message-ID"] for message in mailoutbox) == sorted(
        EmailRecord.objects.values_list("message_id", flat=True)
    )


def test_no_record_holds_a_code_or_a_token(everything):
    told = str(list(EmailRecord.objects.values())) + str(list(ProcrastinateJob.objects.values()))

    assert [secret for secret in ("BCDF", "GHJK", everything.token) if secret in told] == []
    assert PendingEmail.objects.filter(facts=CODE).count() == 1


def test_a_code_is_gone_once_its_email_is_sent_or_refused(everything, settings, mailoutbox):
    [record] = EmailRecord.objects.filter(kind="code")
    with ScriptedServer(rcpt="550 5.1.1 No such user") as server:
        settings.MAILERS = {"default": parse_email_url(f"smtp://127.0.0.1:{server.port}?timeout=5")}
        with pytest.raises(EmailRefused):
            app.tasks["accounts.mail"](mail_id=str(record.pk))

    record.refresh_from_db()
    assert (record.reason, PendingEmail.objects.filter(facts=CODE).count()) == ("address", 0)


def test_a_code_waits_where_the_mail_server_refuses_us(everything, settings):
    [record] = EmailRecord.objects.filter(kind="code")
    with ScriptedServer(mail="550 5.7.1 Not from you") as server:
        settings.MAILERS = {"default": parse_email_url(f"smtp://127.0.0.1:{server.port}?timeout=5")}
        with pytest.raises(EmailDelayed):
            app.tasks["accounts.mail"](mail_id=str(record.pk))

    record.refresh_from_db()
    assert (record.fault, record.reason, PendingEmail.objects.filter(facts=CODE).count()) == ("ours", "", 1)


def test_jobs_from_before_there_were_records_are_sent(everything, mailoutbox):
    EmailRecord.objects.all().delete()
    emmys = ProcrastinateJob.objects.filter(task_name="accounts.mail_invitation").order_by("id").last()
    pending = PendingEmail.objects.get(facts=CODE)

    app.tasks["accounts.mail_invitation"](invitation_id=emmys.args["invitation_id"])
    app.tasks["accounts.mail"](mail_id=str(pending.pk))

    assert [message.to for message in mailoutbox] == [["emmy@example.com"], ["dana@example.com"]]


def test_old_records_are_pruned_but_those_of_meetings_and_those_that_wait(everything, ada, dana, clock):
    book_intro(ada, "2026-12-01 09:00")
    EmailRecord.objects.exclude(kind="role").update(sent_at=NOW)
    clock.move_to(NOW + timedelta(days=29))
    call_command("prune")
    kept = EmailRecord.objects.count()
    clock.move_to(NOW + timedelta(days=31))

    call_command("prune")

    kinds = EmailRecord.objects.order_by("kind").values_list("kind", flat=True)
    assert (kept, list(kinds)) == (7, ["confirmed", "confirmed", "role"])
