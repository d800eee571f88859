from datetime import timedelta

from scheduling.feeds.addresses import close_feed, feed_of, find_feed, note_change, open_feed, renew_feed
from scheduling.models import CalendarFeed
from tests.support.times import NOW

LATER = NOW + timedelta(hours=1)


def test_a_feed_is_found_by_its_token_alone(ada, grace):
    feed, other = open_feed(ada, now=NOW), open_feed(grace, now=NOW)

    assert find_feed(feed.token) == feed
    assert find_feed(other.token) == other
    assert find_feed(feed.token.swapcase()) is None
    assert find_feed(feed.token[:-1]) is None
    assert find_feed("") is None


def test_opening_it_twice_is_opening_it_once(ada):
    feed = open_feed(ada, now=NOW)

    assert open_feed(ada, now=LATER) == feed
    assert list(CalendarFeed.objects.values_list("user", "token", "created_at", "changed_at")) == [
        (ada.pk, feed.token, NOW, NOW)
    ]


def test_a_new_address_takes_the_place_of_the_old_one(ada, grace):
    old, other = open_feed(ada, now=NOW), open_feed(grace, now=NOW)

    renewed = renew_feed(ada, now=LATER)

    assert renewed.token != old.token
    assert (renewed.created_at, renewed.changed_at) == (LATER, LATER)
    assert find_feed(old.token) is None
    assert [find_feed(renewed.token), find_feed(other.token)] == [renewed, other]


def test_a_closed_feed_is_gone_and_renewing_does_not_bring_it_back(ada, grace):
    feed, other = open_feed(ada, now=NOW), open_feed(grace, now=NOW)

    close_feed(ada)
    close_feed(ada)

    assert renew_feed(ada, now=LATER) is None
    assert [find_feed(feed.token), feed_of(ada)] == [None, None]
    assert list(CalendarFeed.objects.all()) == [other]


def test_a_feed_opened_again_has_another_address(ada):
    first = open_feed(ada, now=NOW)
    close_feed(ada)

    assert open_feed(ada, now=NOW).token != first.token


def test_the_feed_of_a_barred_person_is_not_found_until_they_are_back(ada):
    feed = open_feed(ada, now=NOW)
    ada.is_active = False
    ada.save()
    assert find_feed(feed.token) is None

    ada.is_active = True
    ada.save()

    assert find_feed(feed.token) == feed


def test_a_change_is_noted_for_those_it_concerns(ada, grace, alan):
    for person in (ada, grace):
        open_feed(person, now=NOW)

    note_change([ada, alan], now=LATER)

    assert list(CalendarFeed.objects.order_by("changed_at").values_list("user", "changed_at")) == [
        (grace.pk, NOW),
        (ada.pk, LATER),
    ]
