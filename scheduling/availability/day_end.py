"""When a day's hours end at midnight. Stored and computed as an end of 00:00, which is before no start."""

from datetime import time

END_OF_DAY = time.min
# What people type where they know no way to say 24:00.
LAST_MINUTE = time(23, 59)


def as_end(clock: time) -> time:
    """The end of hours that `clock` means: from 23:59 on, the end of the day."""
    return END_OF_DAY if clock >= LAST_MINUTE else clock
