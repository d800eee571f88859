"""History stores facts, and shows them to each reader on the clock they chose."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.utils import timezone

from caledee.timekeeping.periods import Period
from caledee.timekeeping.reader import written_for
from caledee.timekeeping.wording import say_when
from scheduling.bookings.book import cancel, reschedule
from scheduling.models import Activity, Canceller
from scheduling.pages.history import history_of
from tests.factories import book_one_off, make_one_off
from tests.scheduling.bookings.test_reschedule import DANA, EventTypeOffer, book, move_of, slot_at
from tests.support.times import NOW, at

facts = import_module("scheduling.migrations.0009_fill_activity_facts")


def read_by(reader, *subjects):
    with written_for(reader):
        return [(line.what, line.details) for line in history_of(subjects, reader=reader)]


@pytest.fixture
def booking(ada):
    return book(EventTypeOffer(ada.event_types.get()), slot_at(ada, "14:00"), DANA, now=NOW)


def test_times_follow_the_clock_that_the_reader_has_now(ada, booking):
    assert read_by(ada, booking.pk) == [("Booked", "Tuesday 1 December 2026, 14:00 to 14:30 (London, GMT)")]

    ada.clock = "12"

    assert read_by(ada, booking.pk) == [("Booked", "Tuesday 1 December 2026, 2:00 pm to 2:30 pm (London, GMT)")]


def test_a_move_names_both_times(ada, booking):
    reschedule(booking, move_of(booking), slot_at(ada, "15:00"), now=NOW)

    assert read_by(ada, booking.pk)[1] == (
        "Moved",
        "From Tuesday 1 December 2026, 14:00 to 14:30 (London, GMT) "
        "to Tuesday 1 December 2026, 15:00 to 15:30 (London, GMT)",
    )


def test_other_entries_are_worded_from_facts_too(ada):
    one_off = make_one_off(ada, "09:00", "10:00")
    booking = book_one_off(one_off, "09:00")
    cancel(booking, by=Canceller.ORGANIZER, now=NOW)

    assert read_by(ada, one_off.pk) == [("Created", "2 times")]
    assert [what for what, _ in read_by(ada, booking.pk)] == ["Booked", "Cancelled"]


def test_a_line_of_the_version_before_facts_is_read_as_it_stands(ada):
    noted = Activity.objects.create(
        organizer=ada, subject=ada.pk, name="Intro", kind="withdrawn", at=timezone.now(), details="As it was."
    )

    assert read_by(ada, noted.subject) == [("Time withdrawn", "As it was.")]


DECEMBER = [["2026-12-01T14:00:00+00:00", "2026-12-01T14:30:00+00:00"]]


@pytest.mark.parametrize(
    ("kind", "details", "read"),
    [
        ("created", "1 time", {"times": 1}),
        ("reopened", "12 times", {"times": 12}),
        ("declined", "2 times is enough.", {"message": "2 times is enough."}),
        ("booked", "Tuesday 1 December 2026, 14:00 to 14:30 (Europe/London, GMT)", {"periods": DECEMBER}),
        ("booked", "Tuesday 1 December 2026, 2:00 pm to 2:30 pm (Europe/London, GMT)", {"periods": DECEMBER}),
        ("booked", "Tuesday 1 December 2026, 19:45 to 20:15 (Asia/Kathmandu, UTC+5:45)", {"periods": DECEMBER}),
        (
            "proposed",
            "Tuesday 1 December 2026, 14:00 to 14:30 (Europe/London, GMT); "
            "Tuesday 1 December 2026, 23:45 to 00:15 on Wednesday 2 December 2026 (Europe/London, GMT)",
            {"periods": [*DECEMBER, ["2026-12-01T23:45:00+00:00", "2026-12-02T00:15:00+00:00"]]},
        ),
        (
            # The hour that occurs twice: its abbreviation tells which.
            "booked",
            "Sunday 25 October 2026, 00:30 to 00:50 (Europe/London, BST)",
            {"periods": [["2026-10-24T23:30:00+00:00", "2026-10-24T23:50:00+00:00"]]},
        ),
        ("booked", "Sunday 25 October 2026, 01:30 BST to 01:00 GMT (Europe/London)", None),
        ("booked", "Tuesday 1 December 2026, 14:00 to 14:30 (Mars/Olympus, GMT)", None),
        ("booked", "Tuesday 31 November 2026, 14:00 to 14:30 (Europe/London, GMT)", None),
        ("withdrawn", "Something else", None),
    ],
)
def test_the_migration_reads_a_sentence_or_keeps_it(kind, details, read):
    assert facts.facts_of(kind, details) == (read or {"text": details})


def test_the_migration_reads_what_was_written(ada):
    """Check the words that `say_when` had then, on both clocks, for a year of starts in a zone with clock changes."""
    for day in ("2026-01-15", "2026-03-29", "2026-07-04", "2026-10-25", "2026-12-31"):
        for clock in ("00:00", "12:00", "23:30"):
            period = Period.lasting(at(f"{day} {clock}"), timedelta(minutes=29))
            for chosen in ("12", "24"):
                ada.clock = chosen
                with written_for(ada):
                    written = say_when(period, ada.zone).replace("(London", "(Europe/London")
                assert facts.period_of(written) == [period.start.isoformat(), period.end.isoformat()]


def test_moments_are_in_utc(booking):
    assert Activity.objects.get(subject=booking.pk).facts == {"periods": DECEMBER}
    assert booking.start == at("2026-12-01 14:00")
