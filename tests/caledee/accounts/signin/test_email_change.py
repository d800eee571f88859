"""Change the email address: a code confirms it, and no one else's address can be taken."""

import threading

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test import Client
from django.urls import reverse

from caledee.accounts.models import User
from tests.caledee.accounts.steps import (
    KATHERINE,
    LOGIN,
    SECURITY,
    SIGNUP,
    VERIFY,
    code_emailed_to,
    errors_of,
    is_signed_in,
    messages_of,
    say_who_one_is,
    sign_in,
    work_off_emails,
)

EMAIL = reverse("account_email")
WHO = reverse("account_reauthenticate")


@pytest.fixture
def ada_here(client, ada):
    sign_in(client, ada)
    say_who_one_is(client)
    return client


def addresses_of(person):
    return [(each.email, each.verified, each.primary) for each in EmailAddress.objects.filter(user=person)]


def test_page_requires_a_recent_login(client, ada):
    sign_in(client, ada)

    response = client.get(EMAIL)

    assert (response.status_code, response["Location"]) == (302, f"{WHO}?next=%2Faccounts%2Femail%2F")
    assert client.post(WHO, {"password": "wrong", "next": EMAIL}).status_code == 422
    assert client.get(EMAIL).status_code == 302


def test_form_sent_too_late_is_accepted_after_reauthentication(client, ada, mailoutbox):
    sign_in(client, ada)
    response = client.post(EMAIL, {"email": "ada@example.org"})
    assert response["Location"] == f"{WHO}?next=%2Faccounts%2Femail%2F"

    response = client.post(WHO, {"password": "caledee-demo", "next": EMAIL})

    assert response["Location"] == VERIFY
    assert code_emailed_to("ada@example.org", mailoutbox)


def test_code_makes_the_new_address_the_only_one(ada_here, ada, mailoutbox):
    response = ada_here.post(EMAIL, {"email": "Countess@Example.org"})
    assert response["Location"] == VERIFY
    ada.refresh_from_db()
    assert (ada.email, addresses_of(ada)) == ("ada@example.com", [("ada@example.com", True, True)])

    response = ada_here.post(VERIFY, {"code": code_emailed_to("countess@example.org", mailoutbox)}, follow=True)
    work_off_emails()

    assert response.redirect_chain == [(SECURITY, 302)]
    assert messages_of(response) == ["Your email address is confirmed."]
    ada.refresh_from_db()
    assert (ada.email, addresses_of(ada)) == ("countess@example.org", [("countess@example.org", True, True)])
    assert [(message.to, message.subject) for message in mailoutbox] == [
        (["countess@example.org"], "Your code for Caledee"),
        (["ada@example.com"], "Your Caledee email address has changed"),
    ]
    assert "countess@example.org" in mailoutbox[1].body


def test_other_sessions_end_and_this_one_stays(ada_here, ada, mailoutbox):
    elsewhere = Client()
    sign_in(elsewhere, ada)
    ada_here.post(EMAIL, {"email": "new@example.org"})
    assert is_signed_in(elsewhere)

    ada_here.post(VERIFY, {"code": code_emailed_to("new@example.org", mailoutbox)})

    assert (is_signed_in(ada_here), is_signed_in(elsewhere)) == (True, False)


def test_old_address_no_longer_signs_in(ada_here, ada, mailoutbox):
    ada_here.post(EMAIL, {"email": "new@example.org"})
    ada_here.post(VERIFY, {"code": code_emailed_to("new@example.org", mailoutbox)})

    assert Client().post(LOGIN, {"login": "ada@example.com", "password": "caledee-demo"}).status_code == 422
    assert Client().post(LOGIN, {"login": "new@example.org", "password": "caledee-demo"}).status_code == 302


