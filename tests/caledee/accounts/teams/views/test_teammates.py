"""A member's role, removal and ownership, and who can change them."""

import pytest
from django.test import Client

from caledee.accounts.models import Membership, Role
from tests.factories import make_organization, make_person, roles_in
from tests.support.pages import read

UNKNOWN = "00000000-0000-4000-8000-000000000000"
EVERYBODY = {"ada": "owner", "grace": "admin", "alan": "member"}


@pytest.fixture
def people(ada, grace, alan):
    return {"ada": ada, "grace": grace, "alan": alan}


def page_of(organization, person, rest=""):
    return f"/team/{organization.pk}/people/{person.pk}/{rest}"


def said_on(response):
    return [str(message) for message in response.context["messages"]]


@pytest.mark.parametrize(("who", "roles"), [("ada", ["owner", "admin", "member"]), ("grace", ["admin", "member"])])
def test_roles_that_may_be_given_are_offered_and_the_present_one_is_checked(
    browser_of, organization, people, who, roles
):
    page = read(browser_of(people[who]).get(page_of(organization, people["alan"])))

    radios = page.all("input", name="role")
    assert [radio["value"] for radio in radios] == roles
    assert [radio["value"] for radio in radios if "checked" in radio.attributes] == ["member"]


def test_a_role_is_changed(browser_of, organization, people):
    response = browser_of(people["grace"]).post(page_of(organization, people["alan"]), {"role": "admin"}, follow=True)

    assert response.redirect_chain == [(f"/team/{organization.pk}/", 302)]
    assert said_on(response) == ["Alan Turing is admin now."]
    assert roles_in(organization) == EVERYBODY | {"alan": "admin"}


@pytest.mark.parametrize("role", ["", "king", "OWNER", "\0"])
def test_what_is_no_role_is_refused(browser_of, organization, people, role):
    response = browser_of(people["ada"]).post(page_of(organization, people["alan"]), {"role": role})

    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["role"]
    assert roles_in(organization) == EVERYBODY


def test_an_admin_makes_nobody_owner(browser_of, organization, people):
    browser = browser_of(people["grace"])

    answers = [browser.post(page_of(organization, people[who]), {"role": "owner"}) for who in ("alan", "grace")]

    assert [answer.status_code for answer in answers] == [422, 422]
    assert browser.post(page_of(organization, people["alan"], "transfer/")).status_code == 403
    assert roles_in(organization) == EVERYBODY


def test_an_admin_does_not_touch_an_owner(browser_of, organization, people):
    browser, address = browser_of(people["grace"]), page_of(organization, people["ada"])

    assert browser.get(address).status_code == 403
    assert browser.post(address, {"role": "member"}).status_code == 403
    assert browser.post(f"{address}remove/").status_code == 403
    assert roles_in(organization) == EVERYBODY


def test_a_member_changes_nobody_not_even_themselves(browser_of, organization, people):
    browser = browser_of(people["alan"])

    for person in people.values():
        assert browser.get(page_of(organization, person)).status_code == 403
        assert browser.post(page_of(organization, person), {"role": "admin"}).status_code == 403
        assert browser.post(page_of(organization, person, "remove/")).status_code == 403
        assert browser.post(page_of(organization, person, "transfer/")).status_code == 403

    assert roles_in(organization) == EVERYBODY


def test_the_last_owner_is_not_demoted_and_the_page_says_why(browser_of, organization, people):
    response = browser_of(people["ada"]).post(page_of(organization, people["ada"]), {"role": "member"})

    assert response.status_code == 422
    assert response.context["form"].errors == {
        "role": ["An organization must have an owner, and this is the only one. Make someone else an owner first."]
    }
    assert roles_in(organization) == EVERYBODY


def test_the_last_owner_is_not_removed(browser_of, organization, people):
    response = browser_of(people["ada"]).post(page_of(organization, people["ada"], "remove/"))

    assert response.status_code == 409
    assert "An organization must have an owner" in read(response).text
    assert roles_in(organization) == EVERYBODY


def test_someone_is_removed(browser_of, organization, people):
    response = browser_of(people["grace"]).post(page_of(organization, people["alan"], "remove/"), follow=True)

    assert said_on(response) == ["Alan Turing is no longer in “Analytical Engines”."]
    assert roles_in(organization) == {"ada": "owner", "grace": "admin"}


def test_ownership_is_handed_over(browser_of, organization, people):
    response = browser_of(people["ada"]).post(page_of(organization, people["alan"], "transfer/"), follow=True)

    assert said_on(response) == ["Alan Turing is now an owner, and you are an admin."]
    assert roles_in(organization) == {"ada": "admin", "grace": "admin", "alan": "owner"}


def test_ownership_is_not_transferred_to_the_same_person(browser_of, organization, people):
    assert browser_of(people["ada"]).post(page_of(organization, people["ada"], "transfer/")).status_code == 403
    assert roles_in(organization) == EVERYBODY


def test_guessing_ids_across_organizations_finds_nothing(browser_of, organization, people):
    """Alan owns another organization, in which Ada is a member. Roles in one give no rights in the other."""
    mallory = make_person("mallory")
    other = make_organization("Other Engines", owner=people["alan"], member=people["ada"])
    Membership.objects.create(organization=other, user=mallory, role=Role.ADMIN)
    before = (roles_in(organization), roles_in(other))

    def statuses(who, *addresses):
        browser = browser_of(who)
        return [browser.post(address, {"role": "member"}).status_code for address in addresses]

    foreign = [page_of(organization, people["grace"]), page_of(organization, people["grace"], "remove/")]
    assert statuses(mallory, *foreign) == [404, 404]
    assert statuses(people["alan"], *foreign) == [403, 403]
    assert statuses(people["ada"], page_of(other, mallory), page_of(other, mallory, "remove/")) == [403, 403]
    assert statuses(people["ada"], page_of(organization, mallory), page_of(organization, mallory, "remove/")) == [
        404,
        404,
    ]
    assert statuses(people["alan"], page_of(other, people["grace"]), f"/team/{other.pk}/people/{UNKNOWN}/") == [
        404,
        404,
    ]
    assert (roles_in(organization), roles_in(other)) == before


def test_what_acts_is_posted_with_a_token(organization, people):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(people["ada"])

    for step in ("remove/", "transfer/"):
        assert browser.get(page_of(organization, people["alan"], step)).status_code == 405
        assert browser.post(page_of(organization, people["alan"], step)).status_code == 403
    assert browser.post(page_of(organization, people["alan"]), {"role": "admin"}).status_code == 403
    assert roles_in(organization) == EVERYBODY
