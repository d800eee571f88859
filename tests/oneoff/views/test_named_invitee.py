"""An invitee that the organizer entered. Anyone with the link can reply for them, but can't see their address."""

import pytest
from django.test import Client

from caledee.limits.models import Tally
from oneoff.models import CounterProposal
from oneoff.proposals.forms import hint_of
from tests.factories import EDSGER, book_one_off, make_one_off, time_of
from tests.support.pages import read

ADDRESS = "kim.possible@example.net"
WISH = {"times": ["2026-12-08T10:00"], "name": "Kim", "email": "", "time_zone": "Europe/Paris", "note": "Please."}


@pytest.fixture
def one_off(ada):
    return make_one_off(ada, "09:00", "10:00", invitee_name="Kim Possible", invitee_email=ADDRESS)


@pytest.fixture
def propose(one_off):
    return f"{one_off.link.get_absolute_url()}propose/"


def test_the_page_hints_at_the_address_and_another_can_be_typed(client, propose):
    page = read(client.get(propose))

    assert page.by_id("id_email").attributes.get("value", "") == ""
    assert page.by_id("id_email_helptext").text == (
        "Leave this empty to get the answer at k***@example.net, or enter another email address."
    )
    assert page.by_id("id_name")["value"] == "Kim Possible"


def test_the_address_is_used_if_none_is_typed(client, propose):
    assert client.post(propose, WISH).status_code == 302
    assert client.post(propose, WISH | {"email": "kim@work.example"}).status_code == 302

    assert set(CounterProposal.objects.values_list("invitee_email", flat=True)) == {ADDRESS, "kim@work.example"}


def test_other_invitees_have_to_enter_an_address(client, ada):
    response = client.post(f"{make_one_off(ada, '11:00').link.get_absolute_url()}propose/", WISH)

    assert response.status_code == 422
    assert read(response).by_id("id_email_error").text == "Enter your email address."


def test_no_page_of_the_link_shows_the_address(one_off, propose, settings):
    settings.RATE_LIMITS = True
    link, slot = one_off.link.get_absolute_url(), str(time_of(one_off, "10:00").pk)
    wrong = {"name": "", "times": ["tea"]}

    def ask():
        yield Client().get(link)
        yield Client().get(link, {"slot": slot})
        yield Client().get(link, {"sent": "yes"})
        yield Client().post(link, {"slot": slot})
        yield Client().get(propose)
        yield Client().post(propose, WISH | wrong)
        for number in range(4):
            yield Client().post(propose, WISH | {"note": f"Note {number}"})
        Tally.objects.update(count=1000)
        yield Client().post(propose, WISH)
        yield Client().post(link, {"slot": slot})
        book_one_off(one_off, "10:00", EDSGER)
        yield Client().get(link)
        yield Client().post(propose, WISH)

    answers = list(ask())

    assert [answer.status_code for answer in answers] == [
        200,
        200,
        200,
        422,
        200,
        422,
        *[302] * 3,
        409,
        429,
        429,
        410,
        410,
    ]
    assert not [answer for answer in answers if "possible@" in answer.text + str(answer.headers) + str(answer.cookies)]


@pytest.mark.parametrize(
    ("address", "hint"),
    [(ADDRESS, "k***@example.net"), ("k@example.net", "k***@example.net"), ('"a@b"@example.net', '"***@example.net')],
)
def test_a_hint_only_shows_the_first_letter_and_the_domain(address, hint):
    assert hint_of(address) == hint
