"""Calendar addresses, read from servers that misbehave."""

import gzip
import time
import zlib
from datetime import timedelta

import pytest

from scheduling.calendars.providers.feed import MOST_BYTES, Feed
from scheduling.calendars.providers.protocol import Account
from scheduling.calendars.reading import Failure, OutsideTime, ReadingFailed
from tests.scheduling.calendars.providers.samples import OWNER, PATIENCE, WINDOW, at, calendar_of, event, period
from tests.support.calendar_servers.dav import redirect
from tests.support.calendar_servers.scripted import Answer, Request, endless

PATH = "/feed.ics"
GOOD = calendar_of(event("one", at(10), at(11)))
IMPATIENT = timedelta(seconds=0.5)
# How much longer than its patience a request can take on a busy machine. A drip would go on until the test ends.
LATE_SECONDS = 10
PAGE = b"<!doctype html><title>Sign in</title><form><input name=password></form>"


def failure_of(server, *, patience=PATIENCE, path=PATH) -> Failure:
    with pytest.raises(ReadingFailed) as failed:
        Feed().read(Account(server.origin + path), "", WINDOW, OWNER, state="", patience=patience)
    return failed.value.failure


def busy_times_of(server):
    return Feed().read(Account(server.origin + PATH), "", WINDOW, OWNER, state="", patience=PATIENCE).reading.busy


def test_a_calendar_that_arrives_by_the_byte_ends_with_the_patience(server):
    server.script["GET", PATH] = Answer(200, server.drip(), {"Content-Type": "text/calendar"})
    started = time.monotonic()

    assert failure_of(server, patience=IMPATIENT) == Failure.UNREACHABLE
    assert time.monotonic() - started < IMPATIENT.total_seconds() + LATE_SECONDS


def test_a_server_that_never_answers_is_unreachable(server):
    def wait(_request: Request) -> Answer:
        server.ending.wait()
        return Answer(500)

    server.script["GET", PATH] = wait

    assert failure_of(server, patience=IMPATIENT) == Failure.UNREACHABLE


def test_a_calendar_without_end_is_not_a_calendar(server):
    server.script["GET", PATH] = Answer(200, endless())

    assert failure_of(server) == Failure.NOT_A_CALENDAR


def test_a_calendar_that_announces_to_be_too_large_is_not_read(server):
    server.script["GET", PATH] = Answer(200, server.drip(), {"Content-Length": str(MOST_BYTES + 1)})

    assert failure_of(server) == Failure.NOT_A_CALENDAR


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_calendar_that_is_too_large_once_unpacked_is_not_a_calendar(server, encoding):
    pack = zlib.compressobj(1, wbits=31 if encoding == "gzip" else 15)
    bomb = pack.compress(b" " * (5 * MOST_BYTES)) + pack.flush()
    server.script["GET", PATH] = Answer(200, bomb, {"Content-Encoding": encoding})

    assert len(bomb) < MOST_BYTES // 10
    assert failure_of(server) == Failure.NOT_A_CALENDAR


def test_a_packed_calendar_is_read_though_nobody_asked_to_pack_it(server):
    server.script["GET", PATH] = Answer(200, gzip.compress(GOOD), {"Content-Encoding": "gzip"})

    assert busy_times_of(server) == (OutsideTime(period(10, 11)),)


def test_redirects_in_a_circle_are_followed_three_times(server):
    server.script["GET", PATH] = redirect("/elsewhere.ics", 302)
    server.script["GET", "/elsewhere.ics"] = redirect(PATH, 302)

    assert failure_of(server) == Failure.NOT_A_CALENDAR
    assert len(server.requests) == 4


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/", "http://[::1", "//"])
def test_a_redirect_to_no_address_is_not_a_calendar(server, target):
    server.script["GET", PATH] = redirect(target, 302)

    assert failure_of(server) == Failure.NOT_A_CALENDAR


@pytest.mark.parametrize("target", ["http://10.0.0.1/feed.ics", "https://[::ffff:10.0.0.1]/feed.ics"])
def test_a_redirect_into_a_private_network_is_refused(server, target):
    server.script["GET", PATH] = redirect(target, 302)

    assert failure_of(server) == Failure.NOT_ALLOWED


def test_a_calendar_shorter_than_announced_is_not_a_calendar(server):
    server.script["GET", PATH] = Answer(200, iter([GOOD]), {"Content-Length": str(len(GOOD) + 100)})

    assert failure_of(server) in {Failure.NOT_A_CALENDAR, Failure.UNREACHABLE}


@pytest.mark.parametrize("kind", ["text/html", "text/calendar; charset=utf-8"])
def test_a_page_is_not_a_calendar_even_if_it_is_announced_as_one(server, kind):
    server.script["GET", PATH] = Answer(200, PAGE, {"Content-Type": kind})

    assert failure_of(server) == Failure.NOT_A_CALENDAR


@pytest.mark.parametrize("charset", ["utf-16", "us-ascii", "klingon", "", "utf-8; charset=utf-16"])
def test_the_charset_that_a_server_announces_does_not_matter(server, charset):
    server.script["GET", PATH] = Answer(200, GOOD, {"Content-Type": f"text/calendar; charset={charset}"})

    assert busy_times_of(server) == (OutsideTime(period(10, 11)),)


@pytest.mark.parametrize("body", [b"", b"\r\n", b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n", b"\x00" * 1000])
def test_what_is_no_whole_calendar_is_not_one(server, body):
    server.script["GET", PATH] = Answer(200, body, {"Content-Type": "text/calendar"})

    assert failure_of(server) == Failure.NOT_A_CALENDAR
