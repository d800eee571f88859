from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from caledee.accounts.models import User
from caledee.timekeeping.periods import Period
from scheduling.availability import ledger as busy
from scheduling.availability.ledger import Claimed
from scheduling.bookings.book import REPEAT_WINDOW, UNKNOWN_SENDER, BookingOver, Sender, book, cancel
from scheduling.bookings.offers import EventTypeOffer, Invitee, OfferClosed, SlotTaken
from scheduling.models import Booking, BusyKind, BusyTime, Canceller
from tests.support.times import NEW_YORK, NOW, at, between

DANA = Invitee(name="Dana Scott", email="dana@example.com", time_zone="Europe/Paris", notes="About lattices.")
EDSGER = Invitee(name="Edsger Dijkstra", email="edsger@example.com", time_zone="Europe/Amsterdam")
TEN = "2026-12-01T10:00:00Z"
HALF_PAST_TEN = "2026-12-01T10:30:00Z"
SECOND = timedelta(seconds=1)
FORM = Sender(nonce="d" * 24)


def book_intro(
    organizer: User,
    value: str,
    invitee: Invitee = DANA,
    *,
    sender: Sender = UNKNOWN_SENDER,
    now: datetime = NOW,
) -> Booking:
    offer = EventTypeOffer(organizer.event_types.get(slug="intro"))
    return book(offer, offer.slot(value), invitee, sender=sender, now=now)


def change_intro(organizer: User, **settings: object) -> None:
    organizer.event_types.filter(slug="intro").update(**settings)


def ledger() -> list[tuple[str, UUID, str, Period]]:
    rows = BusyTime.objects.select_related("organizer").order_by("start", "pk")
    return [(row.organizer.handle, row.claim, row.kind, row.period) for row in rows]


def is_on_offer(organizer: User, value: str, *, now: datetime = NOW) -> bool:
    offer = EventTypeOffer(organizer.event_types.get(slug="intro"))
    return offer.slot(value) in offer.open_slots(between("2026-12-01 00:00", "2026-12-02 00:00"), now=now)


def assert_refused(organizer: User, value: str, *, now: datetime = NOW) -> None:
    before = ledger()
    with pytest.raises(SlotTaken):
        book_intro(organizer, value, now=now)
    assert ledger() == before
    assert Booking.objects.count() == len(before)


def test_a_booking_keeps_what_was_agreed_and_takes_its_time(ada):
    booking = book_intro(ada, TEN)

    booking.refresh_from_db()
    assert (booking.organizer, booking.event_type, booking.name) == (ada, ada.event_types.get(), "Intro call")
    assert booking.period == between("2026-12-01 10:00", "2026-12-01 10:30")
    assert (booking.location_kind, booking.location) == ("video", "https://meet.example.com/ada")
    assert (booking.invitee_name, booking.invitee_email) == ("Dana Scott", "dana@example.com")
    assert (booking.invitee_time_zone, booking.notes) == ("Europe/Paris", "About lattices.")
    assert (booking.created_at, booking.cancelled_at, booking.sequence) == (NOW, None, 0)
    assert ledger() == [("ada", booking.pk, "booking", booking.period)]


def test_where_the_invitee_is_asked_their_answer_is_kept(ada):
    change_intro(ada, location_kind="ask_invitee", location="")

    booking = book_intro(ada, TEN, replace(DANA, location="Café Central"))

    assert (booking.location_kind, booking.location) == ("ask_invitee", "Café Central")


def test_every_booking_has_an_address_and_an_identity_of_its_own(ada):
    bookings = [book_intro(ada, value) for value in (TEN, HALF_PAST_TEN)]

    assert len({booking.token for booking in bookings}) == 2
    assert len({booking.uid for booking in bookings}) == 2
    assert all(booking.token.isalnum() and len(booking.token) >= 22 for booking in bookings)


def test_a_booked_time_is_not_offered_and_not_booked_again(ada):
    assert is_on_offer(ada, TEN)
    book_intro(ada, TEN)

    assert not is_on_offer(ada, TEN)
    with pytest.raises(SlotTaken):
        book_intro(ada, TEN, EDSGER)
    assert [booking.invitee_name for booking in Booking.objects.all()] == ["Dana Scott"]


def test_times_that_touch_are_both_booked(ada):
    first, second = book_intro(ada, TEN), book_intro(ada, HALF_PAST_TEN, EDSGER)

    assert [row[1] for row in ledger()] == [first.pk, second.pk]


def test_the_same_time_of_someone_else_is_booked(ada, grace):
    book_intro(ada, "2026-12-01T15:00:00Z")
    book_intro(grace, "2026-12-01T15:00:00Z")

    assert [row[0] for row in ledger()] == ["ada", "grace"]


