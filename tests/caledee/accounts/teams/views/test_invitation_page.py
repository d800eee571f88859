"""The page of an invitation: who can see what, and who can accept."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from caledee.accounts.models import Invitation, Membership, Role
from caledee.accounts.teams.invitations import accept_invitation, resend_invitation, withdraw_invitation
from tests.factories import make_invitation, make_person, roles_in
from tests.support.pages import read
from tests.support.tables import all_rows
from tests.support.times import NOW

PEOPLE = ["Ada", "Lovelace", "Dana", "dana@", "ada@", "Analytical"]


@pytest.fixture
def dana(db):
    return make_person("dana")


@pytest.fixture
def invitation(organization, ada):
    """Dana's invitation, as an admin."""
    return make_invitation(organization, "dana@example.com", ada, Role.ADMIN)


@pytest.fixture
def address(invitation):
    return f"/invitations/{invitation.token}/"


def facts_on(page):
    return {row.one("dt").text: row.one("dd").text for row in page.one("dl").all("div")}


def links_on(page):
    return [(link.text, link["href"]) for link in page.one("main").all("a")]


def buttons_on(page):
    return [button.text for button in page.one("main").all("button")]


def assert_secret(response):
    assert {name: response[name] for name in ("Referrer-Policy", "X-Robots-Tag", "Cache-Control")} == {
        "Referrer-Policy": "no-referrer",
        "X-Robots-Tag": "noindex, nofollow",
        "Cache-Control": "no-store",
    }


def test_anyone_with_the_link_sees_organization_role_and_address(client, address):
    response = client.get(address)

    page = read(response)
    assert_secret(response)
    assert page.one("h1").text == "Join Analytical Engines"
    assert facts_on(page) == {
        "Your role": "Admin Admins invite and manage members, and create one-off meetings for them.",
        "For": "dana@example.com",
        "Valid until": "Monday 30 November 2026, 08:00 UTC",
    }
    assert "Ada" not in response.text
    assert page.one("title").text == "Invitation"


def test_signed_out_person_signs_in_or_up_and_comes_back(client, address):
    quoted = address.replace("/", "%2F")
    assert links_on(read(client.get(address))) == [
        ("Create an account", f"/accounts/signup/?next={quoted}&email=dana%40example.com"),
        ("Sign in", f"/accounts/login/?next={quoted}"),
    ]
    assert client.post(address)["Location"] == f"/accounts/login/?next={address}"
    assert Membership.objects.filter(user__email="dana@example.com").count() == 0


def test_sign_up_has_the_address_filled_in(client, address):
    _, (_, signup) = reversed(links_on(read(client.get(address))))

    assert read(client.get(signup)).by_id("id_email")["value"] == "dana@example.com"


def test_looking_changes_nothing(client, browser_of, address, dana):
    browsers = [client, browser_of(dana)]
    stored = all_rows()

    for browser in browsers:
        browser.get(address)
        browser.head(address)

    assert all_rows() == stored


def test_the_right_person_accepts_with_one_button(browser_of, organization, address, dana):
    browser = browser_of(dana)
    assert buttons_on(read(browser.get(address))) == ["Accept the invitation"]

    response = browser.post(address, follow=True)

    assert response.redirect_chain == [(f"/team/{organization.pk}/", 302)]
    assert [str(message) for message in response.context["messages"]] == [
        "You have joined “Analytical Engines”. Your role is admin."
    ]
    assert roles_in(organization) == {"ada": "owner", "dana": "admin"}


def test_pressing_twice_leads_to_the_same_place(browser_of, organization, address, dana):
    browser = browser_of(dana)

    answers = [browser.post(address) for _ in range(2)]

    assert [answer["Location"] for answer in answers] == [f"/team/{organization.pk}/"] * 2
    assert roles_in(organization) == {"ada": "owner", "dana": "admin"}


