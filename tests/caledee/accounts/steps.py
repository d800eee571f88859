"""What people do with their accounts, over HTTP; emails are read out of the outbox."""

import re
import time

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client
from django.urls import reverse

from caledee.accounts.models import PendingEmail, User
from caledee.accounts.tasks import send_about_account
from tests.factories import PASSWORD

SIGNUP = reverse("account_signup")
LOGIN = reverse("account_login")
VERIFY = reverse("account_email_verification_sent")
SECURITY = reverse("account_security")
KATHERINE = {
    "name": "Katherine Johnson",
    "email": "katherine@example.com",
    "time_zone": "America/New_York",
    "password1": "orbit-the-earth-3",
}
CODE = re.compile(r"^[A-Z]{4}-[A-Z]{4}$", re.M)


def work_off_emails() -> None:
    """Run the waiting jobs like the worker, oldest first."""
    for pk in PendingEmail.objects.order_by("created_at").values_list("pk", flat=True):
        send_about_account(str(pk))


def code_emailed_to(address: str, mailoutbox) -> str:
    """Return the code in the newest email to this address."""
    work_off_emails()
    newest = [message for message in mailoutbox if message.to == [address]][-1]
    return CODE.search(newest.body)[0]


def sign_in(client: Client, person: User, password: str = PASSWORD):
    return client.post(LOGIN, {"login": person.email, "password": password})


def say_who_one_is(client: Client) -> None:
    response = client.post(reverse("account_reauthenticate"), {"password": PASSWORD, "next": SECURITY})
    assert (response.status_code, response["Location"]) == (302, SECURITY)


def show_who_one_is(client: Client, person: User) -> None:
    """Reauthenticate by password, or count a second step as just passed."""
    if not Authenticator.objects.filter(user=person).exists():
        say_who_one_is(client)
        return
    session = client.session
    shown = {"method": "mfa", "type": "webauthn", "at": time.time(), "reauthenticated": True}
    session["account_authentication_methods"] = [shown]
    session["account_authentication_methods_user"] = str(person.pk)
    session.save()


def is_signed_in(client: Client) -> bool:
    return client.get(SECURITY).status_code == 200


def errors_of(response) -> dict[str, list[str]]:
    return {name: list(errors) for name, errors in response.context["form"].errors.items()}


def messages_of(response) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def code_of_app(secret: str, *, steps: int = 0) -> str:
    """Return what an authenticator app shows, so many steps of 30 seconds from now."""
    return format_hotp_value(hotp_value(secret.replace(" ", ""), int(time.time()) // 30 + steps))


def set_up_app(client: Client) -> str:
    """Set up an authenticator for the signed-in user and return its secret."""
    say_who_one_is(client)
    secret = client.get(reverse("mfa_activate_totp")).context["secret"]
    response = client.post(reverse("mfa_activate_totp"), {"code": code_of_app(secret, steps=-1)})
    assert response.status_code == 302
    return secret


def recovery_codes_of(person: User) -> list[str]:
    codes = Authenticator.objects.get(user=person, type=Authenticator.Type.RECOVERY_CODES)
    return codes.wrap().get_unused_codes()
