"""The meetings page of a teammate, and its search."""

import pytest

from caledee.accounts.models import Membership, Organization, Role
from caledee.accounts.plans import Plan
from scheduling.bookings.offers import Invitee
from tests.factories import book_event_type, book_one_off, make_one_off
from tests.support.pages import read

DANA = Invitee("Dana Scott", "dana@example.com", "Europe/London")
EMMY = Invitee("Emmy Nöther", "emmy@example.org", "Europe/London")


@pytest.fixture
def look(client):
    def act(user, query=""):
        client.force_login(user)
        return client.get(f"/meetings/{query}")

    return act


def shown(response):
    """Return each row by its time of day: the name and invitee, or that the person is busy."""
    rows = [row for day in response.context["days"] for row in day.rows]
    return {row.time[:5]: getattr(row, "booking", None) and row.booking.invitee_name for row in rows}


@pytest.fixture
def alans_meetings(ada, alan):
    """A meeting of his event type at 9:00 and of a one-off at 10:00, London time."""
    book_event_type(alan, "09:00", EMMY)
    one_off = make_one_off(alan, "10:00")
    book_one_off(one_off, "10:00", DANA)
    return one_off


def test_an_admin_sees_a_teammates_one_offs_and_the_rest_as_busy(look, grace, alans_meetings):
    response = look(grace, "?of=alan")

    assert shown(response) == {"04:00": None, "05:00": "Dana Scott"}
    page = response.content.decode()
    assert "Emmy" not in page
    assert "emmy@example.org" not in page
    assert "Intro call" not in page
    assert f'href="/one-offs/{alans_meetings.pk}/"' in page


def test_a_teammates_meetings_have_no_actions(look, ada, alans_meetings):
    page = read(look(ada, "?of=alan"))

    assert [form for form in page.all("form", method="post") if "cancel" in form["action"]] == []
    assert [link["href"] for link in page.all("a") if link["href"].endswith(".ics")] == []


def test_an_admin_sees_meetings_that_they_attend(look, ada, alan):
    booking = book_one_off(make_one_off(alan, "10:00", created_by=ada, cohosts=[ada]), "10:00", DANA)

    assert shown(look(ada, "?of=alan")) == {"10:00": "Dana Scott"}
    assert shown(look(ada)) == {"10:00": booking.invitee_name}


@pytest.mark.parametrize("who", ["alan", "mary"])
def test_other_people_only_see_their_own_meetings(look, request, ada, who):
    book_one_off(make_one_off(ada, "10:00"), "10:00", DANA)
    user = request.getfixturevalue(who)

    response = look(user, "?of=ada")

    assert shown(response) == {}
    assert read(response).all("select", id="of") == []


def test_an_admin_of_another_organization_sees_their_own_meetings(look, alan, mary, alans_meetings):
    other = Organization.objects.create(name="Difference Engines", handle="difference-engines", plan=Plan.TEAM)
    Membership.objects.create(organization=other, user=mary, role=Role.OWNER)

    assert shown(look(mary, "?of=alan")) == {}


def test_an_admin_chooses_among_the_people_they_administer(look, ada, grace, alan, mary):
    options = read(look(ada, "?of=grace")).by_id("of").all("option")

    assert [(option["value"], option.text, "selected" in option.attributes) for option in options] == [
        ("", "Ada Lovelace (you)", False),
        ("alan", "Alan Turing", False),
        ("grace", "Grace Hopper", True),
    ]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("dana", {"10:00": "Dana Scott"}),
        ("SCOTT", {"10:00": "Dana Scott"}),
        ("example.org", {"09:00": "Emmy Nöther"}),
        ("nöth", {"09:00": "Emmy Nöther"}),
        ("example", {"09:00": "Emmy Nöther", "10:00": "Dana Scott"}),
        ("  ", {"09:00": "Emmy Nöther", "10:00": "Dana Scott"}),
        ("%", {}),
        ("nobody", {}),
        ("x" * 10_000, {}),
        ("\u202e", {"09:00": "Emmy Nöther", "10:00": "Dana Scott"}),
    ],
)
def test_meetings_are_found_by_part_of_the_invitees_name_or_email(client, ada, typed, found):
    book_event_type(ada, "09:00", EMMY)
    book_one_off(make_one_off(ada, "10:00"), "10:00", DANA)
    client.force_login(ada)

    assert shown(client.get("/meetings/", {"invitee": typed})) == found


def test_the_search_stays_in_the_field_and_in_the_other_tab(client, ada):
    client.force_login(ada)

    page = read(client.get("/meetings/", {"invitee": "dana", "page": "3"}))

    assert page.by_id("id_invitee")["value"] == "dana"
    assert [link["href"] for link in page.all("a") if "show=past" in link["href"]] == [
        "/meetings/?invitee=dana&show=past"
    ]
    assert page.one("h2").text == "No meetings found"


def test_a_search_in_a_teammates_meetings_reveals_nothing_about_private_ones(look, grace, alans_meetings):
    assert shown(look(grace, "?of=alan&invitee=emmy")) == {}
    assert shown(look(grace, "?of=alan&invitee=dana")) == {"05:00": "Dana Scott"}


@pytest.mark.parametrize("number", [1, 3])
def test_a_teammates_list_makes_the_same_number_of_queries(client, ada, alan, number, django_assert_num_queries):
    for clock in ("05:00", "06:00", "07:00")[:number]:
        book_event_type(alan, clock, EMMY)
    for clock in ("10:00", "11:00", "12:00")[:number]:
        book_one_off(make_one_off(alan, clock), clock, DANA)

    client.force_login(ada)

    with django_assert_num_queries(10):
        client.get("/meetings/?of=alan")
