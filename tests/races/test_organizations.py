"""Owners, admins and invitees who act at the same moment, each on a connection of their own."""

from collections import Counter
from functools import partial

import pytest

from caledee.accounts.handles.register import HandleTaken
from caledee.accounts.models import Invitation, Membership, Organization, Role
from caledee.accounts.teams.invitations import InvitationClosed, accept_invitation, invite, withdraw_invitation
from caledee.accounts.teams.memberships import (
    LastOwner,
    change_role,
    leave_organization,
    remove_member,
    transfer_ownership,
)
from caledee.accounts.teams.organizations import NotAllowed, NotMember, create_organization
from tests.factories import make_invitation, make_person, roles_in
from tests.races.racing import race
from tests.support.times import NOW

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 5


@pytest.fixture
def owners(organization, ada, grace):
    change_role(organization, grace, Role.OWNER, by=ada, now=NOW)
    return [ada, grace]


def owners_left(organization):
    return Counter(roles_in(organization).values())["owner"]


def restore(organization, people):
    for person in people:
        Membership.objects.update_or_create(organization=organization, user=person, defaults={"role": Role.OWNER})


@pytest.mark.parametrize("how", ["leave", "demote themselves", "demote each other", "remove each other", "mixed"])
def test_two_owners_who_go_at_the_same_moment_leave_one(organization, owners, how):
    ada, grace = owners
    attempts = {
        "leave": [partial(leave_organization, organization, person) for person in owners],
        "demote themselves": [
            partial(change_role, organization, person, Role.MEMBER, by=person, now=NOW) for person in owners
        ],
        "demote each other": [
            partial(change_role, organization, grace, Role.ADMIN, by=ada, now=NOW),
            partial(change_role, organization, ada, Role.ADMIN, by=grace, now=NOW),
        ],
        "remove each other": [
            partial(remove_member, organization, grace, by=ada, now=NOW),
            partial(remove_member, organization, ada, by=grace, now=NOW),
        ],
        "mixed": [
            partial(leave_organization, organization, ada),
            partial(change_role, organization, grace, Role.MEMBER, by=grace, now=NOW),
        ],
    }[how]

    for _ in range(ROUNDS):
        outcome = race(attempts, proper=(LastOwner, NotAllowed, NotMember))

        assert (len(outcome.won), outcome.lost.total(), owners_left(organization)) == (1, 1, 1)
        restore(organization, owners)


def test_an_owner_who_hands_over_while_the_heir_is_removed_leaves_one(organization, owners, alan):
    ada, grace = owners

    race(
        [
            partial(transfer_ownership, organization, alan, by=ada, now=NOW),
            partial(remove_member, organization, alan, by=grace, now=NOW),
            partial(leave_organization, organization, grace),
        ],
        proper=(LastOwner, NotAllowed, NotMember),
    )

    assert owners_left(organization) >= 1


def test_one_invitation_accepted_many_times_at_once_makes_one_membership(organization, ada):
    dana = make_person("dana")
    invitation = make_invitation(organization, "dana@example.com", ada)

    outcome = race(
        [partial(accept_invitation, Invitation.objects.get(pk=invitation.pk), dana, now=NOW) for _ in range(6)]
    )

    assert len(outcome.won) == 6
    assert roles_in(organization) == {"ada": "owner", "dana": "member"}


def test_an_invitation_is_either_accepted_or_withdrawn(organization, ada):
    dana = make_person("dana")
    for _ in range(ROUNDS):
        invitation = make_invitation(organization, "dana@example.com", ada)

        outcome = race(
            [
                partial(accept_invitation, Invitation.objects.get(pk=invitation.pk), dana, now=NOW),
                partial(withdraw_invitation, Invitation.objects.get(pk=invitation.pk), by=ada, now=NOW),
            ],
            proper=(InvitationClosed,),
        )

        invitation.refresh_from_db()
        is_in = organization.memberships.filter(user=dana).exists()
        assert outcome.lost.total() == 1
        assert (is_in, invitation.accepted_at is None, invitation.withdrawn_at is None) in [
            (True, False, True),
            (False, True, False),
        ]
        organization.memberships.filter(user=dana).delete()


def test_inviting_one_address_many_times_at_once_leaves_one_open(organization, ada, grace):
    attempts = [
        partial(invite, organization, "dana@example.com", Role.MEMBER, by=person, now=NOW)
        for person in [ada, grace] * 3
    ]

    outcome = race(attempts)

    assert len(outcome.won) == 6
    assert Invitation.objects.filter(withdrawn_at=None).count() == 1


def test_one_handle_goes_to_one_organization(ada, grace, organization):
    attempts = [
        partial(create_organization, person, name="Engines", handle="engines", now=NOW) for person in [ada, grace] * 3
    ]

    outcome = race(attempts, proper=(HandleTaken,))

    assert (len(outcome.won), outcome.lost) == (1, Counter({HandleTaken: 5}))
    assert sorted(Organization.objects.values_list("handle", flat=True)) == ["analytical-engines", "engines"]
