"""People, organizations, event types, meetings and bookings for the tests.

Meetings take place on 1 December 2026 by London time, unless a date is given.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from allauth.account.models import EmailAddress
from django.utils import timezone

from caledee.accounts.models import Invitation, Membership, Organization, Role, User
from caledee.accounts.plans import Plan
from caledee.accounts.teams.invitations import invite
from caledee.locations import LocationKind
from caledee.timekeeping.periods import Period
from oneoff.creator.create import Details, create_one_off
from oneoff.models import OneOffMeeting, ProposedTime
from oneoff.offer import OneOffOffer
from scheduling.availability.slots import USUAL_WEEK
from scheduling.bookings.book import UNKNOWN_SENDER, Sender, book
from scheduling.bookings.offers import EventTypeOffer, Invitee
from scheduling.bookings.team_offers import team_offer
from scheduling.event_type_rules import EventTypeDetails
from scheduling.event_types import create_event_type
from scheduling.models import Booking, BusyTime, EventType, EventTypeKind, Schedule, WeeklyHours
from tests.support.times import NOW, at

PASSWORD = "caledee-demo"
DANA = Invitee(name="Dana Scott", email="dana@example.com", time_zone="Europe/Paris")
EDSGER = Invitee(name="Edsger Dijkstra", email="edsger@example.com", time_zone="Europe/Amsterdam")
# Identifies a form that is sent twice.
DANAS_FORM = Sender(nonce="d" * 24)


@dataclass(frozen=True)
class Organizer:
    name: str
    handle: str
    time_zone: str
    role: Role | None


ADA = Organizer("Ada Lovelace", "ada", "Europe/London", Role.OWNER)
GRACE = Organizer("Grace Hopper", "grace", "America/New_York", Role.ADMIN)
ALAN = Organizer("Alan Turing", "alan", "Asia/Kolkata", Role.MEMBER)
MARY = Organizer("Mary Somerville", "mary", "Pacific/Auckland", None)


# People and organizations


def make_person(handle: str, *, verified: bool = True, plan: Plan = Plan.TEAM) -> User:
    """Create someone in Paris, without working hours or event types."""
    user = User.objects.create_user(
        f"{handle}@example.com",
        PASSWORD,
        name=handle.title(),
        handle=handle,
        time_zone="Europe/Paris",
        plan=plan,
    )
    EmailAddress.objects.create(user=user, email=user.email, verified=verified, primary=True)
    return user


def make_organizer(organizer: Organizer, organization: Organization) -> User:
    """Create a person with working hours and an event type "intro", and a membership if `organizer` has a role."""
    user = User.objects.create_user(
        f"{organizer.handle}@example.com",
        PASSWORD,
        name=organizer.name,
        handle=organizer.handle,
        time_zone=organizer.time_zone,
        plan=Plan.TEAM if organizer.role else Plan.FREE,
        started_at=timezone.now(),
    )
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    if organizer.role:
        Membership.objects.create(organization=organization, user=user, role=organizer.role)
    make_schedule(user)
    EventType.objects.create(
        organizer=user,
        name="Intro call",
        slug="intro",
        duration=timedelta(minutes=30),
        location_kind=LocationKind.VIDEO,
        location=f"https://meet.example.com/{user.handle}",
        created_at=timezone.now(),
    )
    return user


def make_schedule(user: User) -> Schedule:
    """Create the usual working hours in the person's time zone."""
    schedule = Schedule.objects.create(organizer=user, time_zone=user.time_zone)
    WeeklyHours.objects.bulk_create(
        WeeklyHours(schedule=schedule, weekday=weekday, start=start, end=end)
        for weekday, spans in USUAL_WEEK.items()
        for start, end in spans
    )
    return schedule


def make_organization(name: str, plan: Plan = Plan.TEAM, **roles: User) -> Organization:
    """Create an organization with these people, by role: `owner=ada, member=alan`."""
    made = Organization.objects.create(name=name, handle=name.lower().replace(" ", "-"), plan=plan, created_at=NOW)
    for role, person in roles.items():
        Membership.objects.create(organization=made, user=person, role=Role(role))
    return made


def let_meet(*people: User) -> None:
    """Let each of these people create meetings with all the others: they own an organization together."""
    shared = make_organization("Shared")
    Membership.objects.bulk_create(Membership(organization=shared, user=each, role=Role.OWNER) for each in people)


def make_invitation(
    organization: Organization, email: str, by: User, role: Role = Role.MEMBER, *, now: datetime = NOW
) -> Invitation:
    return invite(organization, email, role, by=by, now=now)[0]


def roles_in(organization: Organization) -> dict[str, str]:
    return dict(organization.memberships.values_list("user__handle", "role"))