def test_address_of_another_account_looks_free_and_only_its_owner_is_notified(ada_here, ada, grace, mailoutbox):
    response = ada_here.post(EMAIL, {"email": "GRACE@example.com"})
    assert (response.status_code, response["Location"]) == (302, VERIFY)
    assert ada_here.get(VERIFY).status_code == 200
    work_off_emails()

    assert [(message.to, message.subject) for message in mailoutbox] == [
        (["grace@example.com"], "Someone entered your email address on Caledee")
    ]
    codes = [ada_here.post(VERIFY, {"code": "BBBB-BBBB"}) for _ in range(3)]
    assert [(each.status_code, each.headers.get("Location")) for each in codes] == [
        (422, None),
        (422, None),
        (302, EMAIL),
    ]
    assert (addresses_of(ada), addresses_of(grace)) == (
        [("ada@example.com", True, True)],
        [("grace@example.com", True, True)],
    )


def test_address_that_just_got_an_account_is_refused(ada_here, ada, mailoutbox):
    ada_here.post(EMAIL, {"email": "katherine@example.com"})
    code = code_emailed_to("katherine@example.com", mailoutbox)
    Client().post(SIGNUP, KATHERINE)

    response = ada_here.post(VERIFY, {"code": code})

    assert response.status_code == 422
    assert errors_of(response) == {"code": ["This email address cannot be used. Choose another."]}
    assert addresses_of(ada) == [("ada@example.com", True, True)]


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("ada@example.com", "This is already your email address."),
        ("", "Enter an email address."),
        ("nowhere", "Enter a full email address, such as dana@example.com."),
        ("ada\x00@example.org", "Null characters are not allowed."),
        ("ada@example.org\r\nBcc: eve@example.org", "Enter a full email address, such as dana@example.com."),
        (
            f"x@{'y' * 60}.{'y' * 60}.{'y' * 60}.{'y' * 60}.{'y' * 10}.org",
            "Ensure this value has at most 254 characters (it has 260).",
        ),
    ],
)
def test_what_is_no_new_address_answers_422(ada_here, typed, message):
    response = ada_here.post(EMAIL, {"email": typed})

    assert response.status_code == 422
    assert message in errors_of(response)["email"] or errors_of(response) == {"email": [message]}


@pytest.mark.django_db(transaction=True)
def test_two_people_who_take_one_address_at_once_never_break_the_page(ada, grace, mailoutbox):
    people = []
    for person in [ada, grace]:
        client = Client()
        sign_in(client, person)
        say_who_one_is(client)
        client.post(EMAIL, {"email": "wanted@example.org"})
        people.append((client, code_emailed_to("wanted@example.org", mailoutbox)))
    start, answers = threading.Barrier(2), []

    def confirm(client, code):
        start.wait()
        response = client.post(VERIFY, {"code": code})
        answers.append((response.status_code, response.headers.get("Location")))
        connection.close()

    threads = [threading.Thread(target=confirm, args=each) for each in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    # The second is refused beside the field, or one moment later on the page before.
    assert answers.count((302, SECURITY)) == 1
    assert set(answers) - {(302, SECURITY)} <= {(422, None), (302, EMAIL)}
    assert User.objects.filter(email="wanted@example.org").count() == 1
    assert EmailAddress.objects.filter(email="wanted@example.org").count() == 1


def test_address_that_an_admin_gives_someone_is_the_only_one_once_it_is_confirmed(ada, grace, mailoutbox):
    ada.is_staff = ada.is_superuser = True
    ada.save()
    admin, grace_here = Client(), Client()
    sign_in(admin, ada)
    sign_in(grace_here, grace)
    fields = {name: getattr(grace, name) for name in ["name", "handle", "time_zone", "plan"]}
    form = fields | {"email": "Grace@Example.org", "is_active": "on", "password": grace.password}

    response = admin.post(reverse("admin:accounts_user_change", args=[grace.pk]), form)

    assert response.status_code == 302
    assert Client().post(LOGIN, {"login": "grace@example.com", "password": "caledee-demo"}).status_code == 422
    assert not is_signed_in(grace_here)
    client = Client()
    client.post(LOGIN, {"login": "grace@example.org", "password": "caledee-demo"})
    response = client.post(VERIFY, {"code": code_emailed_to("grace@example.org", mailoutbox)})
    assert response["Location"] == "/event-types/"
    assert addresses_of(grace) == [("grace@example.org", True, True)]
