"""Submitting twice: only the form and the browser that booked get the booking again."""

import re

import pytest
from django.test import Client

from caledee.limits.models import Tally
from oneoff.models import CounterProposal
from scheduling.models import Booking
from tests.factories import make_collective, make_one_off, make_round_robin, time_of
from tests.scheduling.views.typed import TEN, typed
from tests.support.pages import read, typed_in

CHANGING = re.compile(r'nonce="[^"]*"|name="nonce" value="[^"]*"')


@pytest.fixture(params=["event type", "one-off", "collective", "round-robin"])
def page(request, organization, ada, alan):
    """Return its address, one of its slots, and the response to people who are too late."""
    match request.param:
        case "event type":
            return "/ada/intro/", TEN, 409
        case "one-off":
            one_off = make_one_off(ada, "10:00", "11:00")
            return one_off.link.get_absolute_url(), str(time_of(one_off, "10:00").pk), 410
        case "collective":
            return make_collective(organization, ada, alan).get_absolute_url(), TEN, 409
    return make_round_robin(organization, ada).get_absolute_url(), TEN, 409


def form_of(address: str, slot: str) -> dict[str, str]:
    """Return the form filled in correctly, as a browser without cookies gets it."""
    return typed_in(read(Client().get(address, {"slot": slot}))) | typed(slot)


def said(response) -> str:
    return CHANGING.sub("", response.text)


def test_the_form_that_booked_gets_the_booking_without_a_cookie(page):
    address, slot, _ = page
    form = form_of(address, slot)

    answers = [Client().post(address, form) for _ in range(3)]

    booking = Booking.objects.get()
    assert [answer.status_code for answer in answers] == [302] * 3
    assert {answer["Location"] for answer in answers} == {f"/bookings/{booking.token}/"}
    assert booking.nonce == form["nonce"]


def test_the_browser_that_booked_gets_the_booking_without_a_nonce(page):
    address, slot, _ = page
    browser = Client()

    first, second = browser.post(address, typed(slot)), browser.post(address, typed(slot))

    assert (second.status_code, second["Location"]) == (302, first["Location"])
    assert Booking.objects.count() == 1


@pytest.mark.parametrize("proof", [{}, {"nonce": "e" * 24}, {"nonce": ""}])
def test_nobody_else_gets_it_or_learns_who_booked(page, proof):
    address, slot, too_late = page
    Client().post(address, form_of(address, slot))
    token = Booking.objects.get().token

    same = Client().post(address, typed(slot) | proof)
    other = Client().post(address, typed(slot, name="Edsger Dijkstra", email="edsger@example.com") | proof)

    assert (same.status_code, other.status_code) == (too_late, too_late)
    assert token not in same.text
    assert list(same.cookies) == []
    assert said(same).replace("Dana Scott", "X").replace("dana@", "x@") == said(other).replace(
        "Edsger Dijkstra", "X"
    ).replace("edsger@", "x@")
    assert Booking.objects.count() == 1


@pytest.mark.parametrize("nonce", ["x", "0", "d" * 23, "d" * 25, "d" * 23 + "!", "\0" * 24, "é" * 24, "d" * 23 + "\n"])
def test_an_invalid_nonce_books_but_proves_nothing(ada, nonce):
    answers = [Client().post("/ada/intro/", typed() | {"nonce": nonce}).status_code for _ in range(2)]

    assert answers == [302, 409]
    assert Booking.objects.get().nonce == ""


@pytest.mark.parametrize(("wrong", "status"), [({"email": "x"}, 422), ({"slot": "2026-12-01T09:10:00Z"}, 409)])
def test_a_form_shown_again_keeps_its_nonce(ada, wrong, status):
    form = form_of("/ada/intro/", TEN)

    response = Client().post("/ada/intro/", form | wrong)

    assert response.status_code == status
    assert typed_in(read(response))["nonce"] == form["nonce"]


def test_a_form_shown_again_without_a_nonce_gets_one(ada):
    nonces = {
        typed_in(read(Client().post("/ada/intro/", typed(email="x") | sent)))["nonce"]
        for sent in ({}, {"nonce": "x"}, {"nonce": '"><b>'})
    }

    assert len(nonces) == 3
    assert all(re.fullmatch("[A-Za-z0-9]{24}", nonce) for nonce in nonces)


def test_a_rate_limited_form_keeps_its_nonce(ada, settings):
    settings.RATE_LIMITS = True
    form = form_of("/ada/intro/", TEN)
    Client().post("/ada/intro/", form | {"email": "x"})
    Tally.objects.update(count=1000)

    response = Client().post("/ada/intro/", form)

    assert response.status_code == 429
    assert typed_in(read(response))["nonce"] == form["nonce"]


def test_each_form_has_its_own_nonce(ada):
    assert form_of("/ada/intro/", TEN)["nonce"] != form_of("/ada/intro/", TEN)["nonce"]


def test_the_form_that_booked_does_not_get_a_cancelled_booking(page):
    address, slot, _ = page
    form = form_of(address, slot)
    first = Client().post(address, form)["Location"]
    Client().post(f"{first}cancel/")

    again = Client().post(address, form)

    assert again.status_code == (410 if "/o/" in address else 302)
    assert again.headers.get("Location") != first


def test_identical_suggestions_are_distinguished_by_their_form(ada):
    address = f"{make_one_off(ada, '10:00').link.get_absolute_url()}propose/"
    form = {"times": "2026-12-01T15:00", "name": "Dana", "email": "dana@example.com", "note": "Please."}
    nonces = [read(Client().get(address)).one("input", name="nonce")["value"] for _ in range(3)]
    answers = [Client().post(address, form | {"nonce": nonce}).status_code for nonce in [*nonces, nonces[0]]]

    assert answers == [302] * 4
    assert CounterProposal.objects.count() == 3
    # Dana's own form and another one with the same text get the same response.
    assert [Client().post(address, form | other).status_code for other in ({}, {"note": "x"})] == [409, 409]
