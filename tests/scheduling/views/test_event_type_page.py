from datetime import timedelta

import pytest
from django.utils import timezone

from scheduling.models import DateOverride
from tests.scheduling.views.typed import TEN, typed
from tests.support.pages import moments_on, read, slots_on
from tests.support.tables import all_rows
from tests.support.times import NOW, between

PAGE = "/ada/intro/"


def half_hours(day: str, first: int, last: int) -> list[str]:
    """Return the UTC starts of the half hours of a day, from `first` o'clock to half past `last`."""
    return [f"{day}T{hour:02}:{minute:02}:00Z" for hour in range(first, last + 1) for minute in (0, 30)]


def open_days(page) -> list[str]:
    return [button["aria-label"] for button in page.all("button", name="date") if "disabled" not in button.attributes]


def close(organizer, first, days):
    """Remove the working hours of these days."""
    overrides = [DateOverride(schedule=organizer.schedule, date=first + timedelta(days=n)) for n in range(days)]
    DateOverride.objects.bulk_create(overrides)


def test_page_says_who_what_how_long_and_where(client, ada):
    page = read(client.get(PAGE))

    assert page.one("title").text == "Intro call with Ada Lovelace"
    assert page.one("h1").text == "Intro call"
    assert page.one("a", href="/ada/").text == "Ada Lovelace"
    facts = page.one("dl", class_="facts")
    assert [(term.text, detail.text) for term, detail in zip(facts.all("dt"), facts.all("dd"), strict=True)] == [
        ("Duration", "30 minutes"),
        ("Where", "Video call"),
    ]


def test_link_of_the_video_call_is_not_shown_before_the_booking(client, ada):
    assert "meet.example.com" not in client.get(PAGE).text


def test_number_of_the_phone_call_is_not_shown_before_the_booking(client, ada):
    ada.event_types.update(location_kind="phone", location="+44 20 7946 0018")

    page = client.get(PAGE)

    assert "Phone call" in read(page).one("dl", class_="facts").text
    assert "7946" not in page.text


def test_address_is_shown_before_the_booking(client, ada):
    ada.event_types.update(location_kind="address", location="12 Harbour Street, London")

    assert "12 Harbour Street, London" in read(client.get(PAGE)).one("dl", class_="facts").text


def test_first_day_with_free_times_is_shown_at_once(client, ada):
    page = read(client.get(PAGE))

    assert [heading.text for heading in page.all("h2", class_="slots-day")] == ["Monday 23 November 2026"]
    assert moments_on(page) == half_hours("2026-11-23", 9, 16)


def test_first_free_day_may_lie_in_a_later_month(client, ada):
    close(ada, NOW.date(), 12)

    page = read(client.get(PAGE))

    assert page.by_id("date-month").text == "December 2026"
    assert moments_on(page) == half_hours("2026-12-07", 9, 16)


def test_day_asked_for_is_shown_in_the_zone_asked_for(client, ada):
    ada.event_types.update(start_increment=timedelta(hours=2))

    page = read(client.get(PAGE, {"date": "2026-12-01", "time_zone": "Asia/Kathmandu"}))

    assert slots_on(page) == [
        ("2026-12-01T09:00:00Z", "14:45 to 15:15, Kathmandu"),
        ("2026-12-01T11:00:00Z", "16:45 to 17:15, Kathmandu"),
        ("2026-12-01T13:00:00Z", "18:45 to 19:15, Kathmandu"),
        ("2026-12-01T15:00:00Z", "20:45 to 21:15, Kathmandu"),
    ]
    assert page.by_id("id_time_zone")["value"] == "Kathmandu, Nepal"
    assert "Ada Lovelace is in London." in page.by_id("times").text


def test_days_are_those_of_a_viewer_fourteen_hours_ahead(client, ada):
    page = read(client.get(PAGE, {"date": "2026-12-02", "time_zone": "Pacific/Kiritimati"}))

    assert moments_on(page) == half_hours("2026-12-01", 10, 16) + half_hours("2026-12-02", 9, 9)
    assert slots_on(page)[0] == ("2026-12-01T10:00:00Z", "00:00 to 00:30, Kiritimati")
    assert slots_on(page)[-1] == ("2026-12-02T09:30:00Z", "23:30 to 00:00, Kiritimati")


def test_days_are_those_of_a_viewer_eleven_hours_behind(client, ada):
    page = read(client.get(PAGE, {"date": "2026-12-01", "time_zone": "Pacific/Pago_Pago"}))

    assert moments_on(page) == half_hours("2026-12-01", 11, 16) + half_hours("2026-12-02", 9, 10)
    assert slots_on(page)[-1] == ("2026-12-02T10:30:00Z", "23:30 to 00:00, Pago Pago")


