"""How an account's calendars are found, on servers that differ in everything that standards leave open."""

import pytest

from scheduling.calendars.providers.caldav import CalDav
from scheduling.calendars.providers.protocol import Account, FoundCalendar
from scheduling.calendars.reading import Failure, ReadingFailed
from tests.scheduling.calendars.providers.samples import PATIENCE
from tests.support.calendar_servers.dav import (
    CALENDAR,
    calendar,
    failed,
    found,
    href,
    multistatus,
    redirect,
    serve_account,
)
from tests.support.calendar_servers.scripted import Answer, wants_basic, wants_digest

WORK = "/calendars/ada/work/"
MAY_WRITE = {"current-user-privilege-set": "<D:privilege><D:read/></D:privilege><D:privilege><D:write/></D:privilege>"}
MAY_READ = {"current-user-privilege-set": "<D:privilege><D:read/></D:privilege>"}


def find(server, path: str = "", *, username: str = "ada", password: str = "engine") -> list[FoundCalendar]:
    return list(CalDav().find(Account(server.origin + path, username, password), patience=PATIENCE))


def failure_of(server, path: str = "") -> Failure:
    with pytest.raises(ReadingFailed) as raised:
        find(server, path)
    return raised.value.failure


def names(calendars: list[FoundCalendar]) -> list[str]:
    return [each.name for each in calendars]


def test_every_calendar_with_events_is_found_and_nothing_else(server):
    serve_account(
        server,
        calendar(WORK, "Work & play", **MAY_WRITE),
        calendar("/calendars/ada/home/", "", **MAY_READ),
        calendar("/calendars/ada/tasks/", "Tasks").replace("VEVENT", "VTODO"),
        calendar("/calendars/ada/contacts/", "Contacts", resourcetype="<D:collection/>"),
        calendar("/calendars/ada/inbox/", "Inbox", resourcetype=f"{CALENDAR}<C:schedule-inbox/>"),
        calendar(
            "/calendars/ada/old/",
            "Old",
            resourcetype=f'{CALENDAR}<n:deleted-calendar xmlns:n="http://nextcloud.com/ns"/>',
        ),
    )

    assert find(server) == [
        FoundCalendar(f"{server.origin}{WORK}", "Work & play", can_write=True),
        FoundCalendar(f"{server.origin}/calendars/ada/home/", "home"),
    ]


def test_discovery_asks_three_times_and_reads_no_object(server):
    serve_account(server, calendar(WORK, "Work"))

    find(server)

    assert [(method, path) for method, path in server.asked if path != "/.well-known/caldav"] == [
        ("PROPFIND", "/"),
        ("PROPFIND", "/principals/ada/"),
        ("PROPFIND", "/calendars/ada/"),
    ]
    slow = ["sync-token", "getctag", "calendar-data", "getetag"]
    assert [word for request in server.requests for word in slow if word in request.body] == []


def test_a_calendar_that_names_no_components_takes_events(server):
    absent = found(WORK, {"D:resourcetype": CALENDAR}, missing=["C:supported-calendar-component-set", "D:displayname"])
    serve_account(server, absent)

    assert find(server) == [FoundCalendar(f"{server.origin}{WORK}", "work")]


def test_the_well_known_address_leads_to_a_prefix(server):
    serve_account(server, calendar("/SOGo/dav/calendars/ada/work/", "Work"), prefix="/SOGo/dav")

    assert names(find(server)) == ["Work"]


def test_an_address_with_a_path_is_asked_first(server):
    serve_account(server, calendar("/SOGo/dav/calendars/ada/work/", "Work"), prefix="/SOGo/dav")

    assert names(find(server, "/SOGo/dav/")) == ["Work"]
    assert server.asked[0] == ("PROPFIND", "/SOGo/dav/")


def test_an_address_that_leads_nowhere_is_left_for_the_usual_ones(server):
    serve_account(server, calendar(WORK, "Work"))
    server.script["PROPFIND", "/index.php"] = Answer(405, b"<html>")

    assert names(find(server, "/index.php")) == ["Work"]


