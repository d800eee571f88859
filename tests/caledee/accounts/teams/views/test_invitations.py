"""Inviting, sending again and withdrawing, by owners and admins."""

import pytest
from django.core.cache import cache
from django.test import Client

from caledee.accounts.models import Invitation, Organization, Role
from caledee.accounts.plans import Plan
from caledee.settings import INVITATION_LIMITS
from tests.factories import make_invitation, make_organization, make_person
from tests.support.pages import read

UNKNOWN = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def rate_limits(settings):
    """Turn on the limits and reset all counts."""
    settings.ACCOUNT_RATE_LIMITS = INVITATION_LIMITS
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    cache.clear()


def address_of(organization, rest="invite/"):
    return f"/team/{organization.pk}/{rest}"


def said_on(response):
    return [str(message) for message in response.context["messages"]]


def invitations():
    return list(Invitation.objects.values_list("email", "role", "accepted_at", "withdrawn_at"))


def invite(browser, organization, email="dana@example.com", role="member", **more):
    return browser.post(address_of(organization), {"email": email, "role": role}, **more)


@pytest.mark.parametrize("account", [True, False])
def test_inviting_says_the_same_whether_there_is_an_account_or_not(browser_of, organization, ada, account):
    if account:
        make_person("dana")

    response = invite(browser_of(ada), organization, "Dana@Example.com", "admin", follow=True)

    assert response.redirect_chain == [(f"/team/{organization.pk}/", 302)]
    assert said_on(response) == ["An invitation was sent to dana@example.com."]
    assert invitations() == [("dana@example.com", "admin", None, None)]
    assert Invitation.objects.get().invited_by == ada


def test_inviting_twice_says_so_and_leaves_one_open(browser_of, organization, ada):
    browser = browser_of(ada)
    invite(browser, organization)
    response = invite(browser, organization, "DANA@example.com", "admin", follow=True)

    assert said_on(response)[-1] == (
        "A new invitation was sent to dana@example.com. The link in the previous one no longer works."
    )
    assert [row[:2] for row in invitations() if row[3] is None] == [("dana@example.com", "admin")]


def test_inviting_someone_who_is_in_is_refused(browser_of, organization, ada, alan):
    response = invite(browser_of(ada), organization, "Alan@example.com", "admin")

    assert response.status_code == 422
    assert response.context["form"].errors == {"email": ["This person is already in “Analytical Engines”."]}
    assert invitations() == []


@pytest.mark.parametrize(
    ("email", "role", "wrong"),
    [
        ("", "member", "email"),
        ("dana", "member", "email"),
        ("dana@example.com\r\nBcc: x@example.com", "member", "email"),
        ("d" * 10_000 + "@example.com", "member", "email"),
        ("da\u00a0na@example.com", "member", "email"),
        ("\0@example.com", "member", "email"),
        ("dana@example.com", "", "role"),
        ("dana@example.com", "king", "role"),
    ],
)
def test_a_wrong_field_is_said_beside_it_and_nothing_is_lost(browser_of, organization, ada, email, role, wrong):
    response = invite(browser_of(ada), organization, email, role)

    form = response.context["form"]
    assert response.status_code == 422
    assert list(form.errors) == [wrong]
    assert (form["email"].value(), form["role"].value()) == (email, role)
    assert invitations() == []


def test_admins_invite_no_owners_and_members_nobody(browser_of, organization, ada, grace, alan):
    assert invite(browser_of(grace), organization, role="owner").status_code == 422
    assert invite(browser_of(alan), organization).status_code == 403
    assert invitations() == []


def test_sending_again_makes_a_new_link(browser_of, organization, ada):
    old = make_invitation(organization, "dana@example.com", ada)

    response = browser_of(ada).post(address_of(organization, f"invitations/{old.pk}/resend/"), follow=True)

    new = Invitation.objects.get(withdrawn_at=None)
    assert said_on(response) == ["A new invitation was sent to dana@example.com. The old link no longer works."]
    assert (new.email, new.token == old.token) == ("dana@example.com", False)


