"""Inviting by email: what an invitation allows, and when it expires."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress

from caledee.accounts.models import INVITATION_LASTS, Invitation, Membership, Organization, Role
from caledee.accounts.plans import Plan
from caledee.accounts.teams.invitations import (
    AlreadyMember,
    InvitationClosed,
    WrongAddress,
    accept_invitation,
    invite,
    resend_invitation,
    withdraw_invitation,
)
from caledee.accounts.teams.organizations import NotAllowed, NotMember, PlanTooSmall
from tests.factories import make_invitation, make_organization, make_person, roles_in
from tests.support.tables import all_rows
from tests.support.times import NOW


@pytest.fixture
def dana(db):
    return make_person("dana")


@pytest.fixture
def invitation(organization, ada):
    """Dana's invitation, as an admin."""
    return make_invitation(organization, "Dana@Example.com", ada, Role.ADMIN)


def refused(error, act, *arguments, **named):
    stored = all_rows()
    with pytest.raises(error):
        act(*arguments, **named)
    assert all_rows() == stored


def test_accepting_gives_the_role_once(organization, invitation, dana):
    accept_invitation(invitation, dana, now=NOW)
    again = accept_invitation(Invitation.objects.get(), dana, now=NOW + timedelta(days=30))

    assert (again.user, again.role) == (dana, "admin")
    assert roles_in(organization) == {"ada": "owner", "dana": "admin"}
    assert Invitation.objects.get().accepted_at == NOW


def test_former_member_needs_a_new_invitation(organization, invitation, dana):
    accept_invitation(invitation, dana, now=NOW)
    Membership.objects.filter(user=dana).delete()

    refused(InvitationClosed, accept_invitation, invitation, dana, now=NOW)


def test_it_lasts_seven_days(invitation, dana):
    refused(InvitationClosed, accept_invitation, invitation, dana, now=NOW + timedelta(days=7))

    accept_invitation(invitation, dana, now=NOW + INVITATION_LASTS - timedelta.resolution)


def test_it_is_for_its_address_alone(invitation, dana, mary):
    refused(WrongAddress, accept_invitation, invitation, mary, now=NOW)


def test_an_address_that_is_not_confirmed_does_not_count(invitation, dana):
    EmailAddress.objects.filter(user=dana).update(verified=False)

    refused(WrongAddress, accept_invitation, invitation, dana, now=NOW)


def test_case_of_the_address_does_not_matter(invitation, dana):
    EmailAddress.objects.filter(user=dana).update(email="DANA@example.COM")

    accept_invitation(invitation, dana, now=NOW)


def test_member_keeps_their_role_and_uses_up_the_invitation(organization, invitation, dana):
    Membership.objects.create(organization=organization, user=dana, role=Role.MEMBER)

    accept_invitation(invitation, dana, now=NOW)

    assert roles_in(organization) == {"ada": "owner", "dana": "member"}
    assert Invitation.objects.get().accepted_at == NOW


def test_withdrawn_it_admits_nobody(invitation, ada, dana):
    withdraw_invitation(invitation, by=ada, now=NOW)
    withdraw_invitation(invitation, by=ada, now=NOW + timedelta(hours=1))

    assert Invitation.objects.get().withdrawn_at == NOW
    refused(InvitationClosed, accept_invitation, invitation, dana, now=NOW)


def test_what_was_accepted_cannot_be_withdrawn_or_sent_again(invitation, ada, dana):
    accept_invitation(invitation, dana, now=NOW)

    refused(InvitationClosed, withdraw_invitation, invitation, by=ada, now=NOW)
    refused(InvitationClosed, resend_invitation, invitation, by=ada, now=NOW)


def test_inviting_an_address_again_closes_the_old_link(organization, invitation, ada, dana):
    later = NOW + timedelta(days=6)
    second, was_open = invite(organization, "dana@example.com", Role.MEMBER, by=ada, now=later)

    assert was_open
    assert second.token != invitation.token
    assert [each.pk for each in Invitation.objects.all().pending(later)] == [second.pk]
    refused(InvitationClosed, accept_invitation, invitation, dana, now=later)
    assert accept_invitation(second, dana, now=later + timedelta(days=6)).role == "member"


def test_sending_again_makes_a_new_link_and_seven_more_days(invitation, ada, dana):
    later = NOW + timedelta(days=8)

    second = resend_invitation(invitation, by=ada, now=later)

    assert (second.email, second.role, second.expires_at) == ("dana@example.com", "admin", later + INVITATION_LASTS)
    refused(InvitationClosed, accept_invitation, invitation, dana, now=later)
    accept_invitation(second, dana, now=later)


def test_two_organizations_may_invite_one_address(organization, invitation, ada, dana):
    other = make_organization("Other Engines", owner=ada)
    second, was_open = invite(other, "dana@example.com", Role.MEMBER, by=ada, now=NOW)

    assert not was_open
    accept_invitation(second, dana, now=NOW)
    assert (roles_in(other), roles_in(organization)) == ({"ada": "owner", "dana": "member"}, {"ada": "owner"})
    assert Invitation.objects.get(pk=invitation.pk).is_pending(NOW)


@pytest.mark.parametrize("email", ["alan@example.com", "ALAN@example.com"])
def test_members_are_not_invited(organization, ada, alan, email):
    refused(AlreadyMember, invite, organization, email, Role.ADMIN, by=ada, now=NOW)


def test_members_invite_nobody_and_admins_no_owners(organization, ada, grace, alan):
    owners = make_invitation(organization, "dana@example.com", ada, Role.OWNER)

    refused(NotAllowed, invite, organization, "edsger@example.com", Role.MEMBER, by=alan, now=NOW)
    refused(NotAllowed, invite, organization, "edsger@example.com", Role.OWNER, by=grace, now=NOW)
    refused(NotAllowed, resend_invitation, owners, by=grace, now=NOW)
    refused(NotAllowed, withdraw_invitation, owners, by=grace, now=NOW)
    refused(NotAllowed, withdraw_invitation, owners, by=alan, now=NOW)


def test_strangers_invite_nobody(organization, invitation, ada, mary):
    refused(NotMember, invite, organization, "edsger@example.com", Role.MEMBER, by=mary, now=NOW)
    refused(NotMember, resend_invitation, invitation, by=mary, now=NOW)
    refused(NotMember, withdraw_invitation, invitation, by=mary, now=NOW)


@pytest.mark.parametrize("plan", [Plan.FREE, Plan.PRO])
def test_without_the_team_plan_nobody_is_invited_and_open_invitations_stay_valid(
    organization, invitation, ada, dana, plan
):
    Organization.objects.update(plan=plan)

    refused(PlanTooSmall, invite, organization, "edsger@example.com", Role.MEMBER, by=ada, now=NOW)
    refused(PlanTooSmall, resend_invitation, invitation, by=ada, now=NOW)
    accept_invitation(invitation, dana, now=NOW)

    assert roles_in(organization) == {"ada": "owner", "dana": "admin"}
