"""Meetings that Ada has when the demo starts: three calls, a booked one-off meeting and an open one.

All of it is in the fifth week from the first start, at 12:30 and 16:30 in London. People who explore the demo, and
scripts that drive it, use nearer days and rounder times first, and expect Ada to be free then.
"""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from itertools import islice

from django.db import transaction

from caledee.accounts.models import User
from caledee.demo.people import ADA, create_demo_people
from caledee.locations import LocationKind
from caledee.timekeeping.zones import local_time, moment_at
from oneoff.creator.create import Details, create_one_off
from oneoff.models import OneOffMeeting
from oneoff.offer import OneOffOffer, slot_for
from scheduling.bookings.book import book
from scheduling.bookings.offers import EventTypeOffer, Invitee

# Days after the first start. Days that are whole weeks after it stay free, because most scripts use them.
DAYS_AHEAD = range(29, 35)
SATURDAY = 5
LUNCH, LATE = time(12, 30), time(16, 30)
DURATION = timedelta(minutes=30)

NORA = Invitee("Nora Lindqvist", "nora@example.net", "Europe/Stockholm", notes="I'd like to see the new pages first.")
TOMAS = Invitee("Tomás Ferreira", "tomas@example.org", "America/Sao_Paulo")
PRIYA = Invitee("Priya Raman", "priya@example.net", "Asia/Kolkata", notes="Can we talk about the pilot in spring?")
KOFI = Invitee("Kofi Mensah", "kofi@example.org", "Africa/Accra")
SOFIA = Invitee("Sofia Marin", "sofia@example.net", "Europe/Madrid")


@transaction.atomic
def create_demo(*, now: datetime) -> None:
    """Create the people and Ada's meetings, unless there are people already."""
    if User.objects.exists():
        return
    create_demo_people()
    plan_meetings(User.objects.get(handle=ADA.handle), now=now)


def plan_meetings(ada: User, *, now: datetime) -> None:
    """Book three calls and a one-off meeting, and create a one-off meeting that holds three times."""
    days = days_with_meetings(local_time(now, ada.zone).date())
    lunches, late = [[moment_at(datetime.combine(day, clock), ada.zone) for day in days] for clock in (LUNCH, LATE)]
    _create(ada, f"Interview with {SOFIA.name}", SOFIA, [lunches[1], late[2], late[3]], now=now)
    contract = _create(ada, "Contract review", KOFI, [late[0], lunches[2]], now=now)
    _book_time(contract, lunches[2], KOFI, now=now)
    for start, invitee in [(lunches[0], NORA), (late[1], TOMAS), (lunches[3], PRIYA)]:
        _book_call(ada, start, invitee, now=now)


def days_with_meetings(today: date) -> list[date]:
    """Return the first four of these days that are working days."""
    days = (today + timedelta(days=number) for number in DAYS_AHEAD)
    return list(islice((day for day in days if day.weekday() < SATURDAY), 4))


def _create(ada: User, name: str, invitee: Invitee, starts: Collection[datetime], *, now: datetime) -> OneOffMeeting:
    details = Details(
        name=name,
        duration=DURATION,
        location_kind=LocationKind.VIDEO,
        location=f"https://meet.example.com/{ada.handle}",
        invitee_name=invitee.name,
        invitee_email=invitee.email,
    )
    return create_one_off(details, starts, organizer=ada, created_by=ada, now=now)


def _book_time(one_off: OneOffMeeting, start: datetime, invitee: Invitee, *, now: datetime) -> None:
    book(OneOffOffer(one_off.link), slot_for(one_off.proposed_times.get(start=start)), invitee, now=now)


def _book_call(ada: User, start: datetime, invitee: Invitee, *, now: datetime) -> None:
    offer = EventTypeOffer(ada.event_types.get())
    book(offer, offer.slot_at(start), invitee, now=now)
