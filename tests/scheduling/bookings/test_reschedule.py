from datetime import timedelta

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from scheduling.bookings.book import BookingOver, book, cancel, reschedule
from scheduling.bookings.offers import EventTypeOffer, Invitee, OfferClosed, SlotTaken
from scheduling.models import Booking, BusyTime, Canceller, EventType
from scheduling.tasks import send_confirmation
from tests.factories import make_one_off
from tests.support.tables import all_rows
from tests.support.times import NOW, at, between

DANA = Invitee(name="Dana Scott", email="dana@example.com", time_zone="Europe/Paris")
EDSGER = Invitee(name="Edsger Dijkstra", email="edsger@example.com", time_zone="Europe/Amsterdam")


def slot_at(organizer, clock: str):
    return EventTypeOffer(organizer.event_types.get()).slot(at(f"2026-12-01 {clock}").isoformat())


def move_of(booking) -> EventTypeOffer:
    """Return what the booking, made on an event type, can be moved to."""
    return EventTypeOffer(EventType.objects.select_related("organizer").get(slug="intro"), moved=booking)


@pytest.fixture
def booking(ada):
    return book(EventTypeOffer(ada.event_types.get()), slot_at(ada, "10:00"), DANA, now=NOW)


def taken() -> list:
    return [(row.claim, row.period) for row in BusyTime.objects.order_by("start")]


def jobs() -> list[tuple[str, int, str]]:
    """Return task, sequence and recipient of every queued email, in queue order."""
    return [
        (job.task_name.rpartition(".")[2], job.args["sequence"], job.args["recipient"])
        for job in ProcrastinateJob.objects.order_by("pk")
    ]


def assert_refused(error, booking, slot, *, now=NOW):
    before = all_rows()
    with pytest.raises(error):
        reschedule(booking, move_of(booking), slot, now=now)
    assert all_rows() == before


def test_moving_frees_the_old_time_and_takes_the_new(ada, booking):
    moved = reschedule(booking, move_of(booking), slot_at(ada, "14:30"), now=NOW)

    assert Booking.objects.get() == moved
    moved.refresh_from_db()
    assert moved.period == between("2026-12-01 14:30", "2026-12-01 15:00")
    assert taken() == [(booking.pk, between("2026-12-01 14:30", "2026-12-01 15:00"))]


def test_moved_booking_is_the_same_one_for_calendars_and_links(ada, booking):
    moved = reschedule(booking, move_of(booking), slot_at(ada, "14:30"), now=NOW)

    assert (moved.uid, moved.token, moved.sequence) == (booking.uid, booking.token, 1)
    assert reschedule(moved, move_of(moved), slot_at(ada, "15:00"), now=NOW).sequence == 2


def test_both_sides_are_notified_of_the_move(ada, booking):
    reschedule(booking, move_of(booking), slot_at(ada, "14:30"), now=NOW)

    assert jobs() == [
        ("mail_confirmation", 0, "invitee"),
        ("mail_confirmation", 0, "organizer"),
        ("mail_confirmation", 1, "invitee"),
        ("mail_confirmation", 1, "organizer"),
    ]


def test_moving_to_where_it_is_changes_nothing(ada, booking):
    before = all_rows()

    assert reschedule(booking, move_of(booking), slot_at(ada, "10:00"), now=NOW) == booking

    assert all_rows() == before


def test_booking_is_not_in_its_own_way(ada, booking):
    ada.event_types.update(before_buffer=timedelta(hours=2), start_increment=timedelta(minutes=10))

    moved = reschedule(booking, move_of(booking), slot_at(ada, "10:10"), now=NOW)

    assert taken() == [(moved.pk, between("2026-12-01 10:10", "2026-12-01 10:40"))]


def test_old_time_can_be_booked_by_someone_else(ada, booking):
    reschedule(booking, move_of(booking), slot_at(ada, "14:30"), now=NOW)

    book(EventTypeOffer(ada.event_types.get()), slot_at(ada, "10:00"), EDSGER, now=NOW)

    assert [period for _, period in taken()] == [
        between("2026-12-01 10:00", "2026-12-01 10:30"),
        between("2026-12-01 14:30", "2026-12-01 15:00"),
    ]


def test_time_that_someone_booked_is_refused(ada, booking):
    book(EventTypeOffer(ada.event_types.get()), slot_at(ada, "11:00"), EDSGER, now=NOW)

    assert_refused(SlotTaken, booking, slot_at(ada, "11:00"))


def test_time_that_is_held_is_refused(ada, booking):
    make_one_off(ada, "11:00")

    assert_refused(SlotTaken, booking, slot_at(ada, "11:00"))


@pytest.mark.parametrize("clock", ["08:00", "10:10", "17:00"])
def test_time_that_is_no_slot_is_refused(ada, booking, clock):
    assert_refused(SlotTaken, booking, slot_at(ada, clock))


def test_a_meeting_that_has_started_or_is_cancelled_cannot_be_moved(ada, booking):
    assert_refused(BookingOver, booking, slot_at(ada, "14:30"), now=booking.start)

    cancel(booking, by=Canceller.INVITEE, now=NOW)
    assert_refused(BookingOver, booking, slot_at(ada, "14:30"))


def test_booking_of_a_paused_or_deleted_event_type_cannot_be_moved(ada, booking):
    slot, offer = slot_at(ada, "14:30"), move_of(booking)
    ada.event_types.update(paused_at=NOW)
    with pytest.raises(OfferClosed):
        reschedule(booking, offer, slot, now=NOW)

    ada.event_types.all().delete()
    with pytest.raises(OfferClosed):
        reschedule(booking, offer, slot, now=NOW)
    assert Booking.objects.get().period == between("2026-12-01 10:00", "2026-12-01 10:30")


def test_booking_of_a_disabled_account_cannot_be_moved(ada, booking):
    slot, offer = slot_at(ada, "14:30"), move_of(booking)
    type(ada).objects.filter(pk=ada.pk).update(is_active=False)
    before = all_rows()

    with pytest.raises(OfferClosed):
        reschedule(booking, offer, slot, now=NOW)
    assert all_rows() == before


def test_the_meeting_that_is_moved_takes_no_room_of_its_day(ada, booking):
    EventType.objects.update(daily_limit=1)

    assert reschedule(booking, move_of(booking), slot_at(ada, "14:30"), now=NOW).start == at("2026-12-01 14:30")
    with pytest.raises(SlotTaken):
        book(EventTypeOffer(ada.event_types.get()), slot_at(ada, "10:00"), EDSGER, now=NOW)


def test_the_email_about_a_move_names_both_times(ada, booking, mailoutbox):
    reschedule(booking, move_of(booking), slot_at(ada, "14:00"), now=NOW)
    moved = reschedule(booking, move_of(booking), slot_at(ada, "15:00"), now=NOW)

    send_confirmation(str(moved.pk), moved.sequence, "invitee")

    [message] = mailoutbox
    assert message.subject == "New time: Intro call: Tuesday 1 December 2026, 16:00 CET"
    words = " ".join(message.body.split())
    assert "When Tuesday 1 December 2026 16:00 to 16:30 (Paris, CET)" in words
    assert "Moved from Tuesday 1 December 2026 15:00 to 15:30 (Paris, CET)" in words
