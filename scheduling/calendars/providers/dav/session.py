"""Requests to one CalDAV account, which all end by one deadline."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from caledee.outgoing import Answer, AnswerTooLarge, Deadline, Login, Network, RedirectRefused, Session, parse_address
from scheduling.calendars.providers.dav.hrefs import resolve
from scheduling.calendars.providers.dav.multistatus import Resource, read_conditions, read_multistatus
from scheduling.calendars.providers.failures import as_failures, failure_of, time_left
from scheduling.calendars.providers.protocol import Account
from scheduling.calendars.reading import ReadingFailed

MULTISTATUS, INSUFFICIENT_STORAGE = 207, 507
MOST_PROPERTY_BYTES = 3_000_000
# As much as a calendar can have. The XML around the objects is little beside them.
MOST_REPORT_BYTES = 10_000_000
TOO_MANY_MATCHES = "{DAV:}number-of-matches-within-limits"
XML = {"Content-Type": "application/xml; charset=utf-8"}


class TooMuch(Exception):
    """The server doesn't answer the whole report, or the answer is too large."""


class DavSession:
    def __init__(self, account: Account, patience: timedelta, network: Network | None) -> None:
        self._deadline = Deadline(patience)
        self._session = Session(network)
        self._login = _login_of(account)

    @property
    def time_left(self) -> timedelta:
        return time_left(self._deadline)

    def close(self) -> None:
        self._session.close()

    def propfind(self, url: str, body: bytes, *, depth: int) -> tuple[str, list[Resource]]:
        """Return the address that answered in the end, and the resources in the answer."""
        with as_failures():
            answer = self._ask("PROPFIND", url, body, depth, MOST_PROPERTY_BYTES)
        if answer.status != MULTISTATUS:
            raise failure_of(answer)
        return answer.url, read_multistatus(answer.body)

    def report(self, url: str, body: bytes) -> tuple[str, list[Resource]]:
        """Return the same for a report. Raises TooMuch if it isn't whole."""
        with as_failures():
            try:
                answer = self._ask("REPORT", url, body, 1, MOST_REPORT_BYTES)
            except AnswerTooLarge:
                raise TooMuch from None
        if answer.status != MULTISTATUS:
            raise self._failure_of_report(answer)
        found = read_multistatus(answer.body)
        if any(resource.status == INSUFFICIENT_STORAGE for resource in found):
            raise TooMuch
        return answer.url, found

    def _failure_of_report(self, answer: Answer) -> TooMuch | ReadingFailed:
        if answer.status == INSUFFICIENT_STORAGE or TOO_MANY_MATCHES in read_conditions(answer.body):
            return TooMuch()
        return failure_of(answer)

    def _ask(self, method: str, url: str, body: bytes, depth: int, max_bytes: int) -> Answer:
        """Send a request, and once more if it is redirected to another origin of the same server."""
        targets: list[str] = []

        def refuse(_source: str, target: str) -> bool:
            """Don't let a redirect be followed without the login."""
            targets.append(target)
            return False

        def send(address: str) -> Answer:
            return self._session.request(
                method,
                address,
                max_bytes=max_bytes,
                deadline=self._deadline,
                headers=XML | {"Depth": str(depth)},
                body=body,
                auth=self._login,
                allow_redirect_to=refuse,
            )

        try:
            return send(url)
        except RedirectRefused:
            target = resolve(url, targets[-1])
            if target is None:
                raise
            return send(target)


def _login_of(account: Account) -> Login | None:
    """Return how to sign in. The address can have a login as well, which the addresses in answers don't have."""
    if account.username or account.password:
        return Login(account.username, account.password)
    with as_failures():
        return parse_address(account.address).login


@contextmanager
def dav_session(account: Account, patience: timedelta, network: Network | None) -> Iterator[DavSession]:
    session = DavSession(account, patience, network)
    try:
        yield session
    finally:
        session.close()
