from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from oneoff.creator.create import TimesTaken, delete_one_off, withdraw_time
from oneoff.links import LinkClosed
from oneoff.models import OneOffMeeting, SingleUseLink
from oneoff.offer import OwnOffer
from scheduling.bookings.book import REPEAT_WINDOW, UNKNOWN_SENDER, Sender, book, cancel
from scheduling.bookings.offers import OfferClosed, Slot, SlotTaken
from scheduling.models import Booking, Canceller, EventType
from tests.factories import (
    DANA,
    DANAS_FORM,
    EDSGER,
    book_event_type,
    book_one_off,
    half_hour,
    ledger,
    make_one_off,
    offer_of,
    offered,
    on_tuesday,
    time_of,
)
from tests.support.times import NOW, at

SECOND = timedelta(seconds=1)


def test_all_proposed_times_are_offered_in_order(ada):
    one_off = make_one_off(ada, "14:00", "09:00", "23:30")

    assert offer_of(one_off).open_slots(now=NOW) == [
        Slot(str(time_of(one_off, clock).pk), half_hour(clock)) for clock in ("09:00", "14:00", "23:30")
    ]


def test_a_slot_is_only_found_by_its_proposed_time(ada):
    one_off, other = make_one_off(ada, "09:00"), make_one_off(ada, "10:00")
    offer, time = offer_of(one_off), time_of(one_off, "09:00")

    assert offer.slot(str(time.pk)) == Slot(str(time.pk), half_hour("09:00"))
    for value in ["", "soon", "\0", "2026-12-01T09:00:00Z", str(uuid4()), str(time_of(other, "10:00").pk)]:
        assert offer.slot(value) is None


def test_booking_closes_the_link_and_releases_the_other_times(ada):
    one_off = make_one_off(ada, "09:00", "10:00")
    later = NOW + timedelta(hours=1)

    booking = book_one_off(one_off, "10:00", now=later)

    link = SingleUseLink.objects.get()
    assert (link.closed_at, link.booking) == (later, booking)
    assert (booking.name, booking.period, booking.event_type) == ("Interview", half_hour("10:00"), None)
    assert (booking.location_kind, booking.location) == ("video", "https://meet.example.com/interview")
    assert ledger() == [("ada", booking.pk, "booking", half_hour("10:00"))]
    assert offered(one_off, now=later) == []


@pytest.mark.parametrize("clock", ["10:00", "09:00"])
def test_a_booked_link_is_closed_to_others_at_every_time(ada, clock):
    one_off = make_one_off(ada, "09:00", "10:00")
    booking = book_one_off(one_off, "10:00", DANA)

    with pytest.raises(LinkClosed):
        book_one_off(one_off, clock, EDSGER)

    assert list(Booking.objects.all()) == [booking]
    assert ledger() == [("ada", booking.pk, "booking", half_hour("10:00"))]


def test_a_closed_link_is_a_closed_offer():
    assert issubclass(LinkClosed, OfferClosed)


def test_the_same_submission_again_gets_the_same_booking(ada):
    one_off = make_one_off(ada, "09:00", "10:00")
    first = book_one_off(one_off, "10:00", sender=DANAS_FORM)

    again = book_one_off(one_off, "10:00", sender=DANAS_FORM)

    assert again == first
    assert again.sequence == 0
    assert ledger() == [("ada", first.pk, "booking", half_hour("10:00"))]


def test_the_same_details_from_another_form_find_the_link_closed(ada):
    one_off = make_one_off(ada, "09:00", "10:00")
    book_one_off(one_off, "10:00", sender=DANAS_FORM)

    for sender in (UNKNOWN_SENDER, Sender(nonce="e" * 24), Sender(tokens=["x" * 24])):
        with pytest.raises(LinkClosed):
            book_one_off(one_off, "10:00", sender=sender)


def test_the_same_person_cannot_book_another_time_of_a_booked_link(ada):
    one_off = make_one_off(ada, "09:00", "10:00")
    book_one_off(one_off, "10:00")

    with pytest.raises(LinkClosed):
        book_one_off(one_off, "09:00")


def test_a_cancelled_booking_does_not_reopen_the_link(ada):
    one_off = make_one_off(ada, "09:00", "10:00")
    booking = cancel(book_one_off(one_off, "10:00"), by=Canceller.ORGANIZER, now=NOW)

    for invitee in (DANA, EDSGER):
        with pytest.raises(LinkClosed):
            book_one_off(one_off, "10:00", invitee)

    assert list(Booking.objects.all()) == [booking]
    assert ledger() == []
    assert offered(one_off) == []


def test_a_time_that_has_started_is_neither_offered_nor_booked(ada):
    one_off = make_one_off(ada, "09:00", "10:00")
    start = on_tuesday("09:00")

    assert offered(one_off, now=start - SECOND) == [half_hour("09:00"), half_hour("10:00")]
    assert offered(one_off, now=start) == [half_hour("10:00")]
    with pytest.raises(SlotTaken):
        book_one_off(one_off, "09:00", now=start)
    assert SingleUseLink.objects.get().closed_at is None


def test_an_expired_link_offers_nothing_and_cannot_be_booked(ada):
    valid_until = at("2026-11-30 12:00")
    one_off = make_one_off(ada, "10:00", valid_until=valid_until)

    assert offered(one_off, now=valid_until - SECOND) == [half_hour("10:00")]
    assert offered(one_off, now=valid_until) == []
    with pytest.raises(LinkClosed):
        book_one_off(one_off, "10:00", now=valid_until)
    assert Booking.objects.count() == 0


