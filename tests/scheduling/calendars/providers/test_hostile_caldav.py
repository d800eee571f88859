"""CalDAV servers that misbehave."""

import time
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.calendars.providers.caldav import CalDav
from scheduling.calendars.providers.dav.multistatus import MOST_ELEMENTS, read_conditions, read_multistatus
from scheduling.calendars.providers.dav.session import MOST_PROPERTY_BYTES, MOST_REPORT_BYTES
from scheduling.calendars.providers.protocol import Account
from scheduling.calendars.reading import Failure, ReadingFailed
from tests.scheduling.calendars.providers.samples import OWNER, PATIENCE, WINDOW, at, calendar_of, event
from tests.support.calendar_servers.dav import found, multistatus, redirect, stored
from tests.support.calendar_servers.scripted import Answer, Request, endless

WORK = "/work/"
IMPATIENT = timedelta(seconds=0.5)
# How much longer than its patience a request can take on a busy machine. A drip would go on until the test ends.
LATE_SECONDS = 10
LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE m [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">]>
<D:multistatus xmlns:D="DAV:"><D:response><D:href>&d;</D:href></D:response></D:multistatus>"""
SECRETS = b"""<?xml version="1.0"?><!DOCTYPE m [<!ENTITY f SYSTEM "file:///etc/hostname">]>
<D:multistatus xmlns:D="DAV:"><D:response><D:href>&f;</D:href></D:response></D:multistatus>"""
ENCODING = b'<?xml version="1.0" encoding="klingon"?><D:multistatus xmlns:D="DAV:"/>'


@pytest.fixture
def account(server):
    """An account with an empty calendar."""
    server.script["PROPFIND", WORK] = multistatus(found(WORK, {"S:getctag": "1"}))
    server.script["REPORT", WORK] = multistatus()
    return Account(server.origin, "ada", "engine")


def failure_of(account: Account, *, patience: timedelta = PATIENCE) -> Failure:
    with pytest.raises(ReadingFailed) as raised:
        CalDav().read(account, account.address + WORK, WINDOW, OWNER, state="", patience=patience)
    return raised.value.failure


def failure_of_search(account: Account, *, patience: timedelta = PATIENCE) -> Failure:
    with pytest.raises(ReadingFailed) as raised:
        CalDav().find(account, patience=patience)
    return raised.value.failure


def test_the_empty_calendar_of_these_tests_can_be_read(account):
    new = CalDav().read(account, account.address + WORK, WINDOW, OWNER, state="", patience=PATIENCE)

    assert new.reading.busy == ()


@pytest.mark.parametrize("method", ["PROPFIND", "REPORT"])
@pytest.mark.parametrize("body", [LAUGHS, SECRETS, ENCODING, b"\x00", b"<a" * 100_000, b"<a>" * 100_000])
def test_dangerous_xml_is_not_a_calendar(account, server, method, body):
    server.script[method, WORK] = Answer(207, body, {"Content-Type": "application/xml"})

    assert failure_of(account) == Failure.NOT_A_CALENDAR


@pytest.mark.parametrize("method", ["PROPFIND", "REPORT"])
@pytest.mark.parametrize("body", [LAUGHS, SECRETS])
def test_dangerous_xml_of_an_error_is_not_read(account, server, method, body):
    server.script[method, WORK] = Answer(403, body, {"Content-Type": "application/xml"})

    assert failure_of(account) == Failure.FORBIDDEN


@pytest.mark.parametrize("method", ["PROPFIND", "REPORT"])
def test_an_answer_that_arrives_by_the_byte_ends_with_the_patience(account, server, method):
    server.script[method, WORK] = Answer(207, server.drip(b"<!-- -->"))
    started = time.monotonic()

    assert failure_of(account, patience=IMPATIENT) == Failure.UNREACHABLE
    assert time.monotonic() - started < IMPATIENT.total_seconds() + LATE_SECONDS


def test_a_search_ends_with_the_patience_even_if_there_are_more_places(account, server):
    server.script["PROPFIND", "/.well-known/caldav"] = Answer(207, server.drip(b"<!-- -->"))

    assert failure_of_search(account, patience=IMPATIENT) == Failure.UNREACHABLE
    assert server.asked == [("PROPFIND", "/.well-known/caldav")]


@pytest.mark.parametrize("method", ["PROPFIND", "REPORT"])
def test_an_answer_without_end_is_not_a_calendar(account, server, method):
    server.script[method, WORK] = lambda _request: Answer(207, endless())

    assert failure_of(account) == Failure.NOT_A_CALENDAR


def test_properties_have_a_largest_size(account, server):
    padding = "x" * MOST_PROPERTY_BYTES
    server.script["PROPFIND", WORK] = multistatus(found(WORK, {"S:getctag": padding}))

    assert failure_of(account) == Failure.NOT_A_CALENDAR


def test_objects_have_a_largest_size_in_all(account, server):
    """Each half of the window is small enough, and both together are too large."""
    padding = f"X-PADDING:{'x' * (MOST_REPORT_BYTES * 2 // 3)}"
    numbers = iter(range(100))

    def answer(request: Request) -> Answer:
        number = next(numbers)
        if number == 0:
            return Answer(507)
        text = calendar_of(event(f"e{number}", at(10), at(11), padding)).decode()
        return multistatus(stored(f"{WORK}{number}.ics", text))

    server.script["REPORT", WORK] = answer

    assert failure_of(account) == Failure.NOT_A_CALENDAR
    assert len(server.requests) == 4


def test_redirects_in_a_circle_end(account, server):
    server.script["PROPFIND", WORK] = redirect("/other/", 302)
    server.script["PROPFIND", "/other/"] = redirect(WORK, 302)

    assert failure_of(account) == Failure.NOT_A_CALENDAR
    assert len(server.requests) == 4


def test_an_answer_has_a_largest_number_of_elements():
    """Each takes far more memory than the four bytes of its text."""

    def elements(count: int) -> bytes:
        return b'<D:multistatus xmlns:D="DAV:">' + b"<a/>" * (count - 1) + b"</D:multistatus>"

    assert read_multistatus(elements(MOST_ELEMENTS)) == []
    with pytest.raises(ReadingFailed) as raised:
        read_multistatus(elements(MOST_ELEMENTS + 1))
    assert raised.value.failure == Failure.NOT_A_CALENDAR


def test_an_element_has_a_longest_tag():
    attributes = " ".join(f'a{number}=""' for number in range(100_000))
    body = f'<D:multistatus xmlns:D="DAV:" {attributes}/>'.encode()

    with pytest.raises(ReadingFailed) as raised:
        read_multistatus(body)
    assert raised.value.failure == Failure.NOT_A_CALENDAR


def test_text_can_be_as_long_as_an_answer():
    text = "one line\n" * 1_000_000
    body = multistatus(stored("/work/one.ics", text)).body

    assert [resource.text("{urn:ietf:params:xml:ns:caldav}calendar-data") for resource in read_multistatus(body)] == [
        text.strip()
    ]


PIECES = st.sampled_from(
    [
        *["<D:multistatus>", '<D:multistatus xmlns:D="DAV:">', "</D:multistatus>", "<D:response>", "</D:response>"],
        *[
            "<D:href>",
            "</D:href>",
            "<D:propstat>",
            "</D:propstat>",
            "<D:status/>",
            "<D:status>HTTP/1.1 ",
            "</D:status>",
        ],
        *[
            "<D:prop>",
            "</D:prop>",
            "<D:prop/>",
            "<!--",
            "-->",
            "<![CDATA[",
            "]]>",
            "&amp;",
            "&#0;",
            "&x;",
            "200",
            "\u0664",
        ],
    ]
)


@given(st.binary(max_size=300) | st.lists(PIECES, max_size=20).map(lambda pieces: "".join(pieces).encode()))
def test_any_answer_is_read_or_refused(body):
    try:
        resources = read_multistatus(body)
    except ReadingFailed as failed:
        resources = failed.failure

    assert resources == Failure.NOT_A_CALENDAR or isinstance(resources, list)
    assert isinstance(read_conditions(body), frozenset)


def test_a_home_full_of_places_does_not_lead_to_endless_requests(account, server):
    homes = "".join(f"<D:href>/home/{number}/</D:href>" for number in range(1000))
    server.script["PROPFIND", "/"] = multistatus(found("/", {"C:calendar-home-set": homes}))
    for number in range(1000):
        server.script["PROPFIND", f"/home/{number}/"] = multistatus()

    assert list(CalDav().find(account, patience=PATIENCE)) == []
    assert len(server.requests) == 7
