"""What the emails about accounts say, by the names that allauth gives them."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.urls import reverse

from caledee.accounts.models import PendingEmail
from caledee.email.kinds import EMAIL_KINDS
from caledee.email.messages import Email, Row, name_message
from caledee.email.text import one_line
from caledee.places.names import name_of_zone

ORGANIZATION_DELETED = "team/organization_deleted"
STRANGER = "You're receiving this email because this address was entered on Caledee."
OWNER = "You're receiving this email because this address belongs to an account at Caledee."
NOT_YOU = "If it was not you, reset your password at once: whoever it was then has to sign in again."
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
    """What one kind of mail says. Without a heading the heading is the code; `page` is the name of an address."""

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
        opening=f"Type this code to confirm your email address and start with Caledee. {IGNORE}",
        action="Type the code",
        page="account_email_verification_sent",
        why=STRANGER,
    ),
    "account/email/email_confirmation": Wording(
        subject="Your code for Caledee",
        state="Your code",
        opening=f"Type this code to confirm that this email address is yours. {IGNORE}",
        action="Type the code",
        page="account_email_verification_sent",
        why=STRANGER,
    ),
    "account/email/password_reset_code": Wording(
        subject="Your code for a new password",
        state="Your code",
        opening=f"Type this code to choose a new password. {IGNORE}",
        action="Type the code",
        page="account_confirm_password_reset_code",
    ),
    "account/email/account_already_exists": Wording(
        subject="You have an account at Caledee already",
        state="Signing up",
        heading="You have an account already",
        opening="Somebody tried to sign up with this address, which has an account. If it was you: sign in, or choose "
        "a new password if you have forgotten yours. If it was not you, there is nothing to do.",
        action="Sign in",
        page="account_login",
    ),
    "account/email/email_in_use": Wording(
        subject="Somebody typed your email address at Caledee",
        state="Email address",
        heading="Your address stays with your account",
        opening="Somebody wanted to use this address for another account. It has one, so nothing was changed. If it "
        "was you: change the address of this account first. If it was not you, there is nothing to do.",
        action="Sign in",
        page="account_login",
    ),
    "account/email/email_changed": Wording(
        subject="Your email address at Caledee has changed",
        state="Email address",
        heading="Your account has a new address",
        opening="From now on you sign in, and get mail, at the new address. All other sessions are signed out. If "
        "it was not you, write to whoever runs this Caledee at once.",
        action="Sign in",
        page="account_login",
    ),
    "account/email/password_changed": Wording(
        subject="Your password at Caledee has changed",
        state="Password",
        heading="Your password has changed",
        opening=f"Whoever was signed in elsewhere has to sign in again. {NOT_YOU}",
        action="Reset the password",
        page="account_reset_password",
    ),
    "account/email/password_reset": Wording(
        subject="Your password at Caledee has changed",
        state="Password",
        heading="Your password was reset",
        opening=f"Whoever was signed in has to sign in again. {NOT_YOU}",
        action="Reset the password",
        page="account_reset_password",
    ),
    "account/email/password_set": Wording(
        subject="Your account at Caledee has a password",
        state="Password",
        heading="Your account has a password now",
        opening=NOT_YOU,
        action="Reset the password",
        page="account_reset_password",
    ),
    "account/email/wrong_codes": Wording(
        subject="Wrong codes at sign-in to your Caledee account",
        state="Sign-in",
        heading="Someone entered your password, then wrong codes",
        opening="Several attempts to sign in to your account got the password right and the second step wrong. Nobody "
        "got in that way. If it wasn’t you, someone knows your password: reset it now. This email is sent once a day "
        "at most.",
        action="Reset the password",
        page="account_reset_password",
    ),
    "mfa/email/totp_activated": Wording(
        subject="An authenticator app was added",
        state="Authenticator app",
        heading="Your account asks for a code now",
        opening=f"An authenticator app was set up: after your password, Caledee asks for its code. {NOT_YOU}",
        action="Sign-in and security",
        page="account_security",
    ),
    "mfa/email/totp_deactivated": Wording(
        subject="The authenticator app was removed",
        state="Authenticator app",
        heading="Your account no longer asks for a code",
        opening="The authenticator app was removed from your account, and all other sessions were signed out. "
        f"{NOT_YOU}",
        action="Sign-in and security",
        page="account_security",
    ),
    "mfa/email/webauthn_added": Wording(
        subject="A passkey was added",
        state="Passkey",
        heading="Your account has a new passkey",
        opening=f"Whoever holds it can sign in with it. {NOT_YOU} Then remove the passkey.",
        action="Sign-in and security",
        page="account_security",
    ),
    "mfa/email/webauthn_removed": Wording(
        subject="A passkey was removed",
        state="Passkey",
        heading="A passkey was removed",
        opening=f"Nobody can sign in with it any more, and all other sessions were signed out. {NOT_YOU}",
        action="Sign-in and security",
        page="account_security",
    ),
    "mfa/email/recovery_codes_generated": Wording(
        subject="You have new recovery codes",
        state="Recovery codes",
        heading="You have new recovery codes",
        opening=f"Those you had before are no longer good. {NOT_YOU}",
        action="Sign-in and security",
        page="account_security",
    ),
}


def account_id(mail: PendingEmail) -> str:
    return name_message("account", mail.pk)


def write_email(mail: PendingEmail) -> Email:
    if mail.kind == ORGANIZATION_DELETED:
        return _write_deletion(mail)
    wording = WORDINGS[mail.kind]
    return Email(
        to=mail.recipient,
        subject=wording.subject,
        state=wording.state,
        heading=wording.heading or mail.facts["code"],
        opening=wording.opening,
        rows=_rows(mail),
        action=wording.action,
        link=f"{settings.BASE_URL}{reverse(wording.page)}",
        why=wording.why,
        message_id=account_id(mail),
    )


def _write_deletion(mail: PendingEmail) -> Email:
    """To each member, when the organization and all that is known of it are gone."""
    name, by = one_line(mail.facts["organization"]), one_line(mail.facts["by"])
    return Email(
        to=mail.recipient,
        subject=f"{name} was deleted",
        state="Team",
        heading=name,
        opening=f"{by} deleted the organization {name}.",
        rows=[
            Row("What you keep", ["Your account, your event types, your meetings and your one-off meetings."]),
            Row("What is deleted", [f"The team, the event types of {name} and its booking page."]),
        ],
        action="Open Caledee",
        link=f"{settings.BASE_URL}/",
        why=f"You get this email because you were a member of {name}.",
        message_id=name_message("account", mail.pk),
    )


def _rows(mail: PendingEmail) -> list[Row]:
    facts = mail.facts
    rows = []
    if "code" in facts and mail.useful_until is not None:
        minutes = round((mail.useful_until - mail.created_at).total_seconds() / 60)
        rows.append(Row("Expires in", [f"{minutes} minutes (use it in the same browser)"]))
    if "to_email" in facts:
        rows.append(Row("New address", [facts["to_email"]]))
    if "time_zone" in facts:
        local = mail.created_at.astimezone(ZoneInfo(facts["time_zone"]))
        rows.append(Row("When", [f"{local:%A %-d %B %Y, %H:%M}, {name_of_zone(facts['time_zone'])}"]))
    if "ip" in facts:
        rows.append(Row("From the internet address", [facts["ip"]]))
    return rows
