"""The settings of reminders."""

import pytest

from tests.support.pages import read

PAGE = "/settings/reminders/"


def checked(page, name):
    return [each["value"] for each in page.all("input", name=name) if "checked" in each.attributes]


def test_a_day_and_an_hour_are_usual(browser_of, ada):
    page = read(browser_of(ada).get(PAGE))

    assert [checked(page, name) for name in ["own_reminders", "invitee_reminders"]] == [["1440", "60"]] * 2


def test_reminders_are_set_for_both_sides(browser_of, ada, grace):
    response = browser_of(ada).post(
        PAGE, {"own_reminders": ["15", "10080", "15"], "invitee_reminders": ["60"]}, follow=True
    )

    assert "Saved." in response.content.decode()
    ada.refresh_from_db()
    grace.refresh_from_db()
    assert (ada.own_reminders, ada.invitee_reminders) == ([10080, 15], [60])
    assert (grace.own_reminders, grace.invitee_reminders) == ([1440, 60], [1440, 60])


def test_no_reminders_at_all_are_a_choice(browser_of, ada):
    browser_of(ada).post(PAGE)

    ada.refresh_from_db()
    assert (ada.own_reminders, ada.invitee_reminders) == ([], [])


@pytest.mark.parametrize("lead", ["59", "-60", "soon", "9" * 30, "60\x00"])
def test_other_times_are_refused_and_what_was_chosen_is_kept(browser_of, ada, lead):
    response = browser_of(ada).post(PAGE, {"own_reminders": [lead, "15"], "invitee_reminders": ["60"]})

    page = read(response)
    assert response.status_code == 422
    assert page.by_id("id_own_reminders_error").text == "Choose from the list."
    assert (checked(page, "own_reminders"), checked(page, "invitee_reminders")) == (["15"], ["60"])
    ada.refresh_from_db()
    assert (ada.own_reminders, ada.invitee_reminders) == ([1440, 60], [1440, 60])
