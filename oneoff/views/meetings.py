"""The meetings page with the choice of a teammate, at the address that scheduling has for one's own."""

from collections.abc import Collection
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_safe

from caledee.accounts.models import User
from caledee.accounts.requests import signed_in_user
from oneoff.models import SingleUseLink
from oneoff.permissions import bookings_to_see, colleagues_of
from scheduling.models import Booking
from scheduling.pages.meetings import Teammate
from scheduling.views import meetings as own_meetings


@require_safe
def meetings(request: HttpRequest) -> HttpResponseBase:
    """Whoever is not among those for whom one may create is as if not asked for."""
    user = signed_in_user(request)
    people = colleagues_of(user).people
    of = request.GET.get("of", "").lower()
    person = next((each for each in people if each.handle == of and each != user), None)
    return own_meetings.meetings(request, people=people, teammate=_teammate(user, person) if person else None)


def _teammate(user: User, person: User) -> Teammate:
    def find_addresses(bookings: Collection[Booking]) -> dict[UUID, str]:
        """Of a one-off's booking the one-off, which can be cancelled there; of one's own the meeting."""
        links = SingleUseLink.objects.filter(booking__in=bookings).values_list("booking_id", "one_off_id")
        own = {each.pk: reverse("scheduling:meeting", args=[each.pk]) for each in bookings if user in each.people}
        return own | {booking: reverse("oneoff:detail", args=[one_off]) for booking, one_off in links}

    return Teammate(person, bookings_to_see(user), find_addresses)
