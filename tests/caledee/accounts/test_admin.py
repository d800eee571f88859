import pytest

from caledee.accounts.models import FormerHandle, Organization, User
from tests.times import NOW


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


def test_the_admin_changes_nobodys_handle(admin_browser, grace, organization):
    person = {
        "email": "grace@example.com",
        "name": "Rear Admiral",
        "handle": "ada2",
        "time_zone": "UTC",
        "plan": "pro",
    }
    groups = {"is_active": "on"}
    members = {f"memberships-{name}": "0" for name in ("TOTAL_FORMS", "INITIAL_FORMS")}

    answers = [
        admin_browser.post(f"/admin/accounts/user/{grace.pk}/change/", person | groups),
        admin_browser.post(
            f"/admin/accounts/organization/{organization.pk}/change/",
            {"name": "Engines", "handle": "engines", "plan": "team"} | members,
        ),
    ]

    assert [answer.status_code for answer in answers] == [302, 302]
    grace.refresh_from_db()
    organization.refresh_from_db()
    assert (grace.name, grace.handle) == ("Rear Admiral", "grace")
    assert (organization.name, organization.handle) == ("Engines", "analytical-engines")


@pytest.mark.parametrize("handle", ["ada", "ana1ytical-engines", "resting"])
def test_the_admin_gives_nobody_a_handle_that_is_not_free(admin_browser, ada, handle):
    FormerHandle.objects.create(handle="resting", user=ada, left_at=NOW)

    response = admin_browser.post("/admin/accounts/user/add/", new_person(handle))

    assert (response.status_code, list(response.context["adminform"].form.errors)) == (200, ["handle"])
    assert not User.objects.filter(email="emmy@example.com").exists()


def test_the_admin_adds_an_organization_with_a_handle_that_is_free(admin_browser):
    members = {f"memberships-{name}": "0" for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
    data = {"name": "Difference Engines", "plan": "team"} | members

    refused = admin_browser.post("/admin/accounts/organization/add/", data | {"handle": "ada"})
    added = admin_browser.post("/admin/accounts/organization/add/", data | {"handle": "difference"})

    assert (refused.status_code, added.status_code) == (200, 302)
    assert set(Organization.objects.values_list("handle", flat=True)) == {"analytical-engines", "difference"}


def test_whom_the_admin_deletes_leaves_a_handle_that_rests(admin_browser, grace, alan):
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
