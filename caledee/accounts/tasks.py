"""Background tasks: emails about accounts and teams.

A job contains no address, no code and no token. It reads what it needs when it runs, which can be much later, or
twice. `outgoing` and `teams.outgoing` queue them.
"""

from datetime import UTC, datetime, timedelta
from functools import partial

from django.utils import timezone
from procrastinate.contrib.django import app

from caledee.accounts.emails import write_email
from caledee.accounts.models import Invitation, Membership, Organization, PendingEmail, User
from caledee.accounts.teams.emails import write_invitation, write_removal, write_role
from caledee.email.failures import EmailRefused
from caledee.email.messages import QUEUE, Email, PatientRetry, deliver
from caledee.email.models import EmailRecord
from caledee.email.outbox import recorded, send_recorded
from caledee.ops.logs import of_request

DAYS_UNSENT_MAILS_ARE_KEPT = 7


@app.task(name="accounts.mail", queue=QUEUE, retry=PatientRetry())
def send_about_account(mail_id: str, request_id: str = "") -> None:
    """Send it and delete it, code included. If it is too late or finally refused, delete it unsent."""
    now = timezone.now()
    with of_request(request_id):
        pending = PendingEmail.objects.filter(pk=mail_id).first()
        try:
            _send(mail_id, pending, now)
        except EmailRefused:
            _forget(pending)
            raise
        _forget(pending)


@app.task(name="accounts.mail_invitation", queue=QUEUE, retry=PatientRetry())
@recorded
def send_invitation(invitation_id: str, *, now: datetime) -> Email | None:
    """Send nothing if it was withdrawn or accepted meanwhile, or has expired."""
    found = Invitation.objects.select_related("organization", "invited_by").filter(pk=invitation_id).first()
    return write_invitation(found) if found is not None and found.is_pending(now) else None


@app.task(name="accounts.mail_role", queue=QUEUE, retry=PatientRetry())
@recorded
def send_role(organization_id: str, user_id: str, at: str, *, now: datetime) -> Email | None:  # noqa: ARG001
    """Send nothing to someone who has left."""
    memberships = Membership.objects.select_related("organization", "user")
    found = memberships.filter(organization_id=organization_id, user_id=user_id).first()
    return write_role(found, datetime.fromisoformat(at)) if found is not None else None


@app.task(name="accounts.mail_removal", queue=QUEUE, retry=PatientRetry())
@recorded
def send_removal(organization_id: str, user_id: str, at: str, *, now: datetime) -> Email | None:  # noqa: ARG001
    """Send nothing to someone who is a member again, or if the organization is deleted."""
    organization = Organization.objects.filter(pk=organization_id).first()
    person = User.objects.filter(pk=user_id).first()
    if organization is None or person is None or organization.memberships.filter(user=person).exists():
        return None
    return write_removal(organization, person, datetime.fromisoformat(at))


@app.periodic(cron="29 3 * * *")
@app.task(name="accounts.forget_unsent_mail")
def forget_unsent_email(timestamp: int) -> None:
    """Delete the emails that were given up or have lost their job."""
    before = datetime.fromtimestamp(timestamp, UTC) - timedelta(days=DAYS_UNSENT_MAILS_ARE_KEPT)
    PendingEmail.objects.filter(created_at__lt=before).delete()


def _send(mail_id: str, pending: PendingEmail | None, now: datetime) -> None:
    """Send an email that was queued before these emails had records without one."""
    if pending is None or EmailRecord.objects.filter(pk=mail_id).exists():
        send_recorded(mail_id, partial(_write, pending, now), now=now)
    elif email := _write(pending, now):
        deliver(email)


def _write(pending: PendingEmail | None, now: datetime) -> Email | None:
    return write_email(pending) if pending is not None and pending.is_useful(now) else None


def _forget(pending: PendingEmail | None) -> None:
    if pending is not None:
        pending.delete()
