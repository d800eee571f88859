"""The people who ask for each address, and what they ask for."""

from datetime import timedelta
from uuid import UUID

from allauth.mfa.models import Authenticator

from caledee.accounts.models import Invitation, Role, User
from caledee.email.models import EmailRecord, EmailRole, Undelivered
from oneoff.models import OneOffMeeting
from oneoff.proposals.propose import Wish, propose
from scheduling.bookings.book import cancel
from scheduling.calendars.models import ConnectionKind
from scheduling.models import Booking, CalendarFeed, Canceller
from tests.authority.matrix import WHO, Things
from tests.caledee.accounts.signin.soft_key import SoftKey
from tests.factories import (
    ADA,
    ALAN,
    GRACE,
    MARY,
    Organizer,
    book_event_type,
    book_one_off,
    half_hour,
    make_one_off,
    make_organization,
    make_organizer,
    offer_of,
    on_tuesday,
    time_of,
)
from tests.support.calendars import make_calendar, make_connection
from tests.support.times import NOW

OPTIONS = '{"publicKey": {"user": {"id": ""}, "challenge": ""}}'
# Names of fields contain it.
CALENDAR = UUID("c0ffee00-0000-4000-8000-000000000000")


def moved_to_now(booking: Booking) -> Booking:
    """Let the meeting start a moment ago, because a meeting that has begun can't be booked."""
    Booking.objects.filter(pk=booking.pk).update(start=NOW - timedelta(minutes=10))
    return booking


CHARLES = Organizer("Charles Babbage", "charles", "Europe/London", Role.ADMIN)


def make_people() -> dict[str, User | None]:
    """Return the people by WHO: those of the demo, and an admin of another organization."""
    organization = make_organization("Analytical Engines")
    ada, grace, alan, mary = [make_organizer(each, organization) for each in (ADA, GRACE, ALAN, MARY)]
    charles = make_organizer(CHARLES, make_organization("Difference Engines"))
    return dict(zip(WHO, [None, mary, alan, grace, ada, charles], strict=True))


def make_things(people: dict[str, User | None]) -> Things:
    """Create what the rows ask for: everything is Alan's except the organization and its invitation."""
    mary, alan, ada = people["stranger"], people["himself"], people["owner"]
    organization = ada.memberships.get().organization
    one_off = make_one_off(alan, "09:00", "11:00", created_by=ada)
    connection = make_connection(alan, ConnectionKind.CALDAV)
    make_calendar(alan, half_hour("20:00"), connection=connection, pk=CALENDAR)
    booking = book_event_type(alan, "10:00")
    EmailRecord.objects.filter(subject=booking.pk).update(failed_at=NOW, reason=Undelivered.ADDRESS)
    booked = make_one_off(alan, "13:00", "14:00", name="Booked")
    cancelled, begun = make_one_off(alan, "15:00", name="Cancelled"), make_one_off(alan, "16:00", name="Begun")
    cancel(book_one_off(cancelled, "15:00"), by=Canceller.INVITEE, now=NOW)
    wish = Wish("Dana Scott", "dana@example.com", "Europe/Paris", [on_tuesday("18:00")])
    return {
        "alan": alan,
        "organization": organization,
        "invitation": Invitation.objects.create(
            organization=organization, email=mary.email, invited_by=ada, created_at=NOW
        ),
        "feed": CalendarFeed.objects.create(user=alan, created_at=NOW, changed_at=NOW),
        "passkey": Authenticator.objects.create(
            user=alan, type=Authenticator.Type.WEBAUTHN, data={"name": "Key", "credential": SoftKey().create(OPTIONS)}
        ),
        "connection": connection,
        "event_type": alan.event_types.get(),
        "booking": booking,
        "undelivered": EmailRecord.objects.get(subject=booking.pk, role=EmailRole.INVITEE),
        "one_off": OneOffMeeting.objects.get(pk=one_off.pk),
        "time": time_of(one_off, "09:00"),
        "booked": booked,
        "one_off_booking": book_one_off(booked, "13:00"),
        "cancelled": cancelled,
        "proposal": propose(offer_of(one_off).link, wish, now=NOW),
        "begun": moved_to_now(book_event_type(alan, "08:30")),
        "one_off_begun": moved_to_now(book_one_off(begun, "16:00")),
    }
