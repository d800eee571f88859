"""The page of one connection: what was found and read there, and what counts."""

from datetime import timedelta

import pytest
import time_machine

from scheduling.calendars.limits import MOST_COUNTING, TOO_MANY_COUNTING
from scheduling.calendars.models import Connection, ConnectionKind, OutsideBusy, OutsideCalendar
from scheduling.calendars.reading import Failure, NoteKind
from scheduling.calendars.status import SEARCH_PROBLEMS
from tests.factories import half_hour
from tests.scheduling.calendars.test_connecting import jobs
from tests.support.calendars import make_calendar, make_connection
from tests.support.pages import read
from tests.support.times import NOW, between

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def at_page(browser, connection, action="", **sent):
    address = f"{connection.get_absolute_url()}{action}"
    return browser.post(address, sent) if action else browser.get(address)


def said_of(response, calendar) -> list[str]:
    return [each.text for each in read(response).by_id(f"about-{calendar.pk}").all("p")]


def checked(response, name) -> set[str]:
    boxes = read(response).all("input", name=name, type="checkbox")
    return {box["value"] for box in boxes if "checked" in box.attributes}


def counting(connection) -> set[str]:
    return set(connection.calendars.counting().values_list("name", flat=True))


@pytest.fixture
def account(ada):
    """With the calendars Home and Work, of which only Work counts."""
    account = make_connection(ada, ConnectionKind.CALDAV, label="cloud.example.com")
    make_calendar(ada, half_hour("10:00"), connection=account, name="Work")
    make_calendar(ada, connection=account, name="Home", counts=False, read_at=None)
    return account


def test_a_search_is_watched_for_a_minute(browser_of, ada):
    connection, browser = make_connection(ada, searching_since=NOW, found_at=None), browser_of(ada)

    main = read(at_page(browser, connection)).one("main")
    watched = main.by_id("connection")
    assert (watched["hx-get"], watched["hx-trigger"]) == (connection.get_absolute_url(), "load delay:2s")
    assert watched.one("div", role="status").text == "Looking for your calendars… Check again"

    with time_machine.travel(NOW + MINUTE, tick=False):
        watched = read(at_page(browser, connection)).by_id("connection")
    assert "hx-get" not in watched.attributes
    assert watched.one("div", role="status").text == (
        "This takes longer than usual. Caledee keeps looking; come back to this page in a few minutes."
    )


@pytest.mark.parametrize("failure", Failure)
def test_a_search_that_failed_says_why_and_can_be_repeated(browser_of, ada, failure):
    connection = make_connection(ada, failure=failure, found_at=None)
    browser = browser_of(ada)

    page = read(at_page(browser, connection))
    assert page.one("p", role="alert").text == SEARCH_PROBLEMS[failure].format(host="calendars.example.com")

    assert at_page(browser, connection, "search/").status_code == 302
    connection.refresh_from_db()
    assert (connection.searching_since, connection.failure) == (NOW, "")
    assert [task for task, _, _ in jobs()] == ["calendars.search"]


def test_only_an_account_can_have_more_calendars_than_were_found(browser_of, ada, account):
    browser, address = browser_of(ada), make_calendar(ada).connection

    assert [button.text for button in read(at_page(browser, address)).one("main").all("button")][1:3] == [
        "Read now",
        "Disconnect",
    ]
    assert "Look for calendars again" in at_page(browser, account).text


def test_an_account_without_calendars_says_so(browser_of, ada):
    page = read(at_page(browser_of(ada), make_connection(ada)))

    assert "This account has no calendars that Caledee can read." in page.one("main").text


def test_a_calendar_says_when_it_was_read_and_how_busy_it_is(browser_of, ada):
    calendar = make_calendar(
        ada,
        half_hour("10:00"),
        half_hour("12:00"),
        between("2027-01-21 10:00", "2027-01-21 11:00"),
        between("2027-01-23 10:00", "2027-01-23 11:00"),
        between("2026-11-22 10:00", "2026-11-22 11:00"),
        read_at=NOW - 3 * MINUTE,
    )
    browser = browser_of(ada)

    assert said_of(at_page(browser, calendar.connection), calendar) == [
        "Read 3 minutes ago, 3 busy times in the next 60 days"
    ]
    for age, words in {timedelta(): "just now", 3 * HOUR: "3 hours ago", 2 * DAY: "Saturday 21 November"}.items():
        read_at = NOW - age
        OutsideCalendar.objects.update(read_at=read_at, read_whole_at=read_at, stale_after=7 * DAY)
        assert words in said_of(at_page(browser, calendar.connection), calendar)[0]


def test_tentative_times_are_left_out_if_they_do_not_count(browser_of, ada):
    calendar = make_calendar(ada, half_hour("10:00"), is_tentative=True, tentative_counts=False)

    assert said_of(at_page(browser_of(ada), calendar.connection), calendar) == [
        "Read just now, 0 busy times in the next 60 days"
    ]


def test_notes_say_what_was_unclear(browser_of, ada):
    notes = {
        NoteKind.UNKNOWN_ZONE: 2,
        NoteKind.ENDS_BEFORE_START: 1,
        NoteKind.UNFOLLOWED_RULE: 1,
        NoteKind.BROKEN_ENTRY: 3,
    }
    calendar = make_calendar(ada, notes={str(kind): count for kind, count in notes.items()})

    response = at_page(browser_of(ada), calendar.connection)

    assert said_of(response, calendar)[1:] == [
        "2 entries with a time zone that Caledee doesn't know, read in London time.",
        "1 entry that ended before its start; start and end are swapped.",
        "1 entry repeating in a way that Caledee can't follow, not counted as busy.",
        "3 entries that can't be read, not counted as busy.",
    ]
    loud = read(response).by_id(f"about-{calendar.pk}").all("p", class_="remark")
    assert [each.text for each in loud] == [said_of(response, calendar)[3]]


