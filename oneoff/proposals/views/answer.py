"""Accept or decline suggested times, for the organizer side."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from caledee.accounts.models import User
from caledee.accounts.requests import signed_in_user
from caledee.timekeeping.wording import say_when
from oneoff.conflicts import describe_conflicts, names_known_to
from oneoff.creator.create import TimesTaken
from oneoff.links import LinkClosed
from oneoff.models import Answer, CounterProposal, OneOffMeeting
from oneoff.permissions import find_one_off
from oneoff.proposals.accept import accept
from oneoff.proposals.forms import AcceptForm, DeclineForm
from oneoff.proposals.propose import AlreadyAnswered, decline
from scheduling.bookings.book import BookingOver
from scheduling.bookings.offers import SlotTaken

PAST = "This time is in the past."
OVER = "The meeting was cancelled, has started, or was booked at another time."
ANSWERED = {
    Answer.ACCEPTED: "This suggestion was already accepted.",
    Answer.DECLINED: "This suggestion was already declined.",
    Answer.OTHERWISE: "The meeting was booked at another time or by someone else.",
}


@require_POST
def accept_time(request: HttpRequest, key: UUID, proposal: UUID) -> HttpResponseBase:
    user = signed_in_user(request)
    one_off = find_one_off(user, key)
    form = AcceptForm(request.POST)
    found = _find(one_off, proposal)
    time = found.times.filter(pk=form.cleaned_data["time"]).first() if form.is_valid() else None
    if time is None:
        raise Http404
    time.proposal = found
    try:
        booking = accept(time, by=user, now=timezone.now())
    except TimesTaken as taken:
        return _not_accepted(request, one_off, _say_conflicts(taken, one_off, user))
    except SlotTaken:
        return _not_accepted(request, one_off, PAST)
    except AlreadyAnswered as error:
        return _not_accepted(request, one_off, _say_answer(error.proposal))
    except (LinkClosed, BookingOver):
        # Look it up again, because it may have been deleted.
        return _not_accepted(request, find_one_off(user, key), OVER)
    when = say_when(booking.period, booking.organizer.zone)
    messages.success(request, f"Accepted: {when}. {booking.invitee_name} gets a confirmation by email.")
    return redirect(one_off)


@require_http_methods(["GET", "HEAD", "POST"])
def decline_proposal(request: HttpRequest, key: UUID, proposal: UUID) -> HttpResponseBase:
    user = signed_in_user(request)
    one_off = find_one_off(user, key)
    found = _find(one_off, proposal)
    form = DeclineForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            decline(found, form.cleaned_data["note"], by=user, now=timezone.now())
        except AlreadyAnswered as error:
            return _not_accepted(request, one_off, _say_answer(error.proposal))
        except LinkClosed as error:
            raise Http404 from error
        messages.success(request, f"Declined. {found.invitee_name} is notified by email.")
        return redirect(one_off)
    context = {
        "one_off": one_off,
        "proposal": found,
        "times": [say_when(time.period, one_off.organizer.zone) for time in found.times.all()],
        "answer": _say_answer(found) if found.answered_at else "",
        "form": form,
    }
    return TemplateResponse(request, "oneoff/decline.html", context, status=422 if form.errors else 200)


def _find(one_off: OneOffMeeting, key: UUID) -> CounterProposal:
    found = get_object_or_404(CounterProposal.objects.select_related("booking"), one_off=one_off, pk=key)
    found.one_off = one_off
    return found


def _say_conflicts(taken: TimesTaken, one_off: OneOffMeeting, viewer: User) -> str:
    rows = [row for rows in taken.conflicts.values() for row in rows]
    return describe_conflicts(rows, one_off.people, names_known_to(viewer, rows), viewer)


def _say_answer(proposal: CounterProposal) -> str:
    return ANSWERED[Answer(proposal.answer)]


def _not_accepted(request: HttpRequest, one_off: OneOffMeeting, problem: str) -> HttpResponseBase:
    context = {"one_off": one_off, "problem": problem}
    return TemplateResponse(request, "oneoff/not_accepted.html", context, status=409)
