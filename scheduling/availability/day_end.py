"""Hours that end at midnight, which are stored and computed as an end of 00:00."""

from datetime import time

END_OF_DAY = time.min
# Typed by people who don't know that they can enter 24:00.
LAST_MINUTE = time(23, 59)


def as_end(clock: time) -> time:
    """Return the end of hours, with 23:59 and later as the end of the day."""
    return END_OF_DAY if clock >= LAST_MINUTE else clock
