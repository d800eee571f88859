"""What must be true of the database after any load whatever."""

from itertools import pairwise

from caledee.periods import Period
from oneoff.models import OneOffMeeting, SingleUseLink
from scheduling.models import Booking, BusyKind, BusyTime
from tests.scheduling.ledger_model import overlaps_in_database


def assert_books_balance() -> None:
    """No lapsed holds are expected: the tests of races stop the clock long before the first proposed time."""
    assert overlaps_in_database() == 0
    assert ledger_of(BusyKind.BOOKING) == sorted(
        (person.pk, booking.pk, booking.start, booking.end)
        for booking in Booking.objects.confirmed()
        for person in booking.people
    )
    assert ledger_of(BusyKind.HOLD) == sorted(expected_holds())
    assert_links_are_spent_once()
    assert not OneOffMeeting.objects.filter(current_link=None).exists()
    for booking in Booking.objects.confirmed().filter(event_type=None).select_related("single_use_link__one_off"):
        if hasattr(booking, "single_use_link"):
            one_off = booking.single_use_link.one_off
            proposed = [time.period for time in one_off.proposed_times.all()]
            assert (booking.people, booking.period in proposed) == (one_off.people, True)
    assert_confirmed_bookings_lie_apart()


def assert_links_are_spent_once() -> None:
    """A closed link has exactly one booking, or none where its meeting was reopened before anybody booked."""
    for link in SingleUseLink.objects.select_related("one_off__current_link", "booking"):
        is_current = link.one_off.current_link == link
        if link.closed_at is None:
            assert (is_current, link.booking) == (True, None)
        elif is_current:
            assert link.booking is not None
        elif link.booking is not None:
            assert link.booking.is_cancelled


def ledger_of(kind: BusyKind) -> list[tuple[object, ...]]:
    return sorted(BusyTime.objects.filter(kind=kind).values_list("organizer_id", "claim", "start", "end"))


def expected_holds() -> list[tuple[object, ...]]:
    """Every proposed time of an open link that holds its times, and nothing else."""
    holding = OneOffMeeting.objects.filter(hold_times=True, current_link__closed_at=None).prefetch_related(
        "proposed_times", "cohosts"
    )
    return [
        (person.pk, one_off.pk, time.start, time.end)
        for one_off in holding
        for person in one_off.people
        for time in one_off.proposed_times.all()
    ]


def assert_confirmed_bookings_lie_apart() -> None:
    """Seen without the ledger: nobody is to be in two meetings at once."""
    by_person: dict[object, list[Period]] = {}
    for booking in Booking.objects.confirmed().order_by("start"):
        for person in booking.people:
            by_person.setdefault(person.pk, []).append(booking.period)
    for periods in by_person.values():
        for earlier, later in pairwise(periods):
            assert not earlier.overlaps(later)
