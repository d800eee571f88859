"""The people of the demo. The tests use them too."""

from dataclasses import dataclass
from datetime import timedelta

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from caledee.accounts.models import Membership, Organization, Role, User
from caledee.accounts.plans import Plan
from caledee.locations import LocationKind
from scheduling.availability.schedules import save_schedule
from scheduling.availability.slots import USUAL_WEEK, WorkingHours
from scheduling.models import EventType

PASSWORD = "caledee-demo"  # noqa: S105
ORGANIZATION = "Analytical Engines"
ORGANIZATION_HANDLE = "analytical-engines"


@dataclass(frozen=True)
class Person:
    name: str
    handle: str
    time_zone: str
    role: Role | None

    @property
    def email(self) -> str:
        return f"{self.handle}@example.com"


ADA = Person("Ada Lovelace", "ada", "Europe/London", Role.OWNER)
GRACE = Person("Grace Hopper", "grace", "America/New_York", Role.ADMIN)
ALAN = Person("Alan Turing", "alan", "Asia/Kolkata", Role.MEMBER)
MARY = Person("Mary Somerville", "mary", "Pacific/Auckland", None)
PEOPLE = [ADA, GRACE, ALAN, MARY]


@transaction.atomic
def create_demo_people() -> None:
    """Create them in an empty database. Add nothing to one with people, who may have changed anything."""
    if User.objects.exists():
        return
    organization = create_demo_organization()
    password = make_password(PASSWORD)
    for person in PEOPLE:
        create_person(person, organization, password)


def create_demo_organization() -> Organization:
    return Organization.objects.create(name=ORGANIZATION, handle=ORGANIZATION_HANDLE, plan=Plan.TEAM)


def create_person(person: Person, organization: Organization, hashed_password: str | None = None) -> User:
    """Create a person with working hours and an event type, and a membership if they have a role.

    Hashing is slow on purpose: pass the hash of PASSWORD to create several people.
    """
    user = User.objects.create(
        email=person.email,
        password=hashed_password or make_password(PASSWORD),
        name=person.name,
        handle=person.handle,
        time_zone=person.time_zone,
        plan=Plan.TEAM if person.role else Plan.FREE,
        started_at=timezone.now(),
    )
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    if person.role:
        Membership.objects.create(organization=organization, user=user, role=person.role)
    save_schedule(user, WorkingHours(user.zone, USUAL_WEEK))
    _create_intro_call(user)
    return user


def _create_intro_call(user: User) -> None:
    EventType.objects.create(
        organizer=user,
        name="Intro call",
        slug="intro",
        duration=timedelta(minutes=30),
        location_kind=LocationKind.VIDEO,
        location=f"https://meet.example.com/{user.handle}",
        booking_window=timedelta(days=60),
        created_at=timezone.now(),
    )
