"""The calendar feed over HTTP: access and conditional requests."""

import gzip
import re
from datetime import timedelta
from functools import partial

import pytest
import time_machine
from django.test import Client
from django.utils.http import http_date

from oneoff.creator.create import delete_one_off
from scheduling.feeds.addresses import close_feed, open_feed, renew_feed
from tests.factories import book_event_type, book_one_off, make_one_off, on_tuesday
from tests.support.calendar_lines import events_of
from tests.support.tables import all_rows
from tests.support.times import NOW

HOUR = timedelta(hours=1)


@pytest.fixture
def one_off(ada):
    return make_one_off(ada, "09:00", "10:00")


@pytest.fixture
def feed(ada, one_off):
    book_event_type(ada, "14:00")
    return open_feed(ada, now=NOW)


def address(token: str) -> str:
    return f"/feeds/{token}.ics"


def summaries(response) -> list[str]:
    return [event["SUMMARY"] for event in events_of(response.content)]


def without_nonce(response) -> str:
    return re.sub(r'nonce="[^"]*"', "", response.content.decode())


def test_anyone_with_the_address_can_read_the_feed(client, feed):
    response = client.get(feed.get_absolute_url())

    assert feed.get_absolute_url() == address(feed.token)
    assert response.status_code == 200
    assert summaries(response) == [
        "Intro call: Ada Lovelace and Edsger Dijkstra",
        "Held: Interview",
        "Held: Interview",
    ]


def test_the_response_is_a_calendar_that_only_the_client_can_cache(client, feed):
    headers = client.get(address(feed.token)).headers

    names = ["Content-Type", "Content-Disposition", "Cache-Control", "Vary", "Referrer-Policy", "X-Robots-Tag"]
    assert {name: headers[name] for name in names} == {
        "Content-Type": "text/calendar; charset=utf-8",
        "Content-Disposition": 'attachment; filename="caledee.ics"',
        "Cache-Control": "private, no-cache",
        "Vary": "Accept-Encoding",
        "Referrer-Policy": "no-referrer",
        "X-Robots-Tag": "noindex, nofollow",
    }
    assert headers["Last-Modified"] == http_date(NOW.timestamp())
    assert "Set-Cookie" not in headers


def test_reading_changes_nothing(client, feed):
    before = all_rows()

    client.get(address(feed.token))
    client.head(address(feed.token))

    assert all_rows() == before


def test_no_other_secret_opens_a_feed_and_a_feed_opens_nothing_else(client, ada, feed, one_off):
    booking = book_one_off(one_off, "09:00")
    others = [booking.token, one_off.link.token, booking.uid.replace("-", ""), one_off.pk.hex, ada.pk.hex]

    assert [client.get(address(token)).status_code for token in others] == [404] * 5
    places = [f"/bookings/{feed.token}/", f"/bookings/{feed.token}/calendar.ics", f"/ada/o/{feed.token}/"]
    assert [client.get(place).status_code for place in places] == [404] * 3


def test_unknown_renewed_closed_and_deactivated_feeds_get_the_same_response(client, ada, grace, alan, feed):
    renew_feed(ada, now=NOW)
    closed, barred = open_feed(grace, now=NOW), open_feed(alan, now=NOW)
    close_feed(grace)
    alan.is_active = False
    alan.save()

    answers = [client.get(address(token)) for token in ("A" * 24, feed.token, closed.token, barred.token)]

    assert [answer.status_code for answer in answers] == [404] * 4
    (told,) = {
        (without_nonce(answer), answer["Cache-Control"], answer["Referrer-Policy"], answer["X-Robots-Tag"])
        for answer in answers
    }
    assert told[1:] == ("no-store", "no-referrer", "noindex, nofollow")
    assert "VCALENDAR" not in told[0]
    assert not any("ETag" in answer for answer in answers)


@pytest.mark.parametrize(
    "path",
    ["/feeds/", "/feeds/.ics", "/feeds/short.ics", "/feeds/%00.ics", f"/feeds/{'A' * 65}.ics", "/feeds/..%2F.ics"],
)
def test_an_invalid_token_is_not_found(client, feed, path):
    assert client.get(path).status_code == 404


def test_the_signed_in_person_does_not_matter(feed, grace, browser_of):
    assert len(summaries(browser_of(grace).get(address(feed.token)))) == 3


def test_head_returns_the_headers_of_get(client, feed):
    asked, got = client.head(address(feed.token)), client.get(address(feed.token))

    assert (asked.status_code, asked.content) == (200, b"")
    assert {name: asked[name] for name in ("ETag", "Last-Modified", "Content-Length")} == {
        name: got[name] for name in ("ETag", "Last-Modified", "Content-Length")
    }


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
def test_only_reading_is_allowed(feed, method):
    response = getattr(Client(enforce_csrf_checks=True), method)(address(feed.token))

    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD")


