"""The list of connections, and the banner about them on other pages."""

from datetime import timedelta

import pytest

from scheduling.calendars.models import Connection, ConnectionKind
from scheduling.calendars.reading import Failure
from tests.factories import half_hour
from tests.support.calendars import make_calendar, make_connection
from tests.support.pages import read
from tests.support.tables import digests
from tests.support.times import NOW

PAGE = "/calendars/"
HOUR = timedelta(hours=1)
FAILING = {"failing_since": NOW, "failures": 1}


def rows_on(response) -> list[tuple[str, str]]:
    """The name of each connection, and what is said about it."""
    rows = read(response).one("ul", class_="listing").all("li", class_="row")
    return [(row.one("h2").text, ", ".join(_facts_of(row))) for row in rows]


def _facts_of(row) -> list[str]:
    facts = [*row.one("p", class_="row-meta").all("span"), *row.all("p", class_="remark")]
    return [each.text for each in facts]


def banners_on(response) -> list[tuple[str, str]]:
    """The class of each banner, and what it says."""
    banners = [each for each in read(response).all("p") if "plan-use" in each.attributes.get("class", "")]
    return [(each["class"].split()[1], each.text) for each in banners if "calendar" in str(each.all("a"))]


def test_without_a_connection_the_page_offers_both_ways(browser_of, ada):
    page = read(browser_of(ada).get(PAGE)).one("main")

    assert "No calendars connected yet" in page.text
    assert "Caledee reads only when you are busy, never what for, and writes nothing to them." in page.text
    ways = page.one("ul", class_="ways").all("a")
    assert [(way["href"], way.text) for way in ways] == [
        ("/calendars/caldav/", "Connect a CalDAV account"),
        ("/calendars/feeds/", "Add a calendar address (ICS)"),
    ]


def test_each_connection_says_what_it_is_and_what_is_wrong(browser_of, ada, grace):
    account = make_connection(ada, ConnectionKind.CALDAV, label="cloud.example.com")
    make_calendar(ada, connection=account, name="Work")
    make_calendar(ada, connection=account, name="Holidays", counts=False)
    make_calendar(ada, name="Home", connection=make_connection(ada, label="Home", now=NOW + HOUR))
    make_connection(ada, label="old.example.com", host="old.example.com", failure=Failure.GONE, now=NOW + 2 * HOUR)
    make_calendar(grace, name="Grace's")

    assert rows_on(browser_of(ada).get(PAGE)) == [
        ("cloud.example.com", "CalDAV, 1 of 2 calendars count as busy"),
        ("Home", "Calendar address, Counts as busy"),
        ("old.example.com", "Calendar address, There is nothing at this address."),
    ]


def test_the_list_makes_the_same_number_of_queries(browser_of, ada, django_assert_num_queries):
    browser = browser_of(ada)
    for number in (1, 3):
        while Connection.objects.count() < number:
            make_calendar(ada, half_hour("10:00"))
        with django_assert_num_queries(4):
            assert len(rows_on(browser.get(PAGE))) == number


@pytest.mark.parametrize("page", ["/event-types/", "/one-offs/"])
def test_a_calendar_that_closes_the_pages_has_a_banner(browser_of, ada, grace, page):
    make_calendar(ada, name="Fine")
    make_calendar(ada, name="Off", read_at=None, counts=False)
    make_calendar(ada, name="Work", failure=Failure.UNAUTHORIZED, **FAILING)
    make_calendar(ada, name="Home", read_at=NOW - 2 * HOUR, failure=Failure.UNREACHABLE, **FAILING)
    make_calendar(grace, name="Grace's", read_at=None)

    assert banners_on(browser_of(ada).get(page)) == [
        (
            "error",
            "Home hasn't answered since 08:00. Your pages have offered no times since 07:00. View calendars",
        ),
        (
            "warning",
            "calendars.example.com no longer accepts the sign-in. Reconnect Work. "
            "What was read at 08:00 still counts. From 09:00, your pages offer no times. "
            "Reconnect or stop counting it",
        ),
    ]


@pytest.mark.parametrize("page", ["/event-types/", "/one-offs/"])
def test_there_is_no_banner_while_all_is_well(browser_of, ada, page):
    make_calendar(ada)

    assert banners_on(browser_of(ada).get(page)) == []


def test_looking_changes_nothing_and_disconnecting_needs_a_post(browser_of, ada):
    connection = make_calendar(ada, half_hour("10:00")).connection
    browser = browser_of(ada)
    own, before = connection.get_absolute_url(), digests()

    for action in ("choose", "refresh", "search", "disconnect"):
        assert browser.get(f"{own}{action}/").status_code == 405
    for page in (
        PAGE,
        "/calendars/seen/",
        connection.get_absolute_url(),
        f"{connection.get_absolute_url()}reconnect/",
    ):
        assert browser.get(page).status_code == 200

    assert digests() == before
