"""Choose a time and book it on the page of an event type. For the differences of a one-off, see tests/oneoff."""

import pytest
from django.test import Client

from scheduling.models import Booking
from tests.scheduling.views.typed import NINE, TEN, typed
from tests.support.pages import moments_on, read, slots_on, typed_in
from tests.support.tables import all_rows
from tests.support.times import NOW, between

PAGE = "/ada/intro/"


def take(organizer, *starts):
    """Let someone else book these half hours of 1 December."""
    for start in starts:
        response = Client().post(f"/{organizer.handle}/intro/", typed(f"2026-12-01T{start}:00Z", name="Edsger"))
        assert response.status_code == 302


def errors_on(page) -> list[str]:
    return [each.text for each in page.all("p", class_="field-errors")]


def test_chosen_time_stays_in_view_with_its_zone(client, ada):
    page = read(client.get(PAGE, {"slot": TEN, "time_zone": "Europe/London"}))

    chosen = page.one("div", class_="chosen")
    assert chosen.one("p", class_="chosen-day").text == "Tuesday 1 December 2026"
    assert chosen.one("p", class_="chosen-time").text == "10:00 to 10:30 (London, GMT)"
    assert chosen.all("p", class_="chosen-other") == []
    assert chosen.one("time")["datetime"] == TEN
    link = chosen.one("a")
    assert (link.text, link["href"]) == ("Choose another time", "?date=2026-12-01&time_zone=Europe%2FLondon")


def test_organizers_time_is_shown_too_if_clocks_there_differ(client, ada):
    page = read(client.get(PAGE, {"slot": "2026-12-01T16:30:00Z", "time_zone": "Pacific/Auckland"}))

    assert page.one("p", class_="chosen-day").text == "Wednesday 2 December 2026"
    assert page.one("p", class_="chosen-time").text == "05:30 to 06:00 (Auckland, NZDT)"
    assert page.one("p", class_="chosen-other").text == (
        "For Ada Lovelace: Tuesday 1 December 2026, 16:30 to 17:00 (London, GMT)"
    )


def test_details_ask_who_books(client, ada):
    page = read(client.get(PAGE, {"slot": TEN, "time_zone": "Asia/Calcutta"}))

    assert [label.text for label in page.all("label")] == ["Your name", "Email", "Notes (optional)"]
    assert {name: value for name, value in typed_in(page).items() if name != "nonce"} == {
        "slot": TEN,
        "name": "",
        "email": "",
        "notes": "",
        "time_zone": "Asia/Kolkata",
    }
    assert [button.text for button in page.one("form", method="post").all("button")] == ["Confirm booking"]


@pytest.mark.parametrize("slot", ["2026-12-01T09:10:00Z", "2026-12-05T10:00:00Z", "2020-12-01T10:00:00Z", "tea"])
def test_time_that_is_not_on_offer_leads_back_to_the_times(client, ada, slot):
    page = read(client.get(PAGE, {"slot": slot, "date": "2026-12-01"}))

    assert page.one("p", class_="message error").text == "That time is no longer free. Choose another."
    assert len(moments_on(page)) == 16


@pytest.mark.parametrize(("query", "guesses"), [({}, True), ({"slot": TEN}, True), ({"time_zone": "UTC"}, False)])
def test_browsers_zone_is_only_wanted_while_none_was_asked_for(client, ada, query, guesses):
    part = read(client.get(PAGE, query)).by_id("times")

    assert part.attributes.get("data-guess-time-zone") == ("Europe/London" if guesses else None)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "localtime", "../etc/passwd", "\0", "x" * 5000, "<b>"])
def test_unknown_zone_is_said_beside_the_field_and_the_organizers_is_shown(client, ada, zone):
    response = client.get(PAGE, {"time_zone": zone, "date": "2026-12-01"})

    page = read(response)
    assert response.status_code == 200
    assert len(errors_on(page)) == 1
    assert page.by_id("id_time_zone")["value"] == zone
    assert page.by_id("id_time_zone")["aria-describedby"] == "id_time_zone_error"
    assert slots_on(page)[0] == (NINE, "09:00 to 09:30, London")


def test_booking_leads_to_its_page(client, ada):
    response = client.post(PAGE, typed())

    booking = Booking.objects.get()
    assert (response.status_code, response["Location"]) == (302, f"/bookings/{booking.token}/")
    assert (booking.organizer, booking.event_type, booking.period) == (
        ada,
        ada.event_types.get(),
        between("2026-12-01 10:00", "2026-12-01 10:30"),
    )
    assert (booking.invitee_name, booking.invitee_email) == ("Dana Scott", "dana@example.com")
    assert (booking.invitee_time_zone, booking.notes) == ("Europe/Paris", "About lattices.")


