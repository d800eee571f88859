"""What is mailed to people about their accounts: codes, and that something of the account has changed."""

from datetime import UTC, datetime, timedelta
from functools import partial

from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app

from caledee.accounts.emails import WORDINGS, account_id, write_email
from caledee.accounts.models import PendingEmail, User
from caledee.accounts.teams.emails import send_invitation, send_removal, send_role
from caledee.email.failures import EmailRefused
from caledee.email.messages import QUEUE, Email, PatientRetry, deliver
from caledee.email.models import EmailKind, EmailRecord, EmailRole
from caledee.email.outbox import Outgoing, queue_emails, send_recorded
from caledee.ops.logs import of_request

# Background work finds its tasks here, those of invitations too.
__all__ = [
    "forget_unsent_email",
    "queue_email",
    "send_about_account",
    "send_invitation",
    "send_removal",
    "send_role",
]

DAYS_UNSENT_MAILS_ARE_KEPT = 7


def queue_email(
    kind: str,
    recipient: str,
    facts: dict[str, str],
    *,
    now: datetime,
    lifetime: timedelta | None = None,
    person: User | None = None,
    name: str = "",
    role: EmailRole = EmailRole.OWNER,
) -> None:
    """Queue an email in the transaction at hand; `lifetime` is how long it is of use, where that has an end.

    Its record, of the same id, says what became of it, and nothing of what it says: a code stays in the pending row.
    """
    useful_until = None if lifetime is None else now + lifetime
    with transaction.atomic():
        pending = PendingEmail.objects.create(
            kind=kind, recipient=recipient, facts=facts, created_at=now, useful_until=useful_until
        )
        outgoing = Outgoing(
            key=pending.pk,
            subject=pending.pk,
            name=name or WORDINGS[kind].subject,
            kind=EmailKind.CODE if "code" in facts else EmailKind.ACCOUNT,
            role=role,
            person=person,
            address=recipient,
            message_id=account_id(pending),
            job={},
        )
        queue_emails(send_about_account, [outgoing], now=now)


@app.task(name="accounts.mail", queue=QUEUE, retry=PatientRetry())
def send_about_account(mail_id: str, request_id: str = "") -> None:
    """Sent once, then forgotten, code and all; forgotten unsent where it is too late, or refused for good."""
    with of_request(request_id):
        pending = PendingEmail.objects.filter(pk=mail_id).first()
        try:
            _send(mail_id, pending)
        except EmailRefused:
            _forget(pending)
            raise
        _forget(pending)


def _send(mail_id: str, pending: PendingEmail | None) -> None:
    """One that was queued before such emails had records has none."""
    if pending is None or EmailRecord.objects.filter(pk=mail_id).exists():
        send_recorded(mail_id, partial(_write, pending))
    elif letter := _write(pending):
        deliver(letter)


def _write(pending: PendingEmail | None) -> Email | None:
    return write_email(pending) if pending is not None and pending.is_useful(timezone.now()) else None


def _forget(pending: PendingEmail | None) -> None:
    if pending is not None:
        pending.delete()


@app.periodic(cron="29 3 * * *")
@app.task(name="accounts.forget_unsent_mail")
def forget_unsent_email(timestamp: int) -> None:
    """What was given up, or whose job is gone."""
    before = datetime.fromtimestamp(timestamp, UTC) - timedelta(days=DAYS_UNSENT_MAILS_ARE_KEPT)
    PendingEmail.objects.filter(created_at__lt=before).delete()
