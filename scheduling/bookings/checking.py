"""Ask the connected calendars of everyone concerned, before a booking's transaction begins."""

from datetime import datetime

from scheduling.bookings.offers import Offer, OfferClosed, Slot
from scheduling.calendars.refreshing.recheck import calendars_to_ask, recheck

# Seconds after which trying again is worthwhile.
WAIT_FOR_CALENDARS = 60


class CalendarsUnavailable(Exception):
    """A calendar that must be asked before this booking can't be asked at the moment."""


def check_calendars(offer: Offer, slot: Slot, *, now: datetime) -> None:
    """Ask everyone's connected calendars about the slot, and store what they are busy with.

    Call it outside a transaction: it waits for servers, for at most `rechecking.PATIENCE`, and then nothing must be
    locked. Raises CalendarsUnavailable. One query if nobody has a calendar that must be asked.
    """
    calendars = calendars_to_ask(offer.people, now=now)
    if not calendars:
        return
    unknown = {calendar.person for calendar in calendars if calendar.is_closed(now)}
    if not unknown and not _is_open(offer, slot, now):
        # The booking itself finds out why.
        return
    period = slot.period.padded(offer.before_buffer, offer.after_buffer)
    unknown |= recheck([each for each in calendars if each.person not in unknown], period, now=now)
    if unknown and not offer.do_without(unknown, slot):
        raise CalendarsUnavailable


def _is_open(offer: Offer, slot: Slot, now: datetime) -> bool:
    try:
        return offer.is_open(slot, now=now)
    except OfferClosed:
        return False
