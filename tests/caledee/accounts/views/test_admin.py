"""The admin site keeps the rules that organizations have."""

import pytest

from caledee.accounts.models import User
from tests.caledee.accounts.making import roles_in


@pytest.fixture
def boss(db):
    return User.objects.create_superuser("boss@example.com", name="Boss", handle="boss", time_zone="Europe/Paris")


def post(browser, organization, owner, **changes):
    data = {
        "name": "Renamed",
        "handle": organization.handle,
        "plan": "free",
        "memberships-TOTAL_FORMS": "1",
        "memberships-INITIAL_FORMS": "1",
        "memberships-0-id": str(owner.memberships.get().pk),
        "memberships-0-organization": str(organization.pk),
        "memberships-0-user": str(owner.pk),
        "memberships-0-role": "owner",
    }
    return browser.post(f"/admin/accounts/organization/{organization.pk}/change/", data | changes)


def test_whoever_runs_the_installation_sets_a_plan(browser_of, organization, ada, boss):
    response = post(browser_of(boss), organization, ada)

    organization.refresh_from_db()
    assert (response.status_code, organization.name, organization.plan) == (302, "Renamed", "free")


@pytest.mark.parametrize("change", [{"memberships-0-role": "member"}, {"memberships-0-DELETE": "on"}])
def test_no_organization_is_left_without_an_owner(browser_of, organization, ada, boss, change):
    response = post(browser_of(boss), organization, ada, **change)

    organization.refresh_from_db()
    assert "An organization always has an owner." in response.text
    assert (organization.name, roles_in(organization)) == ("Analytical Engines", {"ada": "owner"})


@pytest.mark.parametrize("handle", ["ada", "b0ss", "team"])
def test_an_organization_gets_no_handle_of_somebody_else(browser_of, organization, ada, boss, handle):
    response = post(browser_of(boss), organization, ada, handle=handle)

    organization.refresh_from_db()
    assert (response.status_code, organization.handle) == (200, "analytical-engines")
