from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Q

from caledee.accounts.models import Organization, User
from caledee.accounts.plan_holders import (
    PlanHolder,
    SeveralHolders,
    UnknownHolder,
    find_plan_holder,
    people_under,
    set_plan,
)
from caledee.accounts.plans import Plan
from caledee.email.text import one_line
from scheduling.models import EventType


class Command(BaseCommand):
    help = "Give a person or an organization a plan, and list the event types that it pauses or resumes."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("holder", help="a person's email, or an organization's handle or name")
        parser.add_argument("plan", help=", ".join(Plan.values))

    def handle(self, *args: Any, **options: Any) -> None:
        plan = _read_plan(options["plan"])
        holder = _find(options["holder"])
        people = people_under(holder)
        before = _bookable(holder, people)
        old = set_plan(holder, plan)
        after = _bookable(holder, people)
        if old == plan:
            self.stdout.write(f"{_name_of(holder)} is already on the {plan.label} plan. Nothing was changed.")
            return
        self.stdout.write(f"{_name_of(holder)} is now on the {plan.label} plan (was {old.label}).")
        self._report("Paused", before - after)
        self._report("Resumed", after - before)

    def _report(self, heading: str, event_types: set[EventType]) -> None:
        if event_types:
            self.stdout.write(f"{heading}:")
        for event_type in sorted(event_types, key=_report_order):
            self.stdout.write(f"  {one_line(event_type.name)} of {_name_of(event_type.owner)}")


def _read_plan(typed: str) -> Plan:
    try:
        return Plan(typed.lower())
    except ValueError:
        raise CommandError(f"“{typed}” isn't a plan. Plans are {', '.join(Plan.values)}.") from None


def _find(named: str) -> PlanHolder:
    try:
        return find_plan_holder(named)
    except UnknownHolder:
        raise CommandError(
            f"No person has the email “{named}”, and no organization has this handle or name."
        ) from None
    except SeveralHolders as error:
        raise CommandError(
            f"Several organizations are called “{named}”. Use a handle instead: {', '.join(error.handles)}."
        ) from None


def _bookable(holder: PlanHolder, people: list[User]) -> set[EventType]:
    """Return the bookable event types of these people, and of the holder if it is an organization."""
    organizations = [holder] if isinstance(holder, Organization) else []
    found = EventType.objects.bookable().filter(Q(organizer__in=people) | Q(organization__in=organizations))
    return set(found.select_related("organizer", "organization"))


def _report_order(event_type: EventType) -> tuple[str, int, datetime]:
    return _name_of(event_type.owner), event_type.position, event_type.created_at


def _name_of(holder: PlanHolder) -> str:
    return holder.email if isinstance(holder, User) else f"{one_line(holder.name)} ({holder.handle})"
