"""An organization's booking page, and the pages of its event types."""

from datetime import timedelta

import pytest

from caledee.accounts.models import Organization, User
from caledee.accounts.plans import Plan
from scheduling.models import Booking, EventType
from tests.factories import book_event_type, book_team, half_hour, make_collective, make_organization, make_round_robin
from tests.scheduling.views.typed import TEN, typed
from tests.support.pages import moments_on, read
from tests.support.tables import all_rows
from tests.support.times import NOW

PAGE = "/analytical-engines/"
TEAM = "/analytical-engines/team/"
AT_THREE = "2026-12-01T15:00:00Z"
DAY = {"date": "2026-12-01", "time_zone": "Europe/London"}


def listed(page) -> list[tuple[str, str, str]]:
    return [(row.one("a").text, row.one("p").text, row.one("a")["href"]) for row in page.all("li")]


def test_page_lists_what_can_be_booked(client, organization, ada, grace, alan):
    make_collective(organization, ada, grace, name="Panel", slug="panel", duration=timedelta(minutes=60))
    make_round_robin(organization, ada, grace, alan, name="Support", slug="support")
    make_round_robin(organization, alan, name="Without host", slug="without")
    make_round_robin(organization, ada, name="Inactive", slug="off")
    EventType.objects.filter(slug="off").update(paused_at=NOW)
    other = Organization.objects.create(name="Others", handle="others", plan=Plan.TEAM)
    other.memberships.create(user=ada)
    make_collective(other, ada, name="Of others")
    alan.memberships.all().delete()

    page = read(client.get(PAGE))

    assert page.one("title").text == page.one("h1").text == "Analytical Engines"
    assert listed(page) == [
        ("Panel", "1 hour With Ada Lovelace and Grace Hopper", "/analytical-engines/panel/"),
        ("Support", "30 minutes With someone from Analytical Engines", "/analytical-engines/support/"),
    ]


def test_persons_page_lists_their_one_on_ones_alone(client, organization, ada):
    make_collective(organization, ada)

    assert [name for name, _, _ in listed(read(client.get("/ada/")))] == ["Intro call"]
    assert client.get("/ada/team/").status_code == 404


def test_without_the_plan_nothing_can_be_booked(client, organization, ada):
    make_collective(organization, ada)
    organization.plan = Plan.PRO
    organization.save()

    page = read(client.get(PAGE))

    assert (page.one("h1").text, page.all("li")) == ("Analytical Engines", [])
    assert client.get(TEAM).status_code == 404


