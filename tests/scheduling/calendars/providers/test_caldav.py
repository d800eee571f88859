"""Reading calendars of CalDAV servers that differ in everything that standards leave open."""

import re
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from caledee.timekeeping.periods import Period
from scheduling.calendars.providers.caldav import CalDav
from scheduling.calendars.providers.protocol import Account, NewReading
from scheduling.calendars.reading import Failure, OutsideTime, ReadingFailed
from tests.scheduling.calendars.providers.samples import OWNER, PATIENCE, WINDOW, at, calendar_of, event, period
from tests.support.calendar_servers.dav import CALENDAR, failed, found, multistatus, redirect, stored
from tests.support.calendar_servers.scripted import Answer, Request, wants_digest

WORK = "/calendars/ada/work/"
TEN = stored(f"{WORK}ten.ics", calendar_of(event("ten", at(10), at(11))).decode())
TWELVE = stored(f"{WORK}twelve.ics", calendar_of(event("twelve", at(12), at(13))).decode())
TOO_MANY = "<D:number-of-matches-within-limits/>"


@pytest.fixture
def account(server):
    """An account with a calendar that has one event."""
    answer_state(server, token="t1", tag="c1")
    server.script["REPORT", WORK] = multistatus(TEN)
    return Account(server.origin, "ada", "engine")


def answer_state(server, *, token: str = "", tag: str = "") -> None:
    names = {"D:sync-token": token, "S:getctag": tag}
    known = {name: value for name, value in names.items() if value}
    missing = [name for name, value in names.items() if not value]
    server.script["PROPFIND", WORK] = multistatus(found(WORK, {"D:resourcetype": CALENDAR} | known, missing=missing))


def read(account: Account, state: str = "", remote: str = WORK) -> NewReading | None:
    place = remote if "://" in remote else account.address + remote
    return CalDav().read(account, place, WINDOW, OWNER, state=state, patience=PATIENCE)


def failure_of(account: Account, remote: str = WORK) -> Failure:
    with pytest.raises(ReadingFailed) as raised:
        read(account, remote=remote)
    assert str(raised.value) == raised.value.failure.value
    return raised.value.failure


def ranges_of(server) -> list[Period]:
    """The period of each query, in order."""
    found_ranges = [re.search(r'time-range start="(\w+)" end="(\w+)"', request.body) for request in server.requests]
    return [Period(moment_of(each[1]), moment_of(each[2])) for each in found_ranges if each]


def moment_of(text: str) -> datetime:
    return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def test_the_whole_window_is_read(account):
    assert read(account).reading.busy == (OutsideTime(period(10, 11)),)


def test_events_are_asked_for_with_a_component_and_both_ends_and_a_day_around(account, server):
    """The day around is for whole days and times without a zone, which servers place in zones of their own."""
    read(account)

    query = server.requests[-1]
    assert query.headers["Depth"] == "1"
    assert re.findall(r'comp-filter name="(\w+)"', query.body) == ["VCALENDAR", "VEVENT"]
    assert ranges_of(server) == [Period(datetime(2026, 11, 30, tzinfo=UTC), datetime(2028, 1, 2, tzinfo=UTC))]
    risky = ["expand", "free-busy", "sync-collection", "limit-recurrence-set"]
    assert [word for request in server.requests for word in risky if word in request.body] == []


def test_what_did_not_change_is_not_read_again(account, server):
    state = read(account).state
    server.requests.clear()

    assert read(account, state) is None
    assert server.asked == [("PROPFIND", WORK)]


@pytest.mark.parametrize("changed", [{"token": "t2", "tag": "c1"}, {"token": "t1", "tag": "c2"}, {"token": "t1"}])
def test_either_sign_of_a_change_is_enough(account, server, changed):
    state = read(account).state
    answer_state(server, **changed)
    server.script["REPORT", WORK] = multistatus(TWELVE)

    new = read(account, state)

    assert new.reading.busy == (OutsideTime(period(12, 13)),)
    assert new.state != state


def test_a_state_says_nothing_about_the_calendar(account):
    assert re.fullmatch(r"[0-9a-f]{64}", read(account).state)


def test_a_calendar_without_signs_of_changes_is_always_read(account, server):
    answer_state(server)
    new = read(account)

    assert new.state == ""
    assert read(account, new.state).reading.busy == (OutsideTime(period(10, 11)),)


