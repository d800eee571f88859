"""Event types as a source of bookings."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q
from django.urls import reverse

from caledee.accounts.models import Membership, Role, User
from scheduling.bookings.finding import find_offer_to_move
from scheduling.models import Booking, EventType
from scheduling.sources import Move, NextSteps, Source, WayToCreate, sources


class EventTypeSource(Source):
    def has_made(self, booking: Booking) -> bool:
        return booking.event_type_id is not None

    def move(self, booking: Booking) -> Move | None:
        offer = find_offer_to_move(booking)
        return Move(offer) if offer else None

    def next_steps(self, booking: Booking, *, has_just_sent: bool, now: datetime) -> NextSteps:  # noqa: ARG002
        bookable = EventType.objects.bookable().select_related("organizer", "organization")
        event_type = bookable.filter(bookings=booking).first()
        if event_type is None:
            return NextSteps()
        return NextSteps(
            book_again=event_type.get_absolute_url(),
            change=reverse("scheduling:booking_reschedule", args=[booking.token]),
        )

    def disclosed_to(self, user: User) -> Q:
        administered = Membership.objects.filter(user=user, role__in=Role.administrators())
        return Q(event_type__organization__in=administered.values("organization"))

    def ways_to_create(self) -> Sequence[WayToCreate]:
        return [
            WayToCreate(
                "One-on-one",
                "A page that people book again and again, whenever you are free.",
                reverse("scheduling:event_type_create"),
            )
        ]

    def ways_to_create_for_teams(self) -> Sequence[WayToCreate]:
        return [
            WayToCreate(
                "Collective",
                "One invitee meets several of you, whenever all are free.",
                reverse("scheduling:event_type_create_collective"),
            ),
            WayToCreate(
                "Round-robin",
                "One invitee meets one of you: whoever is free and least busy.",
                reverse("scheduling:event_type_create_round_robin"),
            ),
        ]


sources.register(EventTypeSource())
