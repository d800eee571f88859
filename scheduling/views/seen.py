"""What Caledee sees of the user's next days, and why a time of theirs can't be booked."""

from django.http import HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from caledee.accounts.requests import signed_in_user
from caledee.timekeeping.wording import say_start, say_zone
from scheduling.availability.slots import read_working_hours
from scheduling.bookings.offers import EventTypeOffer
from scheduling.forms.why_not import WhyNotForm
from scheduling.models import EventType
from scheduling.pages.week import read_week
from scheduling.pages.why_not import explain

DAYS_SEEN = 14


@require_safe
def what_caledee_sees(request: HttpRequest) -> HttpResponseBase:
    """Show the next days with everything that takes the user's time, and where it is from."""
    user, now = signed_in_user(request), timezone.now()
    hours = read_working_hours(user)
    event_types = list(EventType.objects.of(user))
    form = WhyNotForm(request.GET if "at_date" in request.GET else None, event_types, hours.zone)
    context: dict[str, object] = {
        "week": read_week(user, hours, now=now, days=DAYS_SEEN),
        "zone": say_zone(hours.zone),
        "form": form,
        "can_ask": bool(event_types),
    }
    if form.is_valid():
        form.chosen.organizer = user
        offer, start = EventTypeOffer(form.chosen), form.cleaned_data["at"]
        context |= {
            "asked": f"{offer.name}, {say_start(start, hours.zone)}",
            "reasons": explain(offer, start, user, now=now),
        }
    return TemplateResponse(request, "availability/seen.html", context, status=422 if form.errors else 200)