def test_zone_with_three_quarters_of_an_hour_is_shown_correctly(client, ada, clock):
    clock.move_to("2026-06-01T00:00:00Z")

    page = read(client.get(PAGE, {"date": "2026-06-03", "time_zone": "Pacific/Chatham"}))

    # 12:45 ahead in winter, when London is at UTC+1: only the last of London's Tuesday and the first of its Wednesday.
    assert slots_on(page)[0] == ("2026-06-02T11:30:00Z", "00:15 to 00:45, Chatham Islands")
    assert slots_on(page)[-1] == ("2026-06-03T11:00:00Z", "23:45 to 00:15, Chatham Islands")
    assert len(slots_on(page)) == 16


def sunday_nights(organizer):
    organizer.schedule.weekly_hours.create(weekday=6, start="00:00", end="03:00")


def test_hour_that_occurs_twice_says_which_one_it_is(client, ada, clock):
    clock.move_to("2026-10-20T08:00:00Z")
    sunday_nights(ada)

    page = read(client.get(PAGE, {"date": "2026-10-25", "time_zone": "Europe/London"}))

    assert slots_on(page) == [
        ("2026-10-24T23:00:00Z", "00:00 to 00:30, London"),
        ("2026-10-24T23:30:00Z", "00:30 to 01:00, London"),
        ("2026-10-25T00:00:00Z", "01:00 BST to 01:30, London"),
        ("2026-10-25T00:30:00Z", "01:30 BST to 01:00, London"),
        ("2026-10-25T01:00:00Z", "01:00 GMT to 01:30, London"),
        ("2026-10-25T01:30:00Z", "01:30 GMT to 02:00, London"),
        ("2026-10-25T02:00:00Z", "02:00 to 02:30, London"),
        ("2026-10-25T02:30:00Z", "02:30 to 03:00, London"),
    ]


def test_hour_that_is_skipped_is_not_offered(client, ada, clock):
    clock.move_to("2027-03-22T08:00:00Z")
    sunday_nights(ada)

    page = read(client.get(PAGE, {"date": "2027-03-28", "time_zone": "Europe/London"}))

    assert slots_on(page) == [
        ("2027-03-28T00:00:00Z", "00:00 to 00:30, London"),
        ("2027-03-28T00:30:00Z", "00:30 to 02:00, London"),
        ("2027-03-28T01:00:00Z", "02:00 to 02:30, London"),
        ("2027-03-28T01:30:00Z", "02:30 to 03:00, London"),
    ]


def test_viewer_whose_clocks_change_sees_the_hour_that_occurs_twice(client, ada, clock):
    clock.move_to("2026-10-26T08:00:00Z")
    ada.schedule.weekly_hours.create(weekday=6, start="05:00", end="07:00")

    page = read(client.get(PAGE, {"date": "2026-11-01", "time_zone": "America/New_York"}))

    assert slots_on(page) == [
        ("2026-11-01T05:00:00Z", "01:00 EDT to 01:30, New York"),
        ("2026-11-01T05:30:00Z", "01:30 EDT to 01:00, New York"),
        ("2026-11-01T06:00:00Z", "01:00 EST to 01:30, New York"),
        ("2026-11-01T06:30:00Z", "01:30 EST to 02:00, New York"),
    ]


def test_days_that_have_free_times_can_be_pressed(client, ada):
    ada.event_types.update(booking_window=timedelta(days=8))

    page = read(client.get(PAGE))

    assert open_days(page) == [f"{name} November 2026" for name in [
        "Monday 23", "Tuesday 24", "Wednesday 25", "Thursday 26", "Friday 27", "Monday 30",
    ]]  # fmt: skip
    assert [each["value"] for each in page.all("button", name="month")] == ["2026-12"]


def test_month_asked_for_shows_its_first_day_with_free_times(client, ada):
    page = read(client.get(PAGE, {"month": "2027-01"}))

    assert page.by_id("date-month").text == "January 2027"
    assert moments_on(page) == half_hours("2027-01-01", 9, 16)


def test_month_without_free_times_offers_the_nearest_day_that_has_some(client, ada):
    close(ada, NOW.date().replace(month=12, day=1), 31)

    page = read(client.get(PAGE, {"month": "2026-12", "time_zone": "Europe/London"}))

    assert page.by_id("date-month").text == "December 2026"
    assert moments_on(page) == []
    assert "Nothing is free in December 2026" in page.by_id("times").text
    link = page.one("a", href="?date=2027-01-01&time_zone=Europe%2FLondon")
    assert link.text == "See Friday 1 January 2027"


