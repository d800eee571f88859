import pytest
from django.core.exceptions import ValidationError

from caledee.locations import DETAIL_MAX_LENGTH, LocationKind, clean_location, clean_phone


def refusal(kind: str, detail: str) -> str:
    with pytest.raises(ValidationError) as caught:
        clean_location(kind, detail)
    return caught.value.code


def test_there_are_four_kinds_and_all_but_one_want_a_detail():
    assert LocationKind.values == ["video", "phone", "address", "ask_invitee"]


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("https://meet.example.com/ada", "https://meet.example.com/ada"),
        ("  http://meet.example.com/ada?room=1  ", "http://meet.example.com/ada?room=1"),
        ("meet.example.com/ada", "https://meet.example.com/ada"),
    ],
)
def test_a_video_call_is_an_address_of_the_web(typed, stored):
    assert clean_location("video", typed) == stored


@pytest.mark.parametrize(
    "typed",
    [
        "the usual room",
        "javascript:alert(1)",
        "javascript://meet.example.com/%0aalert(1)",
        "data:text/html,hello",
        "ftp://meet.example.com/ada",
        "https://meet.example.com/\nX: y",
        "https://",
    ],
)
def test_anything_else_is_no_video_call(typed):
    assert refusal("video", typed) == "invalid_video"


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("+44 20 7946 0018", "+44 20 7946 0018"),
        (" +442079460018 ", "+44 20 7946 0018"),
        ("+1 (212) 555-0123", "+1 212-555-0123"),
        ("+91 98765 43210", "+91 98765 43210"),
    ],
)
def test_a_phone_number_is_stored_as_it_is_dialled_from_anywhere(typed, stored):
    assert clean_location("phone", typed) == stored
    assert clean_phone(stored) == stored


@pytest.mark.parametrize(
    "typed", ["", "020 7946 0018", "+44", "+44 20", "+999 123456789", "ask my secretary", "+" * 300]
)
def test_a_phone_number_without_its_country_or_its_digits_is_refused(typed):
    assert refusal("phone", typed) == "invalid_phone"


def test_an_address_is_any_text_but_none():
    assert clean_location("address", " 12 St James's Square, London ") == "12 St James's Square, London"
    assert refusal("address", "  ") == "required"


def test_where_the_invitee_is_asked_nothing_is_kept():
    assert clean_location("ask_invitee", "left over from another kind") == ""


@pytest.mark.parametrize("kind", ["", "VIDEO", "fax"])
def test_an_unknown_kind_is_refused(kind):
    assert refusal(kind, "https://meet.example.com/ada") == "invalid_choice"


def test_a_detail_that_grows_past_what_is_stored_is_refused():
    longest = "meet.example.com/" + "a" * (DETAIL_MAX_LENGTH - len("https://meet.example.com/"))

    assert len(clean_location("video", longest)) == DETAIL_MAX_LENGTH
    assert refusal("video", longest + "a") == "too_long"
    assert refusal("address", "a" * (DETAIL_MAX_LENGTH + 1)) == "too_long"


def test_the_link_to_a_video_call_may_follow_later():
    assert clean_location("video", "  ") == ""
