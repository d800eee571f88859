"""The answer to why a time isn't bookable, in words. Only for its organizer, who can know what takes their time."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from caledee.accounts.models import User
from caledee.timekeeping.wording import say_count, say_duration, say_time_span
from scheduling.availability.taken import Taken, TakenKind
from scheduling.bookings.offers import EventTypeOffer
from scheduling.bookings.why_not import Obstacle, WhyNot, why_not
from scheduling.models import Booking

CAN_BE_BOOKED = "It can be booked."
SENTENCES: Mapping[Obstacle, str] = {
    Obstacle.PAUSED: "The event type is switched off, or paused by your plan.",
    Obstacle.PAST: "It is in the past.",
    Obstacle.NOTICE: "It is too soon: the minimum notice is {notice}.",
    Obstacle.WINDOW: "It is too far ahead: the booking window is {window}.",
    Obstacle.HOURS: "It is outside your working hours.",
    Obstacle.BOOKING: "You have a meeting{name}, {span}.",
    Obstacle.HOLD: "The time is held for a one-off meeting, {span}.",
    Obstacle.CALENDAR: "You are busy in {source}, {span}.",
    Obstacle.UNKNOWN: "{source} can’t be read at the moment, so no time is offered.",
    Obstacle.DAILY_LIMIT: "The day has reached its limit of {limit}.",
    Obstacle.GRID: "It is between two start times: one is offered every {increment}.",
}


def explain(offer: EventTypeOffer, start: datetime, reader: User, *, now: datetime) -> list[str]:
    """Return a sentence for each reason, or that the time can be booked. `reader` is the organizer."""
    found = why_not(offer, start, now=now)
    names = _names_of([each.taken for each in found if each.taken], reader)
    return list(dict.fromkeys(_say(each, offer, names) for each in found)) or [CAN_BE_BOOKED]


def _names_of(taken: Sequence[Taken], reader: User) -> dict[UUID, str]:
    booked = [each.claim for each in taken if each.claim and each.kind is TakenKind.BOOKING]
    return dict(Booking.objects.taking_part(reader).filter(pk__in=booked).values_list("pk", "name")) if booked else {}


def _say(why: WhyNot, offer: EventTypeOffer, names: Mapping[UUID, str]) -> str:
    event_type, taken = offer.event_type, why.taken
    name = names.get(taken.claim) if taken and taken.claim else None
    return SENTENCES[why.obstacle].format(
        notice=say_duration(event_type.minimum_notice),
        window=say_count(event_type.booking_window.days, "day"),
        limit=say_count(event_type.daily_limit or 0, "meeting"),
        increment=say_duration(event_type.start_increment),
        name=f" ({name})" if name else "",
        source=taken.source if taken else "",
        span=say_time_span(taken.period, offer.zone) if taken else "",
    )
