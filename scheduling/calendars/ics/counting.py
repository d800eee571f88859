"""Which entries count as busy."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from enum import Enum

from scheduling.calendars.ics.scanner import Component
from scheduling.calendars.ics.values import Broken, parse_duration, split_property, value_of

MOST_TRAVEL = timedelta(hours=12)


class Standing(Enum):
    FREE = "free"
    TENTATIVE = "tentative"
    BUSY = "busy"


_MICROSOFT = {
    "FREE": Standing.FREE,
    "WORKINGELSEWHERE": Standing.FREE,
    "TENTATIVE": Standing.TENTATIVE,
    "BUSY": Standing.BUSY,
    "OOF": Standing.BUSY,
}
_FREE_BUSY = {"FREE": Standing.FREE, "BUSY-TENTATIVE": Standing.TENTATIVE}


def standing_of(event: Component, addresses: frozenset[str]) -> Standing:
    """Return how an event counts for the owner of these addresses (in lower case).

    Microsoft's own status is more exact than TRANSP, which has no word for "working elsewhere".
    """
    status = value_of(event.first("STATUS")).upper()
    answers = set(_answers(event.all("ATTENDEE"), addresses))
    if status == "CANCELLED" or answers == {"DECLINED"}:
        return Standing.FREE
    standing = _MICROSOFT.get(value_of(event.first("X-MICROSOFT-CDO-BUSYSTATUS")).upper())
    if standing is None:
        if value_of(event.first("TRANSP")).upper() == "TRANSPARENT":
            return Standing.FREE
        standing = Standing.TENTATIVE if status == "TENTATIVE" else Standing.BUSY
    if standing is Standing.BUSY and answers and answers <= {"TENTATIVE", "NEEDS-ACTION", "DECLINED"}:
        return Standing.TENTATIVE
    return standing


def _answers(attendees: Iterable[str], addresses: frozenset[str]) -> Iterator[str]:
    for line in attendees:
        folded = line.casefold()
        if any(address in folded for address in addresses):
            parameters, value = split_property(line)
            named = {value.casefold().removeprefix("mailto:"), parameters.get("EMAIL", "").casefold()}
            if not named.isdisjoint(addresses):
                yield parameters.get("PARTSTAT", "NEEDS-ACTION").upper()


def standing_of_free_busy(parameters: dict[str, str]) -> Standing:
    return _FREE_BUSY.get(parameters.get("FBTYPE", "").upper(), Standing.BUSY)


def travel_before(event: Component) -> timedelta:
    """Return how long the owner travels to the event, as Apple's calendar records it."""
    line = event.first("X-APPLE-TRAVEL-DURATION")
    try:
        travel = parse_duration(value_of(line)).about if line else timedelta(0)
    except Broken:
        return timedelta(0)
    return min(max(travel, timedelta(0)), MOST_TRAVEL)
