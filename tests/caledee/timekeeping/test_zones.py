import zoneinfo
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caledee.timekeeping.zones import (
    LocalTimeMissing,
    day_bounds,
    first_moment_from,
    is_zone_name,
    local_time,
    moment_at,
    occurs_twice,
    zone_names,
)

# Each with a local time that its clocks skipped, the moment of the jump, and what they showed from then on.
JUMPS = [
    ("Europe/London", "2026-03-29T01:30", "2026-03-29T01:00Z", "2026-03-29T02:00"),
    ("America/New_York", "2026-03-08T02:59", "2026-03-08T07:00Z", "2026-03-08T03:00"),
    ("Australia/Lord_Howe", "2025-10-05T02:10", "2025-10-04T15:30Z", "2025-10-05T02:30"),
    ("America/Havana", "2025-03-09T00:00", "2025-03-09T05:00Z", "2025-03-09T01:00"),
    ("Africa/Cairo", "2025-04-25T00:00", "2025-04-24T22:00Z", "2025-04-25T01:00"),
    ("Asia/Beirut", "2025-03-30T00:15", "2025-03-29T22:00Z", "2025-03-30T01:00"),
    ("America/Nuuk", "2025-03-29T23:30", "2025-03-30T01:00Z", "2025-03-30T00:00"),
    ("Antarctica/Troll", "2025-03-30T01:00", "2025-03-30T01:00Z", "2025-03-30T03:00"),
    ("Pacific/Apia", "2011-12-30T12:00", "2011-12-30T10:00Z", "2011-12-31T00:00"),
]
JUMPING = pytest.mark.parametrize(("name", "skipped", "jump", "shown"), JUMPS)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


moments = st.datetimes(datetime(2000, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)).map(
    lambda found: found.replace(second=0, microsecond=0)
)
zones = st.sampled_from(sorted(zone_names())).map(ZoneInfo)


def test_zone_data_come_from_the_package_and_not_from_the_operating_system():
    assert zoneinfo.TZPATH == ()
    noon = datetime(2026, 12, 15, 12, tzinfo=UTC)
    assert local_time(noon, ZoneInfo("America/Vancouver")) == local("2026-12-15T05:00")


@pytest.mark.parametrize("name", ["Europe/London", "Asia/Calcutta", "Asia/Kolkata", "Pacific/Kiritimati", "UTC"])
def test_places_and_their_aliases_are_zones(name):
    assert is_zone_name(name)


@pytest.mark.parametrize("name", ["localtime", "Factory", "posixrules", "Mars/Olympus", "europe/london", "", "+01:00"])
def test_what_is_no_place_is_no_zone(name):
    assert not is_zone_name(name)


def test_every_accepted_name_can_be_opened():
    assert {ZoneInfo(name).key for name in zone_names()} == set(zone_names())


@pytest.mark.parametrize(
    ("name", "utc"),
    [
        ("Pacific/Kiritimati", "2026-11-30T22:00Z"),
        ("Pacific/Pago_Pago", "2026-12-01T23:00Z"),
        ("Asia/Kathmandu", "2026-12-01T06:15Z"),
        ("Pacific/Chatham", "2026-11-30T22:15Z"),
        ("America/St_Johns", "2026-12-01T15:30Z"),
        ("UTC", "2026-12-01T12:00Z"),
    ],
)
def test_noon_in_far_and_odd_zones_is_the_right_moment(name, utc):
    assert moment_at(local("2026-12-01T12:00"), ZoneInfo(name)) == moment(utc)


@JUMPING
def test_a_local_time_that_clocks_skip_is_refused(name, skipped, jump, shown):
    with pytest.raises(LocalTimeMissing, match=name):
        moment_at(local(skipped), ZoneInfo(name))


@JUMPING
def test_a_rule_about_a_skipped_local_time_means_the_moment_of_the_jump(name, skipped, jump, shown):
    found = first_moment_from(local(skipped), ZoneInfo(name))

    assert found == moment(jump)
    assert local_time(found, ZoneInfo(name)) == local(shown)