def test_the_address_of_a_calendar_finds_that_calendar_alone(server):
    serve_account(server, calendar(WORK, "Work"), calendar("/calendars/ada/home/", "Home"))
    server.script["PROPFIND", WORK] = multistatus(calendar(WORK, "Work"))

    assert find(server, WORK) == [FoundCalendar(f"{server.origin}{WORK}", "Work")]


def test_the_address_of_a_place_for_calendars_finds_those_in_it(server):
    """Without anything that says where that is."""
    home = found("/box/", {"D:resourcetype": "<D:collection/>"})

    def answer(request):
        inside = [calendar("/box/work/", "Work")] if request.headers["Depth"] == "1" else []
        return multistatus(home, *inside)

    server.script["PROPFIND", "/box/"] = answer

    assert names(find(server, "/box/")) == ["Work"]


def test_calendars_can_be_in_several_places(server):
    serve_account(server, calendar(WORK, "Work"))
    homes = href("/calendars/ada/") + href(f"{server.origin}/shared/")
    server.script["PROPFIND", "/principals/ada/"] = multistatus(
        found("/principals/ada/", {"C:calendar-home-set": homes})
    )
    team = calendar("/shared/team/", "Team", owner=href("/principals/grace/"))
    server.script["PROPFIND", "/shared/"] = multistatus(team)

    assert [(each.name, each.is_own) for each in find(server)] == [("Work", True), ("Team", False)]


@pytest.mark.parametrize(
    ("link", "remote"),
    [
        ("/calendars/ada@example.org/work/", "/calendars/ada@example.org/work/"),
        ("/calendars/ada%40example.org/work/", "/calendars/ada%40example.org/work/"),
        ("work/", "/calendars/ada/work/"),
        ("{origin}/calendars/ada/work/", "/calendars/ada/work/"),
        ("/calendars/ada/work", "/calendars/ada/work"),
        ("/calendars/ada/K\u00e4lte und W\u00e4rme/", "/calendars/ada/K%C3%A4lte%20und%20W%C3%A4rme/"),
    ],
)
def test_links_can_be_relative_absolute_and_escaped_or_not(server, link, remote):
    serve_account(server, calendar(link.format(origin=server.origin), "Work"))

    assert find(server) == [FoundCalendar(server.origin + remote, "Work")]


@pytest.mark.parametrize(
    ("properties", "is_own"),
    [
        ({}, True),
        ({"owner": ""}, True),
        ({"owner": href("/principals/ada/")}, True),
        ({"owner": href("/principals/%61da")}, True),
        ({"owner": href("/principals/grace/")}, False),
        ({"resourcetype": f"{CALENDAR}<S:subscribed/>"}, False),
        ({"resourcetype": f"{CALENDAR}<S:shared/>"}, False),
        ({"resourcetype": f"{CALENDAR}<S:shared-owner/>"}, True),
    ],
)
def test_calendars_of_other_people_are_not_own(server, properties, is_own):
    own = calendar("/calendars/ada/home/", "Home", owner=href("/principals/ada/"))
    serve_account(server, own, calendar(WORK, "Work", **properties))

    assert [each.is_own for each in find(server)] == [True, is_own]


def test_calendars_are_own_if_the_server_names_no_owner_as_it_names_the_person(server):
    shared = calendar(
        "/calendars/ada/team/", "Team", owner=href("/users/grace/"), resourcetype=f"{CALENDAR}<S:shared/>"
    )
    serve_account(server, calendar(WORK, "Work", owner=href("/users/ada/")), shared)

    assert [each.is_own for each in find(server)] == [True, False]


@pytest.mark.parametrize("guard", [wants_basic, wants_digest])
def test_a_server_chooses_how_to_sign_in(server, guard):
    serve_account(server, calendar(WORK, "Work"))
    server.guard = guard("ada@example.org", "engine \u2192 \u00e4")

    assert names(find(server, username="ada@example.org", password="engine \u2192 \u00e4")) == ["Work"]
    with pytest.raises(ReadingFailed) as raised:
        find(server, username="ada@example.org", password="wrong")
    assert raised.value.failure == Failure.UNAUTHORIZED


