"""How many emails strangers can cause to one mailbox, counted across all pages of the installation.

An address that somebody types belongs, as far as Caledee knows, to somebody else. So whatever a stranger can cause to
such an address has to take a place in one tally for the mailbox: at most MOST_AN_HOUR in any hour, MOST_A_DAY in any
day. These are windows that slide, not windows that begin with the first email: no moment exists at which the whole
allowance is there twice.
"""

from datetime import datetime, timedelta
from hashlib import sha256
from math import ceil

from django.conf import settings
from django.db import connection

from caledee.limits.counting import LimitReached
from caledee.limits.models import MailboxTally

ONE_HOUR, ONE_DAY = timedelta(hours=1), timedelta(days=1)
MOST_AN_HOUR, MOST_A_DAY = 12, 30

# Gmail ignores dots, and has two domains for one mailbox.
GMAIL = frozenset({"gmail.com", "googlemail.com"})

# One statement, which PostgreSQL lets one connection at a time do to a row: of several emails at once none is lost.
# Where there is no place nothing is written, so an attempt that is refused makes nobody wait longer.
TAKE_PLACE = """
    INSERT INTO limits_mailboxtally AS tally (key, moments, ends_at)
    VALUES (%(key)s, ARRAY[%(now)s::timestamptz], %(end)s)
    ON CONFLICT (key) DO UPDATE SET
        moments = ARRAY(
            SELECT moment FROM unnest(tally.moments || %(now)s::timestamptz) AS moment
            WHERE moment > %(day_ago)s ORDER BY moment DESC LIMIT %(most_a_day)s
        ),
        ends_at = GREATEST(tally.ends_at, excluded.ends_at)
    WHERE %(anyway)s OR (
        SELECT count(*) FILTER (WHERE moment > %(hour_ago)s) < %(most_an_hour)s AND count(*) < %(most_a_day)s
        FROM unnest(tally.moments) AS moment WHERE moment > %(day_ago)s
    )
    RETURNING key
"""


class MailboxFull(LimitReached):
    """This mailbox has been sent as many emails as strangers may cause."""


def take_place(email: str, *, now: datetime) -> None:
    """Take a place for one email to this address. Raises MailboxFull, and counts nothing then.

    In a transaction that is undone the place is given back. Until the transaction ends, others who want a place in the
    same mailbox wait: take no second mailbox's place in it.
    """
    if settings.RATE_LIMITS and not _take(email, now, anyway=False):
        raise MailboxFull(_seconds_until_room(email, now))


def note_email(email: str, *, now: datetime) -> None:
    """Count an email that is sent in any case, because no stranger caused it: it leaves less room for theirs."""
    if settings.RATE_LIMITS:
        _take(email, now, anyway=True)


def mailbox_of(email: str) -> str:
    """Return the mailbox that emails to this address arrive in, as far as that is known.

    Only to compare by: emails go to what was typed. Case, what follows a plus, quotes around the local part, and the
    two ways to write an international domain make no difference; at Gmail dots make none either.
    """
    local, _, domain = email.strip().lower().rpartition("@")
    if len(local) > 1 and local[0] == local[-1] == '"':
        local = local[1:-1].replace("\\", "")
    local = local.partition("+")[0] or local
    domain = _ascii_domain(domain)
    if domain in GMAIL:
        local, domain = local.replace(".", ""), "gmail.com"
    return f"{local}@{domain}"


def _ascii_domain(domain: str) -> str:
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:
        return domain


def _take(email: str, now: datetime, *, anyway: bool) -> bool:
    values: dict[str, str | int | datetime] = {
        "key": _key_of(email),
        "now": now,
        "end": now + ONE_DAY,
        "hour_ago": now - ONE_HOUR,
        "day_ago": now - ONE_DAY,
        "most_an_hour": MOST_AN_HOUR,
        "most_a_day": MOST_A_DAY,
        "anyway": anyway,
    }
    with connection.cursor() as cursor:
        cursor.execute(TAKE_PLACE, values)
        return cursor.fetchone() is not None


def _seconds_until_room(email: str, now: datetime) -> int:
    """Until one of the emails that fill the hour, and one of those that fill the day, is old enough."""
    moments = MailboxTally.objects.filter(key=_key_of(email)).values_list("moments", flat=True).first() or []
    latest = sorted(moments, reverse=True)
    ends = [
        latest[most - 1] + span
        for most, span in [(MOST_AN_HOUR, ONE_HOUR), (MOST_A_DAY, ONE_DAY)]
        if len(latest) >= most
    ]
    return max(1, *(ceil((end - now).total_seconds()) for end in ends)) if ends else 1


def _key_of(email: str) -> str:
    return sha256(mailbox_of(email).encode("utf-8", "surrogatepass")).hexdigest()
