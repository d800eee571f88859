"""Recognize browsers in which a user has signed in before, by a signed cookie.

The cookie only selects the limits that attempts count toward (`caledee.limits.guesses`). It signs nobody in, names
nobody, and cannot be obtained without signing in. A thief of the cookie gets only the few attempts of that browser.
"""

from enum import StrEnum

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponseBase
from django.utils.crypto import get_random_string, salted_hmac

COOKIE = "known_browser"
SALT = "caledee.known-browser"
PATH = "/accounts/"
LASTS = 180 * 24 * 3600
# A browser can sign in to several accounts. It remembers the latest ones.
MOST_ACCOUNTS = 8


class Proven(StrEnum):
    """What this browser has proven for an account before."""

    PASSWORD = "password"  # noqa: S105
    CODE = "code"


def known_browser(request: HttpRequest, email: str, proven: Proven) -> str | None:
    """Return the browser's key for counts if it is known for this account, or None."""
    name, marks = _read(request)
    return name if _mark(email, proven) in marks else None


def remember_browser(request: HttpRequest, response: HttpResponseBase, email: str, *proven: Proven) -> None:
    name, marks = _read(request)
    new = [_mark(email, each) for each in proven]
    kept = [*new, *(mark for mark in marks if mark not in new)][: MOST_ACCOUNTS * len(Proven)]
    response.set_cookie(
        COOKIE,
        signing.dumps([name or get_random_string(22), kept], salt=SALT),
        max_age=LASTS,
        path=PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _read(request: HttpRequest) -> tuple[str, list[str]]:
    try:
        name, marks = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=LASTS)
    except (signing.BadSignature, ValueError):
        return "", []
    return name, marks


def _mark(email: str, proven: Proven) -> str:
    return salted_hmac(SALT, f"{proven}\n{email.strip().lower()}", algorithm="sha256").hexdigest()[:20]