def test_another_person_sees_an_error_and_accepts_nothing(browser_of, organization, address, mary):
    browser = browser_of(mary)

    shown, refused = browser.get(address), browser.post(address)

    assert (shown.status_code, refused.status_code) == (200, 403)
    for response in (shown, refused):
        page = read(response)
        assert_secret(response)
        assert "You're signed in as mary@example.com. This invitation is only for dana@example.com." in page.text
        assert buttons_on(page) == ["Sign out"]
    assert roles_in(organization) == {"ada": "owner"}
    assert Invitation.objects.get().accepted_at is None


def test_signing_out_leads_back_to_the_invitation(browser_of, address, mary):
    browser = browser_of(mary)
    form = read(browser.get(address)).one("main").one("form")

    data = {field["name"]: field["value"] for field in form.all("input")}
    assert browser.post(form["action"], data)["Location"] == address


def test_an_account_whose_address_is_not_confirmed_is_told_to_confirm_it(browser_of, organization, address, dana):
    EmailAddress.objects.filter(user=dana).update(verified=False)
    browser = browser_of(dana)

    assert "Your email address isn't confirmed yet." in read(browser.get(address)).text
    assert browser.post(address).status_code == 403
    assert roles_in(organization) == {"ada": "owner"}


def test_member_sees_a_message_and_uses_up_the_invitation(browser_of, organization, address, dana):
    Membership.objects.create(organization=organization, user=dana, role=Role.MEMBER)
    browser = browser_of(dana)
    assert "You're already in Analytical Engines, and you'll keep your role." in read(browser.get(address)).text

    response = browser.post(address, follow=True)

    assert [str(each) for each in response.context["messages"]] == [
        "You are already in “Analytical Engines”. Your role is member."
    ]
    assert roles_in(organization) == {"ada": "owner", "dana": "member"}
    assert Invitation.objects.get().accepted_at == NOW


def close(how, invitation, ada, dana, clock):
    if how == "accepted":
        accept_invitation(invitation, dana, now=NOW)
    elif how == "withdrawn":
        withdraw_invitation(invitation, by=ada, now=NOW)
    elif how == "sent again":
        resend_invitation(invitation, by=ada, now=NOW)
    else:
        clock.move_to(NOW + timedelta(days=7))


@pytest.mark.parametrize(
    ("how", "heading"),
    [
        ("accepted", "This invitation has been used."),
        ("withdrawn", "This invitation was withdrawn."),
        ("sent again", "This invitation was withdrawn."),
        ("expired", "This invitation has expired."),
    ],
)
def test_what_is_over_answers_410_and_names_nobody(
    client, browser_of, invitation, address, ada, dana, mary, clock, how, heading
):
    close(how, invitation, ada, dana, clock)
    before = roles_in(invitation.organization)

    for browser in (client, browser_of(mary)):
        for response in (browser.get(address), browser.post(address)):
            assert response.status_code == 410
            assert_secret(response)
            assert read(response).one("h1").text == heading
            assert [word for word in PEOPLE if word in response.text] == []
    assert roles_in(invitation.organization) == before


@pytest.mark.parametrize("how", ["withdrawn", "sent again", "expired"])
def test_the_right_person_comes_too_late(browser_of, invitation, address, ada, dana, clock, how):
    close(how, invitation, ada, dana, clock)

    assert browser_of(dana).post(address).status_code == 410
    assert roles_in(invitation.organization) == {"ada": "owner"}


def test_new_member_finds_the_way_to_the_team(browser_of, invitation, address, organization, dana):
    accept_invitation(invitation, dana, now=NOW)

    response = browser_of(dana).get(address)

    assert response.status_code == 410
    assert links_on(read(response)) == [("Go to your team", f"/team/{organization.pk}/")]


def test_unknown_and_impossible_tokens_are_not_found(client, address):
    for token in ("A" * 24, "short", "A" * 65, "%00" * 20):
        response = client.get(f"/invitations/{token}/")
        assert response.status_code == 404
        assert "Analytical" not in response.text
    assert_secret(client.get(f"/invitations/{'A' * 24}/"))


def test_accepting_needs_a_token_and_a_post(organization, address, dana):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(dana)

    assert browser.post(address).status_code == 403
    assert Client().put(address).status_code == 405
    assert roles_in(organization) == {"ada": "owner"}
