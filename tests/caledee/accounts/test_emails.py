"""Emails about accounts pass through the queue, and codes appear nowhere else."""

import asyncio
import email.policy
import logging
import socket
from datetime import UTC, datetime, timedelta
from email import message_from_bytes

import pytest
from aiosmtpd.controller import Controller
from django.db import connections
from django.urls import reverse
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from caledee.accounts.emails import WORDINGS, write_email
from caledee.accounts.models import PendingEmail
from caledee.accounts.outgoing import queue_email
from caledee.accounts.tasks import forget_unsent_email, send_about_account
from caledee.ops.environment import parse_email_url
from tests.caledee.accounts.steps import KATHERINE, SIGNUP

CODE = {"code": "BCDF-GHJK"}
QUARTER = timedelta(minutes=15)
NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
FACTS = CODE | {"ip": "192.0.2.7", "time_zone": "Asia/Kolkata", "to_email": "new@example.org"}


def pending(kind="account/email/password_changed", **facts) -> PendingEmail:
    return PendingEmail(kind=kind, recipient="ada@example.com", facts=facts, created_at=NOW)


def test_sign_up_queues_one_job_that_names_neither_code_nor_address(client, db):
    client.post(SIGNUP, KATHERINE)

    (email,) = PendingEmail.objects.all()
    (job,) = ProcrastinateJob.objects.all()
    assert (job.task_name, job.queue_name) == ("accounts.mail", "mail")
    assert (job.args.pop("mail_id"), list(job.args)) == (str(email.pk), ["request_id"])
    assert (email.kind, email.recipient, list(email.facts)) == (
        "account/email/email_confirmation_signup",
        KATHERINE["email"],
        ["code"],
    )
    assert email.useful_until - email.created_at == timedelta(minutes=15)


@pytest.mark.parametrize("kind", WORDINGS)
def test_every_email_can_be_written_and_leads_to_a_page_of_ours(kind):
    email = write_email(pending(kind, **FACTS))

    assert email.link.startswith("http://caledee.test/accounts/")
    assert all([email.subject, email.state, email.heading, email.opening, email.action, email.why])
    assert "BCDF" not in email.subject


def test_code_is_the_heading_of_its_email_in_both_parts(db, mailoutbox):
    now = datetime.now(UTC)
    queue_email("account/email/password_reset_code", "ada@example.com", CODE, now=now, lifetime=QUARTER)
    send_about_account(str(PendingEmail.objects.get().pk))

    message = message_from_bytes(mailoutbox[0].message().as_bytes(), policy=email.policy.default)
    text, html = (message.get_body([kind]).get_content() for kind in ["plain", "html"])
    assert text.startswith("BCDF-GHJK\n\nEnter this code to choose a new password.")
    assert "Expires in\n15 minutes (use it in the same browser)\n" in text
    assert ">BCDF-GHJK</h1>" in html
    assert (message["To"], message["Subject"]) == ("ada@example.com", "Your password reset code")
    assert not PendingEmail.objects.exists()


def test_changes_are_reported_with_time_and_place():
    email = write_email(pending(ip="192.0.2.7", time_zone="Asia/Kolkata"))

    assert [(row.label, row.lines) for row in email.rows] == [
        ("When", ["Tuesday 24 November 2026, 15:30 (Kolkata)"]),
        ("IP address", ["192.0.2.7"]),
    ]
    assert email.link == f"http://caledee.test{reverse('account_reset_password')}"


def test_code_that_has_expired_is_not_sent(db, mailoutbox):
    now = datetime.now(UTC) - timedelta(minutes=15)
    queue_email("account/email/password_reset_code", "ada@example.com", CODE, now=now, lifetime=QUARTER)

    send_about_account(str(PendingEmail.objects.get().pk))

    assert mailoutbox == []
    assert not PendingEmail.objects.exists()


def test_email_is_sent_once_when_its_job_runs_twice(db, mailoutbox):
    queue_email("account/email/password_changed", "ada@example.com", {}, now=NOW)
    pk = str(PendingEmail.objects.get().pk)

    send_about_account(pk)
    send_about_account(pk)

    assert len(mailoutbox) == 1


def test_what_never_went_out_is_forgotten_after_a_week(db):
    for days in [6, 8]:
        queue_email("account/email/password_changed", "ada@example.com", {}, now=NOW - timedelta(days=days))

    forget_unsent_email(int(NOW.timestamp()))

    assert [email.created_at for email in PendingEmail.objects.all()] == [NOW - timedelta(days=6)]


class Postbox:
    answer = ""

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        return self.answer


@pytest.fixture
def postbox(settings, monkeypatch, transactional_db):
    """A mail server that says `answer` to each recipient; and an empty queue, which Django does not empty."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(Postbox(), hostname="127.0.0.1", port=port)
    controller.start()
    settings.MAILERS = {"default": parse_email_url(f"smtp://127.0.0.1:{port}")}
    monkeypatch.setitem(connections.settings["default"], "CONN_MAX_AGE", 0)
    yield controller.handler
    controller.stop()


def work():
    async def run():
        async with app.open_async():
            await app.run_worker_async(queues=["mail"], wait=False, listen_notify=False, install_signal_handlers=False)

    with app.replace_connector(app.connector.get_worker_connector()):
        asyncio.run(run())


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("answer", "status", "kept"), [("550 No such user", "failed", 0), ("450 Come back later", "todo", 1)]
)
def test_failing_email_puts_neither_code_nor_address_into_the_log(postbox, caplog, answer, status, kept):
    postbox.answer = answer
    queue_email("account/email/password_reset_code", "ada@example.com", CODE, now=datetime.now(UTC), lifetime=QUARTER)

    with caplog.at_level(logging.DEBUG):
        work()

    assert [job.status for job in ProcrastinateJob.objects.filter(queue_name="mail")] == [status]
    assert PendingEmail.objects.count() == kept
    logged = [caplog.handler.format(record) for record in caplog.records if record.name != "mail.log"]  # the server's
    assert [line for line in logged if "accounts.mail" in line] != []
    assert [line for line in logged if "BCDF" in line or "ada@example.com" in line] == []
