"""Every response of an address with a token keeps it from other sites, indexes and caches."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import URLResolver, get_resolver

from caledee.limits.models import Tally
from caledee.limits.rates import WRONG_LINKS
from caledee.web.converters import TokenConverter
from oneoff.models import OneOffMeeting
from scheduling.feeds.addresses import open_feed
from tests.factories import book_event_type, book_one_off, make_invitation, make_one_off, on_tuesday, time_of
from tests.support.times import NOW

NO_ORIGIN = "a" * 24
PRIVATE = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow", "Cache-Control": "no-store"}
METHODS = ["get", "head", "post", "put", "delete", "options"]


def token_routes(patterns=None, prefix=""):
    """Return the routes with a token, such as `/bookings/{token}/cancel/`."""
    for pattern in patterns if patterns is not None else get_resolver().url_patterns:
        if isinstance(pattern, URLResolver):
            yield from token_routes(pattern.url_patterns, prefix + str(pattern.pattern))
        elif any(isinstance(each, TokenConverter) for each in pattern.pattern.converters.values()):
            route = prefix + str(pattern.pattern)
            yield "/" + route.replace("<token:token>", "{token}").replace("<handle:handle>", "ada")


ROUTES = sorted(set(token_routes()))


def privacy(response):
    return {name: response.headers.get(name) for name in PRIVATE}


@pytest.fixture
def tokens(ada):
    open_one, booked = make_one_off(ada, "09:00"), make_one_off(ada, "10:00", "10:30")
    book_one_off(booked, "10:00")
    links = [OneOffMeeting.objects.get(pk=each.pk).link for each in (open_one, booked)]
    return {
        "bookings": [book_event_type(ada, "11:00").token, links[1].booking.token],
        "invitations": [make_invitation(ada.organizations.get(), "dana@example.com", ada).token],
        "feeds": [open_feed(ada, now=NOW).token],
        "ada": [link.token for link in links],
    }


def test_there_are_these_addresses():
    assert ROUTES == [
        "/ada/o/{token}/",
        "/ada/o/{token}/opened/",
        "/ada/o/{token}/propose/",
        "/bookings/{token}/",
        "/bookings/{token}/calendar.ics",
        "/bookings/{token}/cancel/",
        "/bookings/{token}/propose/",
        "/bookings/{token}/reschedule/",
        "/feeds/{token}.ics",
        "/invitations/{token}/",
    ]


@time_machine.travel(NOW, tick=False)
def test_no_answer_gives_a_secret_address_away(tokens):
    strict = Client(enforce_csrf_checks=True)
    told, seen = [], set()
    for route in ROUTES:
        known = tokens[route.split("/")[1]]
        for token in [*known, NO_ORIGIN]:
            address = route.format(token=token)
            for method in METHODS:
                told.append((address, getattr(Client(), method)(address)))
            told.append((address, strict.post(address, headers={"Origin": "https://evil.example"})))
            told.append((address.rstrip("/"), Client().get(address.rstrip("/"))))

    for address, response in told:
        seen.add(response.status_code)
        allowed = PRIVATE | (
            {"Cache-Control": "private, no-cache"} if "/feeds/" in address and response.status_code == 200 else {}
        )
        assert privacy(response) == allowed, (address, response.status_code)
    assert seen == {200, 204, 301, 302, 403, 404, 405, 410, 422}


@time_machine.travel(NOW, tick=False)
def test_what_is_taken_or_over_or_too_often_gives_no_secret_away_either(tokens, client, ada, settings):
    settings.RATE_LIMITS = True
    Tally.objects.all().delete()
    link = f"/ada/o/{tokens['ada'][0]}/"
    form = {"name": "Dana", "email": "dana@example.com"}
    time = time_of(OneOffMeeting.objects.get(links__token=tokens["ada"][0]), "09:00")
    taken = client.post(link, form | {"slot": "00000000-0000-4000-8000-000000000000"})
    mistaken = client.post(link, form | {"slot": str(time.pk), "email": "x"})
    Tally.objects.update(count=1000)
    often = client.post(link, form | {"slot": str(time.pk), "email": "x"})
    with time_machine.travel(on_tuesday("12:00") + timedelta(days=1)):
        begun = client.post(f"/bookings/{tokens['bookings'][0]}/cancel/")

    answers = [taken, mistaken, often, begun]
    assert [answer.status_code for answer in answers] == [409, 422, 429, 409]
    assert [privacy(answer) for answer in answers] == [PRIVATE] * 4


def ask(route, token, sender="192.0.2.1"):
    method = "post" if route.endswith("opened/") else "get"
    return getattr(Client(), method)(route.format(token=token), REMOTE_ADDR=sender)


def test_guessing_is_slowed_down_and_who_has_the_right_link_comes_in_all_the_same(tokens, settings):
    settings.RATE_LIMITS = True
    with time_machine.travel(NOW, tick=False) as clock:
        guesses = [ask(ROUTES[number % len(ROUTES)], f"{number:024}") for number in range(WRONG_LINKS.most)]
        further = [ask(route, NO_ORIGIN) for route in ROUTES]
        # Only a one-off's booking has a page to ask for other times on.
        right = {
            ask(route, token).status_code
            for route in ROUTES
            for token in tokens[route.split("/")[1]][1 if route == "/bookings/{token}/propose/" else 0 :]
        }
        elsewhere = ask(ROUTES[0], NO_ORIGIN, "192.0.2.2")
        clock.shift(int(further[0]["Retry-After"]))
        after = ask(ROUTES[0], NO_ORIGIN)

    assert [answer.status_code for answer in guesses] == [404] * WRONG_LINKS.most
    assert [(answer.status_code, answer["Retry-After"]) for answer in further] == [(429, "300")] * len(ROUTES)
    assert [privacy(answer) for answer in further] == [PRIVATE] * len(ROUTES)
    assert right == {200, 204, 410}
    assert (elsewhere.status_code, after.status_code) == (404, 404)


def test_robots_are_kept_away_without_a_secret_being_named(client, tokens):
    response = client.get("/robots.txt")

    assert response["Content-Type"] == "text/plain; charset=utf-8"
    lines = response.text.splitlines()
    assert lines[0] == "User-agent: *"
    assert {"Disallow: /*/o/", "Disallow: /bookings/", "Disallow: /invitations/", "Disallow: /feeds/"} <= set(lines)
    assert not any(token in response.text for of in tokens.values() for token in of)
