"""Limits and honeypots for strangers: a refusal keeps what they typed, and never affects others."""

import pytest
from django.test import Client

from caledee.limits.models import Tally
from caledee.limits.rates import BOOKINGS_ON_A_PAGE
from oneoff.models import CounterProposal, OneOffMeeting
from scheduling.models import Booking, EventType
from tests.factories import book_event_type, book_one_off, make_collective, make_one_off, make_round_robin, time_of
from tests.scheduling.views.typed import NINE, TEN, typed
from tests.support.pages import moments_on, read, typed_in

PAGE = "/ada/intro/"
ELSEWHERE = "198.51.100.7"
ELEVEN = "2026-12-01T11:00:00Z"


@pytest.fixture
def rate_limits(settings):
    settings.RATE_LIMITS = True


def post(address, data, sender="192.0.2.1", **headers):
    return Client().post(address, data, REMOTE_ADDR=sender, **headers)


def use_up():
    """Pretend that every counted attempt was made a thousand times."""
    Tally.objects.update(count=1000)


def test_bookings_of_one_network_on_one_page_are_limited_and_no_others(ada, grace, rate_limits):
    answers = [post(PAGE, typed(TEN, email="x")).status_code]
    Tally.objects.update(count=BOOKINGS_ON_A_PAGE.most - 1)
    answers.append(post(PAGE, typed(TEN, email="x")).status_code)
    refused = post(PAGE, typed(TEN, name="Dana the Second"), HTTP_X_FORWARDED_FOR="203.0.113.9")

    assert answers == [422, 422]
    assert (refused.status_code, refused["Retry-After"]) == (429, "600")
    page = read(refused)
    assert typed_in(page) | {"nonce": ""} == typed(TEN, name="Dana the Second") | {"nonce": "", "slot": TEN}
    assert "Nothing is booked yet. Your details are still here; confirm again in 10 minutes." in page.text
    assert not Booking.objects.exists()
    assert post("/ADA/Intro/".lower(), typed(NINE)).status_code == 429
    assert post("/grace/intro/", typed("2026-12-01T15:00:00Z")).status_code == 302
    assert post(PAGE, typed(NINE), ELSEWHERE).status_code == 302


