"""Creating through the form: what is written, and where errors are shown."""

from datetime import UTC, datetime, timedelta

import pytest

from oneoff.models import OneOffMeeting, ProposedTime, SingleUseLink
from scheduling.models import BusyTime
from tests.support.pages import read


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def remarks(response) -> list[tuple[str, str]]:
    """Return each time on the page with its error."""
    context = response.context
    return [(time.value, time.error) for day in context["days"] for time in day.times] + [
        (time.value, time.error) for time in context["unreadable"]
    ]


def nothing_was_written() -> bool:
    counts = [model.objects.count() for model in (OneOffMeeting, ProposedTime, SingleUseLink, BusyTime)]
    return counts == [0, 0, 0, 0]


def test_creating_makes_meeting_times_link_and_holds(client, ada, creation):
    client.force_login(ada)

    response = client.post("/one-offs/new/", creation())

    one_off = OneOffMeeting.objects.get()
    assert response.status_code == 302
    assert response["Location"] == f"/one-offs/{one_off.pk}/"
    assert (one_off.organizer, one_off.created_by, one_off.name) == (ada, ada, "Interview with Dana")
    assert (one_off.duration, one_off.hold_times) == (timedelta(minutes=30), True)
    starts = [moment("2026-12-01T09:00"), moment("2026-12-01T10:00"), moment("2026-12-02T14:00")]
    assert [time.start for time in one_off.proposed_times.all()] == starts
    held = BusyTime.objects.order_by("start").values_list("organizer", "claim", "kind", "start")
    assert list(held) == [(ada.pk, one_off.pk, "hold", start) for start in starts]
    assert one_off.link.closed_at is None


def test_the_page_of_a_new_one_off_shows_the_link(client, ada, create):
    one_off = create(ada)
    client.force_login(ada)

    page = client.get(f"/one-offs/{one_off.pk}/").content.decode()

    assert f'value="http://caledee.test/ada/o/{one_off.link.token}/" readonly' in page


def test_the_first_field_with_an_error_gets_the_focus(client, ada, creation):
    client.force_login(ada)

    response = client.post("/one-offs/new/", creation(name="", location_kind="phone", location=""))

    form = response.context["form"]
    assert {field.name: field.is_first_error for field in form if field.errors} == {"name": True, "location": False}


def test_without_hold_nothing_is_held(ada, submit):
    one_off = submit(ada, hold_times=None)

    assert one_off.hold_times is False
    assert BusyTime.objects.count() == 0


def test_times_are_local_times_of_the_organizer(alan, submit):
    one_off = submit(alan, times=["2026-12-01T09:00"])

    assert [time.start for time in one_off.proposed_times.all()] == [moment("2026-12-01T03:30")]


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        (["2026-11-23T07:00"], [("2026-11-23T07:00", "This time is in the past.")]),
        (["2026-11-23T08:00"], [("2026-11-23T08:00", "This time is in the past.")]),
        (["2001-01-01T08:00"], [("2001-01-01T08:00", "This time is in the past.")]),
        (["2027-11-25T09:00"], [("2027-11-25T09:00", "Choose a time within the next 366 days.")]),
        (["2099-11-25T09:00"], [("2099-11-25T09:00", "Choose a time within the next 366 days.")]),
        (
            ["2027-03-28T01:30"],
            [("2027-03-28T01:30", "01:30 doesn't exist on this day because the clocks go forward.")],
        ),
        (
            ["2026-12-01T09:00", "2026-12-01T09:00"],
            [("2026-12-01T09:00", ""), ("2026-12-01T09:00", "This time is listed twice.")],
        ),
        (["tomorrow"], [("tomorrow", "Enter a date and time, such as 2026-12-01T09:00.")]),
        (["2026-12-01"], [("2026-12-01", "Enter a date and time, such as 2026-12-01T09:00.")]),
        (["2026-13-41T09:00"], [("2026-13-41T09:00", "Enter a date and time, such as 2026-12-01T09:00.")]),
        (["2026-12-01T25:00"], [("2026-12-01T25:00", "Enter a time of day, such as 9:00 or 2:30 pm.")]),
        (["2026-12-01T"], [("2026-12-01T", "Enter a time, or remove it.")]),
        (["٢٠٢٦-12-01T09:00"], [("٢٠٢٦-12-01T09:00", "Enter a date and time, such as 2026-12-01T09:00.")]),
        (["0001-01-01T00:00"], [("0001-01-01T00:00", "Enter a date and time, such as 2026-12-01T09:00.")]),
        (["9999-12-31T23:59"], [("9999-12-31T23:59", "Enter a date and time, such as 2026-12-01T09:00.")]),
    ],
)
def test_an_invalid_time_has_its_error_next_to_it(client, ada, creation, times, expected):
    client.force_login(ada)

    response = client.post("/one-offs/new/", creation(times=times))

    assert response.status_code == 422
    assert remarks(response) == expected
    assert nothing_was_written()


