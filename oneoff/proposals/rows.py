"""Suggested times as rows for the organizer side, each with its conflicts."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count

from caledee.accounts.models import User
from caledee.timekeeping.wording import clocks_differ, say_start, say_when
from oneoff.conflicts import describe_calendars, describe_conflicts, names_known_to
from oneoff.models import CounterProposal, CounterTime, OneOffMeeting
from scheduling.availability.taken import conflicts_with

PAST = "This time is in the past."


@dataclass(frozen=True, slots=True)
class ProposedRow:
    """A suggested time. Forms send `key` to accept it, unless there is a `problem`. A `remark` prevents nothing."""

    key: str
    when: str
    invitee_when: str
    problem: str
    remark: str


@dataclass(frozen=True, slots=True)
class ProposalRow:
    proposal: CounterProposal
    asked: str
    times: list[ProposedRow]


def count_open(one_offs: Collection[OneOffMeeting], *, now: datetime) -> dict[UUID, int]:
    """Count the unanswered suggestions of each one-off that has any. Makes one query."""
    found = CounterProposal.objects.filter(one_off__in=[one_off.pk for one_off in one_offs]).open(now)
    return dict(found.order_by().values_list("one_off").annotate(Count("pk")))


def proposal_rows(one_off: OneOffMeeting, *, viewer: User, now: datetime) -> list[ProposalRow]:
    """Return the unanswered suggestions. Makes one query if there are none, otherwise at most six."""
    proposals = CounterProposal.objects.filter(one_off=one_off).open(now)
    found = list(proposals.select_related("booking").prefetch_related("times"))
    if not found:
        return []
    times = [time for proposal in found for time in proposal.times.all()]
    taken = conflicts_with(one_off.people, [time.period for time in times], now=now)
    names = names_known_to(viewer, [each for found in taken.values() for each in found])

    def row(time: CounterTime, proposal: CounterProposal) -> ProposedRow:
        own = {one_off.pk, proposal.booking.pk} if proposal.booking else {one_off.pk}
        against = [each for each in taken.get(time.period, []) if each.claim not in own]
        ours = [each for each in against if each.is_ours]
        problem = describe_conflicts(ours, one_off.people, names, viewer) if ours else ""
        remark = "" if ours else describe_calendars(against, one_off.people, viewer)
        return _row(time, proposal, one_off, PAST if time.start <= now else problem, remark)

    return [
        ProposalRow(
            proposal=proposal,
            asked=say_start(proposal.created_at, one_off.organizer.zone),
            times=[row(time, proposal) for time in proposal.times.all()],
        )
        for proposal in found
    ]


def _row(
    time: CounterTime, proposal: CounterProposal, one_off: OneOffMeeting, problem: str, remark: str
) -> ProposedRow:
    zone, invitee_zone = one_off.organizer.zone, proposal.invitee_zone
    return ProposedRow(
        key=str(time.pk),
        when=say_when(time.period, zone),
        invitee_when=say_when(time.period, invitee_zone) if clocks_differ(time.period, zone, invitee_zone) else "",
        problem=problem,
        remark=remark,
    )