def test_a_check_is_one_query_of_its_period(account, server):
    server.script["REPORT", WORK] = multistatus(TEN, TWELVE)

    reading = CalDav().check(account, account.address + WORK, period(12, 14), OWNER, state="", patience=PATIENCE)

    assert reading.busy == (OutsideTime(period(12, 13)),)
    assert server.asked == [("REPORT", WORK)]
    assert ranges_of(server) == [Period(at(12, day=1), at(14, day=3))]


def test_an_empty_calendar_is_free(account, server):
    server.script["REPORT", WORK] = multistatus()

    assert read(account).reading.busy == ()


def test_an_object_deleted_meanwhile_is_not_the_calendar(account, server):
    server.script["REPORT", WORK] = multistatus(failed(f"{WORK}gone.ics", "404 Not Found"), TEN)

    assert read(account).reading.busy == (OutsideTime(period(10, 11)),)


@pytest.mark.parametrize("link", [WORK, WORK.rstrip("/"), "/calendars/%61da/work/"])
@pytest.mark.parametrize("method", ["PROPFIND", "REPORT"])
def test_a_404_of_the_calendar_inside_an_answer_is_the_calendar(account, server, method, link):
    server.script[method, WORK] = multistatus(failed(link, "404 Not Found"))

    assert failure_of(account) == Failure.GONE


def test_the_calendar_itself_is_not_an_object(account, server):
    itself = found(WORK, {"D:resourcetype": "<D:collection/>"}, missing=["C:calendar-data"])
    server.script["REPORT", WORK] = multistatus(itself, TEN)

    assert read(account).reading.busy == (OutsideTime(period(10, 11)),)


def test_objects_named_without_what_is_in_them_are_asked_for(account, server):
    def answer(request: Request) -> Answer:
        if "calendar-multiget" in request.body:
            return multistatus(TWELVE, failed(f"{WORK}gone.ics", "404 Not Found"))
        names = [f"{WORK}twelve.ics", f"{WORK}gone.ics"]
        return multistatus(TEN, *(found(name, {}, missing=["C:calendar-data"]) for name in names))

    server.script["REPORT", WORK] = answer

    assert read(account).reading.busy == (OutsideTime(period(10, 11)), OutsideTime(period(12, 13)))
    assert re.findall(r"<D:href>(.*?)</D:href>", server.requests[-1].body) == [f"{WORK}twelve.ics", f"{WORK}gone.ics"]


@pytest.mark.parametrize("second", [[], [found(f"{WORK}x.ics", {}, missing=["C:calendar-data"])], [TEN]])
def test_objects_that_are_never_given_are_not_free(account, server, second):
    def answer(request: Request) -> Answer:
        if "calendar-multiget" in request.body:
            return multistatus(*second)
        return multistatus(TEN, found(f"{WORK}x.ics", {}, missing=["C:calendar-data"]))

    server.script["REPORT", WORK] = answer

    assert failure_of(account) == Failure.NOT_A_CALENDAR


def test_objects_without_a_link_of_their_own_are_read(account, server):
    bare = [
        re.sub(r"<D:href>.*?</D:href>", "", TEN),
        re.sub(r"<D:href>.*?</D:href>", f"<D:href>{WORK}</D:href>", TWELVE),
    ]
    server.script["REPORT", WORK] = multistatus(*bare)

    assert read(account).reading.busy == (OutsideTime(period(10, 11)), OutsideTime(period(12, 13)))


def test_what_is_a_calendar_no_longer_is_not_free(account, server):
    server.script["PROPFIND", WORK] = multistatus(found(WORK, {"D:resourcetype": "<D:collection/>", "S:getctag": "1"}))
    server.script["REPORT", WORK] = multistatus()

    assert failure_of(account) == Failure.NOT_A_CALENDAR


@pytest.mark.parametrize(
    ("status", "failure"),
    [
        ("403 Forbidden", Failure.FORBIDDEN),
        ("500 Internal Server Error", Failure.UNREACHABLE),
        ("nonsense", Failure.NOT_A_CALENDAR),
    ],
)
def test_an_object_that_cannot_be_read_is_not_free(account, server, status, failure):
    server.script["REPORT", WORK] = multistatus(TEN, failed(f"{WORK}private.ics", status))

    assert failure_of(account) == failure


