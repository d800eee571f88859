"""Passkeys, as far as the server sees them: a key in software answers in the browser's place."""

import json

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse

from tests.caledee.accounts.signin.soft_key import USER_PRESENT, SoftKey
from tests.caledee.accounts.steps import (
    SECURITY,
    is_signed_in,
    say_who_one_is,
    sign_in,
    work_off_emails,
)
from tests.support.pages import read

ADD = reverse("mfa_add_webauthn")
LOGIN = reverse("mfa_login_webauthn")
STEP = reverse("mfa_authenticate")
WHO = reverse("mfa_reauthenticate_webauthn")
TROUBLE = "The passkey didn't work. Nothing was changed. Try again."

GARBAGE = [
    "",
    "{",
    "null",
    "[]",
    "{}",
    "1",
    '"text"',
    "[" * 50_000,
    "[" * 5_000 + "]" * 5_000,
    "9" * 5_000,
    "NaN",
    "\x00",
    '{"id": "\\u0000", "rawId": "a", "response": {}}',
    '{"id": "a", "rawId": "a", "response": []}',
    '{"id": "a", "rawId": "a", "response": {"clientDataJSON": "a"}}',
    '{"id": "YQ", "rawId": "YQ", "response": {"clientDataJSON": 7, "attestationObject": {}}}',
    '{"id": "YQ", "rawId": "YQ", "response": {"clientDataJSON": "e30", "attestationObject": "oA", "userHandle": "YQ",'
    ' "authenticatorData": "YQ", "signature": "YQ"}}',
    '{"id": "YQ", "rawId": "YQ", "response": {"clientDataJSON": "e30", "authenticatorData": "YQ", "signature": "YQ"}}',
    json.dumps({"id": "ä", "rawId": "ä", "response": {"clientDataJSON": "ä"}}),
]


def options_on(response) -> str:
    """Return the options that the page passes to the browser."""
    (button,) = [each for way in ["get", "create"] for each in read(response).all("button", data_passkey=way)]
    return button["data-passkey-options"]


def passkeys_of(person) -> list[str]:
    return [str(each) for each in Authenticator.objects.filter(user=person, type="webauthn").order_by("pk")]


def add(client, key, name="Laptop"):
    credential = key.create(options_on(client.get(ADD)))
    return client.post(ADD, {"name": name, "credential": json.dumps(credential)})


@pytest.fixture
def at_home(client, ada):
    """Ada's browser, with a recent login."""
    sign_in(client, ada)
    say_who_one_is(client)
    return client


@pytest.fixture
def key(at_home):
    """Ada's passkey."""
    key = SoftKey()
    assert add(at_home, key).status_code == 302
    return key


def test_passkey_is_added_with_recovery_codes_and_a_notification(at_home, ada, mailoutbox):
    response = add(at_home, SoftKey(), "Work\r\nlaptop")
    work_off_emails()

    assert response["Location"] == reverse("mfa_view_recovery_codes")
    assert passkeys_of(ada) == ["Work laptop"]
    assert [(message.to, message.subject) for message in mailoutbox] == [(["ada@example.com"], "A passkey was added")]


def test_only_what_is_signed_is_kept_of_what_the_browser_said(at_home, ada):
    credential = SoftKey().create(options_on(at_home.get(ADD))) | {"more": "\x00"}

    at_home.post(ADD, {"name": "", "credential": json.dumps(credential)})

    (passkey,) = Authenticator.objects.filter(user=ada, type="webauthn")
    assert passkey.data["name"] == "Passkey"
    assert passkey.data["credential"].keys() == {"id", "rawId", "type", "response", "clientExtensionResults"}


def test_options_ask_for_a_passkey_that_signs_in_alone(at_home, key):
    asked = json.loads(options_on(at_home.get(ADD)))["publicKey"]

    assert asked["rp"] == {"id": "testserver", "name": "Caledee"}
    assert asked["authenticatorSelection"]["residentKey"] == "required"
    assert asked["authenticatorSelection"]["userVerification"] == "required"
    assert len(asked["excludeCredentials"]) == 1


def test_passkey_that_does_not_check_its_owner_is_refused(at_home, ada):
    response = add(at_home, SoftKey(flags=USER_PRESENT))

    assert response.status_code == 422
    assert TROUBLE in read(response).text
    assert passkeys_of(ada) == []


@pytest.mark.parametrize("credential", GARBAGE)
def test_garbage_adds_nothing(at_home, ada, credential):
    at_home.get(ADD)

    response = at_home.post(ADD, {"name": "Laptop", "credential": credential})

    assert response.status_code == 422
    assert TROUBLE in read(response).text
    assert 'value="Laptop"' in response.text
    assert passkeys_of(ada) == []


@pytest.mark.parametrize("name", ["x" * 101, "x" * 10_000])
def test_long_name_answers_422(at_home, ada, name):
    assert add(at_home, SoftKey(), name).status_code == 422
    assert passkeys_of(ada) == []


