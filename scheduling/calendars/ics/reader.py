"""Turn iCalendar text into the times when its owner is busy. Pure: no Django, no clock, no network."""

from collections.abc import Sequence

from caledee.timekeeping.periods import Period
from scheduling.calendars.reading import Owner, Reading


def read_feed(text: bytes, window: Period, owner: Owner) -> Reading:
    """Read one stream, which can have several calendars.

    Raises ReadingFailed if it is no calendar, is cut off or is too large. A broken entry only adds a note.
    """
    raise NotImplementedError


def read_objects(texts: Sequence[bytes], window: Period, owner: Owner) -> Reading:
    """Read the objects of a CalDAV collection. A broken object only adds a note."""
    raise NotImplementedError
