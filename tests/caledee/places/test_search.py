"""What people type to find their time zone, and the results."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caledee.places.forms import LONGEST_TEXT
from caledee.places.index import places, popular_zones, windows_zones
from caledee.places.names import name_of_zone
from caledee.places.search import label_of_zone, search
from caledee.places.tables import links, present_name, zone_rows
from caledee.timekeeping.zones import zone_names

NOW = datetime(2026, 11, 30, 8, 12, tzinfo=UTC)
SUMMER = datetime(2026, 7, 1, 8, 12, tzinfo=UTC)


def understand(text, *, now):
    """Return the zone that the text must mean; empty if there is none, or a choice."""
    return search(text, now=now).zone


def is_present_name(name):
    return name in zone_names() and present_name(name) == name


def labels(text, now=NOW):
    return [each.label for each in search(text, now=now).found]


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("New York", "America/New_York"),
        ("Berlin", "Europe/Berlin"),
        ("tokyo", "Asia/Tokyo"),
        ("Mumbai", "Asia/Kolkata"),
        ("bombay", "Asia/Kolkata"),
        ("Kolkata", "Asia/Kolkata"),
        ("Calcutta", "Asia/Kolkata"),
        ("Delhi", "Asia/Kolkata"),
        ("BEIJING", "Asia/Shanghai"),
        ("san francisco", "America/Los_Angeles"),
        ("Washington DC", "America/New_York"),
        ("Munich", "Europe/Berlin"),
        ("München", "Europe/Berlin"),
        ("munchen", "Europe/Berlin"),
        ("zurich", "Europe/Zurich"),
        ("Zürich", "Europe/Zurich"),
        ("sao paulo", "America/Sao_Paulo"),
        ("Lodz", "Europe/Warsaw"),
        ("berl", "Europe/Berlin"),
        ("york new", "America/New_York"),
        ("  new   york ", "America/New_York"),
        ("Berlin, Germany", "Europe/Berlin"),
        ("berlin germany", "Europe/Berlin"),
        ("Germany", "Europe/Berlin"),
        ("uk", "Europe/London"),
        ("India", "Asia/Kolkata"),
        ("Japan", "Asia/Tokyo"),
        ("Hawaii", "Pacific/Honolulu"),
        ("Europe/Berlin", "Europe/Berlin"),
        ("europe/berlin", "Europe/Berlin"),
        ("Asia/Calcutta", "Asia/Kolkata"),
        ("asia/calcutta", "Asia/Kolkata"),
        ("Asia/Katmandu", "Asia/Kathmandu"),
        ("Europe/Kiev", "Europe/Kyiv"),
        ("US/Pacific", "America/Los_Angeles"),
        ("EST5EDT", "America/New_York"),
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("w europe standard time", "Europe/Berlin"),
        ("India Standard Time", "Asia/Kolkata"),
        ("Pacific Daylight Time", "America/Los_Angeles"),
        ("JST", "Asia/Tokyo"),
        ("bst", "Europe/London"),
        ("SGT", "Asia/Singapore"),
        ("NPT", "Asia/Kathmandu"),
        ("UTC", "UTC"),
        ("utc", "UTC"),
        ("Zulu", "UTC"),
        ("UTC+2", "Etc/GMT-2"),
        ("utc +02:00", "Etc/GMT-2"),
        ("+2", "Etc/GMT-2"),
        ("GMT-3", "Etc/GMT+3"),
        ("GMT\u22123", "Etc/GMT+3"),
        ("UTC+0", "UTC"),
        ("+05:30", "Asia/Kolkata"),
        ("+0545", "Asia/Kathmandu"),
        ("-03:30", "America/St_Johns"),
        ("UTC+14", "Etc/GMT-14"),
    ],
)
def test_text_that_can_mean_one_zone_is_understood(text, zone):
    answers = search(text, now=NOW)

    assert (answers.zone, answers.is_near) == (zone, False)
    assert answers.found[0].zone == zone


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("EST", ["New York, United States", "Toronto, Ontario"]),
        ("CST", ["Chicago, Illinois", "Shanghai, China"]),
        ("IST", ["Kolkata, India", "Dublin, Ireland", "Jerusalem, Israel"]),
        ("GMT", ["London, United Kingdom", "Dublin, Ireland"]),
        ("Portland", ["Portland, Maine", "Portland, Oregon"]),
        ("San Jose", ["San Jose, California", "San José, Costa Rica"]),
        ("Birmingham", ["Birmingham, United Kingdom", "Birmingham, Alabama"]),
        ("Georgia", ["Atlanta, Georgia", "Savannah, Georgia", "Tbilisi, Georgia"]),
        ("USA", ["New York, United States", "Los Angeles, California", "Chicago, Illinois", "Denver, Colorado"]),
        ("Texas", ["Austin, Texas", "Dallas, Texas"]),
        ("san", ["San Diego, California", "San Francisco, California"]),
    ],
)
def test_text_of_several_meanings_offers_the_best_first_and_decides_nothing(text, first):
    found = labels(text)

    assert found[: len(first)] == first
    assert understand(text, now=NOW) == ""


@pytest.mark.parametrize(
    ("text", "first"),
    [("berlni", "Berlin, Germany"), ("tokio", "Tokyo, Japan"), ("Mubai", "Mumbai, India")],
)
def test_text_that_nothing_has_as_its_name_offers_what_looks_like_it(text, first):
    answers = search(text, now=NOW)

    assert (answers.zone, answers.is_near, answers.found[0].label) == ("", True, first)


@pytest.mark.parametrize("text", ["xyzzy", "??", "\x00", "UTC+25", "東京タワー", "-", "x" * 5000])
def test_text_that_looks_like_nothing_offers_the_zones_of_most_people(text):
    answers = search(text, now=NOW)

    assert (answers.zone, answers.is_near) == ("", True)
    assert {"Europe/London", "America/New_York"} <= {each.zone for each in answers.found}


def test_without_text_the_zones_of_most_people_are_offered_and_none_is_meant():
    answers = search("", now=NOW)

    assert answers.zone == ""
    assert [each.zone for each in answers.found] == list(popular_zones()[:8])


def test_an_offset_finds_the_places_that_have_it_now():
    assert labels("+01:00", SUMMER)[:3] == ["UTC+1", "London, United Kingdom", "Lisbon, Portugal"]
    assert labels("+01:00")[:3] == ["UTC+1", "Berlin, Germany", "Paris, France"]


def test_the_abbreviation_of_either_half_of_the_year_is_found():
    assert labels("EDT")[0] == labels("EST", SUMMER)[0] == "New York, United States"


def test_what_is_shown_of_a_place_fits_into_the_field_and_finds_it_again():
    assert max(len(place.label) for place in places()) <= LONGEST_TEXT
    assert {place.label: understand(place.label, now=NOW) for place in places()} == {
        place.label: place.zone for place in places()
    }


def test_no_two_places_are_shown_alike():
    shown = [place.label for place in places()]

    assert sorted(shown) == sorted(set(shown))


def test_every_name_there_is_is_understood_as_it_is_kept_today():
    several = {"EST", "MST", "GMT"}

    assert {name: understand(name, now=NOW) for name in zone_names() - several} == {
        name: present_name(name) for name in zone_names() - several
    }
    assert {name for name in zone_names() if not is_present_name(present_name(name))} == set()


def test_an_old_name_shows_what_its_present_one_does():
    """Except names that now belong to another city, whose clocks differed before 1970."""
    for name in links().keys() & zone_names():
        kept, old = ZoneInfo(present_name(name)), ZoneInfo(name)
        assert [at.astimezone(old).utcoffset() for at in (NOW, SUMMER)] == [
            at.astimezone(kept).utcoffset() for at in (NOW, SUMMER)
        ], name


def test_the_city_that_a_browsers_zone_is_named_after_finds_it():
    """The script fills it in if the field is empty: see static/js/time-zone.js."""
    cities = {zone: zone.rpartition("/")[2].replace("_", " ") for _, zone in zone_rows()}

    assert {zone: understand(city, now=NOW) for zone, city in cities.items()} == {zone: zone for zone in cities}


def test_every_zone_of_a_name_of_windows_is_one():
    assert {zone for zone in windows_zones().values() if not is_present_name(zone)} == set()


@pytest.mark.parametrize(
    ("zone", "name"),
    [
        ("Asia/Katmandu", "Kathmandu"),
        ("America/New_York", "New York"),
        ("America/Indiana/Indianapolis", "Indianapolis"),
        ("Etc/GMT-2", "UTC+2"),
        ("Etc/GMT+11", "UTC-11"),
        ("Etc/GMT", "UTC"),
        ("EST", "UTC-5"),
    ],
)
def test_zones_are_called_as_people_call_them(zone, name):
    assert name_of_zone(zone) == name


@given(st.text(max_size=80))
def test_every_search_has_answers_whose_zones_exist(text):
    answers = search(text, now=NOW)

    assert 0 < len(answers.found) <= 8
    assert all(is_present_name(each.zone) and label_of_zone(each.zone) for each in answers.found)
    assert answers.zone == "" or answers.zone in {each.zone for each in answers.found}
