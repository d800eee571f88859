import pytest
from django.core.cache import cache
from django.urls import reverse

from caledee.limits.models import Tally
from caledee.limits.rates import SIGN_UPS
from caledee.settings import COUNTED_ELSEWHERE
from tests.factories import PASSWORD
from tests.support.pages import read

LOGIN = reverse("account_login")


@pytest.fixture
def rate_limits(settings):
    """Turn on the limits and reset all counts."""
    settings.RATE_LIMITS, settings.ACCOUNT_RATE_LIMITS = True, COUNTED_ELSEWHERE
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    cache.clear()


def test_right_password_signs_in(client, ada):
    response = client.post(LOGIN, {"login": "ada@example.com", "password": PASSWORD})

    assert (response.status_code, response["Location"]) == (302, "/event-types/")
    assert client.session["_auth_user_id"] == str(ada.pk)


def test_wrong_password_keeps_the_email_and_says_so(client, ada):
    response = client.post(LOGIN, {"login": "ada@example.com", "password": "wrong"})

    assert response.status_code == 422
    assert 'value="ada@example.com"' in response.text
    assert list(response.context["form"].non_field_errors()) == ["Incorrect email or password. Try again."]


def test_sign_in_leads_to_where_one_wanted_to_go(client, ada):
    page = client.get(LOGIN, {"next": "/one-offs/"})
    assert '<input type="hidden" name="next" value="/one-offs/"' in page.text

    response = client.post(LOGIN, {"login": "ada@example.com", "password": PASSWORD, "next": "/one-offs/"})

    assert response["Location"] == "/one-offs/"


def test_sign_in_does_not_lead_to_another_site(client, ada):
    response = client.post(
        LOGIN, {"login": "ada@example.com", "password": PASSWORD, "next": "https://elsewhere.example/"}
    )

    assert response["Location"] == "/event-types/"


def test_too_many_sign_ups_from_one_place_answer_429_and_keep_what_was_typed(client, db, rate_limits):
    typed = {"name": "Katherine Johnson", "email": "not an address", "time_zone": "Europe/London"}

    first = client.post(reverse("account_signup"), typed | {"email": "first@nowhere"})
    Tally.objects.update(count=SIGN_UPS.most - 1)
    responses = [client.post(reverse("account_signup"), typed | {"email": f"{number}@nowhere"}) for number in [1, 2]]

    assert [response.status_code for response in [first, *responses]] == [422, 422, 429]
    assert 590 <= int(responses[-1]["Retry-After"]) <= 600
    page = read(responses[-1])
    assert page.by_id("id_name")["value"] == "Katherine Johnson"
    assert page.by_id("id_email")["value"] == "2@nowhere"
    assert "Too many attempts. Your details are still here; try again in 10 minutes." in page.text
