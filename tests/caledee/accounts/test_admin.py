"""The admin site keeps the rules of handles, organizations and accounts."""

import pytest

from caledee.accounts.models import FormerHandle, Organization, User
from tests.factories import roles_in
from tests.support.times import NOW


@pytest.fixture
def admin_browser(client, ada):
    User.objects.filter(pk=ada.pk).update(is_staff=True, is_superuser=True)
    ada.refresh_from_db()
    client.force_login(ada)
    return client


def new_person(handle):
    return {
        "email": "emmy@example.com",
        "name": "Emmy Noether",
        "handle": handle,
        "time_zone": "Europe/Berlin",
        "plan": "free",
        "usable_password": "true",
        "password1": "a long and unusual sentence",
        "password2": "a long and unusual sentence",
    }


@pytest.fixture
def save(admin_browser, organization, ada):
    """Ada's organization, with her as the only one in it and these changes."""

    def post(**changes):
        data = {
            "name": "Renamed",
            "handle": "renamed",
            "plan": "free",
            "memberships-TOTAL_FORMS": "1",
            "memberships-INITIAL_FORMS": "1",
            "memberships-0-id": str(ada.memberships.get().pk),
            "memberships-0-organization": str(organization.pk),
            "memberships-0-user": str(ada.pk),
            "memberships-0-role": "owner",
        }
        response = admin_browser.post(f"/admin/accounts/organization/{organization.pk}/change/", data | changes)
        organization.refresh_from_db()
        return response

    return post


def test_the_admin_changes_no_handle(admin_browser, grace):
    person = {
        "email": "grace@example.com",
        "name": "Rear Admiral",
        "handle": "ada2",
        "time_zone": "UTC",
        "plan": "pro",
        "is_active": "on",
    }

    response = admin_browser.post(f"/admin/accounts/user/{grace.pk}/change/", person)

    grace.refresh_from_db()
    assert (response.status_code, grace.name, grace.handle) == (302, "Rear Admiral", "grace")


def test_the_admin_changes_name_and_plan_of_an_organization_but_not_its_handle(save, organization):
    assert save().status_code == 302
    assert (organization.name, organization.plan, organization.handle) == ("Renamed", "free", "analytical-engines")


@pytest.mark.parametrize("change", [{"memberships-0-role": "member"}, {"memberships-0-DELETE": "on"}])
def test_no_organization_is_left_without_an_owner(save, organization, change):
    response = save(**change)

    assert "An organization must have an owner." in response.text
    assert (organization.name, roles_in(organization)) == ("Analytical Engines", {"ada": "owner"})


@pytest.mark.parametrize("handle", ["ada", "ana1ytical-engines", "resting"])
def test_the_admin_gives_nobody_a_handle_that_is_not_free(admin_browser, ada, handle):
    FormerHandle.objects.create(handle="resting", user=ada, left_at=NOW)

    response = admin_browser.post("/admin/accounts/user/add/", new_person(handle))

    assert (response.status_code, list(response.context["adminform"].form.errors)) == (200, ["handle"])
    assert not User.objects.filter(email="emmy@example.com").exists()


def test_the_admin_adds_an_organization_with_an_owner_and_a_handle_that_is_free(admin_browser, grace):
    def add(handle, role="owner"):
        data = {
            "name": "Difference Engines",
            "plan": "team",
            "handle": handle,
            "memberships-TOTAL_FORMS": "1",
            "memberships-INITIAL_FORMS": "0",
            "memberships-0-user": str(grace.pk),
            "memberships-0-role": role,
        }
        return admin_browser.post("/admin/accounts/organization/add/", data).status_code

    assert [add("ada"), add("difference", "member"), add("team"), add("difference")] == [200, 200, 200, 302]
    added = Organization.objects.exclude(name="Analytical Engines")
    assert [(each.handle, roles_in(each)) for each in added] == [("difference", {"grace": "owner"})]


def test_handle_of_a_person_deleted_by_the_admin_is_reserved(admin_browser, grace, alan):
    admin_browser.post(f"/admin/accounts/user/{grace.pk}/delete/", {"post": "yes"})
    admin_browser.post(
        "/admin/accounts/user/", {"action": "delete_selected", "_selected_action": [str(alan.pk)], "post": "yes"}
    )

    assert list(User.objects.values_list("handle", flat=True)) == ["ada"]
    assert set(FormerHandle.objects.values_list("handle", "user")) == {("grace", None), ("alan", None)}


def test_a_closed_account_can_only_be_looked_at(admin_browser, grace):
    User.objects.filter(pk=grace.pk).update(is_active=False, closed_at=NOW, closed_email="grace@example.com")

    assert admin_browser.get(f"/admin/accounts/user/{grace.pk}/change/").status_code == 200
    assert admin_browser.post(f"/admin/accounts/user/{grace.pk}/change/", {"is_active": "on"}).status_code == 403