def test_a_time_that_occurs_twice_means_the_first_occurrence(mary, submit):
    # In Auckland clocks go back on 4 April 2027 at 03:00: 02:30 occurs twice, first at UTC+13.
    one_off = submit(mary, times=["2027-04-04T02:30"])

    assert [time.start for time in one_off.proposed_times.all()] == [moment("2027-04-03T13:30")]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"duration": ""}, "duration"),
        ({"duration": "4"}, "duration"),
        ({"duration": "721"}, "duration"),
        ({"duration": "NaN"}, "duration"),
        ({"duration": "9" * 30}, "duration"),
        ({"duration": "30.5"}, "duration"),
        ({"location_kind": "pigeon"}, "location_kind"),
        ({"location_kind": "phone", "location": "call me"}, "location"),
        ({"location_kind": "phone", "location": ""}, "location"),
        ({"location_kind": "address", "location": ""}, "location"),
        ({"location_kind": "video", "location": "javascript:alert(1)"}, "location"),
        ({"invitee_email": "dana"}, "invitee_email"),
        ({"valid_until": "2026-11-23T07:00"}, "valid_until"),
        ({"valid_until": "soon"}, "valid_until"),
        ({"valid_until": "2027-03-28T01:30"}, "valid_until"),
        ({"organizer": "nobody"}, "organizer"),
    ],
)
def test_an_invalid_field_has_an_error_and_everything_typed_is_kept(client, ada, creation, changes, field):
    client.force_login(ada)

    response = client.post("/one-offs/new/", creation(**changes))

    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert [value for value, _ in remarks(response)] == creation()["times"]
    shown = response.context["form"]
    assert shown["name"].value() == creation(**changes)["name"]
    assert shown["location"].value() == creation(**changes)["location"]
    assert nothing_was_written()


@pytest.mark.parametrize(("typed", "pressed"), [("45", ["45"]), ("40", []), ("0", []), ("", [])])
@pytest.mark.parametrize("step", ["refresh", "create"])
def test_the_button_of_the_typed_duration_is_pressed(client, ada, creation, typed, pressed, step):
    client.force_login(ada)

    page = read(client.post("/one-offs/new/", creation(name="", duration=typed, create=None) | {step: "1"}))

    buttons = page.all("button", name="set_duration")
    assert [each["value"] for each in buttons if each["aria-pressed"] == "true"] == pressed
    assert len(buttons) == 4


def test_a_name_is_saved_as_typed_without_control_characters(ada, submit):
    assert submit(ada, name="  Zoë’s\x00 intro\r\n\u2028with O'Brien 🎉 \u202e ").name == "Zoë’s intro with O'Brien 🎉"


def test_a_one_off_needs_a_time(client, ada, creation):
    client.force_login(ada)

    response = client.post("/one-offs/new/", creation(times=None))

    assert response.status_code == 422
    assert response.context["problem"] == "Pick at least one day and time."
    assert nothing_was_written()


def test_more_than_a_hundred_times_are_rejected(client, ada, creation):
    client.force_login(ada)
    times = [f"2026-12-{day:02}T{hour:02}:00" for day in range(1, 11) for hour in range(11)][:101]

    response = client.post("/one-offs/new/", creation(times=times))

    assert response.status_code == 422
    assert response.context["problem"] == "Propose at most 100 times."
    assert len(remarks(response)) == 101
    assert nothing_was_written()


def test_a_hundred_times_are_accepted(ada, submit):
    times = [f"2026-12-{day:02}T{hour:02}:00" for day in range(1, 11) for hour in range(10)]

    assert submit(ada, times=times).proposed_times.count() == 100


def test_a_time_held_by_another_one_off_is_rejected_with_its_name(client, ada, create, creation):
    create(ada, name="Chat with Tom", times=["2026-12-01T09:15"])
    client.force_login(ada)

    response = client.post("/one-offs/new/", creation())

    assert response.status_code == 409
    assert remarks(response) == [
        ("2026-12-01T09:00", "Already held for Chat with Tom."),
        ("2026-12-01T10:00", ""),
        ("2026-12-02T14:00", ""),
    ]
    assert OneOffMeeting.objects.count() == 1


def test_a_time_next_to_a_hold_is_free(ada, submit):
    submit(ada, times=["2026-12-01T09:30"])

    assert submit(ada, times=["2026-12-01T09:00", "2026-12-01T10:00"]).proposed_times.count() == 2


def test_a_taken_time_is_rejected_without_holds_too(client, ada, create, creation):
    create(ada, name="Chat with Tom", times=["2026-12-01T09:00"])
    client.force_login(ada)

    response = client.post("/one-offs/new/", creation(hold_times=None, times=["2026-12-01T09:00"]))

    assert response.status_code == 409
    assert remarks(response) == [("2026-12-01T09:00", "Already held for Chat with Tom.")]


def test_a_booked_time_is_rejected_with_the_name_of_the_meeting(client, ada, creation):
    client.post(
        "/ada/intro/",
        {
            "slot": "2026-12-01T09:00:00Z",
            "name": "Tom",
            "email": "tom@example.com",
            "time_zone": "Europe/London",
            "location": "",
        },
    )
    client.force_login(ada)

    response = client.post("/one-offs/new/", creation(times=["2026-12-01T09:00"]))

    assert response.status_code == 409
    assert remarks(response) == [("2026-12-01T09:00", "Already booked: Intro call.")]


def test_strangers_have_to_sign_in(client, ada, creation):
    response = client.post("/one-offs/new/", creation())

    assert response.status_code == 302
    assert response["Location"] == "/accounts/login/?next=/one-offs/new/"
    assert nothing_was_written()


def test_a_submit_without_any_button_creates(ada, submit):
    assert submit(ada, create=None).name == "Interview with Dana"


def test_scripts_can_send_off_for_the_hold(ada, submit):
    assert submit(ada, hold_times="off").hold_times is False


def test_the_organizer_is_found_in_any_case(ada, alan, submit):
    assert submit(ada, organizer="ALAN").organizer == alan