def test_booked_time_is_offered_no_more(client, ada):
    client.post(PAGE, typed())

    assert TEN not in moments_on(read(client.get(PAGE, {"date": "2026-12-01"})))


def test_repeated_submit_leads_to_the_same_booking(client, ada):
    first, second = client.post(PAGE, typed()), client.post(PAGE, typed())

    assert (second.status_code, second["Location"]) == (302, first["Location"])
    assert client.post(PAGE, typed(notes="About rings.")).status_code == 409
    assert Booking.objects.count() == 1


def test_without_a_zone_the_page_uses_the_organizers(client, ada):
    client.post(PAGE, {name: value for name, value in typed().items() if name != "time_zone"})

    assert Booking.objects.get().invitee_time_zone == "Europe/London"


def test_someone_else_with_the_same_name_gets_no_confirmation_of_others(client, ada):
    client.post(PAGE, typed())

    assert Client().post(PAGE, typed(email="other@example.com")).status_code == 409
    assert Booking.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("name", "", "Enter your name."),
        ("name", " \n\t ", "Enter your name."),
        ("name", "x" * 101, "Ensure this value has at most 100 characters (it has 101)."),
        ("email", "", "Enter your email address."),
        ("email", "dana at example", "Enter a full email address, such as dana@example.com."),
        ("email", "dana\u017f@example.com", "Enter a full email address, such as dana@example.com."),
        ("email", "a@b.com,c@d.com", "Enter a full email address, such as dana@example.com."),
        ("email", "dana@example.com\nBcc: all@example.com", "Enter a full email address, such as dana@example.com."),
        ("time_zone", "Mars", "No time zone matches “Mars”. Choose one of these, or enter a city."),
        ("notes", "x" * 2001, "Ensure this value has at most 2000 characters (it has 2001)."),
    ],
)
def test_wrong_field_is_said_beside_it_and_all_that_was_typed_is_kept(client, ada, field, value, message):
    sent = typed(**{field: value})
    before = all_rows()

    response = client.post(PAGE, sent)

    page = read(response)
    assert response.status_code == 422
    assert errors_on(page) == [message]
    assert page.by_id(f"id_{field}_error").text == message
    kept = typed_in(page)
    assert {name: kept[name] for name in sent if name != field} == {
        name: typed_value for name, typed_value in sent.items() if name != field
    }
    assert "autofocus" in page.by_id(f"id_{field}").attributes
    assert page.one("div", class_="error-summary").one("a", href=f"#id_{field}").text.endswith(message)
    assert all_rows() == before


@pytest.mark.parametrize("slot", ["", "tea", "x" * 5000, "\0", "2026-12-01T10:00:00", "0001-01-01T00:00:00+14:00"])
def test_post_without_a_slot_that_makes_sense_offers_the_times_in_the_same_form(client, ada, slot):
    response = client.post(PAGE, typed(slot))

    page = read(response)
    assert response.status_code == 422
    assert len(page.all("input", type="radio", name="slot")) == 16
    assert errors_on(page) in (["Choose a time."], ["Choose one of the times."], ["Null characters are not allowed."])
    assert (typed_in(page)["name"], typed_in(page)["notes"]) == ("Dana Scott", "About lattices.")
    assert Booking.objects.count() == 0


def test_taken_time_offers_what_is_left_of_that_day_with_all_that_was_typed(client, ada):
    take(ada, "10:00", "11:30")

    response = client.post(PAGE, typed())

    page = read(response)
    left = [f"2026-12-01T{hour:02}:{minute:02}:00Z" for hour in range(9, 17) for minute in (0, 30)]
    left.remove("2026-12-01T10:00:00Z")
    left.remove("2026-12-01T11:30:00Z")
    assert response.status_code == 409
    assert page.one("p", class_="message error").text.startswith("That time is no longer free.")
    form = page.one("form", method="post", action=PAGE)
    assert [each["value"] for each in form.all("input", name="slot", type="radio")] == moments_on(page) == left
    assert slots_on(page)[0] == (NINE, "10:00 to 10:30, Paris")
    kept = {name: value for name, value in typed_in(page).items() if name != "nonce"}
    assert kept == {name: value for name, value in typed().items() if name != "slot"}


def test_after_a_taken_time_one_more_submit_books(client, ada):
    take(ada, "10:00")
    page = read(client.post(PAGE, typed()))

    response = client.post(PAGE, typed_in(page) | {"slot": moments_on(page)[2]})

    assert response.status_code == 302
    assert list(Booking.objects.filter(invitee_name="Dana Scott").values_list("start", flat=True)) == [
        between("2026-12-01 10:30", "2026-12-01 11:00").start
    ]


def test_day_taken_whole_offers_the_next_day(client, ada):
    take(ada, *(f"{hour:02}:{minute:02}" for hour in range(9, 17) for minute in (0, 30)))

    page = read(client.post(PAGE, typed()))

    assert "No times are left on Tuesday 1 December 2026." in page.by_id("times").text
    assert [heading.text for heading in page.all("h2", class_="slots-day")] == ["Wednesday 2 December 2026"]
    assert moments_on(page)[0] == "2026-12-02T09:00:00Z"


