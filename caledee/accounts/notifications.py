"""What is mailed to people about their accounts: codes, and that something of the account has changed."""

from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app

from caledee.accounts.invitation_mail import mail_invitation, mail_removal, mail_role
from caledee.accounts.letters import write_letter
from caledee.accounts.models import PendingMail
from caledee.email.trouble import MailRefused
from caledee.mail import QUEUE, PatientRetry, deliver

# Background work finds its tasks here, those of invitations too.
__all__ = ["forget_unsent_mail", "mail_about_account", "mail_invitation", "mail_removal", "mail_role", "queue_mail"]

DAYS_UNSENT_MAILS_ARE_KEPT = 7


def queue_mail(
    kind: str, recipient: str, facts: dict[str, str], *, now: datetime, lifetime: timedelta | None = None
) -> None:
    """Queue a mail in the transaction at hand; `lifetime` is how long it is of use, where that has an end."""
    useful_until = None if lifetime is None else now + lifetime
    with transaction.atomic():
        mail = PendingMail.objects.create(
            kind=kind, recipient=recipient, facts=facts, created_at=now, useful_until=useful_until
        )
        mail_about_account.defer(mail_id=str(mail.pk))


@app.task(name="accounts.mail", queue=QUEUE, retry=PatientRetry())
def mail_about_account(mail_id: str) -> None:
    """Sent once, then forgotten, code and all; forgotten unsent where it is too late, or refused for good."""
    mail = PendingMail.objects.filter(pk=mail_id).first()
    if mail is None:
        return
    try:
        if mail.is_useful(timezone.now()):
            deliver(write_letter(mail))
    except MailRefused:
        mail.delete()
        raise
    mail.delete()


@app.periodic(cron="29 3 * * *")
@app.task(name="accounts.forget_unsent_mail")
def forget_unsent_mail(timestamp: int) -> None:
    """What was given up, or whose job is gone."""
    before = datetime.fromtimestamp(timestamp, UTC) - timedelta(days=DAYS_UNSENT_MAILS_ARE_KEPT)
    PendingMail.objects.filter(created_at__lt=before).delete()
