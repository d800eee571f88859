"""A booking, as its invitee sees it."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from caledee.locations import LocationKind
from caledee.timekeeping.wording import clocks_differ, say_duration, say_names, say_time_span
from caledee.web.http import token_page
from caledee.web.signed import read_signed_list
from scheduling.bookings.cancellations import say_cancel_reason
from scheduling.bookings.offers import format_start
from scheduling.feeds.ical import calendar_file
from scheduling.feeds.links import google_link, outlook_link
from scheduling.models import Booking, BookingQuerySet
from scheduling.pages.slots import day_of
from scheduling.rooms import VIDEO_CALL, say_booked_place
from scheduling.sources import sources

COOKIE = "bookings"
COOKIE_AGE = 400 * 24 * 3600
MOST_REMEMBERED = 20
NOT_YET_CHANGED = "Nothing is changed yet; try again in {}."


@require_safe
@login_not_required
@token_page
def booking(request: HttpRequest, token: str) -> HttpResponseBase:
    found, now = find_booking_and_source(token), timezone.now()
    steps = sources.source_of(found).next_steps(found, has_just_sent="sent" in request.GET, now=now)
    context = booking_facts(found) | {
        "google_link": google_link(found),
        "outlook_link": outlook_link(found),
        "has_started": found.start <= now,
        "is_over": found.end <= now,
        "steps": steps,
    }
    return TemplateResponse(request, "bookings/booking.html", context)


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
    """Return the booking at this address, unless its invitee's data were deleted, long after the meeting."""
    return get_object_or_404(_known_bookings(), token=token)


def find_booking_and_source(token: str) -> Booking:
    """Return the booking, with what its source needs to show it."""
    return get_object_or_404(sources.load(_known_bookings()), token=token)


def booking_facts(found: Booking) -> dict[str, object]:
    """Return what an invitee's pages show of a booking: in their zone, and in the organizer's if its clocks differ."""
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
        "place": VIDEO_CALL if is_video else say_booked_place(found),
        "video_link": found.location if is_video else "",
    }


def remember_booking(request: HttpRequest, response: HttpResponse, made: Booking) -> HttpResponse:
    """Remember in a cookie that this browser made the booking. A closed link then leads back to it."""
    tokens = [token for token in remembered_bookings(request) if token != made.token]
    value = signing.dumps([*tokens, made.token][-MOST_REMEMBERED:], salt=COOKIE, compress=True)
    response.set_cookie(
        COOKIE, value, max_age=COOKIE_AGE, httponly=True, samesite="Lax", secure=settings.SERVED_OVER_HTTPS
    )
    return response


def remembered_bookings(request: HttpRequest) -> list[str]:
    """Return the tokens of the bookings that this browser made."""
    return read_signed_list(request.COOKIES.get(COOKIE, ""), salt=COOKIE, max_age=COOKIE_AGE)


def _known_bookings() -> BookingQuerySet:
    return Booking.objects.known().select_related("organizer").prefetch_related("cohosts")