def test_nothing_left_at_all_is_said(client, ada):
    ada.schedule.weekly_hours.all().delete()

    response = client.post(PAGE, typed())

    assert response.status_code == 409
    assert "Ask Ada Lovelace for new times." in read(response).by_id("times").text


def test_taken_time_with_a_wrong_field_says_both(client, ada):
    take(ada, "10:00")

    response = client.post(PAGE, typed(name=""))

    page = read(response)
    assert response.status_code == 422
    assert page.one("p", class_="message error").text.startswith("That time is no longer free.")
    assert errors_on(page) == ["Enter your name."]
    assert len(moments_on(page)) == 15


def test_where_the_invitee_is_asked_the_answer_is_kept(client, ada):
    ada.event_types.update(location_kind="ask_invitee", location="")

    assert client.post(PAGE, typed()).status_code == 422
    assert client.post(PAGE, typed(location="At the river")).status_code == 302
    assert Booking.objects.get().location == "At the river"


def test_answer_that_was_not_asked_for_is_no_location(client, ada):
    client.post(PAGE, typed(location="https://evil.example.com/"))

    assert Booking.objects.get().location == "https://meet.example.com/ada"


def test_control_characters_in_what_was_typed_become_spaces(client, ada):
    client.post(PAGE, typed(name="Dana\0\u202eScott\r\nX", notes="One\0\r\nTwo\x1b"))

    booking = Booking.objects.get()
    assert (booking.invitee_name, booking.notes) == ("Dana Scott X", "One \nTwo")


def test_what_was_typed_is_shown_as_text_only(client, ada):
    response = client.post(PAGE, typed(name="<script>alert(1)</script>", email=""))

    assert "<script>alert" not in response.content.decode()
    assert typed_in(read(response))["name"] == "<script>alert(1)</script>"


def test_htmx_gets_the_part_alone(client, ada):
    part = read(client.get(PAGE, {"date": "2026-12-01"}, headers={"HX-Request": "true"}))

    assert [(each.tag, each["id"]) for each in part.content if not isinstance(each, str)] == [("section", "times")]
    assert part.by_id("times")["data-announce"] == "16 times on Tuesday 1 December 2026, London"
    assert part.all("datalist") == []


def test_htmx_gets_the_details_in_the_zone_it_guessed(client, ada):
    query = {"slot": TEN, "time_zone": "Asia/Tokyo"}
    part = read(client.get(PAGE, query, headers={"HX-Request": "true"}))

    assert part.one("p", class_="chosen-time").text == "19:00 to 19:30 (Tokyo, JST)"
    assert typed_in(part)["nonce"]


@pytest.mark.parametrize(
    "query",
    [
        "date=9999-12-31",
        "date=0001-01-01",
        "date=-0001-01-01",
        "date=2026-02-30",
        "date=%00",
        "date=2026-12-01&date=x",
        "month=9999-12",
        "month=0000-00",
        "month=2026-13",
        "month=" + "9" * 4000,
        "slot=%00",
        "slot=9999-12-31T23:59:59Z",
        "slot=0001-01-01T00:00:00%2B14:00",
        "slot=-2026-12-01T10:00:00Z",
        "slot=2026-12-01T10:00:00%2B99:99",
        "slot=" + "x" * 4000,
        "slot=%ff%fe",
        "time_zone=%ff",
        "time_zone=UTC&date=9999-12-31&slot=x&month=%F0%9F%92%A9",
        "%00=%00&[]=1",
    ],
)
def test_nonsense_in_the_address_is_ignored(client, ada, query):
    assert client.get(f"{PAGE}?{query}").status_code == 200


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"slot=%ff&name=%00", "application/x-www-form-urlencoded"),
        (b"\xff\xfe\x00", "application/x-www-form-urlencoded"),
        (b"{}", "application/json"),
        (b"", "multipart/form-data; boundary=x"),
        (b"--x\r\ngarbage", "multipart/form-data; boundary=x"),
        (b"", "multipart/form-data"),
        (b"&".join(b"a%d=1" % n for n in range(600)), "application/x-www-form-urlencoded"),
        (b"name=" + b"x" * 300_000, "application/x-www-form-urlencoded"),
    ],
)
def test_nonsense_in_the_body_is_refused(client, ada, body, content_type):
    response = client.generic("POST", PAGE, body, content_type=content_type)

    assert 400 <= response.status_code < 500
    assert Booking.objects.count() == 0


def test_now_is_the_same_for_the_page_and_its_bookings(client, ada):
    client.post(PAGE, typed())

    assert Booking.objects.get().created_at == NOW