def test_a_calendar_with_the_current_feed_gets_304(client, feed):
    first = client.get(address(feed.token))
    assert first["ETag"].startswith('"')

    with time_machine.travel(NOW + HOUR, tick=False):
        answers = [
            client.get(address(feed.token), headers=headers)
            for headers in (
                {"If-None-Match": first["ETag"]},
                {"If-None-Match": f'"other", W/{first["ETag"]}'},
                {"If-None-Match": "*"},
                {"If-Modified-Since": first["Last-Modified"]},
                {"If-None-Match": first["ETag"], "If-Modified-Since": http_date(0)},
            )
        ]

    assert [(answer.status_code, answer.content) for answer in answers] == [(304, b"")] * 5
    names = ["ETag", "Last-Modified", "Cache-Control", "Vary", "Referrer-Policy", "X-Robots-Tag"]
    for answer in answers:
        assert {name: answer[name] for name in names} == {name: first[name] for name in names}
        assert "Content-Type" not in answer


def test_head_gets_304_like_get(client, feed):
    etag = client.get(address(feed.token))["ETag"]

    assert client.head(address(feed.token), headers={"If-None-Match": etag}).status_code == 304


@pytest.mark.parametrize(
    "headers",
    [
        {"If-None-Match": '"other"'},
        {"If-None-Match": "nonsense"},
        {"If-Modified-Since": http_date((NOW - HOUR).timestamp())},
        {"If-Modified-Since": "yesterday"},
        {"If-None-Match": '"other"', "If-Modified-Since": http_date(NOW.timestamp())},
    ],
)
def test_a_calendar_with_another_feed_gets_all_of_it(client, feed, headers):
    response = client.get(address(feed.token), headers=headers)

    assert response.status_code == 200
    assert len(summaries(response)) == 3


def test_the_compressed_feed_is_recognized_by_its_weak_etag(client, feed):
    plain = client.get(address(feed.token))
    packed = client.get(address(feed.token), headers={"Accept-Encoding": "gzip"})

    assert (packed["Content-Encoding"], packed["ETag"]) == ("gzip", f"W/{plain['ETag']}")
    assert gzip.decompress(packed.content) == plain.content
    again = client.get(address(feed.token), headers={"Accept-Encoding": "gzip", "If-None-Match": packed["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again["Vary"] == packed["Vary"] == "Accept-Encoding"


def test_a_hold_that_lapses_changes_the_feed_at_that_moment(client, feed):
    first = client.get(address(feed.token))
    since = {"If-None-Match": first["ETag"]}, {"If-Modified-Since": first["Last-Modified"]}

    with time_machine.travel(on_tuesday("09:00") - timedelta(seconds=1), tick=False):
        before = [client.get(address(feed.token), headers=headers).status_code for headers in since]
    with time_machine.travel(on_tuesday("09:00"), tick=False):
        after = [client.get(address(feed.token), headers=headers) for headers in since]

    assert before == [304, 304]
    assert [summaries(answer) for answer in after] == [
        ["Intro call: Ada Lovelace and Edsger Dijkstra", "Held: Interview"]
    ] * 2


@pytest.mark.parametrize("change", [partial(delete_one_off, by=None), partial(book_one_off, clock="10:00")])
def test_booking_or_deleting_a_one_off_changes_the_feed_immediately(client, feed, one_off, change):
    first = client.get(address(feed.token))

    change(one_off, now=NOW + HOUR)

    with time_machine.travel(NOW + HOUR, tick=False):
        for headers in {"If-None-Match": first["ETag"]}, {"If-Modified-Since": first["Last-Modified"]}:
            response = client.get(address(feed.token), headers=headers)
            assert response.status_code == 200
            assert "Held: Interview" not in summaries(response)
            assert response["Last-Modified"] == http_date((NOW + HOUR).timestamp())
            assert response["ETag"] != first["ETag"]


@pytest.mark.parametrize("number", [1, 3])
def test_a_feed_makes_the_same_number_of_queries(client, ada, django_assert_num_queries, number):
    for hour in range(9, 9 + number):
        make_one_off(ada, f"{hour:02}:00")
        book_event_type(ada, f"{hour + 4}:00")
    token = open_feed(ada, now=NOW).token

    # The feed's address, then its content.
    with django_assert_num_queries(1 + 8):
        assert len(summaries(client.get(address(token)))) == 2 * number
