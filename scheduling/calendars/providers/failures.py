"""What answers and errors of servers mean for a calendar."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email.utils import parsedate_to_datetime

from caledee.outgoing import (
    AddressMalformed,
    AddressRefused,
    Answer,
    CertificateRefused,
    Deadline,
    RedirectRefused,
    RequestFailed,
    Unreachable,
)
from scheduling.calendars.reading import Failure, ReadingFailed

FORBIDDEN, FIRST_SERVER_ERROR = 403, 500

BY_STATUS = {
    401: Failure.UNAUTHORIZED,
    FORBIDDEN: Failure.FORBIDDEN,
    404: Failure.GONE,
    408: Failure.UNREACHABLE,
    410: Failure.GONE,
    429: Failure.LIMITED,
}
BY_ERROR = {
    Unreachable: Failure.UNREACHABLE,
    CertificateRefused: Failure.CERTIFICATE,
    AddressRefused: Failure.NOT_ALLOWED,
    AddressMalformed: Failure.NOT_ALLOWED,
    RedirectRefused: Failure.NOT_ALLOWED,
}
LONGEST_WAIT = timedelta(days=1)


@contextmanager
def as_failures() -> Iterator[None]:
    """Raise ReadingFailed for requests without a usable answer: one that is cut off or too large isn't usable."""
    try:
        yield
    except RequestFailed as error:
        known = (failure for kind, failure in BY_ERROR.items() if isinstance(error, kind))
        raise ReadingFailed(next(known, Failure.NOT_A_CALENDAR)) from None


def failure_of(answer: Answer) -> ReadingFailed:
    """Return what an answer that isn't a success means. With 403, Retry-After tells a limit from a missing right."""
    retry_after = read_retry_after(answer)
    if answer.status == FORBIDDEN and retry_after is not None:
        return ReadingFailed(Failure.LIMITED, retry_after)
    return ReadingFailed(failure_of_status(answer.status), retry_after)


def failure_of_status(status: int) -> Failure:
    if status >= FIRST_SERVER_ERROR:
        return Failure.UNREACHABLE
    return BY_STATUS.get(status, Failure.NOT_A_CALENDAR)


def time_left(deadline: Deadline) -> timedelta:
    """Return how long to wait for what follows a request. Raises ReadingFailed if there is no time left."""
    seconds = deadline.remaining()
    if seconds <= 0:
        raise ReadingFailed(Failure.UNREACHABLE)
    return timedelta(seconds=seconds)


def read_retry_after(answer: Answer) -> timedelta | None:
    """Read the Retry-After header: seconds, or a moment that is compared with the server's own clock."""
    text = answer.headers.get("retry-after", "").strip()
    if text.isdecimal():
        return min(timedelta(seconds=int(text[:9])), LONGEST_WAIT)
    try:
        wait = parsedate_to_datetime(text) - parsedate_to_datetime(answer.headers.get("date", ""))
    except (TypeError, ValueError, OverflowError):
        return None
    return min(max(wait, timedelta(0)), LONGEST_WAIT)