TRUNCATED = [
    multistatus(TEN, failed(WORK, "507 Insufficient Storage", TOO_MANY)),
    Answer(507, b""),
    Answer(403, f'<D:error xmlns:D="DAV:">{TOO_MANY}</D:error>'.encode()),
]


@pytest.mark.parametrize("truncated", TRUNCATED)
def test_a_window_that_is_not_answered_whole_is_read_in_parts(account, server, truncated):
    """Objects that several parts have count once."""

    def answer(request: Request) -> Answer:
        start, end = map(moment_of, re.search(r'start="(\w+)" end="(\w+)"', request.body).groups())
        return truncated if (end - start).days > 120 else multistatus(TEN, TWELVE)

    server.script["REPORT", WORK] = answer

    assert read(account).reading.busy == (OutsideTime(period(10, 11)), OutsideTime(period(12, 13)))
    parts = sorted(each for each in ranges_of(server) if each.duration.days <= 120)
    assert (parts[0].start, parts[-1].end) == (datetime(2026, 11, 30, tzinfo=UTC), datetime(2028, 1, 2, tzinfo=UTC))
    assert all(one.end > other.start for one, other in pairwise(parts))


@pytest.mark.parametrize("truncated", TRUNCATED)
def test_a_server_that_never_answers_whole_is_not_free(account, server, truncated):
    server.script["REPORT", WORK] = truncated

    assert failure_of(account) == Failure.NOT_A_CALENDAR
    assert len(ranges_of(server)) < 20


@pytest.mark.parametrize("method", ["PROPFIND", "REPORT"])
@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (Answer(401), Failure.UNAUTHORIZED),
        (Answer(403), Failure.FORBIDDEN),
        (Answer(403, b"", {"Retry-After": "5"}), Failure.LIMITED),
        (Answer(404), Failure.GONE),
        (Answer(410), Failure.GONE),
        (Answer(412, b'<D:error xmlns:D="DAV:"><D:valid-sync-token/></D:error>'), Failure.NOT_A_CALENDAR),
        (Answer(429), Failure.LIMITED),
        (Answer(501), Failure.UNREACHABLE),
        (Answer(503), Failure.UNREACHABLE),
        (Answer(200, b"<html>Sign in</html>"), Failure.NOT_A_CALENDAR),
        (Answer(207, b"<html>Sign in</html>"), Failure.NOT_A_CALENDAR),
        (Answer(207, b""), Failure.NOT_A_CALENDAR),
    ],
)
def test_each_answer_has_its_meaning(account, server, method, answer, failure):
    server.script[method, WORK] = answer

    assert failure_of(account) == failure


def test_digest_is_answered_without_asking_again_for_each_request(account, server):
    server.guard = wants_digest("ada", "engine")

    assert read(account).reading.busy == (OutsideTime(period(10, 11)),)
    assert server.asked == [("PROPFIND", WORK)] * 2 + [("REPORT", WORK)]


def test_a_calendar_can_move_within_its_server(account, server):
    server.script["PROPFIND", WORK] = redirect("/new/work/", 308)
    server.script["REPORT", WORK] = redirect("/new/work/", 301)
    server.script["PROPFIND", "/new/work/"] = multistatus(found("/new/work/", {"S:getctag": "1"}))
    moved = stored("/new/work/ten.ics", calendar_of(event("ten", at(10), at(11))).decode())
    server.script["REPORT", "/new/work/"] = multistatus(found("/new/work/", {}), moved)

    assert read(account).reading.busy == (OutsideTime(period(10, 11)),)


def test_a_calendar_on_another_server_is_refused(account, other_server):
    assert failure_of(account, f"{other_server.origin}{WORK}") == Failure.NOT_ALLOWED
    assert other_server.requests == []


def test_a_calendar_that_moves_to_another_server_is_refused(account, server, other_server):
    server.script["PROPFIND", WORK] = redirect(f"{other_server.origin}{WORK}")

    assert failure_of(account) == Failure.NOT_ALLOWED
    assert other_server.requests == []


def test_objects_of_another_server_are_refused(account, server, other_server):
    foreign = found(f"{other_server.origin}{WORK}x.ics", {}, missing=["C:calendar-data"])
    server.script["REPORT", WORK] = multistatus(TEN, foreign)

    assert failure_of(account) == Failure.NOT_ALLOWED
    assert other_server.requests == []