def test_proxies_in_front_of_us_say_who_it_is_and_what_is_left_of_them_says_nothing(ada, rate_limits, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    post(PAGE, typed(TEN, email="x"), HTTP_X_FORWARDED_FOR="203.0.113.9")
    use_up()

    forged = [
        post(PAGE, typed(TEN), HTTP_X_FORWARDED_FOR=f"{number}.0.0.1, 203.0.113.9").status_code for number in range(4)
    ]

    assert forged == [429] * 4
    assert post(PAGE, typed(TEN), HTTP_X_FORWARDED_FOR="203.0.113.9, 198.51.100.7").status_code == 302


def test_a_link_that_someone_floods_stays_open_for_the_invitee(ada, rate_limits):
    one_off = make_one_off(ada, "10:00")
    address, slot = one_off.link.get_absolute_url(), str(time_of(one_off, "10:00").pk)
    post(address, typed(slot, email="x"))
    use_up()
    assert post(address, typed(slot)).status_code == 429

    assert Client().get(address, REMOTE_ADDR="192.0.2.1").status_code == 200
    assert post(address, typed(slot), ELSEWHERE).status_code == 302


@pytest.mark.parametrize("kind", ["event type", "one-off"])
def test_too_many_attempts_without_a_time_keep_what_was_typed_and_allow_a_choice(ada, rate_limits, kind):
    address = PAGE if kind == "event type" else make_one_off(ada, "10:00").link.get_absolute_url()
    post(address, typed("", email="x"))
    use_up()

    refused = post(address, typed("gone", name="Dana the Second"))

    assert (refused.status_code, refused["Retry-After"]) == (429, "600")
    page = read(refused)
    assert typed_in(page)["name"] == "Dana the Second"
    assert len(page.all("input", type="radio", name="slot")) >= 1
    assert "Your details are still here; confirm again in 10 minutes." in page.text
    assert not Booking.objects.exists()


def test_other_times_are_asked_for_in_measure(ada, rate_limits):
    one_off = make_one_off(ada, "10:00")
    address = f"{one_off.link.get_absolute_url()}propose/"
    form = {"times": "2026-12-01T15:00", "name": "Dana", "email": "x", "note": "Please"}
    answers = [post(address, form).status_code for _ in range(15)]
    refused = post(address, form)

    assert answers == [422] * 15
    assert (refused.status_code, refused["Retry-After"]) == (429, "600")
    page = read(refused)
    assert [each["value"] for each in page.all("input", name="times_date")] == ["2026-12-01", "", ""]
    assert [each["value"] for each in page.all("input", name="times_clock")] == ["15:00", "", ""]
    assert typed_in(page)["note"] == "Please"
    assert not CounterProposal.objects.exists()
    assert post(address, form | {"email": "dana@example.com"}, ELSEWHERE).status_code == 302


@pytest.mark.parametrize("step", ["cancel", "reschedule"])
def test_changes_of_one_booking_are_limited_wherever_they_come_from(ada, rate_limits, step):
    made, other = book_event_type(ada, "10:00"), book_event_type(ada, "11:00")
    data = {"slot": NINE, "reason": "x" * 1001}
    address = f"/bookings/{made.token}/{step}/"
    post(address, data | {"slot": "nothing"}, "192.0.2.2")
    Tally.objects.update(count=19)
    assert post(address, data | {"slot": "nothing"}, "192.0.2.3").status_code == 422

    refused = post(address, data)

    assert (refused.status_code, refused["Retry-After"]) == (429, "3600")
    assert "Too many attempts. Nothing is changed yet; try again in 60 minutes." in read(refused).text
    assert (step == "cancel") == ("x" * 1001 in refused.text)
    assert Booking.objects.filter(cancelled_at=None, start=made.start).exists()
    assert post(f"/bookings/{other.token}/{step}/", {"slot": NINE, "reason": ""}).status_code == 302


def test_moves_without_a_time_are_limited_too(ada, rate_limits):
    booking = book_event_type(ada, "10:00")
    address = f"/bookings/{booking.token}/reschedule/"
    post(address, typed("nonsense"))
    use_up()

    refused = post(address, typed("nonsense"))

    assert (refused.status_code, refused["Retry-After"].isdigit()) == (429, True)
    assert read(refused).one("h1").text == "Too many attempts"
    assert Booking.objects.get().period == booking.period


def test_limits_that_are_off_limit_nothing(ada):
    address = f"{make_one_off(ada, '10:00').link.get_absolute_url()}propose/"

    assert [post(address, {"email": "x"}).status_code for _ in range(16)] == [422] * 16
    assert not Tally.objects.exists()


def test_filling_in_the_invisible_field_shows_why_and_allows_another_attempt(ada):
    one_off = make_one_off(ada, "10:00")
    link = one_off.link.get_absolute_url()
    asked = {"times": "2026-12-01T15:00", "name": "Dana", "email": "dana@example.com", "note": "Please"}
    forms = {PAGE: typed(ELEVEN), link: typed(str(time_of(one_off, "10:00").pk)), f"{link}propose/": asked}
    signing_up = {"name": "Dana", "email": "dana@example.com", "time_zone": "Europe/Paris", "password1": "lattices-7"}

    for address, form in {**forms, "/accounts/signup/": signing_up}.items():
        answer = post(address, form | {"homepage": "https://example.com/pills"})
        page = read(answer)
        (hidden,) = page.all("input", name="homepage")
        assert (answer.status_code, hidden["value"], hidden["tabindex"]) == (422, "", "-1")
        assert "Your form was not sent because a hidden field was filled in" in page.text
        assert 'value="Dana' in answer.text
        assert not Booking.objects.exists()
        assert not CounterProposal.objects.exists()
    assert OneOffMeeting.objects.get().link.closed_at is None
    assert [post(address, form | {"homepage": ""}).status_code for address, form in forms.items()] == [302, 302, 410]


def test_one_person_books_as_often_as_the_event_type_allows(ada):
    EventType.objects.update(invitee_limit=2)
    nonce = "d" * 24
    for slot, email in [(NINE, "dana@example.com"), (TEN, "Dana+work@EXAMPLE.com")]:
        assert post(PAGE, typed(slot, email=email, nonce=nonce)).status_code == 302

    refused = post(PAGE, typed(ELEVEN, email="DANA+x@example.com"))

    assert refused.status_code == 422
    page = read(refused)
    assert page.by_id("id_email_error").text.startswith(
        "You've reached the limit of upcoming bookings for this email address."
    )
    assert typed_in(page)["notes"] == "About lattices."
    assert Booking.objects.count() == 2
    assert post(PAGE, typed(ELEVEN, email="anadana@example.com")).status_code == 302
    # The very form that made a booking, sent again, is still answered with that booking.
    assert post(PAGE, typed(NINE, nonce=nonce))["Location"] == Booking.objects.get(start=NINE).get_absolute_url()


def test_cancelled_meetings_and_other_event_types_do_not_count(ada, grace):
    EventType.objects.update(invitee_limit=1)
    post(PAGE, typed(NINE))
    assert post("/grace/intro/", typed("2026-12-01T15:00:00Z")).status_code == 302
    assert post(PAGE, typed(TEN)).status_code == 422

    post(f"/bookings/{Booking.objects.get(organizer=ada).token}/cancel/", {"reason": ""})

    assert post(PAGE, typed(TEN)).status_code == 302


def test_gmail_addresses_of_one_mailbox_are_one_person(ada):
    EventType.objects.update(invitee_limit=1)
    post(PAGE, typed(NINE, email="dana.scott@gmail.com"))

    assert post(PAGE, typed(TEN, email="danascott+1@googlemail.com")).status_code == 422


def test_a_full_day_offers_nothing_and_who_comes_too_late_gets_another_day(ada, client):
    EventType.objects.update(daily_limit=2)
    page = f"{PAGE}?date=2026-12-01&time_zone=Europe/London"
    book_event_type(ada, "09:00")
    assert len(moments_on(read(client.get(page)))) == 15
    book_event_type(ada, "16:30")
    full = read(client.get(page))

    late = post(PAGE, typed(TEN))

    assert moments_on(full) == []
    assert "Nothing is free on Tuesday 1 December 2026" in full.text
    assert late.status_code == 409
    assert typed_in(read(late))["notes"] == "About lattices."
    assert {moment[:10] for moment in moments_on(read(late))} == {"2026-12-02"}


def test_days_are_those_of_the_organizers_hours(ada, mary):
    """In Auckland, the 2nd starts at 11:00 UTC on the 1st."""
    EventType.objects.update(daily_limit=1)
    assert post("/mary/intro/", typed("2026-11-30T20:00:00Z")).status_code == 302

    assert post("/mary/intro/", typed("2026-12-01T03:30:00Z")).status_code == 409
    assert post("/mary/intro/", typed("2026-12-01T20:00:00Z")).status_code == 302


@pytest.mark.parametrize("make", [make_collective, make_round_robin])
def test_limits_of_a_teams_event_type_count_all_its_meetings(organization, ada, alan, make):
    event_type = make(organization, ada, alan, daily_limit=2, invitee_limit=1)
    address = event_type.get_absolute_url()

    answers = [
        post(address, typed(slot, email=email)).status_code
        for slot, email in [
            (NINE, "a@example.com"),
            (TEN, "A@example.com"),
            (TEN, "b@example.com"),
            (ELEVEN, "c@x.example"),
        ]
    ]

    assert answers == [302, 422, 302, 409]


def test_a_one_off_has_no_such_limits(ada):
    EventType.objects.update(daily_limit=1, invitee_limit=1)
    book_event_type(ada, "09:00")
    for clock in ("10:00", "11:00"):
        book_one_off(make_one_off(ada, clock), clock)

    assert Booking.objects.count() == 3


def test_limits_cost_a_query_only_where_they_are_set(ada, client, django_assert_num_queries):
    page = f"{PAGE}?date=2026-12-01&time_zone=Europe/London"
    client.get(page)
    with django_assert_num_queries(4) as without:
        client.get(page)
    EventType.objects.update(daily_limit=3, invitee_limit=3)
    with django_assert_num_queries(len(without) + 1):
        client.get(page)
