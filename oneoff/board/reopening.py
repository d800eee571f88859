"""Offering a one-off meeting again that was cancelled, or that ran out without a booking."""

from datetime import datetime

from django.db import transaction

from caledee.accounts.models import User
from oneoff import holds, links
from oneoff.events import Reopened
from oneoff.models import OneOffMeeting, ProposedTime, SingleUseLink
from oneoff.offer import free_times
from scheduling.availability import ledger
from scheduling.calendars import feeds
from scheduling.events import record


class NothingFree(Exception):
    """None of its times lies ahead and is free for everybody: a new meeting has to be made."""


def can_be_reopened(one_off: OneOffMeeting, *, now: datetime) -> bool:
    """Whether it is over without having taken place. Asks nothing, where link and times are known."""
    link = one_off.link
    if link.booking is not None:
        return link.booking.is_cancelled
    return not (link.is_open(now) and any(time.start > now for time in one_off.proposed_times.all()))


def times_to_reopen(one_off: OneOffMeeting, *, now: datetime) -> list[ProposedTime]:
    """Those of its times that lie ahead and are free for everybody."""
    return free_times(one_off, now=now, except_claim=one_off.pk)


def reopen(one_off: OneOffMeeting, *, valid_until: datetime | None, by: User, now: datetime) -> SingleUseLink:
    """Give the meeting a new link with the times that are still free for all, held again if it holds its times.

    Its link before stays closed for ever, and what is taken or past is not proposed any more. Locks all whose time it
    takes, then the link. Reopening what is open changes nothing. Raises LinkClosed while it is booked, once it took
    place, and where it was deleted; NothingFree.
    """
    with transaction.atomic():
        ledger.lock_organizers(one_off.people)
        link = links.lock_link(one_off)
        if link is None:
            raise links.LinkClosed
        one_off = link.one_off
        if not can_be_reopened(one_off, now=now):
            if link.booking is not None:
                raise links.LinkClosed
            return link
        times = times_to_reopen(one_off, now=now)
        if not times:
            raise NothingFree
        one_off.proposed_times.exclude(pk__in=[time.pk for time in times]).delete()
        links.supersede(link, now=now)
        one_off.valid_until = valid_until
        one_off.save(update_fields=["valid_until"])
        fresh = links.open_link(one_off)
        holds.release(one_off)
        if one_off.hold_times:
            holds.place(one_off, times, now=now)
        feeds.note_change(one_off.people, now=now)
        record(Reopened(one_off, by=by, number_of_times=len(times)), now=now)
    return fresh
