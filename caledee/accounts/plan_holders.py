"""Who has which plan: people and organizations, as whoever runs the installation says."""

from django.db import transaction
from django.db.models import QuerySet

from caledee.accounts.models import Organization, User
from caledee.accounts.plans import Plan
from caledee.email.addresses import read_address

PlanHolder = User | Organization


class UnknownHolder(Exception):
    """No person and no organization goes by this."""


class SeveralHolders(Exception):
    """Several organizations have this name. `handles` tell them apart."""

    def __init__(self, handles: list[str]) -> None:
        super().__init__("several organizations have this name")
        self.handles = handles


def find_plan_holder(named: str) -> PlanHolder:
    """A person by email; an organization by handle, else by name, whatever their case.

    Raises UnknownHolder or SeveralHolders.
    """
    person = User.objects.filter(email__iexact=read_address(named)).first()
    if person is not None:
        return person
    organization = Organization.objects.filter(handle=named.lower()).first()
    if organization is not None:
        return organization
    organizations = list(Organization.objects.filter(name__iexact=named).order_by("handle"))
    if len(organizations) > 1:
        raise SeveralHolders([each.handle for each in organizations])
    if not organizations:
        raise UnknownHolder
    return organizations[0]


def set_plan(holder: PlanHolder, plan: Plan) -> Plan:
    """Give them this plan; returns the one they had. What it pauses or resumes follows by itself, from now on."""
    rows: QuerySet[User] | QuerySet[Organization] = (
        User.objects.all() if isinstance(holder, User) else Organization.objects.all()
    )
    with transaction.atomic():
        locked = rows.select_for_update(no_key=True).get(pk=holder.pk)
        before = Plan(locked.plan)
        locked.plan = holder.plan = plan
        locked.save(update_fields=["plan"])
    return before


def people_under(holder: PlanHolder) -> list[User]:
    """Whose event types the plan makes room for."""
    return [holder] if isinstance(holder, User) else list(holder.members.order_by("name", "pk"))
