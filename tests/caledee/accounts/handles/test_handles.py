import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from caledee.accounts.handles.names import RESERVED_HANDLES, propose_handle, validate_handle
from caledee.accounts.models import User


def refusal(handle: str) -> str:
    with pytest.raises(ValidationError) as caught:
        validate_handle(handle)
    return caught.value.code


@pytest.mark.parametrize("handle", ["ada", "ada-lovelace", "007", "a" * 40])
def test_letters_digits_and_hyphens_make_a_handle(handle):
    validate_handle(handle)


@pytest.mark.parametrize(
    "handle",
    [
        "",
        "ab",
        "a" * 41,
        "Ada",
        "ada_lovelace",
        "ada lovelace",
        "ada/intro",
        "ada.l",
        "adä",
        "ada\n",
        "ada٣",
        "../etc",
    ],
)
def test_anything_else_is_no_handle(handle):
    assert refusal(handle) == "invalid_handle"


@pytest.mark.parametrize("handle", ["admin", "one-offs", "event-types", "accounts", "healthz", "static", "demo"])
def test_an_address_of_caledee_itself_is_no_handle(handle):
    assert refusal(handle) == "reserved_handle"


def test_every_reserved_handle_could_otherwise_be_one():
    assert {refusal(handle) for handle in RESERVED_HANDLES} == {"reserved_handle"}


@pytest.mark.parametrize(
    ("name", "proposed"),
    [
        ("Ada Lovelace", "ada-lovelace"),
        ("  Ada   King, Countess of Lovelace ", "ada-king-countess-of-lovelace"),
        ("Grace_Hopper", "grace-hopper"),
        ("Zoë Ångström", "zoe-angstrom"),
        ("Al", "al-meets"),
        ("李明", "meets"),
        ("", "meets"),
        ("Admin", "admin-2"),
        ("x" * 100, "x" * 34),
    ],
)
def test_a_handle_is_proposed_from_a_name(name, proposed):
    assert propose_handle(name, taken=set()) == proposed


def test_a_proposal_steps_aside_for_those_taken():
    assert propose_handle("Ada", taken={"ada"}) == "ada-2"
    assert propose_handle("Ada", taken={"ada", "ada-2", "ada-3"}) == "ada-4"
    assert propose_handle("Ada", taken={"ada-2"}) == "ada"


@given(st.text(max_size=60), st.integers(0, 3))
def test_every_name_gets_a_proposal_that_is_valid_and_free(name, others):
    taken: set[str] = set()
    for _ in range(others):
        taken.add(propose_handle(name, taken=taken))

    proposed = propose_handle(name, taken=taken)

    validate_handle(proposed)
    assert len(taken) == others
    assert proposed not in taken


def new_person(handle: str, email: str) -> User:
    return User(email=email, name="Ada", handle=handle, time_zone="Europe/London")


def test_two_people_cannot_share_a_handle(ada):
    with pytest.raises(ValidationError) as caught:
        new_person("ada", "another@example.com").full_clean(exclude=["password"])

    assert caught.value.messages == ["This handle is already taken."]


def test_two_people_cannot_share_an_email_in_another_case(ada):
    with pytest.raises(ValidationError) as caught:
        new_person("ada-2", "ADA@Example.com").full_clean(exclude=["password"])

    assert caught.value.messages == ["An account with this email address already exists."]


@pytest.mark.django_db
@pytest.mark.parametrize("handle", ["ab", "Ada", "a_b_c", "ada/intro"])
def test_the_database_itself_refuses_what_is_no_handle(handle):
    with pytest.raises(IntegrityError, match="user_handle_form"), transaction.atomic():
        new_person(handle, "new@example.com").save()