def test_a_time_off_the_grid_is_not_booked(ada):
    assert_refused(ada, "2026-12-01T10:15:00Z")
    assert_refused(ada, "2026-12-01T10:00:01Z")


def test_a_time_outside_the_working_hours_is_not_booked(ada):
    assert_refused(ada, "2026-12-01T08:30:00Z")
    assert_refused(ada, "2026-12-01T17:00:00Z")
    assert_refused(ada, "2026-12-05T10:00:00Z")


def test_a_time_in_the_past_is_not_booked(ada):
    assert_refused(ada, TEN, now=at("2026-12-01 10:01"))
    assert_refused(ada, TEN, now=at("2027-12-01 10:00"))


def test_a_time_within_the_minimum_notice_is_not_booked(ada):
    change_intro(ada, minimum_notice=timedelta(hours=2))

    assert_refused(ada, TEN, now=at("2026-12-01 08:00:01"))
    assert book_intro(ada, TEN, now=at("2026-12-01 08:00")).start == at("2026-12-01 10:00")


def test_the_booking_window_ends_with_its_last_local_day(grace):
    change_intro(grace, booking_window=timedelta(days=8))
    # In New York it is still Monday the 23rd, though Tuesday in UTC: the last day is Tuesday the 1st.
    now = at("2026-11-23 23:30", NEW_YORK)
    last = at("2026-12-01 16:30", NEW_YORK)

    assert_refused(grace, "2026-12-02T14:00:00Z", now=now)
    assert book_intro(grace, "2026-12-01T21:30:00Z", now=now).start == last


def test_a_window_of_no_days_is_today(ada):
    change_intro(ada, booking_window=timedelta(0))

    assert_refused(ada, TEN, now=at("2026-11-30 23:59"))
    assert book_intro(ada, TEN, now=at("2026-12-01 00:00")).start == at("2026-12-01 10:00")


def test_a_paused_event_type_is_closed(ada):
    change_intro(ada, paused_at=NOW)

    with pytest.raises(OfferClosed):
        book_intro(ada, TEN)

    assert ledger() == []


def test_an_event_type_paused_after_the_page_was_drawn_is_closed(ada):
    offer = EventTypeOffer(ada.event_types.get(slug="intro"))
    slot = offer.slot(TEN)
    change_intro(ada, paused_at=NOW)

    with pytest.raises(OfferClosed):
        book(offer, slot, DANA, now=NOW)

    assert ledger() == []


def test_a_meeting_that_has_become_longer_is_not_booked_at_its_old_length(ada):
    offer = EventTypeOffer(ada.event_types.get(slug="intro"))
    slot = offer.slot(TEN)
    change_intro(ada, duration=timedelta(minutes=45))

    with pytest.raises(SlotTaken):
        book(offer, slot, DANA, now=NOW)

    assert ledger() == []


def test_the_same_submission_again_gets_the_same_booking(ada):
    first = book_intro(ada, TEN, sender=FORM)
    change_intro(ada, paused_at=NOW)

    again = book_intro(ada, TEN, sender=FORM)

    assert again == first
    assert (again.token, again.sequence) == (first.token, 0)
    assert ledger() == [("ada", first.pk, "booking", first.period)]


@pytest.mark.parametrize(
    "other",
    [
        {"name": "Dan Scott"},
        {"email": "dan@example.com"},
        {"notes": "Guessed by somebody else."},
        {"time_zone": "Asia/Tokyo"},
    ],
)
def test_a_submission_that_differs_in_anything_is_another(ada, other):
    book_intro(ada, TEN, sender=FORM)

    with pytest.raises(SlotTaken):
        book_intro(ada, TEN, replace(DANA, **other), sender=FORM)


def test_the_browser_that_booked_gets_the_same_booking_too(ada):
    first = book_intro(ada, TEN)

    assert book_intro(ada, TEN, sender=Sender(tokens=["x" * 24, first.token])) == first


@pytest.mark.parametrize("sender", [UNKNOWN_SENDER, Sender(nonce="e" * 24), Sender(tokens=["x" * 24])])
def test_the_same_words_from_elsewhere_prove_nothing(ada, sender):
    book_intro(ada, TEN)
    book_intro(ada, HALF_PAST_TEN, sender=FORM)

    for start in (TEN, HALF_PAST_TEN):
        with pytest.raises(SlotTaken):
            book_intro(ada, start, sender=sender)


def test_proof_lasts_an_hour(ada):
    first = book_intro(ada, TEN, sender=FORM)
    senders = [FORM, Sender(tokens=[first.token])]

    assert [book_intro(ada, TEN, sender=each, now=NOW + REPEAT_WINDOW - SECOND) for each in senders] == [first, first]
    for sender in senders:
        with pytest.raises(SlotTaken):
            book_intro(ada, TEN, sender=sender, now=NOW + REPEAT_WINDOW)