def test_a_calendar_that_is_being_read_is_watched_without_its_form(browser_of, ada, account):
    work = account.calendars.get(name="Work")
    work.queued_at = NOW
    work.save()
    browser = browser_of(ada)

    page = read(at_page(browser, account))
    assert "hx-get" not in page.by_id("connection").attributes
    watched = page.by_id("reading")
    assert (watched["hx-get"], watched["hx-select"]) == (account.get_absolute_url(), "#reading")
    assert set(watched["hx-select-oob"].split(",")) == {f"#about-{each.pk}" for each in account.calendars.all()}

    with time_machine.travel(NOW + MINUTE, tick=False):
        assert 'id="reading"' not in at_page(browser, account).text


def test_reading_now_queues_what_counts(browser_of, ada, account):
    response = at_page(browser_of(ada), account, "refresh/")

    assert (response.status_code, response["Location"]) == (302, account.get_absolute_url())
    work = account.calendars.get(name="Work")
    assert jobs() == [("calendars.read", f"calendar:{work.pk}", "calendars:calendars.example.com")]


def test_exactly_the_chosen_calendars_count(browser_of, ada, account):
    home, work = account.calendars.order_by("name")
    browser = browser_of(ada)
    assert checked(at_page(browser, account), "counts") == {str(work.pk)}

    both = [str(home.pk), str(work.pk)]
    assert at_page(browser, account, "choose/", counts=both).status_code == 302
    assert counting(account) == {"Home", "Work"}
    assert checked(at_page(browser, account), "counts") == set(both)

    assert at_page(browser, account, "choose/").status_code == 302
    assert (counting(account), OutsideBusy.objects.count()) == (set(), 0)

    assert at_page(browser, account, "choose/", counts="on").status_code == 302
    assert counting(account) == {"Home", "Work"}


def test_how_a_calendar_counts_is_chosen_for_each(browser_of, ada, account):
    home, work = account.calendars.order_by("name")
    sent = {"counts": "on", "tentative": [str(home.pk)], f"stale-{home.pk}": "1440", f"stale-{work.pk}": ""}

    browser = browser_of(ada)
    assert browser.post(f"{account.get_absolute_url()}choose/", sent).status_code == 302

    chosen = {each.name: (each.tentative_counts, each.stale_after) for each in account.calendars.all()}
    assert chosen == {"Home": (True, DAY), "Work": (False, None)}
    page = at_page(browser, account)
    assert checked(page, "tentative") == {str(home.pk)}
    options = read(page).by_id(f"stale-{home.pk}").all("option")
    assert [(each["value"], each.text) for each in options] == [
        ("", "1 hour (usual)"),
        ("30", "30 minutes"),
        ("240", "4 hours"),
        ("1440", "24 hours"),
    ]
    assert [each["value"] for each in options if "selected" in each.attributes] == ["1440"]


@pytest.mark.parametrize("wrong", [{"counts": "elsewhere"}, {"stale": "99"}, {"stale": "x"}])
def test_a_choice_that_is_none_changes_nothing(browser_of, ada, account, wrong):
    work = account.calendars.get(name="Work")
    sent = {f"stale-{work.pk}" if name == "stale" else name: value for name, value in wrong.items()}

    response = browser_of(ada).post(f"{account.get_absolute_url()}choose/", sent)

    assert response.status_code == 422
    assert read(response).one("p", role="alert").text
    assert counting(account) == {"Work"}


def test_more_than_thirty_are_refused_together_and_the_boxes_stay(browser_of, ada, account):
    elsewhere = make_connection(ada)
    for number in range(MOST_COUNTING - 1):
        make_calendar(ada, connection=elsewhere, name=f"{number}")
    new = [make_calendar(ada, connection=account, name=name, counts=False) for name in ("New", "Newer")]
    chosen = {str(calendar.pk) for calendar in new}

    response = at_page(browser_of(ada), account, "choose/", counts=sorted(chosen))

    assert response.status_code == 422
    assert read(response).one("p", role="alert").text == TOO_MANY_COUNTING
    assert checked(response, "counts") == chosen
    assert counting(account) == {"Work"}


def test_disconnecting_deletes_it_and_says_so(browser_of, ada, account):
    browser = browser_of(ada)

    page = read(at_page(browser, account))
    assert "Its busy times stop counting at once." in page.by_id("disconnect").text
    response = at_page(browser, account, "disconnect/")

    assert (response.status_code, response["Location"]) == (302, "/calendars/")
    assert "cloud.example.com was disconnected. Its busy times no longer count." in browser.get("/calendars/").text
    assert (Connection.objects.count(), OutsideBusy.objects.count()) == (0, 0)


def test_the_page_makes_the_same_number_of_queries(browser_of, ada, account, django_assert_num_queries):
    browser = browser_of(ada)
    for name in ("Third", "Fourth"):
        with django_assert_num_queries(5):
            at_page(browser, account)
        make_calendar(ada, half_hour("11:00"), half_hour("12:00"), connection=account, name=name)
