"""A field that must be filled in says what to enter, never "This field is required."."""

import inspect
from importlib import import_module

import pytest
from django import forms

from caledee.accounts.signin.forms import Plain
from tests.support.pages import read
from tests.test_architecture import MODULES

DEFAULT = str(forms.Field.default_error_messages["required"])


def own_forms() -> set[type[forms.BaseForm]]:
    """Return every form of ours, except the admin site's and those whose fields allauth creates for each request."""
    modules = [name for name in MODULES if not name.endswith((".admin", ".wsgi")) and "deploy" not in name]
    return {
        thing
        for name in modules
        for thing in vars(import_module(name)).values()
        if inspect.isclass(thing)
        and issubclass(thing, forms.BaseForm)
        and thing.__module__ in modules
        and not issubclass(thing, Plain)
    }


def test_every_required_field_says_what_to_enter():
    found = own_forms()

    silent = {
        f"{form.__module__}.{form.__name__}.{name}"
        for form in found
        for name, field in getattr(form, "base_fields", {}).items()
        if field.required and not field.widget.is_hidden and field.error_messages.get("required") == DEFAULT
    }

    assert len(found) > 20
    assert silent == set()


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/accounts/login/", ["Enter your email address.", "Enter your password."]),
        (
            "/accounts/signup/",
            ["Enter your name.", "Enter an email address.", "Choose your time zone.", "Choose a password."],
        ),
        ("/accounts/password/reset/", ["Enter an email address."]),
    ],
)
def test_the_forms_of_accounts_say_it_too(client, db, address, said):
    response = client.post(address)

    assert response.status_code == 422
    page = read(response).text
    assert [sentence for sentence in said if sentence not in page] == []
    assert DEFAULT not in page
