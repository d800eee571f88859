import pytest

from oneoff import links
from oneoff.models import OneOffMeeting, SingleUseLink
from scheduling.models import Booking
from tests.factories import book_one_off, make_one_off, offer_of, on_tuesday
from tests.support.times import NOW, at


def test_a_link_is_only_found_by_its_organizers_handle_and_its_token(ada, grace):
    link = make_one_off(ada, "10:00").link
    make_one_off(grace, "15:00")

    assert links.find_link("ada", link.token) == link
    assert links.find_link("grace", link.token) is None
    assert links.find_link("ada", link.token.swapcase()) is None
    assert links.find_link("ada", link.token[:-1]) is None
    assert links.find_link("ada", "") is None


def test_a_closed_link_is_found_but_one_of_a_deactivated_person_is_not(ada):
    one_off = make_one_off(ada, "10:00")
    book_one_off(one_off, "10:00")
    token = one_off.link.token
    assert links.find_link("ada", token).closed_at == NOW

    ada.is_active = False
    ada.save()

    assert links.find_link("ada", token) is None


def test_a_link_is_open_until_it_is_closed_or_expires(ada):
    valid_until = at("2026-11-30 12:00")
    endless, limited = make_one_off(ada, "10:00").link, make_one_off(ada, "11:00", valid_until=valid_until).link

    assert [link.is_open(NOW) for link in (endless, limited)] == [True, True]
    assert [link.is_open(valid_until) for link in (endless, limited)] == [True, False]
    assert not SingleUseLink(one_off=endless.one_off, closed_at=NOW).is_open(NOW)


def test_a_link_is_only_closed_once_even_with_a_stale_copy(ada):
    one_off = make_one_off(ada, "10:00", "11:00")
    stale = offer_of(one_off).link
    first = book_one_off(one_off, "10:00")
    second = Booking(organizer=ada, start=on_tuesday("11:00"), end=on_tuesday("11:30"))

    with pytest.raises(links.LinkClosed):
        links.close(stale, second, now=NOW)

    assert SingleUseLink.objects.get().booking == first


def test_the_link_of_a_deleted_one_off_cannot_be_locked(ada):
    kept, deleted = make_one_off(ada, "10:00"), make_one_off(ada, "11:00")
    OneOffMeeting.objects.filter(pk=deleted.pk).delete()

    assert links.lock_link(kept) == kept.link
    assert links.lock_link(deleted) is None
