from datetime import timedelta

import pytest
from django.utils import timezone

from oneoff.creator.create import Details, create_one_off
from tests.support.pages import read
from tests.support.tables import all_rows
from tests.support.times import NOW, at


def listed(page) -> list[tuple[str, str, str]]:
    rows = page.all("li")
    return [(row.one("a").text, row.one("p").text, row.one("a")["href"]) for row in rows]


def test_page_lists_what_can_be_booked_by_everyone(client, ada):
    page = read(client.get("/ada/"))

    assert page.one("title").text == page.one("h1").text == "Ada Lovelace"
    assert listed(page) == [("Intro call", "30 minutes", "/ada/intro/")]


def test_what_is_paused_private_or_someone_elses_is_not_listed(client, ada, grace):
    grace.event_types.update(name="Grace's call")
    ada.event_types.create(
        name="Paused", slug="paused", duration=timedelta(minutes=15), created_at=NOW, paused_at=timezone.now()
    )
    details = Details(name="Private", duration=timedelta(minutes=30), location_kind="ask_invitee")
    create_one_off(details, [at("2026-12-01 09:00")], organizer=ada, created_by=ada, now=NOW)

    assert listed(read(client.get("/ada/"))) == [("Intro call", "30 minutes", "/ada/intro/")]


def test_person_with_nothing_to_book_has_a_page_that_says_so(client, ada):
    ada.event_types.update(paused_at=timezone.now())

    page = read(client.get("/ada/"))

    assert (page.one("h1").text, page.all("li")) == ("Ada Lovelace", [])
    assert page.one("h2").text == "Nothing to book right now"


def test_handle_is_found_in_any_case(client, ada):
    assert read(client.get("/AdA/")).one("h1").text == "Ada Lovelace"


@pytest.mark.parametrize("address", ["/nobody/", "/ada.lovelace/", "/a/", "/" + "a" * 41 + "/"])
def test_unknown_person_is_not_found(client, ada, address):
    assert client.get(address).status_code == 404


def test_person_whose_account_is_closed_is_not_found(client, ada):
    ada.is_active = False
    ada.save()

    assert client.get("/ada/").status_code == 404


def test_page_is_only_read(client, ada):
    before = all_rows()

    assert (client.get("/ada/").status_code, client.head("/ada/").status_code) == (200, 200)
    assert client.post("/ada/").status_code == 405
    assert all_rows() == before


@pytest.mark.parametrize("more", [0, 2])
def test_page_asks_the_database_twice_at_any_length(client, ada, more, django_assert_num_queries):
    for number in range(more):
        ada.event_types.create(
            name=f"Call {number}", slug=f"call-{number}", duration=timedelta(minutes=15), created_at=NOW
        )

    with django_assert_num_queries(2):
        page = read(client.get("/ada/"))

    assert len(listed(page)) == 1 + more
