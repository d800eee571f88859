"""The settings page shows, saves and rejects values."""

import pytest
from django.test import Client

from caledee.accounts.models import Organization, User
from tests.caledee.account_pages.typed import typed
from tests.factories import book_event_type, half_hour, ledger, make_one_off
from tests.support.pages import read
from tests.support.tables import all_rows

SETTINGS = "/settings/"
FIELDS = ["name", "handle", "time_zone", "clock", "week_start", "color_scheme"]


def values_of(person):
    return User.objects.values(*FIELDS).get(pk=person.pk)


def errors_of(response):
    return {name: list(errors) for name, errors in response.context["form"].errors.items()}


def test_a_stranger_is_asked_to_sign_in(client, ada):
    assert client.get(SETTINGS)["Location"] == "/accounts/login/?next=/settings/"


def test_the_page_shows_the_current_settings_and_the_whole_address(browser_of, ada):
    page = read(browser_of(ada).get(SETTINGS))

    checked = {each["name"]: each["value"] for each in page.all("input", type="radio") if "checked" in each.attributes}
    texts = {name: page.by_id(f"id_{name}")["value"] for name in ["name", "handle", "time_zone"]}
    assert texts == {"name": "Ada Lovelace", "handle": "ada", "time_zone": "London, United Kingdom"}
    assert checked == {"clock": "24", "week_start": "0", "color_scheme": "system"}
    assert page.one("a", class_="breaks").text.endswith("/ada/")
    assert [each.text for each in page.all("h2")] == ["Profile", "Date and time", "Appearance", "Account"]
    assert "checked" in page.by_id("id_move_hours").attributes


def test_the_name_in_the_masthead_leads_to_the_settings(browser_of, ada):
    link = read(browser_of(ada).get("/event-types/")).one("a", href="/settings/")

    assert link.text == "Settings for Ada Lovelace"


def test_everything_can_be_changed_in_one_form(browser_of, ada):
    wanted = {
        "name": "Ada King",
        "handle": "countess",
        "time_zone": "Europe/Paris",
        "clock": "12",
        "week_start": 6,
        "color_scheme": "dark",
    }

    response = browser_of(ada).post(SETTINGS, typed(ada, **wanted), follow=True)

    assert response.redirect_chain == [(SETTINGS, 302)]
    assert values_of(ada) == wanted
    assert read(response).by_id("messages").text == "Your settings have been saved."


def test_saving_twice_is_like_saving_once(browser_of, ada):
    browser = browser_of(ada)

    answers = [browser.post(SETTINGS, typed(ada, handle="countess")).status_code for _ in range(2)]

    assert answers == [302, 302]
    assert [each.handle for each in ada.former_handles.all()] == ["ada"]


def test_a_handle_is_saved_in_lowercase(browser_of, ada):
    browser_of(ada).post(SETTINGS, typed(ada, handle="  Countess-Of-Lovelace "))

    assert values_of(ada)["handle"] == "countess-of-lovelace"


ZONE = "No time zone matches “{}”. Choose one of these, or enter a city."
FORM = "Use 3 to 40 characters: letters a to z, digits and hyphens."
LONG = "x" * 10_000


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("name", "", "Enter your name."),
        ("name", "\x00\r\n", "Enter your name."),
        ("name", LONG, "Ensure this value has at most 100 characters (it has 10000)."),
        ("handle", "", "Enter a name for your address."),
        ("handle", "ad\x00a", FORM),
        ("handle", "ada\r\nBcc: x", FORM),
        ("handle", "ada\u202e", FORM),
        ("handle", "аda", FORM),
        ("handle", "\u212aatherine", FORM),
        ("handle", "ab", FORM),
        ("handle", "../../etc/passwd", FORM),
        ("handle", LONG, FORM),
        ("handle", "settings", "This name is reserved. Choose another."),
        ("handle", "ada\x85x", FORM),
        ("handle", "grace", "This address is already taken. Choose another."),
        ("handle", "GRACE", "This address is already taken. Choose another."),
        ("handle", "analytical-engines", "This address is already taken. Choose another."),
        (
            "handle",
            "ana1ytica1-engines",
            "Too similar to an existing address (0/o and 1/l look alike). Choose another.",
        ),
        ("time_zone", "", "Choose your time zone."),
        ("time_zone", "Nowhere", ZONE.format("Nowhere")),
        ("time_zone", "../../etc/passwd", ZONE.format("../../etc/passwd")),
        ("time_zone", "Europe/London\r\nX: y", ZONE.format("Europe/London X: y")),
        ("time_zone", LONG, "Ensure this value has at most 64 characters (it has 10000)."),
        ("clock", "13", "Select a valid choice. 13 is not one of the available choices."),
        ("clock", None, "Choose a clock."),
        ("week_start", "3", "Select a valid choice. 3 is not one of the available choices."),
        ("week_start", "-1", "Select a valid choice. -1 is not one of the available choices."),
        (
            "color_scheme",
            'dark" onload="x',
            'Select a valid choice. dark" onload="x is not one of the available choices.',
        ),
    ],
)
def test_errors_are_shown_next_to_their_field_and_everything_typed_is_kept(
    browser_of, ada, grace, field, value, message
):
    before = values_of(ada)
    data = typed(ada, **{"name": "Countess", "time_zone": "Europe/Paris"} | {field: value})

    response = browser_of(ada).post(SETTINGS, data)

    assert response.status_code == 422
    assert errors_of(response) == {field: [message]}
    assert values_of(ada) == before
    page = read(response)
    for name in {"name", "handle", "time_zone"} - {field}:
        shown = "Paris, France" if name == "time_zone" else data[name]
        assert page.by_id(f"id_{name}")["value"] == shown
    if field in {"handle", "time_zone"} and value and value.isprintable():
        assert page.by_id(f"id_{field}")["value"] == value
        assert page.by_id(f"id_{field}_error").text == message


