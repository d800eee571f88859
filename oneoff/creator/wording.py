"""What the creator says about the times on its page."""

from collections.abc import Collection, Sequence
from datetime import datetime, time
from zoneinfo import ZoneInfo

from caledee.accounts.models import User
from caledee.timekeeping.reader import say_clock
from caledee.timekeeping.wording import say_count, say_names, say_zone
from oneoff.models import FURTHEST_PROPOSED_TIME, MOST_PROPOSED_TIMES

MOST_NAMED = 3

TOO_MANY = f"Propose at most {MOST_PROPOSED_TIMES} times."
NONE_YET = "Pick at least one day and time."
NO_CLOCK = "Enter a time, or remove it."
TOO_FAR = f"Choose a time within the next {FURTHEST_PROPOSED_TIME.days} days."
IN_THE_PAST = "This time is in the past."
LISTED_TWICE = "This time is listed twice."
ADDED = "{} added"
REMOVED = "{} removed"
TIME_REMOVED = "Time removed"
COPIED = "Copied to the other days"
DAY_FULL = "No free time is left on {}"


def say_skipped(clock: time) -> str:
    return f"{say_clock(clock)} doesn't exist on this day because the clocks go forward."


def say_first_of_two(start: datetime, zone: ZoneInfo) -> str:
    return f"This time occurs twice on this day. The first one is used ({start.astimezone(zone):%Z})."


def say_outside_hours(outside: Collection[User], people: Sequence[User], viewer: User) -> str:
    """Return whose working hours a time is outside of, or nothing."""
    if not outside:
        return ""
    if len(people) == 1:
        return "Outside working hours."
    if len(outside) == len(people):
        return "Outside everyone’s working hours."
    names = say_names("you" if person == viewer else person.name for person in outside)
    return f"Outside working hours for {names}."


def say_summary(times: int, days: int, zone: ZoneInfo, *, hold_times: bool) -> str:
    """Return such as "6 times on 3 days, London, to be held until booked"."""
    hold = "to be held until booked" if hold_times else "not held"
    return f"{say_count(times, 'time')} on {say_count(days, 'day')}, {say_zone(zone)}, {hold}"


def say_whose_times(people: Sequence[User], viewer: User) -> str:
    """Return such as "Your times, in London, when Grace Hopper is free, too"."""
    organizer, *cohosts = people
    whose = "Your" if organizer == viewer else f"{organizer.name}’s"
    times = f"{whose} times, in {say_zone(organizer.zone)}"
    return f"{times}, when {_say_cohosts(cohosts, viewer)} free, too" if cohosts else times


def _say_cohosts(cohosts: Sequence[User], viewer: User) -> str:
    if len(cohosts) > MOST_NAMED:
        return f"the {len(cohosts)} others are"
    names = say_names("you" if person == viewer else person.name for person in cohosts)
    return f"{names} is" if len(cohosts) == 1 and cohosts[0] != viewer else f"{names} are"