def test_passkey_signs_in_without_a_password_and_without_a_second_step(key, ada):
    client = Client()
    credential = key.get(options_on(client.get(LOGIN, {"next": "/one-offs/"})))

    response = client.post(LOGIN, {"credential": json.dumps(credential), "next": "/one-offs/"})

    assert (response.status_code, response["Location"]) == (302, "/one-offs/")
    assert client.session["_auth_user_id"] == str(ada.pk)


@pytest.mark.parametrize("credential", GARBAGE)
def test_garbage_signs_nobody_in(key, credential):
    client = Client()
    client.get(LOGIN)

    response = client.post(LOGIN, {"credential": credential})

    assert response.status_code == 422
    assert TROUBLE in read(response).text
    assert not is_signed_in(client)


def test_broken_signature_signs_nobody_in(key):
    client = Client()
    credential = key.get(options_on(client.get(LOGIN)))
    credential["response"]["signature"] = SoftKey().get(options_on(Client().get(LOGIN)))["response"]["signature"]

    response = client.post(LOGIN, {"credential": json.dumps(credential)})

    assert response.status_code == 422
    assert not is_signed_in(client)


def test_answer_to_another_challenge_signs_nobody_in(key):
    client = Client()
    credential = key.get(options_on(client.get(LOGIN)))
    assert client.post(LOGIN, {"credential": json.dumps(credential)}).status_code == 302
    thief = Client()
    thief.get(LOGIN)

    response = thief.post(LOGIN, {"credential": json.dumps(credential)})

    assert response.status_code == 422
    assert not is_signed_in(thief)


def test_passkey_of_one_person_does_not_sign_another_in(key, grace):
    other = Client()
    sign_in(other, grace)
    say_who_one_is(other)
    others = SoftKey()
    add(other, others)
    client = Client()
    key.user = others.user

    response = client.post(LOGIN, {"credential": json.dumps(key.get(options_on(client.get(LOGIN))))})

    assert response.status_code == 422
    assert not is_signed_in(client)


def test_passkey_of_a_switched_off_account_signs_nobody_in(key, ada):
    ada.is_active = False
    ada.save()
    client = Client()

    response = client.post(LOGIN, {"credential": json.dumps(key.get(options_on(client.get(LOGIN))))}, follow=True)

    assert read(response).one("h1").text == "This account is disabled"
    assert not is_signed_in(client)


def test_password_asks_for_the_passkey_or_a_recovery_code(key, ada):
    client = Client()
    assert sign_in(client, ada)["Location"] == STEP
    page = client.get(STEP)
    assert client.post(STEP, {"credential": "{}"}).status_code == 422

    credential = key.get(options_on(client.get(STEP)))
    response = client.post(STEP, {"credential": json.dumps(credential)})

    assert read(page).one("h1").text == "One more step"
    assert response["Location"] == "/event-types/"


def test_passkey_reauthenticates(key):
    client = Client()
    client.post(LOGIN, {"credential": json.dumps(key.get(options_on(client.get(LOGIN))))})
    assert client.get(ADD)["Location"].startswith(f"{WHO}?")
    assert client.post(WHO, {"credential": "{}", "next": ADD}).status_code == 422

    response = client.post(WHO, {"credential": json.dumps(key.get(options_on(client.get(WHO)))), "next": ADD})

    assert (response.status_code, response["Location"]) == (302, ADD)
    assert client.get(ADD).status_code == 200


def test_passkey_is_renamed_and_removed(at_home, key, ada, mailoutbox):
    (passkey,) = Authenticator.objects.filter(user=ada, type="webauthn")
    edit, remove = (reverse(f"mfa_{verb}_webauthn", args=[passkey.pk]) for verb in ["edit", "remove"])

    assert at_home.post(edit, {"name": " \r\n"}).status_code == 422
    assert at_home.post(edit, {"name": "Old\x00 phone"})["Location"] == SECURITY
    assert passkeys_of(ada) == ["Old phone"]
    assert at_home.get(remove).status_code == 405
    assert at_home.post(remove)["Location"] == SECURITY
    work_off_emails()

    assert not Authenticator.objects.filter(user=ada).exists()
    assert [message.subject for message in mailoutbox] == ["A passkey was added", "A passkey was removed"]


def test_passkey_of_someone_else_is_not_found(at_home, key, ada, grace):
    other = Client()
    sign_in(other, grace)
    say_who_one_is(other)
    (passkey,) = Authenticator.objects.filter(user=ada, type="webauthn")

    for pk in [passkey.pk, passkey.pk + 1, 10**30]:
        assert other.get(reverse("mfa_edit_webauthn", args=[pk])).status_code == 404
        assert other.post(reverse("mfa_edit_webauthn", args=[pk]), {"name": "Mine"}).status_code == 404
        assert other.post(reverse("mfa_remove_webauthn", args=[pk])).status_code == 404
    assert passkeys_of(ada) == ["Laptop"]