@pytest.mark.parametrize(
    ("asked", "words", "offered"),
    [
        ("2026-12-05", "Saturday 5 December 2026", "2026-12-07"),
        ("2026-11-20", "Friday 20 November 2026", "2026-11-23"),
        ("2020-01-01", "Wednesday 1 January 2020", "2026-11-23"),
        ("2199-12-31", "Tuesday 31 December 2199", "2027-01-22"),
    ],
)
def test_day_without_free_times_offers_the_nearest_that_has_some(client, ada, asked, words, offered):
    page = read(client.get(PAGE, {"date": asked}))

    assert moments_on(page) == []
    assert f"Nothing is free on {words}" in page.by_id("times").text
    page.one("a", href=f"?date={offered}&time_zone=Europe%2FLondon")


@pytest.mark.parametrize("query", [{}, {"date": "2026-12-01"}, {"month": "2026-12"}])
def test_nothing_free_at_all_says_so(client, ada, query):
    ada.schedule.weekly_hours.all().delete()

    page = read(client.get(PAGE, query))

    assert (moments_on(page), open_days(page)) == ([], [])
    assert "Nothing is free at the moment" in page.by_id("times").text
    assert "Ada Lovelace has no free times for this meeting." in page.by_id("times").text


def test_person_without_a_schedule_works_the_usual_week(client, ada):
    ada.schedule.delete()

    assert moments_on(read(client.get(PAGE))) == half_hours("2026-11-23", 9, 16)
    assert moments_on(read(client.get(PAGE, {"date": "2026-12-05"}))) == []


def test_handle_is_found_in_any_case(client, ada):
    assert moments_on(read(client.get("/ADA/intro/"))) == half_hours("2026-11-23", 9, 16)


@pytest.mark.parametrize("address", ["/ada/other/", "/nobody/intro/", "/ada/only-of-grace/"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_what_does_not_exist_or_is_someone_elses_is_not_found(client, ada, grace, address, method):
    grace.event_types.update(slug="only-of-grace")

    assert getattr(client, method)(address, typed()).status_code == 404
    assert ada.bookings.count() == 0


@pytest.mark.parametrize("method", ["get", "post"])
def test_paused_event_type_is_not_found(client, ada, method):
    ada.event_types.update(paused_at=timezone.now())

    assert getattr(client, method)(PAGE, typed()).status_code == 404
    assert ada.bookings.count() == 0


@pytest.mark.parametrize("method", ["get", "post"])
def test_person_whose_account_is_closed_is_not_found(client, ada, method):
    ada.is_active = False
    ada.save()

    assert getattr(client, method)(PAGE, typed()).status_code == 404
    assert ada.bookings.count() == 0


def test_other_methods_are_refused(client, ada):
    assert {client.put(PAGE).status_code, client.delete(PAGE).status_code, client.patch(PAGE).status_code} == {405}


def test_looking_changes_nothing(client, ada):
    before = all_rows()

    for query in [{}, {"date": "2026-12-01"}, {"slot": TEN}, {"month": "2027-01", "time_zone": "Asia/Tokyo"}]:
        assert client.get(PAGE, query).status_code == client.head(PAGE, query).status_code == 200

    assert all_rows() == before


def test_page_is_kept_by_no_cache(client, ada):
    assert "no-store" in client.get(PAGE)["Cache-Control"]


def book_at(organizer, *hours):
    for hour in hours:
        busy = between(f"2026-12-01 {hour:02}:00", f"2026-12-01 {hour:02}:30")
        organizer.busy_times.create(kind="booking", claim=organizer.pk, start=busy.start, end=busy.end)


@pytest.mark.parametrize("slots", [1, 3])
def test_page_asks_the_database_four_times_for_any_content(client, ada, slots, django_assert_num_queries):
    ada.event_types.update(start_increment=timedelta(hours=1))
    book_at(ada, *range(9 + slots, 17))

    with django_assert_num_queries(4):
        page = read(client.get(PAGE, {"date": "2026-12-01"}))

    assert len(moments_on(page)) == slots


def test_details_ask_the_database_four_times(client, ada, django_assert_num_queries):
    with django_assert_num_queries(4):
        client.get(PAGE, {"slot": TEN})


def test_two_people_may_use_the_same_slug(client, ada, grace):
    grace.event_types.update(name="Grace's call")

    assert read(client.get("/grace/intro/")).one("h1").text == "Grace's call"
    assert read(client.get(PAGE)).one("h1").text == "Intro call"
