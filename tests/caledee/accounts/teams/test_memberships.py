"""Roles: who can change and remove whom. One owner always remains."""

import pytest

from caledee.accounts.models import Membership, Role
from caledee.accounts.teams.memberships import (
    LastOwner,
    change_role,
    leave_organization,
    remove_member,
    transfer_ownership,
)
from caledee.accounts.teams.organizations import NotAllowed, NotMember
from tests.factories import make_organization, make_person, roles_in
from tests.support.tables import all_rows
from tests.support.times import NOW

EVERYBODY = {"ada": "owner", "grace": "admin", "alan": "member"}


@pytest.fixture
def people(ada, grace, alan):
    return {"ada": ada, "grace": grace, "alan": alan}


def refused(error, act, *arguments, **named):
    stored = all_rows()
    with pytest.raises(error):
        act(*arguments, **named)
    assert all_rows() == stored


@pytest.mark.parametrize(
    ("by", "whom", "role"),
    [
        ("ada", "grace", "member"),
        ("ada", "alan", "admin"),
        ("ada", "alan", "owner"),
        ("grace", "alan", "admin"),
        ("grace", "grace", "member"),
    ],
)
def test_owners_and_admins_change_roles(organization, people, by, whom, role):
    change_role(organization, people[whom], Role(role), by=people[by], now=NOW)

    assert roles_in(organization) == EVERYBODY | {whom: role}


@pytest.mark.parametrize(
    ("by", "whom", "role"),
    [
        ("grace", "ada", "member"),
        ("grace", "ada", "admin"),
        ("grace", "alan", "owner"),
        ("grace", "grace", "owner"),
        ("alan", "alan", "admin"),
        ("alan", "grace", "member"),
        ("alan", "ada", "member"),
    ],
)
def test_admins_touch_no_owner_and_make_none_and_members_change_nothing(organization, people, by, whom, role):
    refused(NotAllowed, change_role, organization, people[whom], Role(role), by=people[by], now=NOW)


def test_the_last_owner_stays_owner(organization, people):
    ada = people["ada"]

    refused(LastOwner, change_role, organization, ada, Role.MEMBER, by=ada, now=NOW)
    refused(LastOwner, remove_member, organization, ada, by=ada, now=NOW)
    refused(LastOwner, leave_organization, organization, ada)


def test_one_of_two_owners_may_go(organization, people):
    change_role(organization, people["alan"], Role.OWNER, by=people["ada"], now=NOW)

    leave_organization(organization, people["ada"])

    assert roles_in(organization) == {"grace": "admin", "alan": "owner"}
    refused(LastOwner, leave_organization, organization, people["alan"])


@pytest.mark.parametrize(("by", "whom"), [("ada", "grace"), ("ada", "alan"), ("grace", "alan")])
def test_owners_and_admins_remove(organization, people, by, whom):
    remove_member(organization, people[whom], by=people[by], now=NOW)

    assert roles_in(organization) == {handle: role for handle, role in EVERYBODY.items() if handle != whom}


@pytest.mark.parametrize(("by", "whom"), [("grace", "ada"), ("alan", "grace"), ("alan", "ada"), ("alan", "alan")])
def test_nobody_removes_those_above_them(organization, people, by, whom):
    refused(NotAllowed, remove_member, organization, people[whom], by=people[by], now=NOW)


@pytest.mark.parametrize("who", ["grace", "alan"])
def test_admins_and_members_leave_by_themselves(organization, people, who):
    leave_organization(organization, people[who])

    assert roles_in(organization) == {handle: role for handle, role in EVERYBODY.items() if handle != who}


def test_ownership_is_handed_over(organization, people):
    transfer_ownership(organization, people["alan"], by=people["ada"], now=NOW)

    assert roles_in(organization) == {"ada": "admin", "grace": "admin", "alan": "owner"}


def test_only_an_owner_hands_over_and_to_someone_else_who_is_in(organization, people, mary):
    refused(NotAllowed, transfer_ownership, organization, people["grace"], by=people["grace"], now=NOW)
    refused(NotAllowed, transfer_ownership, organization, people["ada"], by=people["ada"], now=NOW)
    refused(NotMember, transfer_ownership, organization, mary, by=people["ada"], now=NOW)


def test_rights_in_one_organization_are_none_in_another(organization, people):
    ada, alan = people["ada"], people["alan"]
    mallory = make_person("mallory")
    other = make_organization("Other Engines", owner=alan, member=ada)
    Membership.objects.create(organization=other, user=mallory, role=Role.ADMIN)

    refused(NotAllowed, change_role, organization, people["grace"], Role.MEMBER, by=alan, now=NOW)
    refused(NotAllowed, remove_member, other, mallory, by=ada, now=NOW)
    refused(NotMember, change_role, organization, alan, Role.ADMIN, by=mallory, now=NOW)
    refused(NotMember, remove_member, organization, mallory, by=ada, now=NOW)
