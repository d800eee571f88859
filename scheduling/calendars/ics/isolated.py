"""Read iCalendar text in a child process, where its CPU time and memory are limited."""

from collections.abc import Sequence
from datetime import timedelta

from caledee.timekeeping.periods import Period
from scheduling.calendars.reading import Owner, Reading


def read_feed_in_child(text: bytes, window: Period, owner: Owner, *, patience: timedelta) -> Reading:
    """Return what `reader.read_feed` does, within `patience`. Raises ReadingFailed if the child fails or is killed."""
    raise NotImplementedError


def read_objects_in_child(texts: Sequence[bytes], window: Period, owner: Owner, *, patience: timedelta) -> Reading:
    """Return what `reader.read_objects` does, within `patience`. Raises ReadingFailed as above."""
    raise NotImplementedError
