"""Creating, renaming and deleting organizations."""

import pytest

from caledee.accounts.handles.register import HandleTaken
from caledee.accounts.models import FormerHandle, Organization, User
from caledee.accounts.plans import Plan
from caledee.accounts.teams.organizations import (
    NotAllowed,
    NotMember,
    PlanTooSmall,
    create_organization,
    delete_organization,
    rename_organization,
)
from tests.factories import book_event_type, make_invitation, make_one_off, make_organization, make_person, roles_in
from tests.support.tables import all_rows
from tests.support.times import NOW


def test_creator_of_an_organization_is_its_owner(ada):
    made = create_organization(ada, name="Difference Engines", now=NOW)

    made.refresh_from_db()
    assert (made.name, made.handle, made.plan, made.created_at) == (
        "Difference Engines",
        "difference-engines",
        Plan.TEAM,
        NOW,
    )
    assert roles_in(made) == {"ada": "owner"}


@pytest.mark.parametrize("plan", [Plan.FREE, Plan.PRO])
def test_creating_an_organization_requires_the_team_plan(ada, plan):
    User.objects.filter(pk=ada.pk).update(plan=plan)
    stored = all_rows()

    with pytest.raises(PlanTooSmall):
        create_organization(ada, name="Difference Engines", now=NOW)

    assert all_rows() == stored


@pytest.mark.parametrize("handle", ["grace", "analytical-engines", "ana1ytical-engines", "gone-engines"])
def test_people_and_organizations_share_one_name_space(ada, grace, handle):
    FormerHandle.objects.create(handle="gone-engines", left_at=NOW)

    with pytest.raises(HandleTaken):
        create_organization(ada, name="Engines", handle=handle, now=NOW)

    assert [each.handle for each in Organization.objects.all()] == ["analytical-engines"]


def test_a_proposed_handle_steps_aside_for_a_persons(ada, grace):
    assert create_organization(ada, name="Grace", now=NOW).handle == "grace-2"


def test_owners_rename_and_the_old_handle_is_reserved(organization, ada):
    rename_organization(organization, by=ada, name="Engines", handle="engines", now=NOW)

    organization.refresh_from_db()
    assert (organization.name, organization.handle) == ("Engines", "engines")
    former = FormerHandle.objects.get()
    assert (former.handle, former.organization, former.left_at) == ("analytical-engines", organization, NOW)


def test_a_name_that_is_taken_renames_nothing_at_all(organization, ada, grace):
    stored = all_rows()

    with pytest.raises(HandleTaken):
        rename_organization(organization, by=ada, name="Engines", handle="grace", now=NOW)

    assert all_rows() == stored


@pytest.mark.parametrize("who", ["grace", "alan"])
def test_only_owners_rename_and_delete(organization, ada, grace, alan, who):
    person = {"grace": grace, "alan": alan}[who]
    stored = all_rows()

    with pytest.raises(NotAllowed):
        rename_organization(organization, by=person, name="Mine", handle="mine-all-mine", now=NOW)
    with pytest.raises(NotAllowed):
        delete_organization(organization, by=person, now=NOW)

    assert all_rows() == stored


def test_an_owner_elsewhere_is_nobody_here(organization, ada):
    mallory = make_person("mallory")
    make_organization("Other Engines", owner=mallory)
    stored = all_rows()

    with pytest.raises(NotMember):
        rename_organization(organization, by=mallory, name="Mine", handle="mine-all-mine", now=NOW)
    with pytest.raises(NotMember):
        delete_organization(organization, by=mallory, now=NOW)

    assert all_rows() == stored


def test_deleting_keeps_all_meetings_and_reserves_the_handle(organization, ada, alan):
    other = make_organization("Other Engines", owner=ada)
    kept = [book_event_type(ada, "09:00"), make_one_off(alan, "10:00", created_by=ada)]
    make_invitation(organization, "dana@example.com", ada)

    delete_organization(organization, by=ada, now=NOW)

    assert list(Organization.objects.all()) == [other]
    assert all(type(each).objects.filter(pk=each.pk).exists() for each in kept)
    assert {person.handle: person.event_types.count() for person in (ada, alan)} == {"ada": 1, "alan": 1}
    with pytest.raises(HandleTaken):
        create_organization(ada, name="Analytical", handle="analytical-engines", now=NOW)


def test_what_is_gone_cannot_be_deleted_again(organization, ada):
    delete_organization(organization, by=ada, now=NOW)

    with pytest.raises(NotMember):
        delete_organization(organization, by=ada, now=NOW)