@pytest.mark.parametrize("field", ["name", "handle", "time_zone", "clock", "week_start", "color_scheme"])
@pytest.mark.parametrize(
    "value", ["\x00", "\r\n", "\u202e", LONG, "../../etc/passwd", "\ud7ff", "'; DROP TABLE x; --"]
)
def test_unusual_characters_never_break_the_page(browser_of, ada, field, value):
    assert browser_of(ada).post(SETTINGS, typed(ada, **{field: value})).status_code in {302, 422}


def test_direction_marks_and_line_breaks_are_removed_from_a_name(browser_of, ada):
    browser_of(ada).post(SETTINGS, typed(ada, name="Ada\u202e\r\nBcc: x"))

    assert values_of(ada)["name"] == "Ada Bcc: x"


def test_a_form_without_fields_changes_nothing(browser_of, ada):
    before = values_of(ada)

    response = browser_of(ada).post(SETTINGS, {})

    assert (response.status_code, sorted(errors_of(response))) == (422, sorted(FIELDS))
    assert values_of(ada) == before


def test_opening_the_page_changes_nothing(browser_of, ada):
    browser = browser_of(ada)
    browser.get(SETTINGS)
    before = all_rows()

    for address in [SETTINGS, "/settings/data/", "/settings/data/caledee.json", "/settings/delete/"]:
        assert browser.get(address).status_code == 200
        assert browser.head(address).status_code == 200

    assert all_rows() == before


def test_settings_need_the_csrf_token(ada):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(ada)

    assert browser.post(SETTINGS, typed(ada, name="Somebody else")).status_code == 403
    assert browser.post("/settings/delete/", {"password": "caledee-demo"}).status_code == 403
    assert values_of(ada)["name"] == "Ada Lovelace"


def test_working_hours_move_to_the_new_time_zone(browser_of, ada):
    browser_of(ada).post(SETTINGS, typed(ada, time_zone="America/New_York"))

    ada.schedule.refresh_from_db()
    assert ada.schedule.time_zone == "America/New_York"


def test_working_hours_stay_in_the_old_time_zone_without_the_option(browser_of, ada):
    browser_of(ada).post(SETTINGS, typed(ada, time_zone="America/New_York", move_hours=None))

    ada.schedule.refresh_from_db()
    assert ada.schedule.time_zone == "Europe/London"


def test_hours_in_another_time_zone_stay_there(browser_of, ada):
    ada.schedule.time_zone = "Asia/Tokyo"
    ada.schedule.save()
    browser = browser_of(ada)

    browser.post(SETTINGS, typed(ada, time_zone="America/New_York"))

    ada.schedule.refresh_from_db()
    assert ada.schedule.time_zone == "Asia/Tokyo"
    assert "move_hours" not in browser.get(SETTINGS).context["form"].fields


def test_offered_and_booked_times_do_not_move(browser_of, ada):
    one_off = make_one_off(ada, "09:00")
    booking = book_event_type(ada, "10:00")
    before = ledger()

    browser_of(ada).post(SETTINGS, typed(ada, time_zone="America/New_York"))

    assert ledger() == before
    booking.refresh_from_db()
    assert (booking.period, one_off.proposed_times.get().period) == (half_hour("10:00"), half_hour("09:00"))


def test_people_only_change_their_own_settings(browser_of, ada, grace):
    browser_of(grace).post(SETTINGS, typed(grace, name="Rear Admiral") | {"pk": ada.pk, "email": "x@example.com"})

    assert list(User.objects.order_by("handle").values_list("handle", "name", "email")) == [
        ("ada", "Ada Lovelace", "ada@example.com"),
        ("grace", "Rear Admiral", "grace@example.com"),
    ]


@pytest.mark.parametrize(("address", "queries"), [(SETTINGS, 3), ("/settings/data/", 4), ("/settings/delete/", 12)])
def test_the_number_of_queries(browser_of, ada, django_assert_num_queries, address, queries):
    browser = browser_of(ada)
    for clock in ("09:00", "10:00", "11:00"):
        book_event_type(ada, clock)
        make_one_off(ada, f"{clock[:3]}30")
    for number in range(3):
        organization = Organization.objects.create(name=f"Engines {number}", handle=f"engines-{number}")
        ada.memberships.create(organization=organization, role="owner")

    with django_assert_num_queries(queries):
        browser.get(address)
