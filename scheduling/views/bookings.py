"""One booking, as its invitee sees it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from caledee.limits.counting import seconds_to_wait
from caledee.limits.rates import change_of
from caledee.locations import LocationKind
from caledee.timekeeping.wording import clocks_differ, say_duration, say_location, say_names, say_time_span
from caledee.web.http import retry_after, say_wait, token_page
from caledee.web.origins import public_form
from caledee.web.signed import read_signed_list
from scheduling.bookings.book import BookingOver, cancel
from scheduling.bookings.cancellations import say_cancel_reason
from scheduling.bookings.offers import format_start
from scheduling.calendars.ical import calendar_file
from scheduling.calendars.links import google_link, outlook_link
from scheduling.forms.bookings import CancelForm
from scheduling.models import Booking, Canceller, EventType
from scheduling.pages.slots import day_of

COOKIE = "bookings"
COOKIE_AGE = 400 * 24 * 3600
MOST_REMEMBERED = 20
BEGUN = "This meeting has begun already. It can't be cancelled any more."
TOO_OFTEN = "Too many attempts. Nothing is changed yet; try again in {}."


@dataclass(frozen=True, slots=True)
class Asked:
    """Other times that the invitee asked for, and what came of it, in words; `word` is what the organizer said."""

    times: Sequence[str]
    state: str
    word: str = ""


@dataclass(frozen=True, slots=True)
class Ways:
    """Addresses of what the invitee can do besides cancelling, empty if they can't; and what they asked for.

    `sent` is what to say to someone who has just suggested times.
    """

    book_again: str = ""
    change: str = ""
    propose: str = ""
    asked: Sequence[Asked] = ()
    sent: str = ""


@require_safe
@login_not_required
@token_page
def booking(request: HttpRequest, token: str) -> HttpResponseBase:
    found = find_booking(token)
    again = _address_to_book_again(found)
    change = reverse("scheduling:booking_reschedule", args=[token]) if again else ""
    return show_booking(request, found, Ways(book_again=again, change=change), now=timezone.now())


def show_booking(request: HttpRequest, found: Booking, ways: Ways, *, now: datetime) -> HttpResponseBase:
    """The page of one booking, whatever it was made on."""
    context = booking_facts(found) | {
        "google_link": google_link(found),
        "outlook_link": outlook_link(found),
        "has_begun": found.start <= now,
        "is_over": found.end <= now,
        "ways": ways,
    }
    return TemplateResponse(request, "booking.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
@public_form
@token_page
def cancel_booking(request: HttpRequest, token: str) -> HttpResponseBase:
    now = timezone.now()
    found = find_booking(token)
    if request.method != "POST":
        return redirect(found) if found.is_cancelled else _ask_to_cancel(request, found, CancelForm(), now)
    form = CancelForm(request.POST)
    if wait := seconds_to_wait(*change_of(request, found.pk), now=now):
        form.add_error(None, TOO_OFTEN.format(say_wait(wait)))
        return retry_after(_ask_to_cancel(request, found, form, now), wait)
    if not form.is_valid():
        return _ask_to_cancel(request, found, form, now, status=422)
    # An organizer who comes here by an invitee's link is still the organizer: nobody is told that the invitee did it.
    by = Canceller.ORGANIZER if request.user == found.organizer else Canceller.INVITEE
    try:
        cancel(found, by=by, reason=form.cleaned_data["reason"], now=now)
    except BookingOver:
        return _ask_to_cancel(request, found, form, now, status=409)
    return redirect(found)


@require_safe
@login_not_required
@token_page
def calendar(request: HttpRequest, token: str) -> HttpResponseBase:
    return as_calendar_file(calendar_file(find_booking(token), now=timezone.now()))


def as_calendar_file(content: bytes) -> HttpResponse:
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="meeting.ics"'
    return response


def find_booking(token: str) -> Booking:
    """None of a meeting long past, whose invitee's data were deleted: its page would be nobody's."""
    found = Booking.objects.known().select_related("organizer").prefetch_related("cohosts")
    return get_object_or_404(found, token=token)


def booking_facts(found: Booking) -> dict[str, object]:
    """What the pages about a booking show: in the invitee's zone, and in the organizer's where clocks there differ."""
    zone, organizer_zone = found.invitee_zone, found.organizer.zone
    differs = clocks_differ(found.period, zone, organizer_zone)
    is_video = found.location_kind == LocationKind.VIDEO and found.location
    return {
        "booking": found,
        "hosts": say_names(person.name for person in found.people),
        "moment": format_start(found.start),
        "day": day_of(found.period, zone),
        "time": say_time_span(found.period, zone),
        "organizer_day": day_of(found.period, organizer_zone) if differs else "",
        "organizer_time": say_time_span(found.period, organizer_zone) if differs else "",
        "duration": say_duration(found.duration),
        "cancel_reason": say_cancel_reason(found),
        "place": "Video call" if is_video else say_location(found.location_kind, found.location, found.organizer.name),
        "video_link": found.location if is_video else "",
    }


def remember_booking(request: HttpRequest, response: HttpResponse, made: Booking) -> HttpResponse:
    """Let this browser find its booking again when it comes back through a link that the booking closed."""
    tokens = [token for token in remembered_bookings(request) if token != made.token]
    value = signing.dumps([*tokens, made.token][-MOST_REMEMBERED:], salt=COOKIE, compress=True)
    response.set_cookie(
        COOKIE, value, max_age=COOKIE_AGE, httponly=True, samesite="Lax", secure=settings.SERVED_OVER_HTTPS
    )
    return response


def remembered_bookings(request: HttpRequest) -> list[str]:
    """The tokens of the bookings that this browser made."""
    return read_signed_list(request.COOKIES.get(COOKIE, ""), salt=COOKIE, max_age=COOKIE_AGE)


def _ask_to_cancel(
    request: HttpRequest, found: Booking, form: CancelForm, now: datetime, *, status: int = 200
) -> HttpResponseBase:
    problem = BEGUN if found.start <= now else ""
    context = booking_facts(found) | {"form": form, "problem": problem}
    return TemplateResponse(request, "booking_cancel.html", context, status=status)


def _address_to_book_again(found: Booking) -> str:
    bookable = EventType.objects.bookable().select_related("organizer", "organization")
    event_type = bookable.filter(bookings=found).first()
    if event_type is None:
        return ""
    return event_type.get_absolute_url()
