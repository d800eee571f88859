"""The meetings page, and the page of one meeting."""

from collections.abc import Sequence
from uuid import UUID

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from caledee.accounts.models import User
from caledee.accounts.requests import signed_in_user
from caledee.timekeeping.wording import say_day
from caledee.timekeeping.zones import local_time
from scheduling.feeds.ical import calendar_file
from scheduling.forms.bookings import MeetingSearchForm
from scheduling.models import Booking
from scheduling.pages.calendar_notes import calendar_notes
from scheduling.pages.history import history_of
from scheduling.pages.meetings import Teammate, meeting_days, meeting_row
from scheduling.pages.undelivered import undelivered_of
from scheduling.permissions import find_meeting_taken_part_in
from scheduling.sources import sources
from scheduling.views.bookings import as_calendar_file

PER_PAGE = 25


@require_safe
def meetings(request: HttpRequest) -> HttpResponseBase:
    """Show one's own meetings, or those of a colleague with only the details that may be seen."""
    user, now = signed_in_user(request), timezone.now()
    people = sources.colleagues_of(user)
    teammate = _teammate(request, user, people)
    shows_past = request.GET.get("show") == "past"
    form = MeetingSearchForm(request.GET.dict())
    whose = Booking.objects.taking_part(teammate.person if teammate else user)
    if invitee := form.sought:
        # A search must not reveal whom a colleague meets.
        whose = (whose.filter(pk__in=teammate.disclosed.values("pk")) if teammate else whose).with_invitee(invitee)
    whose = whose.select_related("organizer").prefetch_related("cohosts")
    page = Paginator(whose.past(now) if shows_past else whose.upcoming(now), PER_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "days": meeting_days(page, user, teammate=teammate, now=now),
        "page": page,
        "shows_past": shows_past,
        "zone": user.place,
        "form": form,
        "invitee": invitee,
        "people": people,
        "teammate": teammate.person if teammate else None,
    }
    return TemplateResponse(request, "meetings/meetings.html", context)


@require_safe
def meeting(request: HttpRequest, key: UUID) -> HttpResponseBase:
    """Show one meeting with its facts, actions and history."""
    user, now = signed_in_user(request), timezone.now()
    found = find_meeting_taken_part_in(user, key)
    context = {
        "row": meeting_row(found, user, now=now, undelivered=undelivered_of([found.pk], user).get(found.pk, ())),
        "day": say_day(local_time(found.start, user.zone).date()),
        "is_over": found.end <= now,
        "calendar_notes": calendar_notes(found, user, now=now),
        "history": history_of([found.pk], reader=user),
    }
    return TemplateResponse(request, "meetings/meeting.html", context)


@require_safe
def meeting_calendar(request: HttpRequest, key: UUID) -> HttpResponseBase:
    """Serve the calendar file at an address that doesn't contain the invitee's token."""
    found = find_meeting_taken_part_in(signed_in_user(request), key)
    content = calendar_file(found, now=timezone.now(), link=f"{settings.BASE_URL}{reverse('scheduling:meetings')}")
    return as_calendar_file(content)


def _teammate(request: HttpRequest, user: User, people: Sequence[User]) -> Teammate | None:
    """Return whose meetings the address asks for. Someone who isn't among `people` is ignored."""
    of = request.GET.get("of", "").lower()
    person = next((each for each in people if each.handle == of and each != user), None)
    return Teammate(person, sources.disclosed_to(user)) if person else None