def test_a_login_in_the_address_is_used_for_every_link(server):
    serve_account(server, calendar(WORK, "Work"))
    server.guard = wants_basic("ada", "engine")
    address = server.origin.replace("http://", "http://ada:engine@")

    found_calendars = CalDav().find(Account(address), patience=PATIENCE)

    assert list(found_calendars) == [FoundCalendar(f"{server.origin}{WORK}", "Work")]


def test_a_refused_password_is_not_sent_again(server):
    serve_account(server, calendar(WORK, "Work"))
    server.guard = wants_basic("ada", "another")

    assert failure_of(server, "/dav/") == Failure.UNAUTHORIZED
    assert len([request for request in server.requests if "Authorization" in request.headers]) == 1


def test_an_answer_for_strangers_means_that_the_password_is_wrong(server):
    server.script["PROPFIND", "/"] = multistatus(found("/", {"D:current-user-principal": "<D:unauthenticated/>"}))

    assert failure_of(server) == Failure.UNAUTHORIZED


def test_a_redirect_to_another_server_gets_no_password(server, other_server):
    serve_account(other_server, calendar(WORK, "Work"))
    server.guard = wants_basic("ada", "engine")
    server.script["PROPFIND", "/.well-known/caldav"] = redirect(f"{other_server.origin}/")

    assert failure_of(server) == Failure.NOT_ALLOWED
    assert other_server.requests == []


@pytest.mark.parametrize("step", ["/", "/principals/ada/"])
def test_a_link_to_another_server_is_refused(server, other_server, step):
    serve_account(server)
    serve_account(other_server, calendar(WORK, "Work"))
    foreign = href(f"{other_server.origin}/principals/ada/")
    server.script["PROPFIND", step] = multistatus(
        found(step, {"D:current-user-principal": foreign, "C:calendar-home-set": foreign})
    )

    assert failure_of(server) == Failure.NOT_ALLOWED
    assert other_server.requests == []


def test_a_calendar_on_another_server_is_left_out(server, other_server):
    serve_account(server, calendar(f"{other_server.origin}{WORK}", "Foreign"), calendar(WORK, "Work"))

    assert names(find(server)) == ["Work"]


def test_a_calendar_that_is_listed_twice_is_found_once(server):
    serve_account(server, calendar(WORK, "Work"), calendar(f"{server.origin}{WORK}", "Work"))

    assert names(find(server)) == ["Work"]


def test_an_account_has_a_largest_number_of_calendars(server):
    serve_account(server, *(calendar(f"/calendars/ada/{number}/", f"{number}") for number in range(1000)))

    assert names(find(server)) == [f"{number}" for number in range(200)]


def test_an_account_without_calendars_has_none(server):
    serve_account(server)

    assert find(server) == []


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (Answer(404), Failure.NOT_A_CALENDAR),
        (Answer(405, b"<html>"), Failure.NOT_A_CALENDAR),
        (Answer(200, b"<html>Sign in</html>"), Failure.NOT_A_CALENDAR),
        (Answer(207, b"<html>Sign in</html>"), Failure.NOT_A_CALENDAR),
        (Answer(207, b""), Failure.NOT_A_CALENDAR),
        (multistatus(), Failure.NOT_A_CALENDAR),
        (multistatus(failed("/", "404 Not Found")), Failure.NOT_A_CALENDAR),
        (multistatus(found("/", {}, missing=["D:current-user-principal"])), Failure.NOT_A_CALENDAR),
        (Answer(403), Failure.FORBIDDEN),
        (Answer(429), Failure.LIMITED),
        (Answer(503), Failure.UNREACHABLE),
    ],
)
def test_what_is_no_calendar_server_says_why(server, answer, failure):
    for path in ("/", "/.well-known/caldav", "/dav/"):
        server.script["PROPFIND", path] = answer

    assert failure_of(server, "/dav/") == failure


def test_a_list_that_is_not_whole_is_a_failure(server):
    serve_account(server, calendar(WORK, "Work"), failed("/calendars/ada/", "507 Insufficient Storage"))

    assert failure_of(server) == Failure.NOT_A_CALENDAR
