"""What a page answers to an overtaken request, which waits for a lock while something else is committed."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from uuid import uuid4

import pytest
import time_machine
from django.db import transaction
from django.test import Client

from caledee.accounts.models import Membership, Role
from oneoff.creator.create import delete_one_off
from oneoff.models import CounterProposal, OneOffMeeting
from scheduling.availability.ledger import lock_organizers
from scheduling.bookings.book import cancel
from scheduling.event_types import delete_event_type, switch_off
from scheduling.models import Booking, BusyKind, BusyTime, Canceller, EventType
from tests.factories import book_event_type, book_one_off, half_hour, make_one_off, offer_of, on_tuesday
from tests.races.test_event_types import post, typed, wait_for_waiters
from tests.support.browsers import browser_of
from tests.support.pages import read
from tests.support.times import NOW

pytestmark = pytest.mark.django_db(transaction=True)
INVITEE = {"name": "Dana Scott", "email": "dana@example.com", "time_zone": "Europe/Paris"}


@pytest.fixture(autouse=True)
def now():
    with time_machine.travel(NOW, tick=False):
        yield


def overtaken(browser, address, data, meanwhile, *, lock):
    """Return the response to a request that waits for what `lock` locks, or writes, while `meanwhile` is done."""
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            lock()
            answer = pool.submit(post, browser, address, data)
            wait_for_waiters(1)
            meanwhile()
        return answer.result(20)


def locking(*people):
    return partial(lock_organizers, people)


def slot_of(clock):
    return {"slot": on_tuesday(clock).isoformat()}


def test_creator_sees_a_time_that_was_taken_while_it_was_saved(ada):
    data = {"name": "Interview", "duration": "30", "location_kind": "video", "hold_times": "on", "create": "1"}
    times = {"times": ["2026-12-01T10:00", "2026-12-01T11:00"]}

    answer = overtaken(
        browser_of(ada), "/one-offs/new/", data | times, lambda: book_event_type(ada, "10:00"), lock=locking(ada)
    )

    shown = [(each.value, each.error) for day in answer.context["days"] for each in day.times]
    assert (answer.status_code, OneOffMeeting.objects.count()) == (409, 0)
    assert shown == [("2026-12-01T10:00", "Already booked: Intro call."), ("2026-12-01T11:00", "")]
    assert answer.context["form"]["name"].value() == "Interview"


def test_creator_who_loses_the_role_while_it_is_saved_sees_it_at_the_field(ada, grace):
    data = {"name": "Interview", "duration": "30", "location_kind": "video", "times": ["2026-12-01T10:00"]}
    demote = Membership.objects.filter(user=grace).update

    answer = overtaken(
        browser_of(grace),
        "/one-offs/new/",
        data | {"organizer": "ada"},
        partial(demote, role=Role.MEMBER),
        lock=locking(ada),
    )

    assert (answer.status_code, OneOffMeeting.objects.count()) == (422, 0)
    assert answer.context["form"].errors == {"organizer": ["You can't create meetings for them."]}
    assert answer.context["form"]["name"].value() == "Interview"


def test_suggesting_times_while_the_meeting_is_booked_or_deleted_is_refused(ada):
    asked = INVITEE | {"times": ["2026-12-08T10:00"]}
    booked, deleted = make_one_off(ada, "09:00"), make_one_off(ada, "10:00")

    answers = [
        overtaken(Client(), f"{offer_of(each).link.get_absolute_url()}propose/", asked, act, lock=locking(ada))
        for each, act in [(booked, lambda: book_one_off(booked, "09:00")), (deleted, deleted.delete)]
    ]

    assert [answer.status_code for answer in answers] == [410, 404]
    assert not CounterProposal.objects.exists()


def test_asking_to_move_a_meeting_that_was_just_cancelled_leads_to_its_page(ada):
    booking = book_one_off(make_one_off(ada, "09:00"), "09:00")
    address = f"/bookings/{booking.token}/propose/"
    stop = partial(cancel, booking, by=Canceller.ORGANIZER, now=NOW)

    answer = overtaken(Client(), address, {"times": ["2026-12-08T10:00"]}, stop, lock=locking(ada))

    assert (answer.status_code, answer["Location"]) == (302, address)
    assert Client().get(address)["Location"] == f"/bookings/{booking.token}/"
    assert not CounterProposal.objects.exists()


def test_answering_a_suggestion_that_was_just_deleted_finds_nothing(ada):
    locks = {"decline": CounterProposal.objects.select_for_update().get, "accept": locking(ada)}
    for way, lock in locks.items():
        one_off = make_one_off(ada, "09:00")
        asked = INVITEE | {"times": ["2026-12-08T10:00"]}
        Client().post(f"{offer_of(one_off).link.get_absolute_url()}propose/", asked)
        proposal = CounterProposal.objects.get()
        address = f"/one-offs/{one_off.pk}/proposals/{proposal.pk}/{way}/"
        sent = {"note": "No.", "time": proposal.times.get().pk}
        delete = partial(delete_one_off, one_off, by=ada, now=NOW)

        answer = overtaken(browser_of(ada), address, sent, delete, lock=lock)

        assert (way, answer.status_code) == (way, 404)


def test_moving_a_meeting_that_was_just_paused_or_cancelled_leads_to_its_page(ada):
    paused, cancelled = book_event_type(ada, "09:00"), book_event_type(ada, "10:00")
    intro = ada.event_types.get()
    stop = partial(cancel, cancelled, by=Canceller.ORGANIZER, now=NOW)
    pause = partial(switch_off, intro, now=NOW)

    for booking, act in [(cancelled, stop), (paused, pause)]:
        address = f"/bookings/{booking.token}/reschedule/"
        answer = overtaken(Client(), address, slot_of("14:00"), act, lock=locking(ada))
        assert (answer.status_code, answer["Location"]) == (302, address)

    assert [each.period for each in Booking.objects.order_by("start")] == [half_hour("09:00"), half_hour("10:00")]
    assert "14:00" not in Client().get(f"/bookings/{paused.token}/reschedule/").text


def test_booking_what_was_just_deactivated_finds_nothing(ada):
    pause = partial(switch_off, ada.event_types.get(), now=NOW)

    answer = overtaken(Client(), "/ada/intro/", INVITEE | slot_of("14:00"), pause, lock=locking(ada))

    assert (answer.status_code, Booking.objects.count()) == (404, 0)


def test_saving_an_event_type_that_was_just_deleted_or_whose_address_was_taken_is_refused(ada):
    intro = ada.event_types.get()
    other = EventType(organizer=ada, name="Other", slug="other", duration=intro.duration, created_at=NOW)

    taken, gone = [
        overtaken(
            browser_of(ada), f"/event-types/{intro.pk}/", typed("Intro") | {"slug": slug}, act, lock=locking(ada)
        )
        for slug, act in [("other", other.save), ("another", partial(delete_event_type, intro))]
    ]

    assert (taken.status_code, taken.context["form"].errors) == (
        422,
        {"slug": ["Another of your event types has this address."]},
    )
    assert gone.status_code == 404
    assert [each.slug for each in ada.event_types.all()] == ["other"]


def test_the_database_refuses_who_books_over_someone_who_wrote_without_a_lock(ada):
    period = half_hour("10:00")
    write = partial(
        BusyTime.objects.create,
        organizer=ada,
        claim=uuid4(),
        kind=BusyKind.BOOKING,
        start=period.start,
        end=period.end,
    )

    answer = overtaken(Client(), "/ada/intro/", INVITEE | slot_of("10:00"), lambda: None, lock=write)

    assert (answer.status_code, Booking.objects.count()) == (409, 0)
    assert "That time is no longer free." in read(answer).text
    assert [row.period for row in BusyTime.objects.all()] == [period]
