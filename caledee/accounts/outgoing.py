"""Queueing emails about accounts."""

from datetime import datetime, timedelta

from django.db import transaction

from caledee.accounts.emails import WORDINGS, AccountEmail, account_id
from caledee.accounts.models import PendingEmail, User
from caledee.accounts.tasks import send_about_account
from caledee.email.models import EmailRole
from caledee.email.outbox import Outgoing, queue_emails


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
    """Queue an email in the current transaction. `lifetime` is how long it is of use, if that is limited.

    Its record has the same ID and says what happened to it, but not what it contains: a code is stored only in the
    pending row.
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
            kind=AccountEmail.CODE if "code" in facts else AccountEmail.ACCOUNT,
            role=role,
            person=person,
            address=recipient,
            message_id=account_id(pending),
            job={},
        )
        queue_emails(send_about_account, [outgoing], now=now)