def test_unknown_paused_hostless_and_other_organizations_event_types_are_not_found(client, organization, ada):
    other = make_organization("Others", owner=ada)
    make_collective(organization, ada)
    make_collective(organization, ada, slug="paused")
    EventType.objects.filter(slug="paused").update(paused_at=NOW)
    make_collective(other, ada, slug="hostless")
    other.memberships.get().delete()

    answers = [
        client.get(path)
        for path in ("/nobody/team/", "/others/team/", "/others/hostless/", f"{PAGE}paused/", f"{PAGE}intro/")
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert len({read(answer).text for answer in answers}) == 1
    assert client.get("/nobody/").status_code == 404
    assert [client.post(answer.request["PATH_INFO"], typed()).status_code for answer in answers] == [404] * 5


def test_collective_page_names_all_hosts_and_offers_their_common_times(client, organization, ada, grace):
    make_collective(organization, ada, grace)
    book_event_type(grace, "15:00")

    page = read(client.get(TEAM, DAY))

    assert page.one("title").text == "Team call with Ada Lovelace and Grace Hopper"
    assert page.one("p", class_="eyebrow").one("a")["href"] == PAGE
    assert "With Ada Lovelace and Grace Hopper" in page.one("dl", class_="facts").text
    assert [moment[11:16] for moment in moments_on(page)] == ["14:00", "14:30", "15:30", "16:00", "16:30"]


def test_title_of_a_collective_of_many_names_the_first(client, organization, ada, grace, alan, mary):
    organization.memberships.create(user=mary)
    extra = [
        User.objects.create_user(f"{name}@example.com", "x", name=name, handle=name.lower(), time_zone="Asia/Tokyo")
        for name in ("Betty", "Carl")
    ]
    for user in extra:
        organization.memberships.create(user=user)
    make_collective(organization, ada, *extra, grace, alan, mary)

    assert read(client.get(TEAM, DAY)).one("title").text == "Team call with Ada Lovelace, Betty, Carl and 3 others"


def test_round_robin_page_names_the_organization_alone(client, organization, ada, alan):
    make_round_robin(organization, ada, alan)

    response = client.get(TEAM, {**DAY, "slot": TEN})

    page = read(response)
    assert page.one("title").text == "Team call with someone from Analytical Engines"
    assert "Ada" not in response.content.decode()
    assert "Alan" not in response.content.decode()


@pytest.mark.parametrize(("make", "people"), [(make_collective, ["ada", "grace"]), (make_round_robin, ["ada"])])
def test_booking_by_the_page(client, organization, ada, grace, make, people):
    make(organization, ada, grace)

    answer = client.post(TEAM, typed(AT_THREE))

    booking = Booking.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/bookings/{booking.token}/")
    assert (booking.period, booking.name) == (half_hour("15:00"), "Team call")
    assert [person.handle for person in booking.people] == people
    assert client.get(f"/bookings/{booking.token}/").status_code == 200


def test_without_a_zone_the_page_uses_the_first_hosts(client, organization, grace, ada):
    make_round_robin(organization, grace, ada)

    client.post(TEAM, typed(AT_THREE, time_zone=""))

    assert Booking.objects.get().invitee_time_zone == "America/New_York"


def test_time_that_was_just_taken_answers_with_what_is_left(client, organization, ada, grace):
    event_type = make_collective(organization, ada, grace)
    book_team(event_type, "15:00")
    before = all_rows()

    answer = client.post(TEAM, typed(AT_THREE))

    assert answer.status_code == 409
    assert [moment[11:16] for moment in moments_on(read(answer))] == ["14:00", "14:30", "15:30", "16:00", "16:30"]
    assert all_rows() == before


@pytest.mark.parametrize("make", [make_collective, make_round_robin])
@pytest.mark.parametrize("number", [1, 3])
def test_page_takes_six_queries_however_many_hosts(
    client, organization, ada, grace, make, number, django_assert_num_queries
):
    betty = User.objects.create_user("betty@example.com", "x", name="Betty", handle="betty", time_zone="Europe/Paris")
    organization.memberships.create(user=betty)
    make(organization, *[ada, grace, betty][:number])

    # No person's of this name; the event type, its hosts, the two parts of their schedules, their busy time.
    with django_assert_num_queries(6):
        assert moments_on(read(client.get(TEAM, DAY))) != []


def test_moving_shows_and_takes_the_times_of_all(client, organization, ada, grace):
    booking = book_team(make_collective(organization, ada, grace), "15:00")
    book_event_type(grace, "16:00")
    path = f"/bookings/{booking.token}/reschedule/"

    shown = read(client.get(path, DAY))
    moved = client.post(path, {"slot": "2026-12-01T14:30:00Z"})
    taken = client.post(path, {"slot": "2026-12-01T16:00:00Z"})

    booking.refresh_from_db()
    assert [moment[11:16] for moment in moments_on(shown)] == ["14:00", "14:30", "15:30", "16:30"]
    assert (moved.status_code, taken.status_code) == (302, 409)
    assert (booking.period, booking.people) == (half_hour("14:30"), [ada, grace])


def test_moving_a_round_robin_offers_its_hosts_times(client, organization, ada, alan):
    booking = book_team(make_round_robin(organization, ada, alan), "09:00")

    shown = read(client.get(f"/bookings/{booking.token}/reschedule/", DAY))

    assert moments_on(shown)[0] == "2026-12-01T09:30:00Z"
    assert len(moments_on(shown)) == 15


def test_booking_of_a_host_who_left_offers_no_other_time(client, organization, ada, grace):
    booking = book_team(make_collective(organization, ada, grace), "15:00")
    grace.memberships.all().delete()
    path = f"/bookings/{booking.token}/reschedule/"

    shown = client.get(path, DAY)
    refused = client.post(path, {"slot": "2026-12-01T14:30:00Z"})

    assert "There are no other times to choose from." in shown.content.decode()
    assert (shown.status_code, refused.status_code) == (200, 409)


def test_cancelled_booking_leads_back_to_the_organizations_page(client, organization, ada):
    booking = book_team(make_round_robin(organization, ada), "15:00")
    Booking.objects.update(cancelled_at=NOW, cancelled_by="invitee")
    booking.refresh_from_db()

    links = [link["href"] for link in read(client.get(f"/bookings/{booking.token}/")).all("a")]
    assert TEAM in links
