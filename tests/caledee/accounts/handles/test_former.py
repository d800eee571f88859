"""Addresses from before a change of the handle."""

import re
from contextlib import suppress
from datetime import timedelta

import pytest
from django.urls import NoReverseMatch, reverse

from caledee.accounts.handles.register import HandleTaken, find_obstacle, present_handle, remember_handle, take_handle
from caledee.accounts.models import FormerHandle, Organization, User
from oneoff.models import CounterProposal
from scheduling.models import Booking
from tests.authority.matrix import ROWS
from tests.caledee.account_pages.typed import typed
from tests.factories import book_event_type, book_one_off, make_one_off, offer_of
from tests.scheduling.views.typed import typed as booking_form
from tests.support.pages import read, slots_on
from tests.support.times import NOW

HEADERS = ["Referrer-Policy", "X-Robots-Tag", "Cache-Control"]
REST = timedelta(days=90)


@pytest.fixture
def rename(browser_of):
    def act(person, handle):
        assert browser_of(person).post("/settings/", typed(person, handle=handle)).status_code == 302
        person.refresh_from_db()

    return act


def secret_headers_of(response):
    return [response.headers.get(name) for name in HEADERS]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("/ada/", "/countess/"),
        ("/ADA/", "/countess/"),
        ("/ada/intro/", "/countess/intro/"),
        (
            "/ada/intro/?date=2026-12-01&time_zone=Asia/Tokyo",
            "/countess/intro/?date=2026-12-01&time_zone=Asia/Tokyo",
        ),
    ],
)
@pytest.mark.parametrize("method", ["get", "head"])
def test_old_addresses_lead_to_the_new_ones(client, ada, rename, old, new, method):
    rename(ada, "countess")

    response = getattr(client, method)(old)

    assert (response.status_code, response["Location"]) == (302, new)
    assert client.get(new).status_code == 200


def test_an_old_address_leads_through_two_changes_at_once(client, ada, rename):
    rename(ada, "countess")
    rename(ada, "ada-king")

    assert [client.get(f"/{old}/intro/")["Location"] for old in ("ada", "countess")] == ["/ada-king/intro/"] * 2


def test_the_link_of_a_one_off_leads_on_and_keeps_its_secret(client, ada, rename):
    one_off = make_one_off(ada, "09:00")
    old = one_off.link.get_absolute_url()
    rename(ada, "countess")

    response = client.get(f"{old}?slot=x")

    assert (response.status_code, response["Location"]) == (302, f"/countess/o/{one_off.link.token}/?slot=x")
    assert secret_headers_of(response) == ["no-referrer", "noindex, nofollow", "no-store"]
    assert client.get(response["Location"]).status_code == 200


def test_asking_for_other_times_leads_on_too(client, ada, rename):
    one_off = make_one_off(ada, "09:00")
    old = f"{one_off.link.get_absolute_url()}propose/"
    rename(ada, "countess")
    form = {"times": "2026-12-08T10:00", "name": "Dana", "email": "dana@example.com"}

    response, sent = client.get(f"{old}?time_zone=Asia/Tokyo"), client.post(old, form)

    link = f"/countess/o/{one_off.link.token}/"
    assert (response.status_code, response["Location"]) == (302, f"{link}propose/?time_zone=Asia/Tokyo")
    assert client.get(response["Location"]).status_code == 200
    assert (sent.status_code, sent["Location"]) == (302, f"{link}?sent=yes")
    assert CounterProposal.objects.count() == 1


def test_every_page_below_a_handle_leads_on(client, ada, rename):
    """Include names that are added later."""
    one_off = make_one_off(ada, "09:00")
    names = {"handle": "ada", "slug": "intro", "token": one_off.link.token}
    below = [row.name for row in ROWS if row.method == "GET" and reverse_of(row.name, names)]
    rename(ada, "countess")

    led = {name: client.get(reverse_of(name, names)) for name in below}

    assert {name: answer["Location"] for name, answer in led.items()} == {
        name: reverse_of(name, names | {"handle": "countess"}) for name in below
    }
    assert {"oneoff:page", "oneoff:propose", "scheduling:event_type_page", "scheduling:public_page"} <= set(below)


def reverse_of(name, names):
    """Return the address of a page below a handle; None for any other."""
    for wanted in (["handle"], ["handle", "slug"], ["handle", "token"]):
        with suppress(NoReverseMatch):
            return reverse(name, kwargs={each: names[each] for each in wanted})
    return None


def test_unknown_tokens_and_slugs_are_not_found_at_either_address(client, ada, grace, rename):
    of_grace = make_one_off(grace, "09:00")
    rename(ada, "countess")
    token = "A" * 32

    addresses = [f"/{handle}/o/{each}/" for handle in ("ada", "countess") for each in (token, of_grace.link.token)]
    responses = [client.get(address) for address in [*addresses, "/ada/no-such-thing/", "/countess/no-such-thing/"]]

    assert [response.status_code for response in responses] == [404] * 6
    bodies = {re.sub(r'nonce="[^"]*"', "", response.text) for response in responses}
    assert len(bodies) == 1
    assert [secret_headers_of(response) for response in responses[:4]] == [
        ["no-referrer", "noindex, nofollow", "no-store"]
    ] * 4


