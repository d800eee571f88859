from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.test import Client

from caledee.accounts.models import User
from tests.caledee.accounts.steps import KATHERINE, SIGNUP, VERIFY, errors_of

UNKNOWN = "No time zone matches “{}”. Choose one of these, or enter a city."


def test_signing_up_makes_an_account_with_a_handle_and_asks_for_a_code(client, db):
    response = client.post(SIGNUP, KATHERINE)

    assert (response.status_code, response["Location"]) == (302, VERIFY)
    person = User.objects.get()
    assert (person.name, person.email, person.time_zone, person.handle) == (
        "Katherine Johnson",
        "katherine@example.com",
        "America/New_York",
        "katherine-johnson",
    )
    assert "_auth_user_id" not in client.session


def test_zone_that_a_browser_calls_by_its_old_name_is_stored_by_its_present_one(client, db):
    client.post(SIGNUP, {**KATHERINE, "time_zone": "Asia/Calcutta"})

    assert User.objects.get().time_zone == "Asia/Kolkata"


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("time_zone", "Nowhere", UNKNOWN.format("Nowhere")),
        (
            "time_zone",
            "localtime",
            UNKNOWN.format("localtime"),
        ),
        ("name", " \r\n ", "Enter your name."),
        ("name", "K" * 101, "Ensure this value has at most 100 characters (it has 101)."),
        ("password1", "password", "This password is too common."),
        ("email", "kätherine@example.com", "Enter a full email address, such as dana@example.com."),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(client, db, field, value, message):
    response = client.post(SIGNUP, {**KATHERINE, field: value})

    assert response.status_code == 422
    assert errors_of(response) == {field: [message]}
    assert not User.objects.exists()


def test_email_that_has_an_account_makes_no_second_one_in_any_case(client, ada):
    response = client.post(SIGNUP, {**KATHERINE, "email": "ADA@example.com"})

    assert (response.status_code, response["Location"]) == (302, VERIFY)
    assert [(person.email, person.name) for person in User.objects.all()] == [("ada@example.com", "Ada Lovelace")]
    assert ada.check_password("caledee-demo")


def test_line_breaks_in_a_name_become_spaces(client, db):
    client.post(SIGNUP, {**KATHERINE, "name": "Katherine\r\nBcc: everybody\u2028Johnson"})

    assert User.objects.get().name == "Katherine Bcc: everybody Johnson"


def test_second_person_of_a_name_gets_a_handle_of_their_own(client, ada):
    client.post(SIGNUP, {**KATHERINE, "name": "Ada"})

    assert User.objects.get(email="katherine@example.com").handle == "ada-2"


@pytest.mark.django_db(transaction=True)
def test_people_of_one_name_who_sign_up_at_once_all_get_an_account():
    forms = [{**KATHERINE, "email": f"katherine{n}@example.com"} for n in range(4)]

    statuses = sign_up_at_once(forms)

    assert statuses == [302, 302, 302, 302]
    assert set(User.objects.values_list("handle", flat=True)) == {
        "katherine-johnson",
        "katherine-johnson-2",
        "katherine-johnson-3",
        "katherine-johnson-4",
    }


@pytest.mark.django_db(transaction=True)
def test_form_that_is_sent_several_times_at_once_makes_one_account():
    statuses = sign_up_at_once([KATHERINE] * 4)

    assert statuses == [302, 302, 302, 302]
    assert User.objects.count() == 1


def sign_up_at_once(forms):
    start = Barrier(len(forms))

    def sign_up(form):
        start.wait()
        try:
            return Client().post(SIGNUP, form).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(forms)) as threads:
        return list(threads.map(sign_up, forms))