def test_an_expired_link_still_answers_the_person_who_booked(ada):
    valid_until = NOW + timedelta(minutes=30)
    one_off = make_one_off(ada, "10:00", valid_until=valid_until)
    booking = book_one_off(one_off, "10:00", sender=DANAS_FORM)

    assert book_one_off(one_off, "10:00", sender=DANAS_FORM, now=valid_until) == booking


def test_the_same_submission_much_later_does_not_get_the_booking(ada):
    one_off = make_one_off(ada, "10:00")
    book_one_off(one_off, "10:00", sender=DANAS_FORM)

    with pytest.raises(LinkClosed):
        book_one_off(one_off, "10:00", sender=DANAS_FORM, now=NOW + REPEAT_WINDOW)


def test_a_time_that_is_not_held_disappears_when_it_is_taken_elsewhere(ada):
    one_off = make_one_off(ada, "09:00", "10:00", "11:00", hold_times=False)
    booking = book_event_type(ada, "10:00")
    other = make_one_off(ada, "11:15")

    assert offered(one_off) == [half_hour("09:00")]
    for clock in ("10:00", "11:00"):
        with pytest.raises(SlotTaken):
            book_one_off(one_off, clock)
    assert ledger() == [
        ("ada", booking.pk, "booking", half_hour("10:00")),
        ("ada", other.pk, "hold", half_hour("11:15")),
    ]
    assert offer_of(one_off).link.is_open(NOW)


def test_a_time_that_is_not_held_comes_back_when_it_is_free_again(ada):
    one_off = make_one_off(ada, "10:00", hold_times=False)
    cancel(book_event_type(ada, "10:00"), by=Canceller.INVITEE, now=NOW)

    booking = book_one_off(one_off, "10:00")

    assert ledger() == [("ada", booking.pk, "booking", half_hour("10:00"))]


def test_of_two_links_to_the_same_unheld_time_one_is_booked(ada):
    first, second = (make_one_off(ada, "10:00", "11:00", hold_times=False) for _ in range(2))
    booking = book_one_off(first, "10:00")

    with pytest.raises(SlotTaken):
        book_one_off(second, "10:00", EDSGER)

    assert offered(second) == [half_hour("11:00")]
    assert ledger() == [("ada", booking.pk, "booking", half_hour("10:00"))]


def test_a_lapsed_hold_of_another_one_off_does_not_block(ada):
    lapse = at("2026-11-30 12:00")
    make_one_off(ada, "10:00", valid_until=lapse)
    one_off = make_one_off(ada, "10:15", now=lapse)

    booking = book_one_off(one_off, "10:15", now=lapse)

    assert ledger() == [("ada", booking.pk, "booking", half_hour("10:15"))]


def test_a_hand_picked_time_ignores_buffers_notice_and_window(ada):
    ada.event_types.update(
        before_buffer=timedelta(hours=2),
        after_buffer=timedelta(hours=2),
        minimum_notice=timedelta(days=300),
        booking_window=timedelta(0),
    )
    one_off = make_one_off(ada, "10:00", "10:30")

    assert book_one_off(one_off, "10:30", now=on_tuesday("10:29")).period == half_hour("10:30")


def test_a_withdrawn_time_on_an_open_page_counts_as_taken(ada):
    one_off = make_one_off(ada, "09:00", "10:00")
    offer = offer_of(one_off)
    slot = offer.slot(str(time_of(one_off, "10:00").pk))
    withdraw_time(time_of(one_off, "10:00"), by=None, now=NOW)

    with pytest.raises(SlotTaken):
        book(offer, slot, DANA, now=NOW)

    assert ledger() == [("ada", one_off.pk, "hold", half_hour("09:00"))]


def test_a_link_deleted_while_its_page_was_open_is_closed(ada):
    one_off = make_one_off(ada, "10:00")
    offer = offer_of(one_off)
    slot = offer.slot(str(time_of(one_off, "10:00").pk))
    delete_one_off(OneOffMeeting.objects.get(), by=None, now=NOW)

    with pytest.raises(LinkClosed):
        book(offer, slot, DANA, now=NOW)

    assert (ledger(), Booking.objects.count()) == ([], 0)


def test_a_location_asked_of_the_invitee_is_stored(ada):
    one_off = make_one_off(ada, "10:00", location_kind="ask_invitee", location="")

    booking = book_one_off(one_off, "10:00", replace(DANA, location="+44 20 7946 0018"))

    assert (booking.location_kind, booking.location) == ("ask_invitee", "+44 20 7946 0018")


def test_a_booking_is_independent_of_event_types(ada):
    booking = book_one_off(make_one_off(ada, "10:00"), "10:00")

    EventType.objects.all().delete()

    assert list(Booking.objects.all()) == [booking]


def test_an_organizer_can_offer_the_time_of_a_cancelled_booking_again(ada):
    one_off = make_one_off(ada, "10:00")
    booking = book_one_off(one_off, "10:00")
    with pytest.raises(TimesTaken):
        make_one_off(ada, "10:00")

    cancel(booking, by=Canceller.INVITEE, now=NOW)

    assert offered(make_one_off(ada, "10:00")) == [half_hour("10:00")]


def test_a_booked_one_off_has_no_free_times_for_the_organizer_side_either(ada):
    one_off = make_one_off(ada, "09:00", "10:00")
    own = OwnOffer(offer_of(one_off).link)
    slot = own.slot(str(time_of(one_off, "10:00").pk))
    assert [each.period for each in own.open_slots(now=NOW)] == [half_hour("09:00"), half_hour("10:00")]
    book_one_off(one_off, "09:00")

    assert OwnOffer(offer_of(one_off).link).open_slots(now=NOW) == []
    with pytest.raises(LinkClosed):
        book(own, slot, EDSGER, now=NOW)
