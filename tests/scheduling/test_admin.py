import pytest

from caledee.accounts.models import User
from tests.factories import book_intro

PAGES = {
    "accounts/user": "ada@example.com",
    "accounts/organization": "Analytical Engines",
    "scheduling/eventtype": "Intro call",
    "scheduling/schedule": "Europe/London",
    "scheduling/booking": "Edsger Dijkstra",
    "scheduling/busytime": "Booked",
    "email/emailrecord": "edsger@example.com",
}


@pytest.fixture
def admin_browser(client, ada):
    User.objects.filter(pk=ada.pk).update(is_staff=True, is_superuser=True)
    ada.refresh_from_db()
    client.force_login(ada)
    return client


@pytest.mark.parametrize(("model", "words"), PAGES.items())
def test_every_model_is_listed_searched_and_shown(admin_browser, ada, model, words):
    booking = book_intro(ada, "2026-12-01 09:00")
    key = {
        "accounts/user": ada.pk,
        "accounts/organization": ada.organizations.get().pk,
        "scheduling/eventtype": booking.event_type_id,
        "scheduling/schedule": ada.schedule.pk,
        "scheduling/booking": booking.pk,
        "scheduling/busytime": ada.busy_times.get().pk,
        "email/emailrecord": ada.email_records.filter(person=None).get().pk,
    }[model]

    assert words in admin_browser.get(f"/admin/{model}/").content.decode()
    assert admin_browser.get(f"/admin/{model}/?q=a").status_code == 200
    assert admin_browser.get(f"/admin/{model}/{key}/change/").status_code == 200


@pytest.mark.parametrize("model", ["booking", "busytime"])
def test_bookings_and_the_ledger_are_only_to_look_at(admin_browser, ada, model):
    booking = book_intro(ada, "2026-12-01 09:00")
    key = booking.pk if model == "booking" else ada.busy_times.get().pk

    assert admin_browser.get(f"/admin/scheduling/{model}/add/").status_code == 403
    assert admin_browser.post(f"/admin/scheduling/{model}/{key}/change/", {}).status_code == 403
    assert admin_browser.post(f"/admin/scheduling/{model}/{key}/delete/", {"post": "yes"}).status_code == 403
    assert ada.busy_times.get().claim == booking.pk


def test_a_person_added_gets_their_email_in_small_letters(admin_browser):
    typed = {
        "email": "Emmy@Example.com",
        "name": "Emmy Noether",
        "handle": "emmy",
        "time_zone": "Europe/Berlin",
        "plan": "free",
        "usable_password": "true",
        "password1": "a long and unusual sentence",
        "password2": "a long and unusual sentence",
    }

    response = admin_browser.post("/admin/accounts/user/add/", typed)

    emmy = User.objects.get(handle="emmy")
    assert response.status_code == 302
    assert (emmy.email, emmy.plan, emmy.is_staff) == ("emmy@example.com", "free", False)
    assert emmy.check_password("a long and unusual sentence")


def test_others_than_staff_are_redirected(client, ada, grace):
    client.force_login(grace)

    response = client.get("/admin/", follow=True)

    assert response.redirect_chain == [("/admin/login/?next=/admin/", 302)]
    assert (response.status_code, response.templates[0].name) == (403, "errors/403.html")


def test_the_admin_has_no_sign_in_of_its_own_that_would_not_count_attempts(client, ada):
    response = client.post("/admin/login/?next=/admin/", {"username": "ada@example.com", "password": "wrong"})

    assert (response.status_code, response["Location"]) == (302, "/accounts/login/?next=%2Fadmin%2F")
