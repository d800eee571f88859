"""What an event type is made of, and the rules for it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import timedelta

from caledee.accounts.models import Organization, User
from caledee.locations import LocationKind, clean_location
from scheduling.models import (
    HIGHEST_LIMIT,
    LONGEST_BUFFER,
    LONGEST_DURATION,
    MOST_HOSTS,
    ZERO,
    EventType,
    EventTypeKind,
    validate_event_type_slug,
)
from scheduling.rules import (
    DAY,
    MINUTE,
    Reason,
    Refusal,
    Span,
    length_refusals,
    meeting_refusals,
    number_refusals,
    refusals_of,
    repeated,
)

SLUG_MAX_LENGTH = 60
BUFFER = Span(ZERO, LONGEST_BUFFER)
MINIMUM_NOTICE = Span(ZERO, timedelta(days=60))
BOOKING_WINDOW = Span(DAY, timedelta(days=366), DAY)
START_INCREMENT = Span(5 * MINUTE, LONGEST_DURATION)
SLUG_REQUIRED = "Enter an address of the letters a to z, digits and hyphens."
NO_HOST = "Choose at least one host."
TOO_MANY_HOSTS = f"Choose at most {MOST_HOSTS} hosts."
HOST_TWICE = "Choose each host once."


@dataclass(frozen=True, slots=True)
class EventTypeDetails:
    """The settings of an event type. Its owner, kind and hosts are not among them."""

    name: str
    slug: str
    duration: timedelta
    location_kind: str = LocationKind.VIDEO
    location: str = ""
    room_kind: str = ""
    description: str = ""
    before_buffer: timedelta = ZERO
    after_buffer: timedelta = ZERO
    minimum_notice: timedelta = ZERO
    booking_window: timedelta = timedelta(days=60)
    start_increment: timedelta = timedelta(minutes=30)
    daily_limit: int | None = None
    invitee_limit: int | None = None

    @property
    def cleaned_location(self) -> str:
        return clean_location(self.location_kind, self.location)


def details_of(event_type: EventType) -> EventTypeDetails:
    return EventTypeDetails(**{field.name: getattr(event_type, field.name) for field in fields(EventTypeDetails)})


def event_type_refusals(details: EventTypeDetails) -> Iterator[Refusal]:
    yield from meeting_refusals(details)
    yield from slug_refusals(details.slug)
    yield from BUFFER.refusals("before_buffer", details.before_buffer)
    yield from BUFFER.refusals("after_buffer", details.after_buffer)
    yield from MINIMUM_NOTICE.refusals("minimum_notice", details.minimum_notice)
    yield from BOOKING_WINDOW.refusals("booking_window", details.booking_window)
    yield from START_INCREMENT.refusals("start_increment", details.start_increment)
    for field, limit in (("daily_limit", details.daily_limit), ("invitee_limit", details.invitee_limit)):
        if limit is not None:
            yield from number_refusals(field, limit, 1, HIGHEST_LIMIT)


def slug_refusals(slug: str) -> Iterator[Refusal]:
    if not slug:
        yield Refusal("slug", Reason.REQUIRED, SLUG_REQUIRED)
        return
    yield from refusals_of(validate_event_type_slug, "slug", slug, Reason.INVALID)
    yield from length_refusals("slug", slug, SLUG_MAX_LENGTH)


def host_refusals(organization: Organization, hosts: Sequence[User]) -> Iterator[Refusal]:
    """Refuse none, too many, repeated ones, and people who don't belong to the organization. One query."""
    if not hosts:
        yield Refusal("hosts", Reason.REQUIRED, NO_HOST)
    if len(hosts) > MOST_HOSTS:
        yield Refusal("hosts", Reason.TOO_MANY, TOO_MANY_HOSTS)
    for host in repeated(hosts):
        yield Refusal("hosts", Reason.REPEATED, HOST_TWICE, host.handle)
    members = User.objects.filter(is_active=True, memberships__organization=organization)
    present = set(members.filter(pk__in=[host.pk for host in hosts]))
    for host in hosts:
        if host not in present:
            yield Refusal("hosts", Reason.NOT_ALLOWED, not_a_member(organization), host.handle)


def possible_organizers(kind: str, owner: User | Organization, hosts: Sequence[User]) -> Sequence[User]:
    """Return the people of whom one will be the organizer of a booking. The first host of a collective one is."""
    if isinstance(owner, User):
        return [owner]
    return hosts[:1] if kind == EventTypeKind.COLLECTIVE else hosts


def not_a_member(organization: Organization) -> str:
    return f"Choose hosts from the members of {organization.name}."
