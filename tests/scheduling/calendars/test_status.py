"""What people read about each state of a calendar."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from scheduling.calendars.reading import Failure
from scheduling.calendars.status import State, problems_of, search_status, status_of
from tests.support.calendars import make_calendar, make_connection
from tests.support.times import LONDON, NOW

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
FAILING = {"failing_since": NOW + 5 * MINUTE, "failures": 1, "next_try_at": NOW + 20 * MINUTE}


def said(calendar, now, zone=LONDON):
    status = status_of(calendar, zone=zone, now=now)
    return status.state, status.problem, status.consequence


def test_a_calendar_that_does_not_count_or_is_current_has_no_problem(ada):
    assert said(make_calendar(ada, counts=False), NOW) == (State.NOT_COUNTING, "", "")
    assert said(make_calendar(ada), NOW + HOUR) == (State.CURRENT, "", "")


def test_a_first_reading_says_when_the_pages_open(ada):
    assert said(make_calendar(ada, read_at=None), NOW) == (
        State.READING,
        "Reading Work for the first time.",
        "Your pages open when it is done.",
    )


@pytest.mark.parametrize(
    ("failure", "problem", "must_reconnect"),
    [
        (Failure.UNREACHABLE, "Work hasn't answered since 08:05.", False),
        (Failure.UNAUTHORIZED, "calendars.example.com no longer accepts the sign-in. Reconnect Work.", True),
        (Failure.LIMITED, "calendars.example.com asks Caledee to wait until 08:20.", False),
        (
            Failure.FORBIDDEN,
            "Caledee isn't allowed to read Work. Reconnect with an account that can read it.",
            True,
        ),
        (
            Failure.GONE,
            "Work no longer exists at calendars.example.com. Choose another calendar, or stop counting this one.",
            False,
        ),
        (Failure.NOT_A_CALENDAR, "The address of Work answers, but not with a calendar.", False),
        (
            Failure.NOT_ALLOWED,
            "Caledee may not fetch Work: its address is in a private network or not encrypted.",
            False,
        ),
        (Failure.CERTIFICATE, "The certificate of calendars.example.com isn't valid.", False),
        (Failure.KEY_MISSING, "Caledee can no longer read the stored sign-in. Reconnect Work.", True),
    ],
)
def test_each_failure_says_what_is_wrong_and_what_follows(ada, failure, problem, must_reconnect):
    calendar = make_calendar(ada, failure=failure, **FAILING)

    status = status_of(calendar, zone=LONDON, now=NOW + 10 * MINUTE)
    assert (status.state, status.problem) == (State.FAILING, problem)
    assert status.consequence == "What was read at 08:00 still counts. From 09:00, your pages offer no times."
    assert status.must_reconnect is must_reconnect

    late = status_of(calendar, zone=LONDON, now=NOW + 2 * HOUR)
    assert (late.state, late.problem) == (State.CLOSED, problem)
    assert late.consequence == "Your pages have offered no times since 09:00."
    assert late.sentence == f"{problem} {late.consequence}"


def test_other_days_are_named_and_times_are_local(ada):
    calendar = make_calendar(ada, failure=Failure.UNREACHABLE, **FAILING)

    assert said(calendar, NOW + DAY, ZoneInfo("Europe/Paris"))[1:] == (
        "Work hasn't answered since 09:05 on Monday 23 November 2026.",
        "Your pages have offered no times since 10:00 on Monday 23 November 2026.",
    )


def test_a_calendar_that_nobody_reads_is_closed_without_a_failure(ada):
    assert said(make_calendar(ada), NOW + 2 * HOUR) == (
        State.CLOSED,
        "Work was last read at 08:00.",
        "Your pages have offered no times since 09:00.",
    )


def test_a_first_reading_that_failed_says_that_the_pages_are_closed(ada):
    calendar = make_calendar(ada, read_at=None, failure=Failure.CERTIFICATE, **FAILING)

    assert said(calendar, NOW + 10 * MINUTE) == (
        State.CLOSED,
        "The certificate of calendars.example.com isn't valid.",
        "Your pages offer no times until it has been read.",
    )


@pytest.mark.parametrize("failure", Failure)
def test_a_search_that_failed_says_why(ada, failure):
    status = search_status(make_connection(ada, failure=failure))

    assert status.state == State.FAILING
    assert status.problem.endswith(".")
    assert "{" not in status.problem


def test_a_search_on_its_way_says_so(ada):
    assert search_status(make_connection(ada, searching_since=NOW)).problem == "Looking for your calendars…"
    assert search_status(make_connection(ada)).state == State.CURRENT


def test_problems_are_listed_the_worst_first_in_one_query(ada, grace, django_assert_num_queries):
    make_calendar(ada, name="Fine", read_at=NOW + 2 * HOUR)
    make_calendar(ada, name="Failing", read_at=NOW + 2 * HOUR, failure=Failure.GONE, **FAILING)
    make_calendar(ada, name="Closed")
    make_calendar(ada, name="Reading", read_at=None)
    make_calendar(ada, name="Off", read_at=None, counts=False)
    make_calendar(grace, name="Grace's")

    with django_assert_num_queries(1):
        found = problems_of(ada, now=NOW + 2 * HOUR)

    assert [status.state for status in found] == [State.CLOSED, State.FAILING, State.READING]
