"""The creator's buttons that write nothing. Each shows the page again and keeps everything typed."""

from datetime import time

from oneoff.creator.times import join_clocks
from oneoff.models import OneOffMeeting
from tests.support.pages import read

DECEMBER_FIRST, DECEMBER_SECOND = "2026-12-01", "2026-12-02"


def times(response) -> list[str]:
    return [time.value for day in response.context["days"] for time in day.times]


def press(client, creation, **buttons):
    """Send the form of `creation` with another button than `create`."""
    return client.post("/one-offs/new/", creation(create=None, **buttons))


def test_the_first_day_gets_the_first_free_time_of_working_hours(client, ada, creation):
    client.force_login(ada)

    response = press(client, creation, times=None, toggle_day=DECEMBER_FIRST)

    assert response.status_code == 200
    assert times(response) == ["2026-12-01T09:00"]
    assert OneOffMeeting.objects.count() == 0


def test_the_first_free_time_is_after_taken_time(client, ada, create, creation):
    create(ada, times=["2026-12-01T09:00", "2026-12-01T09:30"])
    client.force_login(ada)

    response = press(client, creation, times=None, toggle_day=DECEMBER_FIRST)

    assert times(response) == ["2026-12-01T10:00"]


def test_the_first_time_of_today_is_later_than_now(client, alan, creation):
    client.force_login(alan)  # 13:30 in Kolkata

    response = press(client, creation, times=None, toggle_day="2026-11-23")

    assert times(response) == ["2026-11-23T13:45"]


def test_the_first_time_on_a_day_without_working_hours_is_nine(client, ada, creation):
    client.force_login(ada)

    response = press(client, creation, times=None, toggle_day="2026-12-05")

    assert times(response) == ["2026-12-05T09:00"]
    assert [time.remark for time in response.context["days"][0].times] == ["Outside working hours."]


def test_another_day_gets_the_times_of_the_day_picked_before(client, ada, creation):
    client.force_login(ada)

    response = press(
        client,
        creation,
        times=["2026-12-01T09:30", "2026-12-01T11:00", "2026-12-03T16:00"],
        last_day=DECEMBER_FIRST,
        toggle_day=DECEMBER_SECOND,
    )

    assert times(response) == [
        "2026-12-01T09:30",
        "2026-12-01T11:00",
        "2026-12-02T09:30",
        "2026-12-02T11:00",
        "2026-12-03T16:00",
    ]


def test_pressing_a_picked_day_again_removes_it(client, ada, creation):
    client.force_login(ada)

    response = press(client, creation, toggle_day=DECEMBER_FIRST)

    assert times(response) == ["2026-12-02T14:00"]


def test_add_time_adds_the_next_free_one(client, ada, creation):
    client.force_login(ada)

    response = press(client, creation, times=["2026-12-01T09:00"], add_time=DECEMBER_FIRST)

    assert times(response) == ["2026-12-01T09:00", "2026-12-01T09:30"]


def test_add_time_uses_an_earlier_time_if_none_is_free_later(client, ada, creation):
    client.force_login(ada)

    response = press(client, creation, times=["2026-12-01T23:45"], add_time=DECEMBER_FIRST)

    assert times(response) == ["2026-12-01T09:00", "2026-12-01T23:45"]


def test_add_time_on_a_full_day_says_so_and_adds_nothing(client, ada, create, creation):
    create(ada, duration="720", times=["2026-12-01T00:00", "2026-12-01T12:00"])
    client.force_login(ada)

    response = press(client, creation, times=["2026-12-02T09:00"], add_time=DECEMBER_FIRST)

    assert times(response) == ["2026-12-02T09:00"]
    assert read(response).by_id("creator-times")["data-announce"] == "No free time is left on Tuesday 1 December 2026"


def test_a_removed_time_is_gone(client, ada, creation):
    client.force_login(ada)

    response = press(client, creation, remove_time="1")

    assert times(response) == ["2026-12-01T09:00", "2026-12-02T14:00"]


def test_copying_a_day_adds_its_times_to_the_other_days(client, ada, creation):
    client.force_login(ada)

    response = press(client, creation, copy_day=DECEMBER_FIRST)

    assert times(response) == [
        "2026-12-01T09:00",
        "2026-12-01T10:00",
        "2026-12-02T09:00",
        "2026-12-02T10:00",
        "2026-12-02T14:00",
    ]


def test_copying_leaves_out_times_that_a_day_has_or_its_clocks_skip(client, ada, creation):
    client.force_login(ada)
    picked = ["2027-03-27T01:30", "2027-03-27T09:00", "2027-03-28T09:00"]

    response = press(client, creation, times=picked, copy_day="2027-03-27")

    assert times(response) == picked


def test_rows_without_a_clock_or_a_day_stay_as_they_are():
    rows = ["tea", "2026-12-01T10:00", "2026-12-02T14:00"]

    assert join_clocks(rows, ["11:15", "11:30"]) == ["tea", "2026-12-01T11:30", "2026-12-02T14:00"]


def test_a_changed_clock_moves_its_time(client, ada, creation):
    client.force_login(ada)

    response = press(client, creation, clock=["11:15", "10:00", "14:00"], refresh="1")

    assert times(response) == ["2026-12-01T10:00", "2026-12-01T11:15", "2026-12-02T14:00"]


def test_an_emptied_clock_keeps_its_row(client, ada, creation):
    client.force_login(ada)

    response = press(client, creation, clock=["", "10:00", "14:00"], refresh="1")

    shown = [(time.value, time.error) for day in response.context["days"] for time in day.times]
    assert shown == [
        ("2026-12-01T", "Enter a time, or remove it."),
        ("2026-12-01T10:00", ""),
        ("2026-12-02T14:00", ""),
    ]


