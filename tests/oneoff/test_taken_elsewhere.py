"""The busy times of a connected calendar count wherever times are offered, shown or booked."""

from datetime import date

import pytest

from oneoff.board.reopening import times_to_reopen
from oneoff.board.rows import taken_times
from oneoff.creator.create import TimesTaken
from oneoff.creator.draft import read_draft
from oneoff.creator.rows import day_rows
from oneoff.models import OneOffMeeting
from oneoff.proposals.accept import accept
from oneoff.proposals.propose import Wish, propose
from oneoff.proposals.rows import proposal_rows
from scheduling.availability.slots import read_working_hours
from scheduling.availability.taken import Taken, TakenKind, read_taken
from scheduling.bookings.offers import EventTypeOffer, SlotTaken
from scheduling.pages.week import read_week
from tests.factories import (
    DANA,
    book_event_type,
    book_one_off,
    book_team,
    clocks_on_tuesday,
    half_hour,
    make_collective,
    make_one_off,
    make_round_robin,
    offer_of,
    offered,
    on_tuesday,
    team_offer_of,
    time_of,
)
from tests.support.calendars import make_calendar
from tests.support.tables import all_rows
from tests.support.times import NOW, at, between

TEN = half_hour("10:00")
MORNING = between("2026-12-01 09:00", "2026-12-01 12:00")


@pytest.fixture
def add_source(ada):
    """Let Ada be busy in her calendar Work, once the test has made what it needs."""
    return lambda: make_calendar(ada, TEN)


def test_all_sources_are_read_in_one_query(ada, grace, add_source, django_assert_num_queries):
    booking = book_event_type(ada, "09:30")
    held = make_one_off(grace, "09:00")
    add_source()

    with django_assert_num_queries(1):
        found = read_taken([ada, grace], MORNING, now=NOW)

    assert found == [
        Taken(grace.pk, half_hour("09:00"), TakenKind.HOLD, "ledger", held.pk),
        Taken(ada.pk, half_hour("09:30"), TakenKind.BOOKING, "ledger", booking.pk),
        Taken(ada.pk, TEN, TakenKind.OUTSIDE, "Work", None),
    ]


def test_the_claim_that_is_left_out_leaves_other_sources_in(ada, add_source):
    one_off = make_one_off(ada, "10:00")
    add_source()

    found = read_taken([ada], MORNING, now=NOW, except_claim=one_off.pk)

    assert found == [Taken(ada.pk, TEN, TakenKind.OUTSIDE, "Work", None)]


def test_an_event_type_neither_offers_nor_books_the_time(ada, add_source):
    before = [slot.period for slot in EventTypeOffer(ada.event_types.get()).open_slots(MORNING, now=NOW)]
    add_source()

    after = [slot.period for slot in EventTypeOffer(ada.event_types.get()).open_slots(MORNING, now=NOW)]

    assert set(before) - set(after) == {TEN}
    assert_refused(SlotTaken, lambda: book_event_type(ada, "10:00"))


def test_an_event_type_of_a_team_respects_it_for_the_host_concerned(organization, ada, alan, add_source):
    collective = make_collective(organization, ada, alan)
    round_robin = make_round_robin(organization, ada, alan, slug="round-robin")
    add_source()

    assert "10:00" not in clocks_on_tuesday(team_offer_of(collective))
    assert "10:00" in clocks_on_tuesday(team_offer_of(round_robin))
    assert_refused(SlotTaken, lambda: book_team(collective, "10:00"))
    assert book_team(round_robin, "10:00").organizer == alan


def test_a_one_off_neither_offers_nor_books_the_time(ada, add_source):
    one_off = make_one_off(ada, "10:00", "11:00")
    add_source()

    assert offered(one_off) == [half_hour("11:00")]
    assert_refused(SlotTaken, lambda: book_one_off(one_off, "10:00"))


def test_the_creator_shows_the_time_as_busy_and_suggests_another(ada, add_source):
    add_source()

    draft = draft_of(ada, "2026-12-01T09:00", "2026-12-01T10:00").checked()
    [day] = day_rows(draft, focus="")

    assert [time.error for time in day.times] == ["", "You are busy then."]
    assert "Busy 10:00 to 10:30" in day.strip.words
    half_past = draft_of(ada, "2026-12-01T09:30")
    assert half_past.with_time_on(date(2026, 12, 1)) == ["2026-12-01T09:30", "2026-12-01T10:30"]


def draft_of(organizer, *texts):
    return read_draft(texts, people=[organizer], viewer=organizer, duration=TEN.duration, now=NOW)


def test_the_time_is_not_created_for_anyone_concerned(ada, grace, add_source):
    add_source()

    caught = assert_refused(TimesTaken, lambda: make_one_off(ada, "09:00", "10:15", cohosts=[grace]))

    assert caught.conflicts == {half_hour("10:15"): [Taken(ada.pk, TEN, TakenKind.OUTSIDE, "Work", None)]}


def test_the_board_marks_the_time_as_taken_and_reopening_leaves_it_out(ada, add_source):
    one_off = make_one_off(ada, "10:00", "11:00", hold_times=False)
    ten, eleven = time_of(one_off, "10:00"), time_of(one_off, "11:00")
    add_source()

    loaded = OneOffMeeting.objects.for_board().get()
    assert taken_times([loaded], now=NOW) == {ten.pk}
    assert times_to_reopen(loaded, now=NOW) == [eleven]


def test_a_suggested_time_is_shown_as_taken_and_cannot_be_accepted(ada, add_source):
    one_off = make_one_off(ada, "09:00")
    wish = Wish(DANA.name, DANA.email, DANA.time_zone, [on_tuesday("10:00")])
    proposal = propose(offer_of(one_off).link, wish, now=NOW)
    add_source()

    [row] = proposal_rows(OneOffMeeting.objects.for_board().get(), viewer=ada, now=NOW)

    assert [time.problem for time in row.times] == ["You are busy then."]
    assert_refused(TimesTaken, lambda: accept(proposal.times.get(), by=ada, now=NOW))


def test_the_week_shows_the_time(ada, add_source):
    add_source()

    week = read_week(ada, read_working_hours(ada), now=at("2026-11-30 08:00"))

    assert [day.heading for day in week if "Busy 10:00 to 10:30" in day.strip.words] == ["Tuesday 1 December 2026"]


def assert_refused(error, act):
    before = all_rows()
    with pytest.raises(error) as caught:
        act()
    assert all_rows() == before
    return caught.value
