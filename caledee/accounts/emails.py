"""Content of emails about accounts, by allauth's template names."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.urls import reverse

from caledee.accounts.models import PendingEmail
from caledee.email.kinds import EMAIL_KINDS
from caledee.email.messages import Email, Row, name_message
from caledee.email.text import one_line
from caledee.timekeeping.wording import say_count, say_moment

ORGANIZATION_DELETED = "team/organization_deleted"
STRANGER = "You're receiving this email because this address was entered on Caledee."
OWNER = "You're receiving this email because this address belongs to a Caledee account."
NOT_YOU = "If this wasn't you, reset your password now. This signs out all other sessions."
WHAT_IS_KEPT = "Your account, your event types, your meetings and your one-off meetings."
IGNORE = "If you didn't request this, you can ignore this email."


@EMAIL_KINDS.add
class AccountEmail(models.TextChoices):
    INVITATION = "invitation", "invitation"
    ROLE = "role", "notification of a new role"
    REMOVAL = "removal", "notification of the removal"
    CODE = "code", "code"
    ACCOUNT = "account", "notification about the account"


@dataclass(frozen=True, slots=True)
class Wording:
    """The wording of one kind of email. Without a heading, the code is the heading. `page` is a URL name."""

    subject: str
    state: str
    opening: str
    action: str
    page: str
    heading: str = ""
    why: str = OWNER


WORDINGS = {
    "account/email/email_confirmation_signup": Wording(
        subject="Your code for Caledee",
        state="Your code",
        opening=f"Enter this code to confirm your email address and start using Caledee. {IGNORE}",
        action="Enter the code",
        page="account_email_verification_sent",
        why=STRANGER,
    ),
    "account/email/email_confirmation": Wording(
        subject="Your code for Caledee",
        state="Your code",
        opening=f"Enter this code to confirm your email address. {IGNORE}",
        action="Enter the code",
        page="account_email_verification_sent",
        why=STRANGER,
    ),
    "account/email/password_reset_code": Wording(
        subject="Your password reset code",
        state="Your code",
        opening=f"Enter this code to choose a new password. {IGNORE}",
        action="Enter the code",
        page="account_confirm_password_reset_code",
    ),
    "account/email/account_already_exists": Wording(
        subject="You already have a Caledee account",
        state="Sign up",
        heading="You already have an account",
        opening="Someone tried to sign up with this email address, which already has an account. If it was you, sign "
        "in, or reset your password if you forgot it. If it wasn't you, you can ignore this email.",
        action="Sign in",
        page="account_login",
    ),
    "account/email/email_in_use": Wording(
        subject="Someone entered your email address on Caledee",
        state="Email address",
        heading="Your email address was not changed",
        opening="Someone tried to use this email address for another account. It belongs to yours, so nothing was "
        "changed. If it was you, change the email address of this account first. If it wasn't you, you can ignore "
        "this email.",
        action="Sign in",
        page="account_login",
    ),
    "account/email/email_changed": Wording(
        subject="Your Caledee email address has changed",
        state="Email address",
        heading="Your account has a new email address",
        opening="Use the new address to sign in. Emails now go there, and all other sessions were signed out. "
        "If this wasn't you, contact your Caledee administrator now.",
        action="Sign in",
        page="account_login",
    ),
    "account/email/password_changed": Wording(
        subject="Your Caledee password has changed",
        state="Password",
        heading="Your password has changed",
        opening=f"All other sessions were signed out. {NOT_YOU}",
        action="Reset password",
        page="account_reset_password",
    ),
    "account/email/password_reset": Wording(
        subject="Your Caledee password has changed",
        state="Password",
        heading="Your password was reset",
        opening=f"All sessions were signed out. {NOT_YOU}",
        action="Reset password",
        page="account_reset_password",
    ),
    "account/email/password_set": Wording(
        subject="Your Caledee account has a password",
        state="Password",
        heading="Your account now has a password",
        opening=NOT_YOU,
        action="Reset password",
        page="account_reset_password",
    ),
    "account/email/wrong_codes": Wording(
        subject="Wrong codes at sign-in to your Caledee account",
        state="Sign-in",
        heading="Someone entered your password, then wrong codes",
        opening="Someone tried to sign in to your account with the right password and wrong codes. None of these "
        "attempts succeeded. If it wasn't you, someone knows your password: reset it now. You get this email "
        "once a day at most.",
        action="Reset password",
        page="account_reset_password",
    ),
    "mfa/email/totp_activated": Wording(
        subject="An authenticator app was added",
        state="Authenticator app",
        heading="Your account now requires a code",
        opening=f"An authenticator app was set up. Signing in now requires a code from it. {NOT_YOU}",
        action="Sign-in and security",
        page="account_security",
    ),
    "mfa/email/totp_deactivated": Wording(
        subject="The authenticator app was removed",
        state="Authenticator app",
        heading="Your account no longer requires a code",
        opening="The authenticator app was removed from your account, and all other sessions were signed out. "
        f"{NOT_YOU}",
        action="Sign-in and security",
        page="account_security",
    ),
    "mfa/email/webauthn_added": Wording(
        subject="A passkey was added",
        state="Passkey",
        heading="Your account has a new passkey",
        opening=f"It can be used to sign in to your account. {NOT_YOU} Then remove the passkey.",
        action="Sign-in and security",
        page="account_security",
    ),
    "mfa/email/webauthn_removed": Wording(
        subject="A passkey was removed",
        state="Passkey",
        heading="A passkey was removed",
        opening=f"It can no longer be used to sign in, and all other sessions were signed out. {NOT_YOU}",
        action="Sign-in and security",
        page="account_security",
    ),
    "mfa/email/recovery_codes_generated": Wording(
        subject="You have new recovery codes",
        state="Recovery codes",
        heading="You have new recovery codes",
        opening=f"Your previous recovery codes no longer work. {NOT_YOU}",
        action="Sign-in and security",
        page="account_security",
    ),
}


def account_id(pending: PendingEmail) -> str:
    return name_message("account", pending.pk)


def write_email(pending: PendingEmail) -> Email:
    if pending.kind == ORGANIZATION_DELETED:
        return _write_deletion(pending)
    wording = WORDINGS[pending.kind]
    return Email(
        to=pending.recipient,
        subject=wording.subject,
        state=wording.state,
        heading=wording.heading or pending.facts["code"],
        opening=wording.opening,
        rows=_rows(pending),
        action=wording.action,
        link=f"{settings.BASE_URL}{reverse(wording.page)}",
        why=wording.why,
        message_id=account_id(pending),
    )


def _write_deletion(pending: PendingEmail) -> Email:
    """Write to each member once the organization and its data are gone."""
    name, by = one_line(pending.facts["organization"]), one_line(pending.facts["by"])
    return Email(
        to=pending.recipient,
        subject=f"{name} was deleted",
        state="Team",
        heading=name,
        opening=f"{by} deleted the organization {name}.",
        rows=[
            Row("What you keep", [WHAT_IS_KEPT]),
            Row("What is deleted", [f"The team, the event types of {name} and its booking page."]),
        ],
        action="Open Caledee",
        link=f"{settings.BASE_URL}/",
        why=f"You're receiving this email because you were a member of {name}.",
        message_id=name_message("account", pending.pk),
    )


def _rows(pending: PendingEmail) -> list[Row]:
    facts = pending.facts
    rows = []
    if "code" in facts and pending.useful_until is not None:
        minutes = round((pending.useful_until - pending.created_at).total_seconds() / 60)
        rows.append(Row("Expires in", [f"{say_count(minutes, 'minute')} (use it in the same browser)"]))
    if "to_email" in facts:
        rows.append(Row("New address", [facts["to_email"]]))
    if "time_zone" in facts:
        rows.append(Row("When", [say_moment(pending.created_at, ZoneInfo(facts["time_zone"]))]))
    if "ip" in facts:
        rows.append(Row("IP address", [facts["ip"]]))
    return rows
