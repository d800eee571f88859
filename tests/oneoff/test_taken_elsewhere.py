"""The busy times of a connected calendar count wherever times are offered, shown or booked."""

from datetime import date, timedelta

import pytest

from oneoff.board.reopening import times_to_reopen
from oneoff.board.rows import one_off_row, taken_times
from oneoff.creator.create import offer_anyway
from oneoff.creator.draft import read_draft
from oneoff.creator.rows import day_rows
from oneoff.events import OneOffActivity
from oneoff.links import LinkClosed
from oneoff.models import OneOffMeeting
from oneoff.proposals.accept import accept
from oneoff.proposals.propose import Wish, propose
from oneoff.proposals.rows import proposal_rows
from scheduling.availability.slots import read_working_hours
from scheduling.availability.taken import Taken, TakenKind, read_taken
from scheduling.bookings.offers import EventTypeOffer, SlotTaken
from scheduling.calendars.models import OutsideCalendar
from scheduling.models import Activity
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


def test_a_one_off_hides_a_time_that_a_calendar_takes_later(ada, add_source):
    one_off = make_one_off(ada, "10:00", "11:00")
    add_source()

    assert offered(one_off) == [half_hour("11:00")]
    assert_refused(SlotTaken, lambda: book_one_off(one_off, "10:00"))


def test_a_one_off_offers_a_time_at_which_the_organizer_is_known_to_be_busy(ada, add_source):
    add_source()
    one_off = make_one_off(ada, "10:00", "11:00")

    assert [time.offered_anyway for time in one_off.proposed_times.all()] == [True, False]
    assert offered(one_off) == [half_hour("10:00"), half_hour("11:00")]
    assert book_one_off(one_off, "10:00").period == TEN


def test_a_time_that_is_offered_anyway_is_still_taken_by_meetings(ada, add_source):
    add_source()
    one_off = make_one_off(ada, "10:00", "11:00", hold_times=False)
    make_one_off(ada, "10:00")

    assert offered(one_off) == [half_hour("11:00")]


def test_the_creator_shows_the_calendar_and_suggests_another_time(ada, add_source):
    add_source()

    draft = draft_of(ada, "2026-12-01T09:00", "2026-12-01T10:00").checked()
    [day] = day_rows(draft, focus="")

    assert [(time.error, time.remark) for time in day.times] == [("", ""), ("", "You are busy then in Work.")]
    assert not draft.has_errors
    assert "Busy in Work 10:00 to 10:30" in day.strip.words
    half_past = draft_of(ada, "2026-12-01T09:30")
    assert half_past.with_time_on(date(2026, 12, 1)) == ["2026-12-01T09:30", "2026-12-01T10:30"]


def draft_of(organizer, *texts, viewer=None):
    return read_draft(texts, people=[organizer], viewer=viewer or organizer, duration=TEN.duration, now=NOW)


def test_the_creator_does_not_name_the_calendar_of_a_teammate(ada, grace, add_source):
    add_source()

    draft = draft_of(ada, "2026-12-01T10:00", viewer=grace).checked()
    [day] = day_rows(draft, focus="")

    assert [time.remark for time in day.times] == ["Ada Lovelace is busy then."]
    assert "Busy 10:00 to 10:30" in day.strip.words


def test_a_meeting_at_the_time_is_an_error_even_if_a_calendar_has_it_as_well(ada, add_source):
    book_event_type(ada, "10:00")
    add_source()

    draft = draft_of(ada, "2026-12-01T10:00").checked()

    assert [(time.error, time.remark) for time in draft.times] == [("Already booked: Intro call.", "")]


def test_a_cohost_who_is_busy_elsewhere_prevents_nothing_either(ada, grace, add_source):
    add_source()

    one_off = make_one_off(grace, "09:00", "10:15", cohosts=[ada])

    assert [time.offered_anyway for time in one_off.proposed_times.all()] == [False, True]
    assert offered(one_off) == [half_hour("09:00"), half_hour("10:15")]


