"""What an organizer does with one-off meetings once they exist: look, withdraw a time, delete."""

from uuid import UUID

import segno
from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_POST, require_safe

from caledee.http import signed_in_user
from oneoff.access import find_one_off, one_offs_on_board
from oneoff.board import State, one_off_row, rows_by_state
from oneoff.creator import delete_one_off, withdraw_time
from oneoff.forms import WithdrawForm
from oneoff.invitation import invitation_text, mail_link
from oneoff.links import LinkClosed
from oneoff.models import OneOffMeeting
from scheduling.wording import say_start

PER_PAGE = 50


@require_safe
def board(request: HttpRequest) -> HttpResponseBase:
    user, now = signed_in_user(request), timezone.now()
    mine = one_offs_on_board(user).for_board().waiting_first(now)
    page = Paginator(mine, PER_PAGE).get_page(request.GET.get("page"))
    rows = [one_off_row(one_off, viewer=user, base_url=settings.BASE_URL, now=now) for one_off in page]
    by_state = rows_by_state(rows)
    context = {
        "sections": [
            ("Waiting", by_state[State.WAITING], "Nobody has booked these yet."),
            ("Booked", by_state[State.BOOKED], "Somebody picked a time."),
            ("Ended", by_state[State.ENDED], "Over, cancelled, or run out without a booking."),
        ],
        "page": page,
    }
    return TemplateResponse(request, "oneoff/board.html", context)


@require_safe
def detail(request: HttpRequest, key: UUID) -> HttpResponseBase:
    user = signed_in_user(request)
    one_off = find_one_off(user, key)
    row = one_off_row(one_off, viewer=user, base_url=settings.BASE_URL, now=timezone.now())
    context = {
        "row": row,
        "one_off": one_off,
        "invitation": invitation_text(row),
        "mail_link": mail_link(row),
        "valid_until": say_start(one_off.valid_until, one_off.organizer.zone) if one_off.valid_until else "",
        "qr_code": _qr_code(row.address) if row.state is State.WAITING else "",
    }
    return TemplateResponse(request, "oneoff/detail.html", context)


@require_POST
def delete(request: HttpRequest, key: UUID) -> HttpResponseBase:
    one_off = find_one_off(signed_in_user(request), key)
    try:
        delete_one_off(one_off, now=timezone.now())
    except LinkClosed:
        return _booked_meanwhile(request, one_off)
    messages.success(request, f"“{one_off.name}” is deleted. Its times are free again.")
    return redirect("oneoff:board")


@require_POST
def withdraw(request: HttpRequest, key: UUID) -> HttpResponseBase:
    one_off = find_one_off(signed_in_user(request), key)
    form = WithdrawForm(request.POST)
    time = one_off.proposed_times.filter(pk=form.cleaned_data["time"]).first() if form.is_valid() else None
    if time is None:
        raise Http404
    try:
        withdraw_time(time, now=timezone.now())
    except LinkClosed:
        return _booked_meanwhile(request, one_off)
    messages.success(request, "The time is withdrawn. It is free again.")
    return redirect(one_off)


def _booked_meanwhile(request: HttpRequest, one_off: OneOffMeeting) -> HttpResponseBase:
    """Somebody booked first: say so, and show the booking."""
    return TemplateResponse(request, "oneoff/booked_meanwhile.html", {"one_off": one_off}, status=409)


def _qr_code(address: str) -> str:
    svg = segno.make(address, micro=False).svg_inline(scale=4, border=2, omitsize=True, svgclass="qr-code")
    return mark_safe(svg)  # noqa: S308 (drawn by segno from an address of ours)