def test_one_form_may_book_several_times_one_after_the_other(ada):
    """Going back in the browser shows the same form again."""
    assert book_intro(ada, TEN, sender=FORM) != book_intro(ada, HALF_PAST_TEN, sender=FORM)
    assert list(Booking.objects.values_list("nonce", flat=True)) == [FORM.nonce] * 2


def test_the_same_person_may_book_another_time(ada):
    first, second = book_intro(ada, TEN), book_intro(ada, HALF_PAST_TEN)

    assert first != second
    assert Booking.objects.count() == 2


def test_buffers_of_both_event_types_keep_their_distance(ada):
    ada.event_types.create(
        name="Long talk",
        slug="talk",
        duration=timedelta(minutes=60),
        after_buffer=timedelta(minutes=30),
        created_at=NOW,
    )
    talk = EventTypeOffer(ada.event_types.get(slug="talk"))
    book(talk, talk.slot(TEN), EDSGER, now=NOW)

    assert_refused(ada, "2026-12-01T11:00:00Z")
    assert is_on_offer(ada, "2026-12-01T09:30:00Z")
    change_intro(ada, after_buffer=timedelta(minutes=5))
    assert_refused(ada, "2026-12-01T09:30:00Z")
    assert book_intro(ada, "2026-12-01T11:30:00Z").start == at("2026-12-01 11:30")


def hold(organizer: User, period: Period, *, until: datetime) -> None:
    busy.claim(uuid4(), BusyKind.HOLD, [organizer], [Claimed(period, lapses_at=until)], now=NOW)


def test_held_time_is_not_offered_and_not_booked_by_an_event_type(ada):
    hold(ada, between("2026-12-01 10:15", "2026-12-01 10:45"), until=at("2026-12-01 10:15"))

    assert not is_on_offer(ada, TEN)
    assert not is_on_offer(ada, HALF_PAST_TEN)
    assert is_on_offer(ada, "2026-12-01T11:00:00Z")
    with pytest.raises(SlotTaken):
        book_intro(ada, TEN)
    assert Booking.objects.count() == 0


def test_a_lapsed_hold_is_offered_and_booked(ada):
    until = at("2026-11-30 12:00")
    hold(ada, between("2026-12-01 10:15", "2026-12-01 10:45"), until=until)

    assert is_on_offer(ada, TEN, now=until)
    booking = book_intro(ada, TEN, now=until)

    assert ledger() == [("ada", booking.pk, "booking", booking.period)]


@pytest.mark.parametrize("by", Canceller)
def test_cancelling_frees_the_time_and_says_who_and_why(ada, by):
    booking = book_intro(ada, TEN)
    later = at("2026-11-30 12:00")

    cancelled = cancel(booking, by=by, reason="A cold.", now=later)

    cancelled.refresh_from_db()
    assert (cancelled.cancelled_at, cancelled.cancelled_by, cancelled.cancel_reason) == (later, by, "A cold.")
    assert (cancelled.pk, cancelled.uid, cancelled.sequence) == (booking.pk, booking.uid, 1)
    assert ledger() == []
    assert is_on_offer(ada, TEN)


def test_cancelling_one_booking_leaves_the_others(ada):
    first, second = book_intro(ada, TEN), book_intro(ada, HALF_PAST_TEN)

    cancel(first, by=Canceller.INVITEE, now=NOW)

    assert ledger() == [("ada", second.pk, "booking", second.period)]
    assert list(Booking.objects.confirmed()) == [second]


def test_cancelling_twice_changes_nothing_the_second_time(ada):
    booking = book_intro(ada, TEN)
    cancel(booking, by=Canceller.INVITEE, reason="A cold.", now=NOW)

    again = cancel(booking, by=Canceller.ORGANIZER, reason="No.", now=at("2026-12-02 12:00"))

    assert (again.cancelled_at, again.cancelled_by, again.cancel_reason) == (NOW, "invitee", "A cold.")
    assert again.sequence == 1


def test_a_meeting_that_has_started_is_not_cancelled(ada):
    booking = book_intro(ada, TEN)

    with pytest.raises(BookingOver):
        cancel(booking, by=Canceller.INVITEE, now=booking.start)

    booking.refresh_from_db()
    assert (booking.cancelled_at, booking.sequence) == (None, 0)
    assert ledger() == [("ada", booking.pk, "booking", booking.period)]
    assert cancel(booking, by=Canceller.INVITEE, now=booking.start - timedelta(seconds=1)).is_cancelled


def test_a_cancelled_time_can_be_booked_anew_by_anyone(ada):
    cancelled = cancel(book_intro(ada, TEN), by=Canceller.INVITEE, now=NOW)

    anew = book_intro(ada, TEN)

    assert anew != cancelled
    assert anew.uid != cancelled.uid
    assert ledger() == [("ada", anew.pk, "booking", anew.period)]
