"""Rules for the times and the people of one-off meetings. Each yields what it refuses; none of them writes."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from caledee.accounts.models import User
from caledee.timekeeping.wording import say_names
from oneoff.creator.wording import IN_THE_PAST, LISTED_TWICE, NONE_YET, TOO_FAR, TOO_MANY
from oneoff.models import FURTHEST_PROPOSED_TIME, MOST_PROPOSED_TIMES
from oneoff.permissions import Colleagues
from scheduling.rules import Reason, Refusal, repeated

MOST_SUGGESTED_TIMES = 3
MOST_COHOSTS = 9
# No arithmetic in any time zone leaves the calendar before then.
LATEST_VALIDITY = datetime(2101, 1, 1, tzinfo=UTC)

NOT_IN_THE_FUTURE = "Choose a time in the future."
BEYOND_CALENDAR = f"Choose a time before {LATEST_VALIDITY.year}."
NOT_FOR_THEM = "You can't create meetings for them."
CANNOT_ADD = "You can't add “{}”. Choose people in an organization that you administer."
COHOST_REPEATED = "Add each person once, and not the organizer."
TOO_MANY_COHOSTS = f"Choose at most {MOST_COHOSTS} people besides the organizer."
NOT_TOGETHER = "These people aren't all in one organization that you administer: {}."


@dataclass(frozen=True, slots=True)
class StartRules:
    """How many starts there can be, and what to say of none or too many."""

    most: int
    none: str
    too_many: str

    def refusals(self, starts: Collection[datetime], *, now: datetime) -> Iterator[Refusal]:
        """Refuse none, too many, and each start that repeats another or is not in the near future."""
        if not starts:
            yield Refusal("times", Reason.REQUIRED, self.none)
        if len(starts) > self.most:
            yield Refusal("times", Reason.TOO_MANY, self.too_many)
            return
        for start in repeated(starts):
            yield Refusal("times", Reason.REPEATED, LISTED_TWICE, start)
        for start in starts:
            yield from start_refusals(start, now=now)


PROPOSED_STARTS = StartRules(MOST_PROPOSED_TIMES, NONE_YET, TOO_MANY)
SUGGESTED_STARTS = StartRules(
    MOST_SUGGESTED_TIMES, "Enter at least one time that suits you.", f"Enter at most {MOST_SUGGESTED_TIMES} times."
)


def start_refusals(start: datetime, *, now: datetime) -> Iterator[Refusal]:
    if start <= now:
        yield Refusal("times", Reason.PAST, IN_THE_PAST, start)
    elif start > now + FURTHEST_PROPOSED_TIME:
        yield Refusal("times", Reason.TOO_FAR, TOO_FAR, start)


def validity_refusals(valid_until: datetime | None, *, now: datetime) -> Iterator[Refusal]:
    """Refuse a moment until which no link can be valid. None is a link without an end."""
    if valid_until is None:
        return
    if valid_until <= now:
        yield Refusal("valid_until", Reason.PAST, NOT_IN_THE_FUTURE, valid_until)
    elif valid_until >= LATEST_VALIDITY:
        yield Refusal("valid_until", Reason.TOO_FAR, BEYOND_CALENDAR, valid_until)


def people_refusals(organizer: User, cohosts: Collection[User], colleagues: Colleagues) -> Iterator[Refusal]:
    """Refuse the people for whom `colleagues.me` cannot create a meeting, or not together."""
    allowed = set(colleagues.people)
    if organizer not in allowed:
        yield Refusal("organizer", Reason.NOT_ALLOWED, NOT_FOR_THEM, organizer.handle)
    strangers = [person for person in cohosts if person not in allowed]
    for person in strangers:
        yield Refusal("cohosts", Reason.NOT_ALLOWED, CANNOT_ADD.format(person.handle), person.handle)
    for person in repeated([organizer, *cohosts]):
        yield Refusal("cohosts", Reason.REPEATED, COHOST_REPEATED, person.handle)
    if len(cohosts) > MOST_COHOSTS:
        yield Refusal("cohosts", Reason.TOO_MANY, TOO_MANY_COHOSTS)
    elif cohosts and organizer in allowed and not strangers and not colleagues.may_meet([organizer, *cohosts]):
        names = say_names(person.name for person in (organizer, *cohosts))
        yield Refusal("cohosts", Reason.NOT_ALLOWED, NOT_TOGETHER.format(names))
