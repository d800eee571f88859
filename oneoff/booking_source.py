"""One-off meetings as a source of bookings."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Q
from django.urls import reverse

from caledee.accounts.models import User
from oneoff.models import SingleUseLink
from oneoff.offer import MoveOffer
from oneoff.permissions import colleagues_of
from oneoff.proposals.notes import notes_about
from scheduling.models import Booking, BookingQuerySet
from scheduling.sources import Link, Move, NextSteps, PageExtras, Source, WayToCreate, sources

SENT = "Sent. {} gets your times by email and answers you by email. Your meeting stays as it is until then."


class OneOffSource(Source):
    def has_made(self, booking: Booking) -> bool:
        return _link_of(booking) is not None

    def load(self, bookings: BookingQuerySet) -> BookingQuerySet:
        one_off = "single_use_link__one_off"
        return bookings.select_related(f"{one_off}__organizer").prefetch_related(f"{one_off}__cohosts")

    def move(self, booking: Booking) -> Move | None:
        link = _link_of(booking)
        if link is None:
            return None
        propose_address = reverse("oneoff:propose_move", args=[booking.token])
        return Move(MoveOffer(link, moved=booking), PageExtras(propose_address=propose_address))

    def next_steps(self, booking: Booking, *, has_just_sent: bool, now: datetime) -> NextSteps:
        link = _link_of(booking)
        if link is None or booking.is_cancelled or booking.start <= now:
            return NextSteps()
        has_others = bool(MoveOffer(link, moved=booking).open_slots(now=now))
        return NextSteps(
            change=reverse("scheduling:booking_reschedule", args=[booking.token]) if has_others else "",
            links=[Link("Suggest other times", reverse("oneoff:propose_move", args=[booking.token]))],
            notes=notes_about(booking),
            notice=SENT.format(booking.organizer.name) if has_just_sent else "",
        )

    def page_of(self, booking: Booking) -> str:
        link = _link_of(booking)
        return _page(link.one_off_id) if link else ""

    def pages_of(self, bookings: Collection[Booking]) -> Mapping[UUID, str]:
        links = SingleUseLink.objects.filter(booking__in=bookings).values_list("booking_id", "one_off_id")
        return {booking: _page(one_off) for booking, one_off in links if booking}

    def managed_by(self, user: User) -> Q:
        return Q(single_use_link__one_off__organizer__in=User.objects.organized_by(user))

    def disclosed_to(self, user: User) -> Q:
        return self.managed_by(user)

    def colleagues_of(self, user: User) -> Collection[User]:
        return colleagues_of(user).people

    def ways_to_create(self) -> Sequence[WayToCreate]:
        return [
            WayToCreate(
                "One-off meeting",
                "A private link for one meeting, with times you pick and hold.",
                reverse("oneoff:create"),
            )
        ]


def _link_of(booking: Booking) -> SingleUseLink | None:
    """Return the link that the booking closed, or None if it wasn't made through one."""
    try:
        return booking.single_use_link
    except ObjectDoesNotExist:
        return None


def _page(one_off: UUID) -> str:
    return reverse("oneoff:detail", args=[one_off])


sources.register(OneOffSource())
