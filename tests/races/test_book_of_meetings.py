"""Everything that can be done with meetings, in any order: the database ends as a plain model of it does."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from oneoff.board.reopening import NothingFree, reopen
from oneoff.creator.create import TimesTaken, delete_one_off, withdraw_time
from oneoff.links import find_link_of
from oneoff.models import CounterProposal, CounterTime, OneOffMeeting, ProposedTime
from oneoff.offer import MoveOffer, OneOffOffer
from oneoff.proposals.accept import accept
from oneoff.proposals.propose import AlreadyAnswered, TooManyProposals, Wish, decline, propose
from scheduling.bookings.book import BookingOver, book, cancel, reschedule
from scheduling.bookings.offers import EventTypeOffer, Invitee, OfferClosed, SlotTaken
from scheduling.models import Booking, BusyTime, Canceller
from tests.factories import let_meet, make_one_off, on_tuesday
from tests.races.audit import assert_books_balance
from tests.races.book_model import Asked, Booked, Books, Meeting
from tests.support.times import NOW

REFUSALS = (SlotTaken, OfferClosed, TimesTaken, BookingOver, NothingFree, TooManyProposals, AlreadyAnswered)
QUARTER = timedelta(minutes=15)
TWO = on_tuesday("14:00")
people = st.lists(st.sampled_from(["ada", "grace", "alan"]), min_size=1, max_size=3, unique=True).map(tuple)
times = st.integers(0, 11)
some_times = st.sets(times, min_size=1, max_size=3)
any_of = st.integers(0, 1000)
starts = st.integers(0, 5).map(lambda half_hours: 2 * half_hours)


def start_of(time: int):
    return TWO + time * QUARTER


class BookOfMeetings(RuleBasedStateMachine):
    """Does each thing to the database and to the model. `keys` says which row is meant by what is in the model."""

    users: dict

    def __init__(self) -> None:
        super().__init__()
        self.books = Books()
        self.keys: dict[object, object] = {}
        self.guests = 0
        self.atomic = transaction.atomic()
        self.atomic.__enter__()

    def teardown(self) -> None:
        try:
            connection.check_constraints()
            assert_books_balance()
        finally:
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)

    def expect(self, act: Callable[[], object], answer: str) -> object:
        """Check that the act is refused or done as the model says."""
        result, told = None, ""
        try:
            with transaction.atomic():
                result = act()
        except REFUSALS as error:
            told = type(error).__name__
        assert told == answer
        return result

    def guest(self) -> Invitee:
        self.guests += 1
        return Invitee(name="Guest", email=f"guest{self.guests}@example.com", time_zone="Europe/Paris")

    def one_off(self, meeting: Meeting) -> OneOffMeeting:
        return OneOffMeeting.objects.get(pk=self.keys[meeting])

    def booking(self, booked: Booked) -> Booking:
        return Booking.objects.get(pk=self.keys[booked])

    def meeting(self, number: int) -> Meeting:
        there = [each for each in self.books.meetings if not each.is_deleted]
        return there[number % len(there)]

    def has_meetings(self) -> bool:
        return any(not each.is_deleted for each in self.books.meetings)

    @rule(people=people, times=some_times, held=st.booleans())
    def create(self, people, times, held):
        organizer, *cohosts = (self.users[name] for name in people)
        clocks = [f"{start_of(time):%H:%M}" for time in times]
        made = self.expect(
            lambda: make_one_off(organizer, *clocks, cohosts=cohosts, hold_times=held),
            self.books.create(people, times, held),
        )
        if made:
            self.keys[self.books.meetings[-1]] = made.pk

    @precondition(has_meetings)
    @rule(number=any_of, choice=any_of)
    def book_link(self, number, choice):
        meeting = self.meeting(number)
        if not meeting.times:
            return
        time = sorted(meeting.times)[choice % len(meeting.times)]
        offer = OneOffOffer(self.one_off(meeting).link)
        slot = offer.slot(str(ProposedTime.objects.get(one_off=self.keys[meeting], start=start_of(time)).pk))
        self.made(self.expect(lambda: book(offer, slot, self.guest(), now=NOW), self.books.book_link(meeting, time)))

    @rule(person=st.sampled_from(["ada", "grace"]), time=starts)
    def book_event_type(self, person, time):
        offer = EventTypeOffer(self.users[person].event_types.get())
        slot = offer.slot(start_of(time).isoformat())
        answer = self.books.book_event_type(person, time)
        self.made(self.expect(lambda: book(offer, slot, self.guest(), now=NOW), answer))

    def made(self, booking: object) -> None:
        if isinstance(booking, Booking):
            self.keys[self.books.bookings[-1]] = booking.pk

    @precondition(lambda self: self.books.bookings)
    @rule(number=any_of, time=times)
    def move(self, number, time):
        booked = self.books.bookings[number % len(self.books.bookings)]
        booking = self.booking(booked)
        if booked.meeting is None:
            time = time // 2 * 2
            offer = EventTypeOffer(booking.event_type, moved=booking)
            slot = offer.slot(start_of(time).isoformat())
        elif booked.meeting.is_deleted or time not in booked.meeting.times:
            return
        else:
            offer = MoveOffer(find_link_of(booking.token), moved=booking)
            slot = offer.slot(
                str(ProposedTime.objects.get(one_off=self.keys[booked.meeting], start=start_of(time)).pk)
            )
        self.expect(lambda: reschedule(booking, offer, slot, now=NOW), self.books.move(booked, time))

    @precondition(lambda self: self.books.bookings)
    @rule(number=any_of, by=st.sampled_from(Canceller))
    def cancel(self, number, by):
        booked = self.books.bookings[number % len(self.books.bookings)]
        self.expect(lambda: cancel(self.booking(booked), by=by, now=NOW), self.books.cancel(booked))

    @precondition(has_meetings)
    @rule(number=any_of, choice=any_of)
    def withdraw(self, number, choice):
        meeting = self.meeting(number)
        if meeting.times:
            time = sorted(meeting.times)[choice % len(meeting.times)]
            row = ProposedTime.objects.get(one_off=self.keys[meeting], start=start_of(time))
            answer = self.books.withdraw(meeting, time)
            self.expect(lambda: withdraw_time(row, by=self.users["grace"], now=NOW), answer)

    @precondition(has_meetings)
    @rule(number=any_of)
    def delete(self, number):
        meeting = self.meeting(number)
        one_off = self.one_off(meeting)
        self.expect(lambda: delete_one_off(one_off, by=self.users["grace"], now=NOW), self.books.delete(meeting))

    @precondition(has_meetings)
    @rule(number=any_of)
    def reopen(self, number):
        meeting = self.meeting(number)
        one_off = self.one_off(meeting)
        answer = self.books.reopen(meeting)
        self.expect(lambda: reopen(one_off, valid_until=None, by=self.users["grace"], now=NOW), answer)

    @precondition(has_meetings)
    @rule(number=any_of, times=some_times, to_move=st.booleans())
    def propose(self, number, times, to_move):
        meeting = self.meeting(number)
        booked = meeting.booking if to_move else None
        guest = self.guest()
        wish = Wish(guest.name, guest.email, guest.time_zone, [start_of(time) for time in times])
        link, booking = self.one_off(meeting).link, self.booking(booked) if booked else None
        answer = self.books.propose(meeting, tuple(sorted(times)), booked)
        if made := self.expect(lambda: propose(link, wish, booking=booking, now=NOW), answer):
            self.keys[self.books.asked[-1]] = made.pk

    @precondition(lambda self: self.books.asked)
    @rule(number=any_of, choice=any_of)
    def accept(self, number, choice):
        asked = self.asked(number)
        time = asked.times[choice % len(asked.times)]
        rows = CounterTime.objects.select_related("proposal__one_off__organizer", "proposal__booking")
        row = rows.get(proposal=self.keys[asked], start=start_of(time))
        before = len(self.books.bookings)
        answer = self.books.accept(asked, time)
        booking = self.expect(lambda: accept(row, by=self.users["grace"], now=NOW), answer)
        if len(self.books.bookings) > before:
            self.made(booking)

    @precondition(lambda self: self.books.asked)
    @rule(number=any_of)
    def decline(self, number):
        asked = self.asked(number)
        row = CounterProposal.objects.get(pk=self.keys[asked])
        self.expect(lambda: decline(row, "No.", by=self.users["ada"], now=NOW), self.books.decline(asked))

    def asked(self, number: int) -> Asked:
        return self.books.asked[number % len(self.books.asked)]

    @invariant()
    def time_is_taken_as_in_the_model(self):
        rows = BusyTime.objects.select_related("organizer")
        assert sorted((row.organizer.handle, row.claim, row.start) for row in rows) == sorted(
            (who, self.keys[claim], start_of(time)) for who, time, claim in self.books.taken()
        )

    @invariant()
    def meetings_are_as_in_the_model(self):
        proposed = OneOffMeeting.objects.select_related("current_link").prefetch_related("proposed_times")
        assert {
            each.pk: (each.link.closed_at is None, {time.start for time in each.proposed_times.all()})
            for each in proposed
        } == {
            self.keys[each]: (each.is_open, {start_of(time) for time in each.times})
            for each in self.books.meetings
            if not each.is_deleted
        }

    @invariant()
    def bookings_and_answers_are_as_in_the_model(self):
        rows = Booking.objects.values_list("pk", "start", "sequence", "cancelled_at")
        assert {key: (start, sequence, at is not None) for key, start, sequence, at in rows} == {
            self.keys[each]: (start_of(each.time), each.sequence, each.is_cancelled) for each in self.books.bookings
        }
        assert dict(CounterProposal.objects.values_list("pk", "answer")) == {
            self.keys[each]: each.answer for each in self.books.asked
        }


def run(people, examples, steps):
    let_meet(*people)
    BookOfMeetings.users = {person.handle: person for person in people}
    run_state_machine_as_test(
        BookOfMeetings, settings=settings(max_examples=examples, stateful_step_count=steps, deadline=None)
    )


def test_meetings_go_on_as_in_a_plain_model(ada, grace, alan):
    run([ada, grace, alan], examples=8, steps=25)


@pytest.mark.long
def test_meetings_go_on_as_in_a_plain_model_for_long(ada, grace, alan):
    run([ada, grace, alan], examples=400, steps=50)
