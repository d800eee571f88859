"""Count attempts to authenticate: each counts before it is checked, and is uncounted if it was right."""

from allauth.account.adapter import get_adapter
from allauth.core import context
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone

from caledee.accounts.models import User
from caledee.accounts.signin.known_browsers import Proven, known_browser
from caledee.limits.clients import client_network
from caledee.limits.counting import Counted, Limit, seconds_to_wait
from caledee.limits.guesses import ONE_HOUR, Guess, guess_code, guess_in_session, guess_password
from caledee.timekeeping.wording import say_wait

TOO_MANY = "too_many_attempts"
# More than an owner's typical mistakes. The window makes it one email a day.
WRONG_CODES_BEFORE_EMAIL = Limit("wrong_codes_without_a_word", 4, 24 * ONE_HOUR)
WARNINGS_OF_WRONG_CODES = Limit("warnings_of_wrong_codes", 1, 24 * ONE_HOUR)


def require_room(guess: Guess, *, otherwise: str = "") -> None:
    """Raise an error if the guess must wait. Call it before checking the secret."""
    if guess.wait:
        raise ValidationError(say_too_many(guess.wait, otherwise), code=TOO_MANY, params={"wait": guess.wait})


def password_guess(request: HttpRequest, email: str) -> Guess:
    """Count a password at sign-in. Addresses without an account count the same way."""
    account = email.strip().lower()
    browser = known_browser(request, account, Proven.PASSWORD)
    return guess_password(account, network=client_network(request), known_browser=browser, now=timezone.now())


def code_guess(request: HttpRequest, user: User) -> Guess:
    """Count a code at the second step of signing in."""
    browser = known_browser(request, user.email, Proven.CODE)
    return guess_code(str(user.pk), network=client_network(request), known_browser=browser, now=timezone.now())


def guess_of_signed_in(request: HttpRequest, user: User) -> Guess:
    return guess_in_session(str(user.pk), session=request.session.session_key or "", now=timezone.now())


def notify_wrong_codes(user: User) -> None:
    """Notify the owner, once per incident, that someone with the password guesses codes."""
    now, whose = timezone.now(), (str(user.pk),)
    if not seconds_to_wait(Counted(WRONG_CODES_BEFORE_EMAIL, whose), now=now):
        return
    if not seconds_to_wait(Counted(WARNINGS_OF_WRONG_CODES, whose), now=now):
        get_adapter(context.request).send_notification_mail("account/email/wrong_codes", user)


def say_too_many(wait: int, otherwise: str = "") -> str:
    return f"Too many attempts. Try again in {say_wait(wait)}{otherwise}."
