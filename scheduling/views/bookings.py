"""One booking, as its invitee sees it."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from caledee.http import token_page
from scheduling.booking import BookingOver, cancel
from scheduling.calendar_links import google_link, outlook_link
from scheduling.forms import CancelForm
from scheduling.ical import calendar_file
from scheduling.models import Booking, Canceller
from scheduling.wording import say_day, say_duration, say_location, say_time_span

COOKIE = "bookings"
COOKIE_AGE = 400 * 24 * 3600
MOST_REMEMBERED = 20


@require_safe
@login_not_required
@token_page
def booking(request: HttpRequest, token: str) -> HttpResponseBase:
    found = _find(token)
    return TemplateResponse(request, "booking.html", booking_facts(found))


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
@token_page
def cancel_booking(request: HttpRequest, token: str) -> HttpResponseBase:
    found = _find(token)
    form = CancelForm(request.POST or None)
    problem = ""
    if request.method == "POST" and form.is_valid():
        try:
            cancel(found, by=Canceller.INVITEE, reason=form.cleaned_data["reason"], now=timezone.now())
        except BookingOver:
            problem = "This meeting has begun already. It can't be cancelled any more."
        else:
            return redirect(found)
    context = booking_facts(found) | {"form": form, "problem": problem}
    status = 409 if problem else 422 if form.errors else 200
    return TemplateResponse(request, "booking_cancel.html", context, status=status)


@require_safe
@login_not_required
@token_page
def calendar(request: HttpRequest, token: str) -> HttpResponseBase:
    found = _find(token)
    response = HttpResponse(calendar_file(found, now=timezone.now()), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="meeting.ics"'
    return response


def booking_facts(found: Booking) -> dict[str, object]:
    """What the pages about a booking show: in the invitee's zone, and in the organizer's where it differs."""
    zone, organizer_zone = found.invitee_zone, found.organizer.zone
    start, organizer_start = found.start.astimezone(zone), found.start.astimezone(organizer_zone)
    differs = start.utcoffset() != organizer_start.utcoffset()
    return {
        "booking": found,
        "day": say_day(start.date()),
        "time": say_time_span(found.period, zone),
        "organizer_day": say_day(organizer_start.date()) if differs else "",
        "organizer_time": say_time_span(found.period, organizer_zone) if differs else "",
        "duration": say_duration(found.duration),
        "place": say_location(found.location_kind, found.location, found.organizer.name),
        "is_over": found.start <= timezone.now(),
        "google_link": google_link(found),
        "outlook_link": outlook_link(found),
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
    try:
        return list(signing.loads(request.COOKIES.get(COOKIE, ""), salt=COOKIE, max_age=COOKIE_AGE))
    except signing.BadSignature:
        return []


def _find(token: str) -> Booking:
    found = Booking.objects.select_related("organizer").filter(token=token).first()
    if found is None:
        raise Http404
    return found