def test_withdrawing_is_for_good(browser_of, organization, ada):
    found = make_invitation(organization, "dana@example.com", ada)
    browser = browser_of(ada)

    response = browser.post(address_of(organization, f"invitations/{found.pk}/withdraw/"), follow=True)

    assert said_on(response) == ["The invitation to dana@example.com was withdrawn. Its link no longer works."]
    assert "dana@" not in read(browser.get(f"/team/{organization.pk}/")).text
    for step in ("resend", "withdraw"):
        assert browser.post(address_of(organization, f"invitations/{found.pk}/{step}/")).status_code == 404


def test_admins_leave_owners_invitations_alone_and_others_find_none(browser_of, organization, ada, grace, alan):
    mallory = make_person("mallory")
    other = make_organization("Other Engines", owner=mallory)
    owners = make_invitation(organization, "dana@example.com", ada, Role.OWNER)

    def statuses(who, place):
        browser = browser_of(who)
        steps = [address_of(place, f"invitations/{owners.pk}/{step}/") for step in ("resend", "withdraw")]
        return [browser.post(address).status_code for address in steps]

    assert statuses(grace, organization) == [403, 403]
    assert statuses(alan, organization) == [403, 403]
    assert statuses(mallory, organization) == [404, 404]
    assert statuses(mallory, other) == [404, 404]
    assert invitations() == [("dana@example.com", "owner", None, None)]


def test_without_the_team_plan_nobody_is_invited_and_the_page_says_so(browser_of, organization, ada):
    found = make_invitation(organization, "dana@example.com", ada)
    Organization.objects.update(plan=Plan.PRO)
    browser = browser_of(ada)

    refused = invite(browser, organization, "edsger@example.com")
    resent = browser.post(address_of(organization, f"invitations/{found.pk}/resend/"))

    assert (refused.status_code, resent.status_code) == (422, 409)
    assert [
        "Inviting people requires the Team plan, which “Analytical Engines” does not have." in read(answer).text
        for answer in (refused, resent)
    ] == [True, True]
    assert invitations() == [("dana@example.com", "member", None, None)]


def test_one_person_sends_only_so_many(browser_of, organization, ada, rate_limits):
    browser = browser_of(ada)

    answers = [invite(browser, organization, f"dana-{number}@example.com") for number in range(61)]

    assert [answer.status_code for answer in answers] == [302] * 60 + [429]
    assert answers[-1]["Retry-After"] == "3600"
    assert Invitation.objects.count() == 60


def test_invitations_to_one_address_are_limited_across_senders(browser_of, organization, ada, grace, rate_limits):
    browsers = [browser_of(ada), browser_of(grace)]

    answers = [invite(browsers[number % 2], organization) for number in range(6)]
    found = Invitation.objects.get(withdrawn_at=None)
    again = browsers[0].post(address_of(organization, f"invitations/{found.pk}/resend/"))

    assert [answer.status_code for answer in [*answers, again]] == [302] * 5 + [429, 429]
    assert Invitation.objects.count() == 5


def test_invalid_forms_are_not_counted(browser_of, organization, ada, rate_limits):
    browser = browser_of(ada)

    assert {invite(browser, organization, "dana").status_code for _ in range(61)} == {422}
    assert invite(browser, organization).status_code == 302


def test_switched_off_limits_count_nothing(browser_of, organization, ada):
    browser = browser_of(ada)

    assert {invite(browser, organization).status_code for _ in range(7)} == {302}


def test_what_acts_is_posted_with_a_token(organization, ada):
    found = make_invitation(organization, "dana@example.com", ada)
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(ada)

    for step in ("resend", "withdraw"):
        address = address_of(organization, f"invitations/{found.pk}/{step}/")
        assert browser.get(address).status_code == 405
        assert browser.post(address).status_code == 403
    assert invite(browser, organization).status_code == 403
    assert invitations() == [("dana@example.com", "member", None, None)]
