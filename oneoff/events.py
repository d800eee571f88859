"""What can happen to a one-off meeting. What happens to its booking is in `scheduling.bookings.events`."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import models

from caledee.accounts.models import User
from caledee.timekeeping.periods import Period
from oneoff.models import CounterProposal, OneOffMeeting
from scheduling.bookings.activity import Facts, periods_as_facts
from scheduling.events import Event, Line
from scheduling.models import ACTIVITY_KINDS


@ACTIVITY_KINDS.add
class OneOffActivity(models.TextChoices):
    CREATED = "created", "Created"
    OPENED = "opened", "Link opened for the first time"
    WITHDRAWN = "withdrawn", "Time withdrawn"
    OFFERED_ANYWAY = "overruled", "Time offered anyway"
    DELETED = "deleted", "Deleted"
    REOPENED = "reopened", "Reopened with a new link"
    PROPOSED = "proposed", "Other times suggested"
    DECLINED = "declined", "Suggested times declined"


@dataclass(frozen=True, slots=True)
class OneOffEvent(Event):
    one_off: OneOffMeeting


@dataclass(frozen=True, slots=True, kw_only=True)
class Created(OneOffEvent):
    by: User
    people: Sequence[User]
    number_of_times: int

    def line(self) -> Line:
        return _line(OneOffActivity.CREATED, self.one_off, self.by, {"times": self.number_of_times})


@dataclass(frozen=True, slots=True)
class Opened(OneOffEvent):
    """The page of its link was shown for the first time."""

    def line(self) -> Line:
        return _line(OneOffActivity.OPENED, self.one_off, None, {})


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeWithdrawn(OneOffEvent):
    by: User | None
    period: Period

    def line(self) -> Line:
        return _line(OneOffActivity.WITHDRAWN, self.one_off, self.by, {"periods": periods_as_facts([self.period])})


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeOfferedAnyway(OneOffEvent):
    """The organizer side offers a time at which a connected calendar is busy."""

    by: User
    period: Period

    def line(self) -> Line:
        return _line(
            OneOffActivity.OFFERED_ANYWAY, self.one_off, self.by, {"periods": periods_as_facts([self.period])}
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Deleted(OneOffEvent):
    """`people` are its hosts, `waiting` its unanswered suggestions. Neither is stored any longer."""

    by: User | None
    people: Sequence[User]
    waiting: Sequence[CounterProposal]

    def line(self) -> Line:
        return _line(OneOffActivity.DELETED, self.one_off, self.by, {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopened(OneOffEvent):
    by: User
    number_of_times: int

    def line(self) -> Line:
        return _line(OneOffActivity.REOPENED, self.one_off, self.by, {"times": self.number_of_times})


@dataclass(frozen=True, slots=True)
class SuggestionEvent(Event):
    proposal: CounterProposal


@dataclass(frozen=True, slots=True)
class TimesSuggested(SuggestionEvent):
    def line(self) -> Line:
        periods = periods_as_facts(time.period for time in self.proposal.times.all())
        return _line(OneOffActivity.PROPOSED, self.proposal.one_off, self.proposal.invitee_name, {"periods": periods})


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestionDeclined(SuggestionEvent):
    by: User

    def line(self) -> Line:
        message = self.proposal.answer_note
        return _line(OneOffActivity.DECLINED, self.proposal.one_off, self.by, {"message": message} if message else {})


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestionSettled(SuggestionEvent):
    """The meeting was booked or moved while the suggestion waited. `booked_by` is the invitee's email address.

    The history doesn't mention it: it has the booking or the move.
    """

    booked_by: str


def _line(kind: OneOffActivity, one_off: OneOffMeeting, by: User | str | None, facts: Facts) -> Line:
    return Line(kind=kind, subject=one_off.pk, name=one_off.name, organizer=one_off.organizer, by=by, facts=facts)
