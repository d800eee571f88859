"""Reopening a one-off meeting that was cancelled, or that expired without a booking."""

from datetime import datetime

from django.db import transaction

from caledee.accounts.models import User
from oneoff import holds, links
from oneoff.events import Reopened
from oneoff.models import OneOffMeeting, ProposedTime, SingleUseLink
from oneoff.offer import free_times
from oneoff.rules import validity_refusals
from scheduling.availability import ledger
from scheduling.events import record
from scheduling.feeds import addresses
from scheduling.rules import refuse_any


class NothingFree(Exception):
    """No future time of the meeting is free for everyone. Create a new meeting instead."""


def can_be_reopened(one_off: OneOffMeeting, *, now: datetime) -> bool:
    """Return whether it is over without having taken place. Makes no queries if link and times are loaded."""
    link = one_off.link
    if link.booking is not None:
        return link.booking.is_cancelled
    return not (link.is_open(now) and any(time.start > now for time in one_off.proposed_times.all()))


def times_to_reopen(one_off: OneOffMeeting, *, now: datetime) -> list[ProposedTime]:
    """Return its future times that are free for everyone."""
    return free_times(one_off, now=now, except_claim=one_off.pk)


def reopen(one_off: OneOffMeeting, *, valid_until: datetime | None, by: User, now: datetime) -> SingleUseLink:
    """Give the meeting a new link with the times that are still free for everyone, held if the meeting holds times.

    The former link stays closed permanently, and times that are taken or past are removed. Locks everyone whose time
    it takes, then the link. Reopening an open meeting changes nothing. Raises Refused if the validity breaks a rule,
    LinkClosed if the meeting is booked, took place or was deleted, and NothingFree.
    """
    refuse_any(validity_refusals(valid_until, now=now))
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
        addresses.note_change(one_off.people, now=now)
        record(Reopened(one_off, by=by, number_of_times=len(times)), now=now)
    return fresh
