"""Limit how many emails strangers can send to one mailbox, across all pages of the installation.

A typed address may belong to anyone. So every email that a stranger can cause counts toward one tally for its mailbox:
at most MOST_AN_HOUR in any hour, and MOST_A_DAY in any day. The windows slide: fixed ones would allow twice the number
around each boundary.
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

# A single statement, because PostgreSQL serializes it per row and loses none of several simultaneous emails. Without
# room it writes nothing, so a refused attempt does not extend the wait.
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
    """Strangers have used up the allowance of this mailbox."""

    reason = "Caledee has sent this address many emails recently."


def take_place(email: str, *, now: datetime) -> None:
    """Count one email to this address. Raises MailboxFull, without counting, if there is no room.

    A rollback gives the room back. Until the transaction ends, others that count for the same mailbox wait: to avoid
    deadlocks, count for one mailbox only in a transaction.
    """
    if settings.RATE_LIMITS and not _take(email, now, anyway=False):
        raise MailboxFull(_seconds_until_room(email, now))


def note_email(email: str, *, now: datetime) -> None:
    """Count an email that is sent in any case, because no stranger caused it."""
    if settings.RATE_LIMITS:
        _take(email, now, anyway=True)


def mailbox_of(email: str) -> str:
    """Return the mailbox that receives emails to this address, as far as known.

    For comparison only: emails go to the address as typed. Ignores case, a plus suffix, quotes around the local part,
    the two spellings of an international domain, and dots at Gmail.
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
    """Return the seconds until enough counted emails leave the hour and the day."""
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
