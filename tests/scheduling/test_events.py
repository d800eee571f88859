"""What happens to a booking is recorded once. A listener hears of it in the transaction, and edits no booking code."""

from contextlib import ExitStack

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from caledee.choices import OpenChoices
from caledee.limits.mailboxes import MailboxFull
from scheduling.bookings.book import cancel, reschedule
from scheduling.bookings.events import Booked, BookingActivity, Cancelled, Moved, NoShowMarked, NoShowUnmarked
from scheduling.bookings.no_show import note_no_show
from scheduling.bookings.offers import EventTypeOffer
from scheduling.events import Entry, Event, listen_to, record
from scheduling.models import ACTIVITY_KINDS, Activity, Canceller
from tests.factories import book_intro
from tests.listening import hearing, refusing
from tests.support.tables import all_rows
from tests.support.times import NOW, at, between


def move(booking, start, *, by=None):
    offer = EventTypeOffer(booking.event_type, moved=booking)
    return reschedule(booking, offer, offer.slot(at(start).isoformat()), by=by, now=NOW)


def lines_of(booking):
    return list(Activity.objects.filter(subject=booking.pk).values_list("kind", "by_name", "at", "pk"))


def test_listener_gets_the_events_of_a_booking_in_order(ada):
    with hearing() as heard:
        booking = book_intro(ada, "2026-12-01 09:00")
        moved = move(booking, "2026-12-01 11:00")
        cancelled = cancel(moved, by=Canceller.ORGANIZER, now=NOW)

    assert [event for event, _ in heard] == [
        Booked(booking),
        Moved(moved, before=between("2026-12-01 09:00", "2026-12-01 09:30")),
        Cancelled(cancelled, ada),
    ]
    assert [(kind, who, Entry(when, key)) for kind, who, when, key in lines_of(booking)] == [
        ("booked", "Edsger Dijkstra", heard[0][1]),
        ("changed", "Edsger Dijkstra", heard[1][1]),
        ("cancelled", "Ada Lovelace", heard[2][1]),
    ]


def test_listener_gets_the_user_on_the_organizer_side(ada, grace):
    booking = book_intro(ada, "2026-12-01 09:00")

    with hearing() as heard:
        moved = move(booking, "2026-12-01 11:00", by=grace)
        cancel(moved, by=Canceller.INVITEE, now=NOW)

    assert [event.by for event, _ in heard] == [grace, None]


def test_listener_gets_no_shows(ada, grace):
    booking = book_intro(ada, "2026-12-01 09:00")

    with hearing() as heard:
        note_no_show(booking, missed=True, by=grace, now=booking.end)
        note_no_show(booking, missed=True, by=ada, now=booking.end)
        note_no_show(booking, missed=False, by=ada, now=booking.end)

    assert [event for event, _ in heard] == [NoShowMarked(booking, grace), NoShowUnmarked(booking, ada)]


def test_what_changes_nothing_is_not_heard(ada):
    booking = book_intro(ada, "2026-12-01 09:00")
    cancelled = cancel(book_intro(ada, "2026-12-01 10:00"), by=Canceller.INVITEE, now=NOW)

    with hearing() as heard:
        move(booking, "2026-12-01 09:00")
        cancel(cancelled, by=Canceller.INVITEE, now=NOW)

    assert heard == []


def test_listener_gets_only_its_kind_of_event(ada):
    with hearing(Cancelled) as heard:
        booking = book_intro(ada, "2026-12-01 09:00")
        cancel(booking, by=Canceller.INVITEE, now=NOW)

    assert [type(event) for event, _ in heard] == [Cancelled]


@pytest.mark.parametrize(
    ("kind", "act"),
    [
        (Booked, lambda booking: book_intro(booking.organizer, "2026-12-01 12:00")),
        (Moved, lambda booking: move(booking, "2026-12-01 11:00")),
        (Cancelled, lambda booking: cancel(booking, by=Canceller.ORGANIZER, now=NOW)),
        (NoShowMarked, lambda booking: note_no_show(booking, missed=True, by=booking.organizer, now=booking.end)),
    ],
)
def test_listener_that_raises_undoes_the_change_its_history_and_its_emails(ada, kind, act):
    booking = book_intro(ada, "2026-12-01 09:00")
    before = all_rows()

    with refusing(kind, MailboxFull(60)), pytest.raises(MailboxFull):
        act(booking)

    assert all_rows() == before


def test_emails_are_queued_before_later_listeners_hear_of_it(ada):
    queued = []

    with ExitStack() as undo:
        undo.callback(listen_to(Booked, lambda _event, _entry: queued.append(ProcrastinateJob.objects.count())))
        book_intro(ada, "2026-12-01 09:00")

    assert queued == [2]


def test_event_without_a_line_is_heard_and_not_in_the_history(db):
    with hearing() as heard:
        record(Event(), now=NOW)

    assert (heard, Activity.objects.count()) == ([(Event(), Entry(NOW, None))], 0)


def test_a_stored_kind_belongs_to_one_app_only():
    assert {kind for kind, _ in ACTIVITY_KINDS.pairs()} >= set(BookingActivity.values)
    choices = OpenChoices()
    choices.add(BookingActivity)

    with pytest.raises(ValueError, match="accepted, booked"):
        choices.add(BookingActivity)