def test_each_step_keeps_everything_typed(client, ada, creation):
    client.force_login(ada)
    typed = {
        "name": "Zoë & <b>co</b>",
        "duration": "not a number",
        "location_kind": "phone",
        "location": "not a phone",
        "description": "Line one\nLine two",
        "invitee_name": "Dana",
        "invitee_email": "not an address",
        "valid_until": "2026-11-30T12:00",
    }

    response = press(client, creation, **typed, hold_times=None, add_time=DECEMBER_FIRST)

    form = response.context["form"]
    assert {name: form[name].value() for name in typed} == typed
    assert form["hold_times"].value() is False
    assert form.errors == {}


def test_only_months_within_the_next_year_can_be_opened(client, ada, creation):
    client.force_login(ada)

    assert press(client, creation, month="2027-02").context["grid"].heading == "February 2027"
    assert press(client, creation, month="2031-02").context["grid"].heading == "November 2026"
    assert press(client, creation, month="no month").context["grid"].heading == "November 2026"
    assert press(client, creation, shown_month="2026-12", add_time="x").context["grid"].heading == "December 2026"


def test_nonsense_in_the_buttons_changes_nothing(client, ada, creation):
    client.force_login(ada)
    for button in ("toggle_day", "add_time", "copy_day", "remove_time", "set_duration", "last_day"):
        for value in ("", "x", "-1", "9" * 40, "0001-01-01", "9999-12-31", "2026-02-30"):
            response = press(client, creation, refresh="1", **{button: value})
            assert (response.status_code, times(response)) == (200, creation()["times"]), (button, value)


def test_a_time_outside_working_hours_has_a_remark_and_a_conflict_is_an_error(client, ada, create, creation):
    create(ada, name="Chat with Tom", times=["2026-12-01T10:15"])
    client.force_login(ada)

    response = press(client, creation, times=["2026-12-01T07:00", "2026-12-01T10:00"], refresh="1")

    shown = [(time.error, time.remark) for day in response.context["days"] for time in day.times]
    assert shown == [("", "Outside working hours."), ("Already held for Chat with Tom.", "")]


def test_working_hours_can_continue_past_midnight(client, ada, creation):
    ada.schedule.weekly_hours.filter(weekday__in=[1, 2]).delete()
    for weekday, start, end in [(1, time(20), time(0)), (2, time(0), time(4))]:
        ada.schedule.weekly_hours.create(weekday=weekday, start=start, end=end)
    client.force_login(ada)

    response = press(client, creation, times=["2026-12-01T23:45", "2026-12-02T03:45"], refresh="1")

    shown = [(each.value, each.remark) for day in response.context["days"] for each in day.times]
    assert shown == [("2026-12-01T23:45", ""), ("2026-12-02T03:45", "Outside working hours.")]


def test_the_day_strip_shows_working_hours_and_holds(client, ada, create, creation):
    create(ada, name="Chat with Tom", times=["2026-12-01T11:00"])
    client.force_login(ada)

    response = press(client, creation, times=["2026-12-01T10:00"], refresh="1")

    assert list(response.context["days"][0].strip.words) == [
        "Working 09:00 to 17:00",
        "Held 11:00 to 11:30: Chat with Tom",
    ]


def test_the_summary_counts_times_and_days(client, ada, creation):
    client.force_login(ada)

    held = press(client, creation, refresh="1")
    not_held = press(client, creation, times=["2026-12-01T10:00"], hold_times=None, refresh="1")

    assert held.context["summary"] == "3 times on 2 days, London, to be held until booked"
    assert not_held.context["summary"] == "1 time on 1 day, London, not held"


def test_htmx_gets_only_the_part_that_changes(client, ada, creation):
    client.force_login(ada)
    data = creation(create=None, times=None, toggle_day=DECEMBER_FIRST)

    part = client.post("/one-offs/new/", data, headers={"HX-Request": "true"}).content.decode()

    assert part.strip().startswith('<div id="creator-times"')
    assert "<html" not in part
    assert 'name="times" value="2026-12-01T09:00"' in part


def test_duplicating_copies_everything_except_the_times(client, ada, create):
    one_off = create(ada, description="About the role", location_kind="phone", location="+44 20 7946 0018")
    client.force_login(ada)

    response = client.get(f"/one-offs/new/?duplicate={one_off.pk}")

    form = response.context["form"]
    assert [form[name].value() for name in ("name", "duration", "location_kind", "location", "description")] == [
        "Interview with Dana",
        30,
        "phone",
        "+44 20 7946 0018",
        "About the role",
    ]
    assert response.context["days"] == []


def test_a_stranger_cannot_duplicate(client, mary, ada, create):
    one_off = create(ada)
    client.force_login(mary)

    assert client.get(f"/one-offs/new/?duplicate={one_off.pk}").status_code == 404


def test_a_step_past_the_limit_is_rejected_and_keeps_the_times(client, ada, creation):
    client.force_login(ada)
    texts = [f"2026-12-01T{n // 60 + 9:02}:{n % 60:02}" for n in range(60)] + ["2026-12-02T08:00"]
    form = creation(create=None, duration="5", times=texts)

    refused = client.post("/one-offs/new/", form | {"copy_day": "2026-12-01"})
    allowed = client.post("/one-offs/new/", form | {"times": texts[20:], "copy_day": "2026-12-02"})

    kept = [time.value for day in refused.context["days"] for time in day.times]
    assert (kept, refused.context["problem"]) == (texts, "Propose at most 100 times.")
    assert "Propose at most 100 times." in refused.text
    assert (sum(len(day.times) for day in allowed.context["days"]), allowed.context["problem"]) == (42, "")