def test_the_board_marks_the_time_as_taken_and_reopening_leaves_it_out(ada, add_source):
    one_off = make_one_off(ada, "10:00", "11:00", hold_times=False)
    eleven = time_of(one_off, "11:00")
    add_source()

    loaded = OneOffMeeting.objects.for_board().get()
    row = row_of(loaded, ada)
    assert [(time.is_taken, time.calendar) for time in row.times] == [(True, "Taken in your calendar"), (False, "")]
    assert row.status == "1 time left, 1 taken"
    assert times_to_reopen(loaded, now=NOW) == [eleven]


def row_of(one_off, viewer):
    taken = taken_times([one_off], now=NOW)
    return one_off_row(one_off, viewer=viewer, can_manage=True, base_url="", now=NOW, taken=taken)


def test_offering_a_time_anyway_shows_it_again(ada, grace, add_source):
    one_off = make_one_off(ada, "10:00", "11:00")
    add_source()

    for _ in range(2):
        offer_anyway(time_of(one_off, "10:00"), by=grace, now=NOW)

    assert offered(one_off) == [half_hour("10:00"), half_hour("11:00")]
    row = row_of(OneOffMeeting.objects.for_board().get(), ada)
    assert [(time.calendar, time.remark) for time in row.times] == [("", "You are busy then in Work."), ("", "")]
    lines = Activity.objects.filter(kind=OneOffActivity.OFFERED_ANYWAY)
    assert [(line.by, line.subject) for line in lines] == [(grace, one_off.pk)]


def test_a_time_of_a_booked_meeting_is_not_offered_anyway(ada, add_source):
    one_off = make_one_off(ada, "10:00", "11:00")
    add_source()
    book_one_off(one_off, "11:00")

    assert_refused(LinkClosed, lambda: offer_anyway(time_of(one_off, "10:00"), by=ada, now=NOW))


def test_a_suggested_time_can_be_accepted_in_spite_of_a_calendar(ada, add_source):
    one_off = make_one_off(ada, "09:00")
    wish = Wish(DANA.name, DANA.email, DANA.time_zone, [on_tuesday("10:00")])
    proposal = propose(offer_of(one_off).link, wish, now=NOW)
    add_source()

    [row] = proposal_rows(OneOffMeeting.objects.for_board().get(), viewer=ada, now=NOW)

    assert [(time.problem, time.remark) for time in row.times] == [("", "You are busy then in Work.")]
    assert accept(proposal.times.get(), by=ada, now=NOW).period == TEN


def test_a_calendar_that_was_not_read_for_long_hides_all_times_but_those_offered_anyway(ada):
    make_calendar(ada, TEN)
    one_off = make_one_off(ada, "10:00", "11:00")
    OutsideCalendar.objects.update(read_at=NOW - timedelta(hours=2), read_whole_at=NOW - timedelta(hours=2))

    assert offered(one_off) == [TEN]
    row = row_of(OneOffMeeting.objects.for_board().get(), ada)
    assert [time.calendar for time in row.times] == ["", "Not shown while your calendar can’t be read"]
    draft = draft_of(ada, "2026-12-01T12:00").checked()
    assert [time.remark for time in draft.times] == [
        "Work can’t be read at the moment. Nobody can book this time until it can."
    ]
    assert draft.with_time_on(date(2026, 12, 1))[1:] == ["2026-12-01T12:30"]


def test_the_week_shows_the_time(ada, add_source):
    add_source()

    week = read_week(ada, read_working_hours(ada), now=at("2026-11-30 08:00"))

    assert [day.heading for day in week if "Busy in Work 10:00 to 10:30" in day.strip.words] == [
        "Tuesday 1 December 2026"
    ]


def assert_refused(error, act):
    before = all_rows()
    with pytest.raises(error) as caught:
        act()
    assert all_rows() == before
    return caught.value
