"""Plans of users and organizations, as set by the operator."""

from django.db import transaction
from django.db.models import QuerySet

from caledee.accounts.models import Organization, User
from caledee.accounts.plans import Plan
from caledee.email.addresses import read_address

PlanHolder = User | Organization


class UnknownHolder(Exception):
    """No user or organization matches."""


class SeveralHolders(Exception):
    """Several organizations have this name. `handles` identifies them."""

    def __init__(self, handles: list[str]) -> None:
        super().__init__("several organizations have this name")
        self.handles = handles


def find_plan_holder(named: str) -> PlanHolder:
    """Find a user by email, or an organization by handle or name, regardless of case.

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
    """Set the plan and return the previous one. Event types are paused or resumed at once."""
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
    """Return the users whose event types the plan covers."""
    return [holder] if isinstance(holder, User) else list(holder.members.order_by("name", "pk"))