# Event types


def make_team_event_type(
    organization: Organization, kind: EventTypeKind, *hosts: User, slug: str = "team", **fields: object
) -> EventType:
    settings = {"name": "Team call", "duration": timedelta(minutes=30), "location": "https://meet.example.com/team"}
    details = EventTypeDetails(slug=slug, **settings | fields)
    # Each a moment after the one before: that is their order in lists.
    now = NOW + timedelta(seconds=EventType.objects.count())
    return create_event_type(details, owner=organization, kind=kind, hosts=hosts, now=now)


def make_collective(organization: Organization, *hosts: User, **fields: object) -> EventType:
    return make_team_event_type(organization, EventTypeKind.COLLECTIVE, *hosts, **fields)


def make_round_robin(organization: Organization, *hosts: User, **fields: object) -> EventType:
    return make_team_event_type(organization, EventTypeKind.ROUND_ROBIN, *hosts, **fields)


def team_offer_of(event_type: EventType) -> EventTypeOffer:
    """Read the event type again, as a page does."""
    return team_offer(EventType.objects.select_related("organization").get(pk=event_type.pk))


def book_intro(organizer: User, start: str, invitee: Invitee = EDSGER, *, now: datetime = NOW) -> Booking:
    """Book half an hour of `organizer` from `start` by London time, such as `2026-12-01 09:00`."""
    offer = EventTypeOffer(organizer.event_types.get(slug="intro"))
    return book(offer, offer.slot(at(start).isoformat()), invitee, now=now)


def book_event_type(organizer: User, clock: str, invitee: Invitee = EDSGER, *, now: datetime = NOW) -> Booking:
    return book_intro(organizer, f"2026-12-01 {clock}", invitee, now=now)


def book_team(
    event_type: EventType,
    clock: str,
    invitee: Invitee = EDSGER,
    *,
    sender: Sender = UNKNOWN_SENDER,
    now: datetime = NOW,
) -> Booking:
    offer = team_offer_of(event_type)
    return book(offer, offer.slot(on_tuesday(clock).isoformat()), invitee, sender=sender, now=now)


def clocks_on_tuesday(offer: EventTypeOffer, *, now: datetime = NOW) -> list[str]:
    """Return the starts on 1 December 2026 by London time."""
    slots = offer.open_slots(Period.lasting(on_tuesday("00:00"), timedelta(days=1)), now=now)
    return [f"{slot.period.start:%H:%M}" for slot in slots]


# One-off meetings


def on_tuesday(clock: str) -> datetime:
    return at(f"2026-12-01 {clock}")


def half_hour(clock: str) -> Period:
    return Period.lasting(on_tuesday(clock), timedelta(minutes=30))


def make_one_off(
    organizer: User,
    *clocks: str,
    cohosts: Collection[User] = (),
    created_by: User | None = None,
    now: datetime = NOW,
    **details: object,
) -> OneOffMeeting:
    """Create one of 30 minutes, at these times of day or full dates, held unless `hold_times` says otherwise."""
    described = {
        "name": "Interview",
        "duration": timedelta(minutes=30),
        "location_kind": "video",
        "location": "https://meet.example.com/interview",
    }
    starts = [at(clock) if "-" in clock else on_tuesday(clock) for clock in clocks]
    return create_one_off(
        Details(**described | details),
        starts,
        organizer=organizer,
        cohosts=cohosts,
        created_by=created_by or organizer,
        now=now,
    )


def time_of(one_off: OneOffMeeting, clock: str) -> ProposedTime:
    return one_off.proposed_times.get(start=on_tuesday(clock))


def offer_of(one_off: OneOffMeeting) -> OneOffOffer:
    return OneOffOffer(OneOffMeeting.objects.get(pk=one_off.pk).link)


def book_one_off(
    one_off: OneOffMeeting,
    clock: str,
    invitee: Invitee = DANA,
    *,
    sender: Sender = UNKNOWN_SENDER,
    now: datetime = NOW,
) -> Booking:
    offer = offer_of(one_off)
    return book(offer, offer.slot(str(time_of(one_off, clock).pk)), invitee, sender=sender, now=now)


def offered(one_off: OneOffMeeting, *, now: datetime = NOW) -> list[Period]:
    return [slot.period for slot in offer_of(one_off).open_slots(now=now)]


def ledger() -> list[tuple[str, UUID, str, Period]]:
    """Return all rows of busy time in order: handle, claim, kind and period."""
    rows = BusyTime.objects.select_related("organizer").order_by("start", "end", "organizer__handle")
    return [(row.organizer.handle, row.claim, row.kind, row.period) for row in rows]