@JUMPING
def test_the_first_local_time_after_a_jump_is_the_moment_of_the_jump(name, skipped, jump, shown):
    assert moment_at(local(shown), ZoneInfo(name)) == moment(jump)


@pytest.mark.parametrize(
    ("name", "repeated", "first", "again_after"),
    [
        ("Europe/London", "2026-10-25T01:30", "2026-10-25T00:30Z", timedelta(hours=1)),
        ("America/New_York", "2026-11-01T01:00", "2026-11-01T05:00Z", timedelta(hours=1)),
        ("Australia/Lord_Howe", "2025-04-06T01:45", "2025-04-05T14:45Z", timedelta(minutes=30)),
        ("America/Havana", "2025-11-02T00:00", "2025-11-02T04:00Z", timedelta(hours=1)),
        ("Africa/Cairo", "2025-10-30T23:10", "2025-10-30T20:10Z", timedelta(hours=1)),
        ("Pacific/Chatham", "2026-04-05T02:45", "2026-04-04T13:00Z", timedelta(hours=1)),
    ],
)
def test_a_local_time_that_occurs_twice_is_its_first_occurrence(name, repeated, first, again_after):
    zone = ZoneInfo(name)
    found = moment_at(local(repeated), zone)

    assert found == moment(first)
    assert local_time(found + again_after, zone) == local(repeated)
    assert occurs_twice(found, zone)
    assert occurs_twice(found + again_after, zone)


def test_local_times_beside_the_repeated_hour_occur_once():
    london = ZoneInfo("Europe/London")
    around = [moment(f"2026-10-25T{clock}Z") for clock in ("00:00", "01:59", "02:00")]

    assert [occurs_twice(each, london) for each in around] == [True, True, False]
    assert not occurs_twice(moment("2026-10-24T23:59Z"), london)


def test_local_times_beside_a_jump_occur_once():
    london = ZoneInfo("Europe/London")

    assert not occurs_twice(moment("2026-03-29T00:59Z"), london)
    assert not occurs_twice(moment("2026-03-29T01:00Z"), london)


@pytest.mark.parametrize(
    ("name", "day", "hours"),
    [
        ("Europe/London", date(2026, 12, 1), 24),
        ("Europe/London", date(2026, 3, 29), 23),
        ("Europe/London", date(2026, 10, 25), 25),
        ("Australia/Lord_Howe", date(2025, 10, 5), 23.5),
        ("Australia/Lord_Howe", date(2025, 4, 6), 24.5),
        ("Africa/Cairo", date(2025, 4, 25), 23),
        ("Africa/Cairo", date(2025, 10, 30), 25),
        ("America/Havana", date(2025, 11, 2), 25),
        ("America/Nuuk", date(2025, 3, 29), 23),
        ("Pacific/Apia", date(2011, 12, 30), 0),
    ],
)
def test_a_local_day_is_as_long_as_its_clocks_say(name, day, hours):
    start, end = day_bounds(day, ZoneInfo(name))

    assert end - start == timedelta(hours=hours)


@given(moments, zones)
def test_a_moment_is_found_again_from_its_local_time_or_its_first_occurrence(found, zone):
    again = moment_at(local_time(found, zone), zone)

    assert local_time(again, zone) == local_time(found, zone)
    assert again <= found
    if not occurs_twice(found, zone):
        assert again == found


@given(moments, zones)
def test_a_moment_lies_within_the_bounds_of_its_local_day(found, zone):
    # Clocks that go back over midnight show the end of a day twice; its bounds hold the first showing.
    first = moment_at(local_time(found, zone), zone)
    start, end = day_bounds(local_time(found, zone).date(), zone)

    assert start <= first < end
    assert local_time(start, zone).date() == local_time(first, zone).date()


@given(moments, zones)
def test_the_first_moment_from_a_local_time_is_the_first_to_show_it_or_a_later_one(found, zone):
    wanted = local_time(found, UTC)  # any naive time at all, whether clocks here show it or not
    answer = first_moment_from(wanted, zone)

    assert local_time(answer, zone) >= wanted
    assert local_time(answer - timedelta(seconds=1), zone) < wanted