def test_a_closed_link_is_gone_at_its_new_address(client, ada, rename):
    one_off = make_one_off(ada, "09:00")
    book_one_off(one_off, "09:00")
    rename(ada, "countess")

    response = client.get(f"/ada/o/{one_off.link.token}/", follow=True)

    assert (response.redirect_chain[0][1], response.status_code) == (302, 410)


def test_a_page_opened_before_the_change_can_book(client, ada, rename):
    page = read(client.get("/ada/intro/?date=2026-12-01&time_zone=Europe/London"))
    moment = slots_on(page)[0][0]
    rename(ada, "countess")

    response = client.post("/ada/intro/", booking_form(moment))

    booking = Booking.objects.get()
    assert (response.status_code, response["Location"]) == (302, booking.get_absolute_url())
    assert booking.organizer == ada


def test_a_one_off_opened_before_the_change_can_be_booked(client, ada, rename):
    one_off = make_one_off(ada, "09:00")
    address = one_off.link.get_absolute_url()
    slot = offer_of(one_off).open_slots(now=NOW)[0].value
    rename(ada, "countess")

    assert client.post(f"{address}opened/").status_code == 204
    response = client.post(address, booking_form(slot))

    one_off.link.refresh_from_db()
    assert (response.status_code, response["Location"]) == (302, Booking.objects.get().get_absolute_url())
    assert one_off.link.opened_at == NOW
    assert secret_headers_of(response)[0] == "no-referrer"


def test_an_invalid_form_sent_to_the_old_address_keeps_what_was_typed(client, ada, rename):
    rename(ada, "countess")

    response = client.post("/ada/intro/", booking_form("2026-12-01T09:00:00Z", email="nobody"))

    assert response.status_code == 422
    assert read(response).by_id("id_name")["value"] == "Dana Scott"


def test_the_old_handle_is_reserved_and_can_be_taken_back(browser_of, client, ada, grace, rename):
    rename(ada, "countess")

    refused = browser_of(grace).post("/settings/", typed(grace, handle="ada"))
    assert refused.status_code == 422
    assert "This address was recently used by someone else. Choose another." in refused.text

    rename(ada, "ada")
    assert client.get("/ada/").status_code == 200
    assert client.get("/countess/")["Location"] == "/ada/"


def test_an_old_handle_can_be_taken_later_and_no_longer_redirects(ada, grace):
    take_handle(ada, "countess", now=NOW)

    with pytest.raises(HandleTaken, match="RESTING"):
        take_handle(grace, "ada", now=NOW + REST - timedelta(seconds=1))
    take_handle(grace, "ada", now=NOW + REST)

    grace.refresh_from_db()
    assert (grace.handle, present_handle("ada"), present_handle("grace")) == ("ada", None, "ada")


@pytest.mark.parametrize("handle", ["ada", "ada-0ne", "c0untess", "countess"])
def test_lookalikes_of_a_reserved_handle_are_reserved_too(ada, grace, handle):
    FormerHandle.objects.create(handle="ada-one", user=ada, left_at=NOW)
    FormerHandle.objects.create(handle="c0untess", user=None, left_at=NOW)

    assert find_obstacle(handle, bearer=grace, now=NOW) is not None


def test_a_handle_of_someone_who_is_gone_is_nobodys_to_take_back(ada):
    FormerHandle.objects.create(handle="countess", user=None, left_at=NOW)

    with pytest.raises(HandleTaken, match="RESTING"):
        take_handle(ada, "countess", now=NOW)
    assert User.objects.get(pk=ada.pk).handle == "ada"


def test_an_organizations_former_handle_is_not_its_owners(organization, ada):
    take_handle(organization, "difference-engines", now=NOW)

    with pytest.raises(HandleTaken, match="RESTING"):
        take_handle(ada, "analytical-engines", now=NOW)
    take_handle(organization, "analytical-engines", now=NOW)
    assert Organization.objects.get().handle == "analytical-engines"


def test_new_people_never_get_a_resting_handle(client, ada):
    take_handle(ada, "countess", now=NOW)
    remember_handle(ada, "katherine", now=NOW)

    client.post(
        reverse("account_signup"),
        {
            "name": "Katherine",
            "email": "katherine@example.com",
            "time_zone": "America/New_York",
            "password1": "orbit-the-earth-3",
        },
    )

    assert User.objects.get(email="katherine@example.com").handle == "katherine-2"


def test_the_page_of_a_booking_leads_to_the_new_address(client, ada, rename):
    booking = book_event_type(ada, "09:00")
    rename(ada, "countess")

    assert client.get(booking.get_absolute_url()).status_code == 200
