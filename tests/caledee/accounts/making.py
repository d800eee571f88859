"""Organizations, people and invitations for the tests."""

from datetime import datetime

from allauth.account.models import EmailAddress

from caledee.accounts.models import Invitation, Membership, Organization, Role, User
from caledee.accounts.plans import Plan
from caledee.accounts.teams.invitations import invite
from tests.support.times import NOW


def make_person(handle: str, *, verified: bool = True, plan: Plan = Plan.TEAM) -> User:
    user = User.objects.create_user(
        f"{handle}@example.com",
        "caledee-demo",
        name=handle.title(),
        handle=handle,
        time_zone="Europe/Paris",
        plan=plan,
    )
    EmailAddress.objects.create(user=user, email=user.email, verified=verified, primary=True)
    return user


def make_organization(name: str, plan: Plan = Plan.TEAM, **roles: User) -> Organization:
    """With these people, by role: `owner=ada, member=alan`."""
    made = Organization.objects.create(name=name, handle=name.lower().replace(" ", "-"), plan=plan, created_at=NOW)
    for role, person in roles.items():
        Membership.objects.create(organization=made, user=person, role=Role(role))
    return made


def make_invitation(
    organization: Organization, email: str, by: User, role: Role = Role.MEMBER, *, now: datetime = NOW
) -> Invitation:
    return invite(organization, email, role, by=by, now=now)[0]


def roles_in(organization: Organization) -> dict[str, str]:
    return dict(organization.memberships.values_list("user__handle", "role"))
