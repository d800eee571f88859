"""The board of one-off meetings, the page of each, and its actions."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from caledee.accounts.models import User
from caledee.accounts.requests import signed_in_user
from caledee.lazy import lazy_import
from caledee.timekeeping.wording import clocks_differ, say_moment, say_when
from oneoff.board.history import latest_deletions, subjects_of
from oneoff.board.rows import State, one_off_row, rows_by_state, taken_times
from oneoff.board.share_text import invitation_text, mailto_link
from oneoff.creator.create import delete_one_off, offer_anyway, withdraw_time
from oneoff.creator.forms import ChosenTimeForm
from oneoff.links import LinkClosed
from oneoff.models import OneOffMeeting, OneOffMeetingQuerySet, ProposedTime
from oneoff.permissions import (
    colleagues_of,
    find_one_off,
    find_one_off_to_see,
    managed_by,
    one_offs_of_team,
    one_offs_on_board,
)
from oneoff.proposals.rows import count_open, proposal_rows
from scheduling.calendars.status import problems_of
from scheduling.pages.history import history_of
from scheduling.pages.undelivered import latest_undelivered, undelivered_of
from scheduling.views.cancel import CancelPage

if TYPE_CHECKING:
    import segno
else:
    segno = lazy_import("segno")

PER_PAGE = 50
TEAM = "team"
LINK_STAYS_CLOSED = "The link stays closed."


@require_safe
def board(request: HttpRequest) -> HttpResponseBase:
    user, now = signed_in_user(request), timezone.now()
    people = colleagues_of(user).people
    of = request.GET.get("of", "").lower() if len(people) > 1 else ""
    # Order only the keys, then load the meetings of one page.
    keys = _found(user, of, people).waiting_first(now).values_list("pk", flat=True)
    page = Paginator(keys, PER_PAGE).get_page(request.GET.get("page"))
    loaded = OneOffMeeting.objects.for_board().in_bulk(list(page))
    one_offs = [loaded[key] for key in page if key in loaded]
    managed, proposals = managed_by(user, one_offs), count_open(one_offs, now=now)
    taken = taken_times(one_offs, now=now)
    rows = [
        one_off_row(
            one_off,
            viewer=user,
            can_manage=one_off.pk in managed,
            base_url=settings.BASE_URL,
            now=now,
            proposals=proposals.get(one_off.pk, 0),
            taken=taken,
        )
        for one_off in one_offs
    ]
    by_state = rows_by_state(rows)
    context = {
        "sections": [
            ("Waiting", by_state[State.WAITING], "Nobody has booked these yet."),
            ("Booked", by_state[State.BOOKED], "Someone picked a time."),
            ("Ended", by_state[State.ENDED], "Over, cancelled, withdrawn, or expired without a booking."),
        ],
        "calendar_problems": problems_of(user, now=now),
        "page": page,
        "of": of,
        "people": people,
        "deletions": latest_deletions(user, now=now),
        "undelivered": latest_undelivered(user),
    }
    return TemplateResponse(request, "oneoff/board.html", context)


@require_safe
def detail(request: HttpRequest, key: UUID) -> HttpResponseBase:
    user, now = signed_in_user(request), timezone.now()
    one_off = find_one_off_to_see(user, key)
    row = one_off_row(
        one_off,
        viewer=user,
        can_manage=bool(managed_by(user, [one_off])),
        base_url=settings.BASE_URL,
        now=now,
        taken=taken_times([one_off], now=now),
    )
    subjects = subjects_of(one_off)
    undelivered = undelivered_of(subjects, user)
    context = _booking_context(one_off, now) | {
        "row": row,
        "undelivered": [line for lines in undelivered.values() for line in lines],
        "proposals": proposal_rows(one_off, viewer=user, now=now) if row.can_manage else [],
        "cohosts": one_off.people[1:],
        "history": history_of(subjects, reader=user),
        "one_off": one_off,
        "invitation": invitation_text(row),
        "mailto_link": mailto_link(row),
        "valid_until": say_moment(one_off.valid_until, one_off.organizer.zone) if one_off.valid_until else "",
        "qr_code": _qr_code(row.address) if row.state is State.WAITING and row.can_manage else "",
    }
    return TemplateResponse(request, "oneoff/detail.html", context)


@require_POST
def delete(request: HttpRequest, key: UUID) -> HttpResponseBase:
    user = signed_in_user(request)
    one_off = find_one_off(user, key)
    try:
        delete_one_off(one_off, by=user, now=timezone.now())
    except LinkClosed:
        return _booked_meanwhile(request, one_off)
    freed = " Its held times have been released." if one_off.hold_times and one_off.link.closed_at is None else ""
    messages.success(request, f"“{one_off.name}” has been deleted.{freed}")
    return redirect("oneoff:board")


@require_POST
def withdraw(request: HttpRequest, key: UUID) -> HttpResponseBase:
    user = signed_in_user(request)
    one_off = find_one_off(user, key)
    time = _chosen_time(request, one_off)
    try:
        withdraw_time(time, by=user, now=timezone.now())
    except LinkClosed:
        return _booked_meanwhile(request, one_off)
    when = say_when(time.period, one_off.organizer.zone)
    messages.success(request, f"{when} has been withdrawn{' and released' if one_off.hold_times else ''}.")
    return redirect(one_off)


@require_POST
def offer(request: HttpRequest, key: UUID) -> HttpResponseBase:
    """Offer a time in spite of what connected calendars say about it."""
    user = signed_in_user(request)
    one_off = find_one_off(user, key)
    time = _chosen_time(request, one_off)
    try:
        offer_anyway(time, by=user, now=timezone.now())
    except LinkClosed:
        return _booked_meanwhile(request, one_off)
    messages.success(request, f"{say_when(time.period, one_off.organizer.zone)} is offered again.")
    return redirect(one_off)


@require_http_methods(["GET", "HEAD", "POST"])
def cancel_booking(request: HttpRequest, key: UUID) -> HttpResponseBase:
    """Cancel the booking of a one-off meeting. Everyone is notified that its organizer cancelled."""
    user, now = signed_in_user(request), timezone.now()
    one_off = find_one_off(user, key)
    booking = one_off.link.booking
    if booking is None:
        raise Http404
    page = CancelPage(
        booking=booking,
        actor=user,
        back=one_off.get_absolute_url(),
        after=one_off.get_absolute_url(),
        facts="oneoff/booking-facts.html",
        context=_booking_context(one_off, now),
        when=say_when(booking.period, one_off.organizer.zone),
        consequence=LINK_STAYS_CLOSED,
    )
    return page.respond(request, now=now)


def _found(user: User, of: str, people: list[User]) -> OneOffMeetingQuerySet:
    """Return the one-offs that the query asks for: of the user, of the team or of one teammate."""
    if not of:
        return one_offs_on_board(user)
    if of == TEAM:
        return one_offs_of_team(user)
    organizer = next((person for person in people if person.handle == of), None)
    if organizer is None:
        raise Http404
    return one_offs_of_team(user, organizer)


def _chosen_time(request: HttpRequest, one_off: OneOffMeeting) -> ProposedTime:
    form = ChosenTimeForm(request.POST)
    time = one_off.proposed_times.filter(pk=form.cleaned_data["time"]).first() if form.is_valid() else None
    if time is None:
        raise Http404
    return time


def _booking_context(one_off: OneOffMeeting, now: datetime) -> dict[str, object]:
    """Describe the booking in the organizer's time zone, and in the invitee's if their clocks differ."""
    booking = one_off.link.booking
    if booking is None:
        return {"booking": None}
    zone = one_off.organizer.zone
    differs = clocks_differ(booking.period, zone, booking.invitee_zone)
    return {
        "booking": booking,
        "when": say_when(booking.period, zone),
        "can_be_no_show": booking.can_be_no_show(now),
        "invitee_when": say_when(booking.period, booking.invitee_zone) if differs else "",
    }


def _booked_meanwhile(request: HttpRequest, one_off: OneOffMeeting) -> HttpResponseBase:
    """Say that someone booked first, and show the booking."""
    return TemplateResponse(request, "oneoff/booked_meanwhile.html", {"one_off": one_off}, status=409)


def _qr_code(address: str) -> str:
    svg = segno.make(address, micro=False).svg_inline(scale=4, border=2, omitsize=True, svgclass="qr-code")
    return mark_safe(svg)  # noqa: S308 (segno draws it from our own address)
