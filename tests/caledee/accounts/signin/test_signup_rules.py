"""Who can sign up, by SIGNUP and SIGNUP_DOMAINS, and with an invitation."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from caledee.accounts.models import User
from caledee.accounts.teams.invitations import withdraw_invitation
from tests.caledee.accounts.steps import KATHERINE, LOGIN, SIGNUP, VERIFY, code_emailed_to, errors_of
from tests.factories import make_invitation
from tests.support.pages import read
from tests.support.times import NOW

SIGN_UP_LINK = "Create an account"


@pytest.fixture(autouse=True)
def now(db):
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def invitation(organization, ada):
    return make_invitation(organization, KATHERINE["email"], ada)


def page_of(invitation):
    return reverse("team:invitation", args=[invitation.token])


def sign_up(client, invitation=None, **changes):
    return client.post(SIGNUP, KATHERINE | ({"next": page_of(invitation)} if invitation else {}) | changes)


def emails():
    return set(User.objects.values_list("email", flat=True)) - {"ada@example.com"}


@pytest.mark.parametrize(
    ("signup", "button", "words"),
    [
        ("open", True, ""),
        ("invited", False, "New accounts are by invitation only."),
        ("closed", False, "This site doesn't accept new accounts."),
    ],
)
def test_welcome_and_sign_in_say_whether_one_can_sign_up(client, settings, signup, button, words):
    settings.SIGNUP = signup

    pages = [client.get("/"), client.get(LOGIN)]

    assert [SIGN_UP_LINK in page.text for page in pages] == [button, button]
    assert words in pages[0].text


@pytest.mark.parametrize(
    ("signup", "words"),
    [
        ("invited", "You need an invitation to create an account here. If you have one, open the link in its email."),
        ("closed", "This site doesn't accept new accounts. Contact your administrator."),
    ],
)
def test_where_sign_up_is_not_open_the_page_says_so_and_nothing_is_made(client, settings, signup, words):
    settings.SIGNUP = signup

    answers = [client.get(SIGNUP), sign_up(client)]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert [read(answer).one("h1").text for answer in answers] == ["Sign-up is not open"] * 2
    assert words in read(answers[0]).text
    assert emails() == set()


@pytest.mark.parametrize("next_page", ["/invitations/", "/invitations/x/", "/one-offs/", "\x00", "//[", "x" * 5_000])
def test_what_is_no_invitation_opens_nothing(client, settings, next_page):
    settings.SIGNUP = "invited"

    assert client.get(SIGNUP, {"next": next_page}).status_code == 403
    assert sign_up(client, next=next_page).status_code == 403


def test_invited_person_signs_up_and_accepts_the_invitation(client, settings, invitation, mailoutbox):
    settings.SIGNUP = "invited"
    link = read(client.get(page_of(invitation))).one("a", class_="button primary large")["href"]
    form = client.get(link)
    assert (form.status_code, read(form).by_id("id_email")["value"]) == (200, KATHERINE["email"])

    response = sign_up(client, invitation)
    assert response["Location"].startswith(VERIFY)
    response = client.post(VERIFY, {"code": code_emailed_to(KATHERINE["email"], mailoutbox)})

    assert response["Location"] == page_of(invitation)
    assert client.post(page_of(invitation)).status_code == 302
    assert invitation.organization.members.filter(email=KATHERINE["email"]).exists()


def test_sign_in_page_leads_an_invited_person_on(client, settings, invitation):
    settings.SIGNUP = "invited"

    assert SIGN_UP_LINK in client.get(LOGIN, {"next": page_of(invitation)}).text


def test_invitation_is_for_its_own_address(client, settings, invitation):
    settings.SIGNUP = "invited"

    response = sign_up(client, invitation, email="dorothy@example.com")

    assert (response.status_code, errors_of(response)) == (
        422,
        {"email": ["Use the email address that the invitation was sent to."]},
    )
    assert read(response).by_id("id_name")["value"] == KATHERINE["name"]
    assert sign_up(client, invitation, email="Katherine@Example.com").status_code == 302
    assert emails() == {KATHERINE["email"]}


def test_invited_address_is_not_shown_without_the_link(settings, invitation):
    settings.SIGNUP = "invited"

    answers = {sign_up(Client(), email=email).status_code for email in [KATHERINE["email"], "nobody@example.com"]}

    assert answers == {403}


@pytest.mark.parametrize("ended", ["expired", "withdrawn"])
def test_invitation_that_is_over_opens_nothing(client, settings, invitation, ada, now, ended):
    settings.SIGNUP = "invited"
    if ended == "withdrawn":
        withdraw_invitation(invitation, by=ada, now=NOW)
    else:
        now.shift(timedelta(days=8))

    assert sign_up(client, invitation).status_code == 403
    assert emails() == set()


def test_starting_again_keeps_the_invitation(client, settings, invitation):
    settings.SIGNUP = "invited"
    sign_up(client, invitation)

    response = client.post(reverse("account_start_again"))

    assert response["Location"] == f"{SIGNUP}?{urlencode({'next': page_of(invitation)})}"
    assert client.get(response["Location"]).status_code == 200
    assert emails() == set()


def test_closed_sign_up_is_closed_to_invited_people_too_and_the_invitation_says_so(client, settings, invitation):
    settings.SIGNUP = "closed"

    assert sign_up(client, invitation).status_code == 403
    page = client.get(page_of(invitation))
    assert SIGN_UP_LINK not in page.text
    assert "This site doesn't accept new accounts." in page.text


@pytest.mark.parametrize(
    ("email", "status"),
    [
        ("katherine@example.com", 302),
        ("katherine@EXAMPLE.com", 302),
        ("katherine@xn--bcher-kva.example", 302),
        ("katherine@bücher.example", 302),
        ("katherine@sub.example.com", 422),
        ("katherine@notexample.com", 422),
        ("katherine@example.com.evil.example", 422),
    ],
)
def test_only_addresses_of_these_domains_sign_up(client, settings, email, status):
    settings.SIGNUP_DOMAINS = frozenset({"example.com", "xn--bcher-kva.example"})

    response = sign_up(client, email=email)

    assert response.status_code == status
    if status == 422:
        message = "Use an email address at example.com or xn--bcher-kva.example."
        assert errors_of(response) == {"email": [message]}


def test_domain_that_is_refused_says_nothing_of_accounts(settings, ada):
    settings.SIGNUP_DOMAINS = frozenset({"example.org"})

    answers = [sign_up(Client(), email=email) for email in ["ada@example.com", "nobody@example.com"]]

    assert [(each.status_code, errors_of(each)) for each in answers] == [
        (422, {"email": ["Use an email address at example.org."]})
    ] * 2


def test_invitation_lets_another_domain_in(client, settings, invitation):
    settings.SIGNUP_DOMAINS = frozenset({"example.org"})

    assert sign_up(client, invitation).status_code == 302
    assert emails() == {KATHERINE["email"]}
